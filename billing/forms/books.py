import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.enums import LedgerUse
from billing.models import BooksYear
from hubs.forms import DayField


class YearChoice(forms.ModelChoiceField):
    """A year of the books; with several issuers, the name of each."""

    def label_from_instance(self, year: BooksYear) -> str:
        return f"{year}, {year.issuer}"


class YearForm(forms.Form):
    """Which year is looked at."""

    year = YearChoice(label=_("Exercice"), queryset=BooksYear.objects.none(), required=False, empty_label=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].queryset = BooksYear.objects.select_related("issuer").order_by("-starts_on", "-pk")


class RevenueForm(YearForm):
    analytic = forms.CharField(label=_("Code analytique"), max_length=20, required=False)


class PeriodForm(forms.Form):
    """From one day to another, both in."""

    first = DayField(label=_("Du"))
    last = DayField(label=_("Au"))

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if {"first", "last"} <= data.keys() and data["last"] < data["first"]:
            self.add_error("last", _("Ce jour vient avant le premier."))
        return data


class NewYearForm(forms.Form):
    starts_on = DayField(label=_("Premier jour"))
    last_day = DayField(
        label=_("Dernier jour"),
        help_text=_("Douze mois d’ordinaire. Les exercices qui suivent s’ouvrent d’eux-mêmes."),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if {"starts_on", "last_day"} <= data.keys() and data["last_day"] <= data["starts_on"]:
            self.add_error("last_day", _("Ce jour vient avant le premier."))
        return data


class StopForm(forms.Form):
    until = DayField(
        label=_("Arrêter les comptes au"), help_text=_("Ce jour compris\u00a0: plus rien ne s’y date ni avant.")
    )
    reason = forms.CharField(
        label=_("Motif"), max_length=300, required=False, help_text=_("Demandé pour revenir à une date plus ancienne.")
    )

    @staticmethod
    def proposed(today: dt.date) -> dt.date:
        """The last day of the month before."""
        return today.replace(day=1) - dt.timedelta(days=1)


class LedgerRuleForm(forms.Form):
    use = forms.TypedChoiceField(label=_("Ce qui s’écrit"), choices=LedgerUse.choices, coerce=LedgerUse)
    key = forms.CharField(
        label=_("Précision"),
        max_length=60,
        required=False,
        help_text=_(
            "Pour une vente, ce dont elle vient\u00a0: «\u00a0spaces\u00a0», ou plus précis, «\u00a0spaces.booking\u00a0». Pour la TVA, le "
            "taux\u00a0: «\u00a020.00\u00a0». Pour un encaissement, le moyen\u00a0: «\u00a0cheque\u00a0». Vide, pour tout le reste."
        ),
    )
    number = forms.CharField(label=_("Compte"), max_length=12, help_text=_("De 3 à 12 chiffres, comme 706000."))
    label = forms.CharField(
        label=_("Libellé du compte"),
        max_length=80,
        required=False,
        help_text=_("Nécessaire pour un nouveau compte\u00a0; pour un compte connu, il le renomme."),
    )
    analytic = forms.CharField(label=_("Code analytique"), max_length=20, required=False)
    starts_on = DayField(label=_("À partir du"))
