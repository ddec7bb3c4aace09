"""Numbers of papers: one counter per issuer, series and year, with no hole."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from billing.models import Issuer, NumberSeries


@dataclass(frozen=True)
class Taken:
    year: int
    sequence: int
    number: str
    on: dt.date


def lock_series(issuer: Issuer, series: str, year: int) -> NumberSeries:
    """The counter of a series, held until the commit: who comes next waits for this number or for its return."""
    key: dict[str, Any] = {"issuer": issuer, "series": series, "year": year}
    NumberSeries.objects.get_or_create(**key)
    return NumberSeries.objects.select_for_update(of=("self",)).get(**key)


def take_number(issuer: Issuer, series: str, today: dt.date) -> Taken:
    """The next number of the series, held until the commit. A paper that comes late takes the date of the one before."""
    counter = lock_series(issuer, series, today.year)
    counter.last += 1
    date = counter.last_date = max(counter.last_date or today, today)
    counter.save(update_fields=["last", "last_date"])
    return Taken(today.year, counter.last, f"{series}-{today.year}-{counter.last:05d}", date)
