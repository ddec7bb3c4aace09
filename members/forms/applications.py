"""The forms of an application, on the public site and in the hands of the staff."""

import datetime as dt
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hubs.forms import DayField
from members.enums import MemberKind
from members.models import Application, College, FiscalYear
from parties.models import Organisation


class CompleteForm(forms.Form):
    """What an applicant may still add or correct."""

    siren = forms.CharField(
        label=_("SIREN"), max_length=20, required=False, help_text=_("Neuf chiffres, si la structure en a un.")
    )
    headcount = forms.IntegerField(label=_("Nombre de salariés"), min_value=0, max_value=100_000, required=False)
    phone = forms.CharField(label=_("Téléphone"), max_length=30, required=False)
    town = forms.CharField(label=_("Commune"), max_length=80, required=False)
    why = forms.CharField(
        label=_("Pourquoi nous rejoindre"), max_length=5_000, widget=forms.Textarea(attrs={"rows": 6})
    )

    def without_structure(self) -> "CompleteForm":
        del self.fields["siren"], self.fields["headcount"]
        return self


class ApplyForm(CompleteForm):
    """An application from the public site. `website` is seen by no person: what fills it is a machine."""

    college = forms.ModelChoiceField(College.objects.none(), label=_("Collège"), empty_label=None)
    structure_name = forms.CharField(
        label=_("Nom de la structure"),
        max_length=160,
        required=False,
        help_text=_("Laissez vide si vous candidatez en votre nom. Un projet sans structure encore créée a un nom."),
    )
    given_name = forms.CharField(label=_("Prénom"), max_length=80)
    family_name = forms.CharField(label=_("Nom"), max_length=80)
    email = forms.EmailField(label=_("Adresse électronique"))
    consent = forms.BooleanField(
        label=_("J’accepte que le pôle garde ces informations pour examiner ma candidature"),
        help_text=_("Elles sont effacées sur demande, et vous pouvez retirer votre candidature à tout moment."),
        error_messages={
            "required": _("Sans cet accord, le pôle ne peut pas lire votre candidature\u00a0: cochez la case.")
        },
    )
    website = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order = (
        "college", "structure_name", "siren", "headcount", "given_name", "family_name", "email", "phone", "town",
        "why", "consent", "website",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["college"].queryset = College.objects.live(timezone.localdate()).by_rank()

    @property
    def is_from_a_machine(self) -> bool:
        return bool(self.cleaned_data["website"])

    @property
    def told(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name not in ("consent", "website")}


class AskForm(forms.Form):
    missing = forms.CharField(
        label=_("Ce qui manque"),
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Écrit tel quel à la personne qui a candidaté, avec un lien pour compléter."),
    )


class DecideForm(forms.Form):
    """One step, decided. The last one asks also which year the membership begins in."""

    is_accepted = forms.TypedChoiceField(
        label=_("Décision"),
        choices=(("yes", _("oui, la candidature continue")), ("no", _("non, elle est refusée"))),
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    on = DayField(label=_("Décidé le"))
    reason = forms.CharField(
        label=_("Motif du refus"), max_length=2_000, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Seulement pour un refus\u00a0: il est écrit à la personne qui a candidaté."),
    )  # fmt: skip

    def __init__(self, *args: Any, application: Application, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if application.next_step() != application.path[-1]:
            return
        self.fields["fiscal_year"] = forms.ModelChoiceField(
            FiscalYear.objects.filter(ends_on__gt=today).by_date(), label=_("Membre à partir de l’exercice"),
            required=False, empty_label=None,
        )  # fmt: skip
        self.fields["kind"] = forms.TypedChoiceField(
            label=_("Lien avec le pôle"), choices=MemberKind.choices, coerce=MemberKind, required=False,
            initial=MemberKind.ASSOCIATE, empty_value=MemberKind.ASSOCIATE,
        )  # fmt: skip
        if application.structure_name:
            self.fields["organisation"] = forms.ModelChoiceField(
                look_alikes(application), label=_("Structure déjà connue"), required=False,
                empty_label=_("aucune\u00a0: en faire une fiche"),
            )  # fmt: skip


def look_alikes(application: Application) -> QuerySet[Organisation]:
    """The structures that the application may be about: by SIREN, by mail, by name."""
    by_name = Organisation.objects.named_like(application.structure_name).values("pk")
    alike = Q(pk__in=by_name) | Q(email__iexact=application.email)
    if application.siren:
        alike |= Q(siren=application.siren)
    return Organisation.objects.standing().filter(alike).order_by("name", "pk")
