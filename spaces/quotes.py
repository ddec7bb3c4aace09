"""What a slot costs. One rule, read by the page before booking, the booking itself and its invoice line."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubs import french
from spaces.enums import PricePer
from spaces.slots import Slot

HALF_DAY_MINUTES = 4 * 60 + 30


class PriceOf(Protocol):
    """A price of the catalogue, or what a list reads of one."""

    @property
    def per(self) -> str: ...
    @property
    def amount(self) -> Decimal: ...
    @property
    def vat_code(self) -> str: ...


@dataclass(frozen=True)
class Quote:
    """A price agreed for a slot: `quantity` of `per` at `unit_price` EUR without tax."""

    per: PricePer
    quantity: Decimal
    unit_price: Decimal
    vat_code: str

    @property
    def amount(self) -> Decimal:
        """EUR without tax, to the cent, half up."""
        return (self.quantity * self.unit_price).quantize(Decimal("0.01"), ROUND_HALF_UP)

    @property
    def words(self) -> str:
        """« 2,5 h », « 1 demi-journée »."""
        if self.per == PricePer.HOUR:
            return f"{french.number(self.quantity.normalize())}\N{NO-BREAK SPACE}h"
        if self.per == PricePer.HALF_DAY:
            return ngettext("%(n)s demi-journée", "%(n)s demi-journées", int(self.quantity)) % {"n": int(self.quantity)}
        return ngettext("%(n)s journée", "%(n)s journées", int(self.quantity)) % {"n": int(self.quantity)}

    @property
    def unit_label(self) -> str:
        return {PricePer.HOUR: _("h"), PricePer.HALF_DAY: _("demi-journée"), PricePer.DAY: _("journée")}[self.per]


def quote(slot: Slot, prices: Iterable[PriceOf]) -> Quote | None:
    """The cheapest way to pay for the slot with these prices; None when there is no price.

    Hours count by the quarter begun; a half-day is up to 4 h 30; a day is the rest. Time is what
    passes, so a night that changes its clock costs the hours it lasts.
    """
    quarters = -(-slot.minutes // 15)
    ways = {
        PricePer.HOUR: Decimal(quarters) / 4,
        PricePer.HALF_DAY: Decimal(1) if slot.minutes <= HALF_DAY_MINUTES else None,
        PricePer.DAY: Decimal(1),
    }
    quotes = [
        Quote(PricePer(price.per), quantity, price.amount, price.vat_code)
        for price in prices
        if (quantity := ways[PricePer(price.per)]) is not None
    ]
    return min(quotes, key=lambda each: (each.amount, each.per), default=None)
