"""Whether what was agreed with late payers is kept: computed from what is due today of the invoices it is for."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from billing.calendar import working_days_after
from billing.models import Account, ArrangedInvoice, ArrangedPart, Arrangement, Invoice
from billing.money import ZERO

# A transfer of the day itself takes so long to be seen here.
GRACE_WORKING_DAYS = 3


@dataclass(frozen=True)
class AgreedDate:
    """`left` is what is to be paid of it still; `is_missed` is that, past the days a transfer takes."""

    due_on: dt.date
    amount: Decimal
    left: Decimal
    is_missed: bool


@dataclass(frozen=True)
class Agreed:
    """An arrangement as it stands on a day."""

    arrangement: Arrangement
    dates: list[AgreedDate]

    @property
    def left(self) -> Decimal:
        return sum((each.left for each in self.dates), ZERO)

    @property
    def paid(self) -> Decimal:
        return self.arrangement.total - self.left

    @property
    def missed(self) -> list[AgreedDate]:
        return [each for each in self.dates if each.is_missed]

    @property
    def following(self) -> AgreedDate | None:
        """The next date that is not paid in full."""
        return next((each for each in self.dates if each.left), None)

    @property
    def is_kept(self) -> bool:
        return not self.missed


def agreed_on_account(account: Account, on: dt.date) -> Agreed | None:
    """What is agreed with the account, if anything is. Three queries at most."""
    found = Arrangement.objects.current().filter(account=account)
    return next(iter(_agreed(found, on)), None)


def kept_invoices(invoices: Collection[int], on: dt.date) -> set[int]:
    """Those among these invoices, by id, whose arrangement is kept on that day. One query where there is none."""
    current = Arrangement.objects.current().filter(invoices__invoice__in=invoices).distinct()
    kept = [each.arrangement.pk for each in _agreed(current, on) if each.is_kept]
    if not kept:
        return set()
    return set(ArrangedInvoice.objects.filter(arrangement__in=kept).values_list("invoice_id", flat=True))


def _agreed(arrangements: Iterable[Arrangement], on: dt.date) -> list[Agreed]:
    held = list(arrangements)
    if not held:
        return []
    invoices: dict[int, list[ArrangedInvoice]] = defaultdict(list)
    for each in ArrangedInvoice.objects.filter(arrangement__in=held):
        invoices[each.arrangement_id].append(each)
    ids = [each.invoice_id for of_one in invoices.values() for each in of_one]
    due = dict(Invoice.objects.filter(pk__in=ids).with_due().values_list("pk", "due"))
    parts: dict[int, list[ArrangedPart]] = defaultdict(list)
    for part in ArrangedPart.objects.filter(arrangement__in=held).order_by("position"):
        parts[part.arrangement_id].append(part)
    return [
        Agreed(
            arrangement,
            _dates(
                parts[arrangement.pk],
                sum((max(ZERO, each.amount - due[each.invoice_id]) for each in invoices[arrangement.pk]), ZERO),
                on,
            ),
        )
        for arrangement in held
    ]


def _dates(parts: Iterable[ArrangedPart], paid: Decimal, on: dt.date) -> list[AgreedDate]:
    dates = []
    for part in parts:
        left = max(ZERO, min(part.amount, part.up_to - paid))
        is_missed = left > 0 and on > working_days_after(part.due_on, GRACE_WORKING_DAYS)
        dates.append(AgreedDate(part.due_on, part.amount, left, is_missed))
    return dates
