import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.enums import RecurringKind, Rhythm
from billing.models import VatRule
from billing.periods import month_of
from hubs.forms import DayField


def vat_rules() -> list[tuple[str, str]]:
    """The rules in force today, by their code; those that tax first."""
    rules = VatRule.objects.live(timezone.localdate()).order_by(F("rate").desc(nulls_last=True), "label", "pk")
    return [(rule.code, rule.label) for rule in rules]


class _PriceField(forms.DecimalField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=12, decimal_places=4, min_value=0, localize=True, **kwargs)


class RecurringForm(forms.Form):
    """What comes back on an account, and from when."""

    kind = forms.ChoiceField(label=_("Nature"), choices=RecurringKind.choices)
    label = forms.CharField(
        label=_("Libellé"), max_length=200, help_text=_("Tel qu’il s’imprime\u00a0: «\u00a0Loyer du bureau 12\u00a0».")
    )
    reference = forms.CharField(
        label=_("Référence"), max_length=80, required=False, help_text=_("Du bail ou de la convention, pour vous.")
    )
    rhythm = forms.TypedChoiceField(label=_("Rythme"), choices=Rhythm.choices, coerce=int, initial=Rhythm.MONTH)
    amount_excl = _PriceField(label=_("Prix HT d’une période entière"))
    vat_code = forms.ChoiceField(label=_("Règle de TVA"), choices=vat_rules)
    when = forms.ChoiceField(
        label=_("Facturée"),
        choices=[("advance", _("d’avance")), ("arrears", _("à terme échu"))],
        initial="advance",
        help_text=_("D’avance\u00a0: avec le premier mois de la période. À terme échu\u00a0: avec le dernier."),
    )
    starts_on = DayField(label=_("Premier jour"))
    last_day = DayField(label=_("Dernier jour"), required=False, help_text=_("Vide tant que vous ne le savez pas."))
    anchor = DayField(
        label=_("Début des périodes"),
        required=False,
        help_text=_("Vide, elles commencent le 1er du mois\u00a0; un mois entamé se compte au jour."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"starts_on": month_of(timezone.localdate())}, **kwargs)

    @property
    def values(self) -> dict[str, Any]:
        """What `begin_recurring` is told."""
        told = {name: value for name, value in self.cleaned_data.items() if name not in ("when", "last_day")}
        return told | {
            "in_advance": self.cleaned_data["when"] == "advance",
            "ends_on": day_after(self.cleaned_data["last_day"]),
        }


class PriceForm(forms.Form):
    """A price from a day on."""

    starts_on = DayField(label=_("À partir du"))
    amount_excl = _PriceField(label=_("Prix HT d’une période entière"))


class EndForm(forms.Form):
    """The last day of what comes back."""

    last_day = DayField(
        label=_("Dernier jour"),
        required=False,
        help_text=_("Vide pour qu’elle continue. Notée par erreur\u00a0? Donnez la veille de son premier jour."),
    )


def day_after(last_day: dt.date | None) -> dt.date | None:
    return last_day + dt.timedelta(days=1) if last_day else None


class ChargeForm(forms.Form):
    """A sum added to an account by hand."""

    on = DayField(label=_("Date"), help_text=_("Du jour où la chose a été rendue."))
    description = forms.CharField(label=_("Libellé"), max_length=200)
    detail = forms.CharField(label=_("Précision"), max_length=300, required=False)
    quantity = forms.DecimalField(
        label=_("Quantité"),
        max_digits=12,
        decimal_places=4,
        localize=True,
        initial=Decimal(1),
        help_text=_("Négative pour une remise."),
    )
    unit_price_excl = _PriceField(label=_("Prix unitaire HT"))
    vat_code = forms.ChoiceField(label=_("Règle de TVA"), choices=vat_rules)
    # Sent twice, it is one sum.
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"on": timezone.localdate(), "token": uuid.uuid4()}, **kwargs)
