import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members.models import FiscalYear


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
        help_text=_("L’année des chiffres vient de la colonne « Année » ; sans elle, c’est celle de cet exercice."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["fiscal_year"].queryset = FiscalYear.objects.by_date()


class YearForm(forms.Form):
    """A fiscal year to open."""

    label = forms.CharField(label=_("Nom de l’exercice"), max_length=40)
    starts_on = forms.DateField(label=_("Premier jour"))
    last_day = forms.DateField(label=_("Dernier jour"))
    renewing = forms.BooleanField(
        label=_("Reconduire les adhésions de l’exercice précédent"),
        required=False,
        help_text=_("Celles et ceux qui sont partis ne sont pas reconduits."),
    )

    def clean_last_day(self) -> dt.date:
        if self.cleaned_data["last_day"].year > 2100:
            raise forms.ValidationError(_("Choisissez une date plus proche."))
        return self.cleaned_data["last_day"]
