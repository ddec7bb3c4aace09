"""What a late payment costs by law: interest by the day, and forty euros once (C. com. L441-10, D441-5).

Shown, and asked for in the formal reminder; the portal charges none by itself. Persons owe neither.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from billing.models import PenaltyRate
from billing.money import ZERO, to_cents

INDEMNITY_AMOUNT = Decimal("40.00")
YEAR = 365


@dataclass(frozen=True)
class Penalty:
    interest: Decimal = ZERO
    indemnity: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.interest + self.indemnity


NONE = Penalty()


def penalty_rates() -> list[PenaltyRate]:
    return list(PenaltyRate.objects.order_by("starts_on", "pk"))


def penalty_of(
    amount: Decimal, *, due_on: dt.date, on: dt.date, rates: Sequence[PenaltyRate], is_person: bool
) -> Penalty:
    """On what is still unpaid, from the day after the due date to `on`, each day at the rate of that day.

    Days that no rate covers cost nothing: the hub has not said how much.
    """
    if is_person or on <= due_on or amount <= 0:
        return NONE
    interest = sum((amount * rate / 100 * days / YEAR for rate, days in _days(due_on, on, rates)), Decimal(0))
    return Penalty(interest=to_cents(interest), indemnity=INDEMNITY_AMOUNT)


def total_of(penalties: Iterable[Penalty]) -> Penalty:
    held = list(penalties)
    return Penalty(
        interest=sum((each.interest for each in held), ZERO), indemnity=sum((each.indemnity for each in held), ZERO)
    )


def _days(due_on: dt.date, on: dt.date, rates: Sequence[PenaltyRate]) -> Iterable[tuple[Decimal, int]]:
    """Each rate with the number of late days it covers."""
    first, end = due_on + dt.timedelta(days=1), on + dt.timedelta(days=1)
    for rate in rates:
        begins, ends = max(first, rate.starts_on), min(end, rate.ends_on or end)
        if begins < ends:
            yield rate.rate, (ends - begins).days
