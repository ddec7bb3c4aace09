import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hubs.forms import DayField
from members.enums import MemberKind, Step
from members.models import College, FiscalYear


class DropForm(forms.Form):
    """The file, and the year its members join."""

    file = forms.FileField(
        label=_("Fichier"),
        help_text=_("CSV ou XLSX, 5 Mo au plus. Rien n’est écrit avant que vous ayez vu le sort de chaque ligne."),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.txt"}),
    )
    fiscal_year = forms.ModelChoiceField(
        FiscalYear.objects.none(),
        label=_("Adhésions pour l’exercice"),
        empty_label=None,
        help_text=_(
            "L’année des chiffres vient de la colonne «\u00a0Année\u00a0»\u00a0; sans elle, c’est celle de cet exercice."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["fiscal_year"].queryset = FiscalYear.objects.by_date()


class YearForm(forms.Form):
    """A fiscal year to open."""

    label = forms.CharField(label=_("Nom de l’exercice"), max_length=40)
    starts_on = DayField(label=_("Premier jour"))
    last_day = DayField(label=_("Dernier jour"))
    renewing = forms.BooleanField(
        label=_("Reconduire les adhésions de l’exercice précédent"),
        required=False,
        help_text=_("Celles et ceux qui sont partis ne sont pas reconduits."),
    )

    def clean_last_day(self) -> dt.date:
        if self.cleaned_data["last_day"].year > 2100:
            raise forms.ValidationError(_("Choisissez une date plus proche."))
        return self.cleaned_data["last_day"]


class KindForm(forms.Form):
    """Where the member works; its prices follow."""

    kind = forms.TypedChoiceField(
        label=_("Lien avec le pôle"), choices=MemberKind.choices, coerce=MemberKind, widget=forms.RadioSelect
    )


class AdmitForm(KindForm):
    """A membership of a year, in a college that takes `taking`."""

    def __init__(self, *args: Any, taking: str = "takes_structures", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        colleges = College.objects.live(timezone.localdate()).filter(**{taking: True}).by_rank()
        self.fields["college"] = forms.ModelChoiceField(colleges, label=_("Collège"), empty_label=None)
        self.fields["fiscal_year"] = forms.ModelChoiceField(
            FiscalYear.objects.by_date(), label=_("Exercice"), empty_label=None
        )
        self.fields["joined_on"] = DayField(
            label=_("Arrivée en cours d’exercice, le"),
            required=False,
            help_text=_("Vide\u00a0: membre depuis son premier jour. La cotisation suit ce que dit le barème."),
        )


class LeaveForm(forms.Form):
    last_day = DayField(
        label=_("Dernier jour"), help_text=_("Le lendemain, la structure paie le prix de qui n’est pas membre.")
    )
    reason = forms.CharField(
        label=_("Pourquoi"), max_length=300, help_text=_("Gardé au journal de la structure, lu par l’équipe seule.")
    )

    @property
    def left_on(self) -> dt.date:
        return self.cleaned_data["last_day"] + dt.timedelta(days=1)


class CollegeDayForm(forms.Form):
    starts_on = DayField(
        label=_("À partir du"), help_text=_("Les exercices commencés avant ce jour gardent le collège tel qu’il est.")
    )


class CollegeNextForm(CollegeDayForm):
    """What a college becomes."""

    name = forms.CharField(label=_("Nom du collège qui prend sa place"), max_length=80)
    field_order = ("name", "starts_on")


class CollegeForm(forms.Form):
    name = forms.CharField(label=_("Nom du collège"), max_length=80)
    rank = forms.IntegerField(label=_("Rang dans les listes"), min_value=1, max_value=99)
    starts_on = DayField(label=_("À partir du"))


class AdmissionForm(forms.Form):
    """Who a college takes, and how."""

    takes_structures = forms.BooleanField(label=_("Accueille des structures"), required=False)
    takes_people = forms.BooleanField(label=_("Accueille des personnes en leur nom"), required=False)
    votes = forms.BooleanField(
        label=_("Ses membres votent"), required=False, help_text=_("Sinon, ils assistent sans voter.")
    )
    path = forms.MultipleChoiceField(
        label=_("Étapes d’une candidature"),
        choices=Step.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Dans cet ordre. Une candidature déjà reçue garde le parcours où elle a commencé."),
    )
