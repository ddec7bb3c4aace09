"""Time as people book it: a day and two hours of the hub's clock, kept as two instants."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from hubs.refusals import Refusal

QUARTER = dt.timedelta(minutes=15)
MIDNIGHT = dt.time(0)
# Days that pages take: beyond, counting a week or a time zone leaves the calendar.
FIRST_DAY, LAST_DAY = dt.date(2000, 1, 1), dt.date(2100, 12, 31)


class NoSuchHour(Refusal):
    """The clock jumps over this hour, the last Sunday of March."""

    message = _("Cette heure n’existe pas ce jour-là\u00a0: on passe à l’heure d’été. Choisissez l’heure suivante.")
    field = "starts"


class EndsBeforeStart(Refusal):
    message = _("La fin vient après le début.")
    field = "ends"


def instant(day: dt.date, hour: dt.time, zone: ZoneInfo) -> dt.datetime:
    """The instant of that hour of that day; the first of the two where the clock shows it twice.

    Raises NoSuchHour.
    """
    local = dt.datetime.combine(day, hour, tzinfo=zone)
    if local.astimezone(dt.UTC).astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise NoSuchHour
    return local


def clock_instant(day: dt.date, hour: dt.time, zone: ZoneInfo) -> dt.datetime:
    """The instant of that hour, for opening hours: one that the clock jumps over counts as the hour it jumps to."""
    return dt.datetime.combine(day, hour, tzinfo=zone).astimezone(dt.UTC)


class Slot(NamedTuple):
    """From an instant to a later one, the end left out."""

    start: dt.datetime
    end: dt.datetime

    @classmethod
    def on(cls, day: dt.date, starts: dt.time, ends: dt.time, zone: ZoneInfo) -> "Slot":
        """The slot of wall hours of one day; ending at 0 h is midnight. Raises NoSuchHour, EndsBeforeStart."""
        start = instant(day, starts, zone)
        end = instant(day + dt.timedelta(days=1) if ends == MIDNIGHT else day, ends, zone)
        # Compared as instants: two hours of one zone would be compared as the clock shows them.
        if end.timestamp() <= start.timestamp():
            raise EndsBeforeStart
        return cls(start.astimezone(dt.UTC), end.astimezone(dt.UTC))

    @property
    def minutes(self) -> int:
        """Minutes that pass, which the clock may not show on the night it changes."""
        return int((self.end - self.start).total_seconds() // 60)

    def overlaps(self, other: "Slot") -> bool:
        return self.start < other.end and other.start < self.end

    def within(self, others: Iterable["Slot"]) -> bool:
        """Whether one of `others` holds it whole."""
        return any(other.start <= self.start and self.end <= other.end for other in others)


def merged(slots: Iterable[Slot]) -> list[Slot]:
    """The same time with neighbours joined, in order."""
    joined: list[Slot] = []
    for slot in sorted(slots):
        if joined and slot.start <= joined[-1].end:
            joined[-1] = Slot(joined[-1].start, max(joined[-1].end, slot.end))
        else:
            joined.append(slot)
    return joined


def without(slot: Slot, taken: Iterable[Slot]) -> list[Slot]:
    """What is left of `slot` once `taken` is taken out of it."""
    left, cursor = [], slot.start
    for busy in merged(taken):
        if busy.end <= slot.start or busy.start >= slot.end:
            continue
        if busy.start > cursor:
            left.append(Slot(cursor, busy.start))
        cursor = max(cursor, busy.end)
    if cursor < slot.end:
        left.append(Slot(cursor, slot.end))
    return left
