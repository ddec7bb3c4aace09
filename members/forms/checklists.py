from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hubs.forms import DayField
from members.enums import CheckKind, CheckSide, Way
from members.models.checklist import FURTHEST
from parties.models import Organisation, Person
from parties.queries import team_people


class CharterForm(forms.Form):
    text = forms.CharField(
        label=_("Texte de la charte"),
        max_length=30_000,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text=_("Le texte enregistré devient une nouvelle version. Qui a accepté une autre version la garde."),
    )


class StepForm(forms.Form):
    """A step of the hub's list, both ways."""

    arrival = forms.CharField(
        label=_("À l’arrivée"), max_length=120, required=False, help_text=_("Par exemple «\u00a0Clés remises\u00a0».")
    )
    departure = forms.CharField(
        label=_("Au départ"),
        max_length=120,
        required=False,
        help_text=_("Par exemple «\u00a0Clés rendues\u00a0»\u00a0; vide si l’étape ne se défait pas."),
    )
    kind = forms.TypedChoiceField(
        label=_("Ce que c’est"),
        choices=CheckKind.choices,
        coerce=CheckKind,
        initial=CheckKind.PLAIN,
        widget=forms.RadioSelect,
    )
    side = forms.TypedChoiceField(
        label=_("Qui la fait"),
        choices=CheckSide.choices,
        coerce=CheckSide,
        initial=CheckSide.STAFF,
        widget=forms.RadioSelect,
    )
    days = forms.IntegerField(
        label=_("Jours après l’arrivée"),
        min_value=-FURTHEST,
        max_value=FURTHEST,
        initial=0,
        help_text=_("−7 veut dire une semaine avant. Au départ, c’est l’inverse\u00a0: une semaine après."),
    )


class TeamField(forms.ModelChoiceField):
    """Someone of the team, or nobody in particular."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            Person.objects.none(),
            required=False,
            to_field_name="public_id",
            empty_label=_("personne en particulier"),
            **kwargs,
        )

    def __deepcopy__(self, memo: dict[int, Any]) -> "TeamField":
        """Each form reads those of the team on its day."""
        copied: TeamField = super().__deepcopy__(memo)
        copied.queryset = team_people(timezone.localdate())
        return copied


class BeginForm(forms.Form):
    """Which way a structure goes, and when."""

    way = forms.TypedChoiceField(label=_("Sens"), choices=Way.choices, coerce=Way, widget=forms.RadioSelect)
    day = DayField(label=_("Jour de l’arrivée ou du départ"))
    owner = TeamField(label=_("Qui s’occupe des étapes de l’équipe"))


class PlanForm(forms.Form):
    """By when a step is to be done, and who sees to it."""

    due_on = DayField(label=_("Pour le"))
    owner = TeamField(label=_("Qui s’en occupe"))


class InsuranceForm(forms.Form):
    insured_until = DayField(
        label=_("Assurance valable jusqu’au"), help_text=_("La date de fin écrite sur l’attestation.")
    )


class PaperForm(forms.Form):
    """A charter signed on paper, noted by staff."""

    who = forms.ModelChoiceField(
        Person.objects.none(), label=_("Signée par"), to_field_name="public_id", empty_label=_("Choisir…")
    )
    on = DayField(label=_("Le"))

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        links = organisation.links.live(timezone.localdate())
        self.fields["who"].queryset = Person.objects.known().filter(links__in=links).distinct().by_name()
