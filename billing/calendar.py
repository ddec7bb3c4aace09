"""Working days in France: nobody is chased on a Sunday or a public holiday, and banks rest on Saturdays too."""

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache

import holidays

from hubs.leaves import Calendar

SATURDAY, SUNDAY = 5, 6
DAY = dt.timedelta(days=1)


@lru_cache(maxsize=8)
def _holidays(year: int) -> Mapping[dt.date, str]:
    return holidays.country_holidays("FR", years=year, language="fr")


def is_sending_day(day: dt.date) -> bool:
    """Whether reminders may leave on that day."""
    return day.weekday() != SUNDAY and day not in _holidays(day.year)


def next_sending_day(after: dt.date, closed: Calendar | None = None) -> dt.date:
    """The first day after that one on which reminders may leave, `closed` being the hub's own days."""
    day = after + DAY
    while not is_sending_day(day) or (closed is not None and closed.is_closed(day)):
        day += DAY
    return day


def working_days_after(day: dt.date, count: int) -> dt.date:
    """The day on which that many days, from Monday to Friday and not public holidays, have passed."""
    while count:
        day += DAY
        if day.weekday() < SATURDAY and is_sending_day(day):
            count -= 1
    return day
