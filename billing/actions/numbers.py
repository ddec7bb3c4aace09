"""Numbers of papers that are not invoices: one counter per issuer, series and year, with no hole."""

import datetime as dt
from dataclasses import dataclass

from billing.models import Issuer, NumberSeries


@dataclass(frozen=True)
class Taken:
    year: int
    sequence: int
    number: str
    on: dt.date


def take_number(issuer: Issuer, series: str, today: dt.date) -> Taken:
    """The next number of the series, held until the commit. A paper that comes late takes the date of the one before."""
    NumberSeries.objects.get_or_create(issuer=issuer, series=series, year=today.year)
    counter = NumberSeries.objects.select_for_update(of=("self",)).get(issuer=issuer, series=series, year=today.year)
    counter.last += 1
    counter.last_date = max(counter.last_date or today, today)
    counter.save(update_fields=["last", "last_date"])
    return Taken(today.year, counter.last, f"{series}-{today.year}-{counter.last:05d}", counter.last_date)
