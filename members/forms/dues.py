from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hubs.forms import DayField
from hubs.french import figure
from members.actions import Bracket
from members.enums import DuesBasis, LateRule
from members.models import College, FiscalYear

# A percentage of them says no amount: 0.5 % of twenty jobs would be ten cents.
COUNTED = (DuesBasis.FLAT, DuesBasis.HEADS, DuesBasis.FTE)


class ScaleForm(forms.Form):
    """A scale to write. Its brackets are lines « à partir de = montant »: each goes on to the next."""

    label = forms.CharField(label=_("Nom du barème"), max_length=80)
    fiscal_year = forms.ModelChoiceField(FiscalYear.objects.none(), label=_("À partir de l’exercice"), empty_label=None)
    college = forms.ModelChoiceField(
        College.objects.none(), label=_("Collège"), required=False, empty_label=_("Tous les collèges")
    )
    basis = forms.ChoiceField(label=_("Calculé sur"), choices=DuesBasis.choices)
    brackets = forms.CharField(
        label=_("Tranches"),
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_(
            "Une par ligne\u00a0: à partir de = montant. Par exemple «\u00a00 = 300\u00a0» puis «\u00a06 = 800\u00a0»."
            " Un taux s’écrit «\u00a00 = 0,5 %\u00a0»."
        ),
    )
    minimum = forms.DecimalField(
        label=_("Au moins (€)"), required=False, min_value=0, max_digits=10, decimal_places=2, localize=True
    )
    maximum = forms.DecimalField(
        label=_("Au plus (€)"), required=False, min_value=0, max_digits=10, decimal_places=2, localize=True
    )
    late_rule = forms.ChoiceField(label=_("Qui arrive en cours d’année paie"), choices=LateRule.choices)
    offered_months = forms.IntegerField(label=_("Mois offerts"), required=False, min_value=0, max_value=11)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["fiscal_year"].queryset = FiscalYear.objects.by_date()
        self.fields["college"].queryset = College.objects.by_rank()

    def clean_brackets(self) -> list[Bracket]:
        lines = [line for line in self.cleaned_data["brackets"].splitlines() if line.strip()]
        starts = sorted((_read(line) for line in lines), key=lambda read: read[0])
        ends = [start for start, _amount, _rate in starts[1:]] + [None]
        if starts and starts[0][0]:
            words = gettext("Rien n’est dit de 0 à %s\u00a0: la première tranche part de 0.") % figure(starts[0][0])
            raise forms.ValidationError(words)
        for (start, _amount, _rate), end in zip(starts, ends, strict=True):
            if start == end:
                raise forms.ValidationError(
                    gettext("Deux tranches partent de %s\u00a0: gardez-en une.") % figure(start)
                )
        return [Bracket(start, end, amount, rate) for (start, amount, rate), end in zip(starts, ends, strict=True)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        data["offered_months"] = data.get("offered_months") or 0
        if (data.get("late_rule") == LateRule.OFFERED) != bool(data["offered_months"]):
            self.add_error(
                "offered_months", gettext("Dites combien de mois sont offerts, s’il y en a, et seulement alors.")
            )
        if data.get("basis") in COUNTED and any(each.rate is not None for each in data.get("brackets", ())):
            self.add_error(
                "brackets", gettext("Un taux porte sur un budget ou un chiffre d’affaires\u00a0: écrivez des montants.")
            )
        least, most = data.get("minimum"), data.get("maximum")
        if least is not None and most is not None and most < least:
            self.add_error("maximum", gettext("Le plafond n’est pas au-dessous du plancher."))
        return data


def _read(line: str) -> tuple[Decimal, Decimal | None, Decimal | None]:
    start, _equals, value = line.partition("=")
    try:
        first, number = _decimal(start), _decimal(value.replace("%", ""))
    except InvalidOperation:
        raise forms.ValidationError(
            gettext("Corrigez la ligne «\u00a0%s\u00a0»\u00a0: à partir de = montant.") % line[:80]
        ) from None
    return (first, None, number) if "%" in value else (first, number, None)


def _decimal(text: str) -> Decimal:
    number = Decimal("".join(text.replace("€", "").split()).replace(",", "."))
    if not number.is_finite() or not 0 <= number < 10**8 or number != round(number, 2):
        raise InvalidOperation
    return number


class AdoptForm(forms.Form):
    on = DayField(label=_("Adopté le"))
    adopted_by = forms.CharField(
        label=_("Adopté par"), max_length=120, help_text=_("Par exemple\u00a0: l’assemblée générale ordinaire.")
    )
