"""What comes back on the accounts of the demo: offices rented, desks, domiciliations, and a sum added by hand."""

import datetime as dt
import uuid
from dataclasses import dataclass
from decimal import Decimal

from billing.actions import begin_recurring, change_price, charge_by_hand, end_recurring, set_market_price, set_minimis
from billing.enums import RecurringKind, Rhythm
from billing.models import Account, RecurringCharge
from billing.periods import add_months
from hubs.actors import Actor

VAT = "service-20"


@dataclass(frozen=True)
class Terms:
    """Euros without tax for a period; the day of the month before last, or of the next, that it begins."""

    label: str
    kind: RecurringKind
    amount: str
    rhythm: Rhythm = Rhythm.MONTH
    in_advance: bool = True
    month: int = 0
    day: int = 1


TERMS = (
    Terms("Loyer du bureau 12", RecurringKind.RENT, "300.00"),
    Terms("Loyer du bureau 14", RecurringKind.RENT, "420.00", month=1, day=16),
    Terms("Forfait deux postes", RecurringKind.PLAN, "160.00"),
    Terms("Domiciliation", RecurringKind.DOMICILIATION, "90.00", rhythm=Rhythm.QUARTER),
    Terms("Loyer de l’atelier", RecurringKind.RENT, "950.00", rhythm=Rhythm.QUARTER, in_advance=False),
    Terms("Casier fermé", RecurringKind.OTHER, "12.00", day=9),
)


def rent(first: dt.date, *, by: Actor, today: dt.date) -> None:
    """From the month `first`, before it is closed: who is there, one arrival, one departure, one rise to come."""
    every = list(Account.objects.filter(organisation__isnull=False).with_holders().by_name())
    # The last is that of the demo's member account.
    accounts = [*every[: len(TERMS) - 1], *every[len(TERMS) - 1 :][-1:]]
    begun = [
        begin_recurring(
            account=account,
            kind=terms.kind,
            label=terms.label,
            starts_on=add_months(first, terms.month).replace(day=terms.day),
            amount_excl=Decimal(terms.amount),
            rhythm=terms.rhythm,
            in_advance=terms.in_advance,
            vat_code=VAT,
            by=by,
            today=today,
        )
        for account, terms in zip(accounts, TERMS, strict=False)
    ]
    if not begun:
        return
    change_price(recurring=begun[0], starts_on=add_months(first, 3), amount_excl=Decimal("306.00"), by=by)
    _below_market(begun[0], by=by)
    if len(begun) > 2:
        end_recurring(recurring=begun[2], ends_on=add_months(first, 1).replace(day=16), by=by)
    charge_by_hand(
        account=accounts[0],
        on=add_months(first, 1).replace(day=12),
        description="Clé remplacée",
        detail="bureau 12",
        quantity=Decimal(1),
        unit_price_excl=Decimal("15.00"),
        vat_code=VAT,
        token=uuid.uuid5(uuid.NAMESPACE_OID, f"{by.hub_id} {first}"),
        by=by,
    )


def _below_market(rent: RecurringCharge, *, by: Actor) -> None:
    """An office let under its price, which a public funder holds for de minimis aid."""
    set_minimis(
        funder="Ville de Dijon", decision="Délibération du 14 décembre 2025", starts_on=rent.starts_on.replace(month=1, day=1),
        ends_on=None, by=by,
    )  # fmt: skip
    set_market_price(
        recurring=rent, amount_excl=Decimal("412.50"), per_square_metre=Decimal(150), area=Decimal(33),
        origin="Observatoire des loyers de bureaux, 2025", starts_on=rent.starts_on, by=by,
    )  # fmt: skip
