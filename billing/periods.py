"""The periods of what comes back: the n-th from its anchor, and what a part of one is worth.

Periods are half-open here and « du 1er au 30 inclus » on screen. The n-th is counted from the anchor and never
from the one before: 31 January, 28 February, 31 March.
"""

import datetime as dt
from calendar import monthrange
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import ngettext

from billing.money import CENT, to_cents
from hubs import french


@dataclass(frozen=True, order=True)
class Span:
    """The days from `starts_on` to `ends_on`, the end left out."""

    starts_on: dt.date
    ends_on: dt.date

    @property
    def days(self) -> int:
        return (self.ends_on - self.starts_on).days

    @property
    def last_day(self) -> dt.date:
        return self.ends_on - dt.timedelta(days=1)

    def within(self, starts_on: dt.date, ends_on: dt.date | None) -> "Span | None":
        """What of it lies in these days, if any."""
        start = max(self.starts_on, starts_on)
        end = self.ends_on if ends_on is None else min(self.ends_on, ends_on)
        return Span(start, end) if start < end else None

    def __str__(self) -> str:
        """« du 16 au 30 avril 2026 inclus »"""
        return french.period(self.starts_on, self.last_day)


def month_of(day: dt.date) -> dt.date:
    """The first of its month."""
    return day.replace(day=1)


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day, so many months later; the last of the month where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def nth_period(anchor: dt.date, months: int, n: int) -> Span:
    """The n-th period of so many months, from 0; below zero before the anchor."""
    return Span(add_months(anchor, n * months), add_months(anchor, (n + 1) * months))


def index_of(anchor: dt.date, months: int, day: dt.date) -> int:
    """Which period holds the day."""
    apart = (day.year - anchor.year) * 12 + day.month - anchor.month
    n = apart // months
    return n if add_months(anchor, n * months) <= day else n - 1


def share_of(amount: Decimal, period: Span, part: Span) -> Decimal:
    """What a part of the period is worth, by its days, in whole cents.

    It is what the period is worth up to the end of the part less what it is worth up to its start. So the parts of
    a period sum to it exactly, however it was cut, and each is less than a cent from its fraction.
    """
    cents = int(to_cents(amount) * 100)

    def up_to(day: dt.date) -> int:
        return (2 * cents * (day - period.starts_on).days + period.days) // (2 * period.days)

    return (up_to(part.ends_on) - up_to(part.starts_on)) * CENT


def words_of(period: Span, part: Span) -> str:
    """« du 1er au 30 avril 2026 inclus », « 15 jours sur 30, du 16 au 30 avril 2026 inclus »"""
    return str(part) if part == period else f"{days_of(period, part)}, {part}"


def days_of(period: Span, part: Span) -> str:
    """« 15 jours sur 30 »"""
    given = {"n": part.days, "all": period.days}
    return ngettext("%(n)s jour sur %(all)s", "%(n)s jours sur %(all)s", part.days) % given
