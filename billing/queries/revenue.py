"""What a year brought, by month and by what it came from: the accounts that begin with 7."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum
from django.db.models.functions import TruncMonth

from billing.models import BooksYear, JournalLine
from billing.money import ZERO


@dataclass(frozen=True)
class Revenue:
    """`months` has every month of the year; `sources` are (account, label, analytic code, amount), the largest first."""

    months: list[tuple[dt.date, Decimal]]
    sources: list[tuple[str, str, str, Decimal]]

    @property
    def total(self) -> Decimal:
        return sum((amount for _month, amount in self.months), ZERO)


def revenue(year: BooksYear, analytic: str = "") -> Revenue:
    """All of the year, or what bears one analytic code; two queries."""
    lines = JournalLine.objects.filter(entry__year=year, ledger_account__number__startswith="7").order_by()
    if analytic:
        lines = lines.filter(analytic=analytic)
    gained = Sum("credit") - Sum("debit")
    by_month = dict(lines.annotate(month=TruncMonth("entry__on")).values_list("month").annotate(sum=gained))
    by_source = lines.values_list("ledger_account__number", "ledger_account__label", "analytic").annotate(sum=gained)
    month, months = year.starts_on.replace(day=1), []
    while month < year.ends_on:
        months.append((month, by_month.get(month, ZERO)))
        month = (month + dt.timedelta(days=32)).replace(day=1)
    return Revenue(months=months, sources=sorted(by_source, key=lambda row: (-row[3], row[0], row[2])))
