"""Amounts, days and hours as people say them; pages, mails and documents call the same functions.

French is the first language. In English an amount is €1,234.50 and an hour 9:00: « 1,234 » would be read as a thousand.
"""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any, TypeVar

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext

NBSP = "\u00a0"  # before €, h, %
THIN = "\u202f"  # between thousands
MINUS = "\u2212"
CENT = Decimal("0.01")

T = TypeVar("T", dt.datetime, dt.date, dt.time)


def _speaks_french() -> bool:
    return (get_language() or "fr").startswith("fr")


def local(moment: T) -> T:
    """In the hub's time; a naive moment, a date or an hour is taken as local already."""
    if isinstance(moment, dt.datetime) and timezone.is_aware(moment):
        return timezone.localtime(moment)
    return moment


def number(value: Decimal | int | str, places: int | None = None) -> str:
    """12450.5 → « 12 450,5 », 12,450.5 in English; `places` fixes the decimals, rounding half up."""
    value = Decimal(str(value))
    if places is not None:
        value = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = f"{abs(value):,f}"
    if _speaks_french():
        text = text.replace(",", THIN).replace(".", ",")
    return (MINUS if value < 0 else "") + text


def euros(amount: Decimal | int | str) -> str:
    """1234.5 → « 1 234,50 € », €1,234.50 in English."""
    text = number(amount, 2)
    if _speaks_french():
        return f"{text}{NBSP}€"
    return f"{MINUS}€{text[1:]}" if text.startswith(MINUS) else f"€{text}"


def day(moment: dt.date, *, year: bool = False, weekday: bool = True) -> str:
    """« mardi 24 novembre », « 1er décembre 2026 »."""
    moment = local(moment)
    return _day(dt.date(moment.year, moment.month, moment.day), year, weekday, get_language())


@lru_cache(maxsize=2048)
def _day(moment: dt.date, year: bool, weekday: bool, language: str | None) -> str:
    """A week of fifty rooms says seven days four hundred times."""
    words = [date_format(moment, "l")] if weekday else []
    words += [f"{day_number(moment)}{NBSP}{date_format(moment, 'F')}"]
    return " ".join([*words, str(moment.year)] if year else words)


def day_number(moment: dt.date) -> str:
    """« 1er », « 2 »"""
    return "1er" if moment.day == 1 and _speaks_french() else str(moment.day)


def month(moment: dt.date) -> str:
    """« novembre »"""
    return date_format(local(moment), "F")


def short_day(moment: dt.date) -> str:
    """« mar. 24 », for the head of a column."""
    name = date_format(local(moment), "D").rstrip(".")
    return f"{name}.{NBSP}{local(moment).day}" if _speaks_french() else f"{name}{NBSP}{local(moment).day}"


def clock(hour: int, minute: int = 0) -> str:
    """« 9 h », « 12 h 30 »; 24 is midnight at the end of a day."""
    if not _speaks_french():
        return f"{hour}:{minute:02d}"
    return f"{hour}{NBSP}h" + (f"{NBSP}{minute:02d}" if minute else "")


def hour(moment: dt.datetime | dt.time) -> str:
    if isinstance(moment, dt.datetime):
        moment = local(moment)
    return clock(moment.hour, moment.minute)


def quarter(q: int) -> str:
    """The hour of a quarter counted from midnight: 38 → « 9 h 30 »."""
    return clock(*divmod(q * 15, 60))


def hours_between(first: str, last: str) -> str:
    return gettext("%(first)s à %(last)s") % {"first": first, "last": last}


def slot(start: dt.datetime, end: dt.datetime, *, year: bool = False) -> str:
    """« mardi 24 novembre, 9 h à 12 h 30 »; a slot that ends at midnight ends « à 24 h »."""
    start, end = local(start), local(end)
    last_day = end.date()
    last_hour = hour(end)
    if end.time() == dt.time() and end.date() > start.date():
        last_day, last_hour = end.date() - dt.timedelta(days=1), clock(24)
    if start.date() == last_day:
        return f"{day(start, year=year)}, {hours_between(hour(start), last_hour)}"
    return gettext("du %(day)s, %(hour)s, au %(last_day)s, %(last_hour)s") % {
        "day": day(start, year=year),
        "hour": hour(start),
        "last_day": day(last_day, year=year),
        "last_hour": last_hour,
    }


def period(first: dt.date, last: dt.date) -> str:
    """Both ends in: « du 1er au 30 novembre 2026 inclus »."""
    if first == last:
        return gettext("le %(day)s") % {"day": day(first, year=True, weekday=False)}
    same_month = (first.year, first.month) == (last.year, last.month)
    start = day_number(first) if same_month else day(first, year=first.year != last.year, weekday=False)
    return gettext("du %(first)s au %(last)s inclus") % {
        "first": start,
        "last": day(last, year=True, weekday=False),
    }


def figure(value: Decimal | int | str | None) -> str:
    """« 6,5 », « 620 000 »: no decimals but those that say something."""
    return "" if value in (None, "") else number(f"{Decimal(str(value)).normalize():f}")


def amount(value: Decimal | int | str | None) -> str:
    """« 1 234,50 € », or nothing where there is none."""
    return "" if value is None or value == "" else euros(value)


def said(value: Any) -> str:
    """A value as JSON keeps it, in words: days and hours are told, lists are read out."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return gettext("oui") if value else gettext("non")
    if isinstance(value, list | tuple):
        return ", ".join(said(each) for each in value) or gettext("rien")
    return _moment(value) if isinstance(value, str) else str(value)


def _moment(text: str) -> str:
    """The day or the hour that a text of ISO 8601 names; any other text as it is."""
    try:
        if len(text) == 10 and (on := parse_date(text)):
            return day(on, year=True, weekday=False)
        at = parse_datetime(text) if len(text) > 16 else None
    except ValueError:
        return text
    return f"{day(at, year=True)}, {hour(at)}" if at else text
