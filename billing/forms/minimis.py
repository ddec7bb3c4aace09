from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.enums import Rhythm
from billing.forms.recurring import day_after
from billing.money import to_cents
from hubs.forms import DayField


class MinimisForm(forms.Form):
    """Who says that rents below market are de minimis aid."""

    funder = forms.CharField(label=_("Financeur public"), max_length=200)
    decision = forms.CharField(
        label=_("Référence de la décision"), max_length=200, help_text=_("Délibération, convention, et leur date.")
    )
    starts_on = DayField(label=_("À partir du"))
    last_day = DayField(label=_("Dernier jour"), required=False, help_text=_("Vide tant qu’elle court."))

    @property
    def values(self) -> dict[str, Any]:
        told = {name: value for name, value in self.cleaned_data.items() if name != "last_day"}
        return told | {"ends_on": day_after(self.cleaned_data["last_day"])}


class EndMinimisForm(forms.Form):
    """The last day of a decision."""

    last_day = DayField(
        label=_("Dernier jour"),
        required=False,
        help_text=_("Vide pour qu’elle continue. Notée par erreur\u00a0? Donnez la veille de son premier jour."),
    )


def _amount(label: str, **kwargs: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, min_value=Decimal("0.01"), localize=True, **kwargs)


class MarketForm(forms.Form):
    """What a period of a rent would cost at the market: as such, or by its square metres."""

    amount_excl = _amount(_("Prix du marché HT d’une période entière"), max_digits=12, decimal_places=4, required=False)
    per_square_metre = _amount(_("ou prix HT au m² et par an"), max_digits=10, decimal_places=2, required=False)
    area = _amount(_("et surface en m²"), max_digits=8, decimal_places=2, required=False)
    origin = forms.CharField(
        label=_("Source"), max_length=200, help_text=_("Une estimation, un observatoire des loyers, sa date.")
    )
    starts_on = DayField(label=_("À partir du"))

    def __init__(self, *args: Any, rhythm: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rhythm = Rhythm(rhythm)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        whole, by_metre, area = (data.get(name) for name in ("amount_excl", "per_square_metre", "area"))
        if self.errors:
            return data
        if whole and (by_metre or area):
            self.add_error("per_square_metre", _("Donnez le prix de la période, ou celui du m²\u00a0: pas les deux."))
        elif not whole and not by_metre:
            self.add_error("amount_excl", _("Donnez un prix."))
        elif by_metre and not area:
            self.add_error("area", _("Donnez la surface."))
        elif by_metre and area:
            data["amount_excl"] = to_cents(by_metre * area * self.rhythm / 12)
        return data


class AidForm(forms.Form):
    """A de minimis aid that somebody else granted."""

    grantor = forms.CharField(label=_("Accordée par"), max_length=200)
    reference = forms.CharField(label=_("Référence"), max_length=200, required=False)
    granted_on = DayField(label=_("Accordée le"))
    amount = _amount(_("Montant"), max_digits=12, decimal_places=2)
