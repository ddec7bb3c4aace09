"""Weeks and days of bookings as the grids draw them: local hours, and words fit for who looks."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubs import french
from hubs.actors import Actor
from hubs.grids import (
    QUARTERS,
    Box,
    Cell,
    Day,
    DayBar,
    DayPlan,
    Entry,
    Lane,
    Slice,
    Use,
    WeekGrid,
    WeekTable,
    quarter_of,
)
from hubs.scope import current_hub
from spaces import rules
from spaces.enums import PayerKind, PlaceKind
from spaces.models import Booking, Pool, Unit
from spaces.queries import FreeTime, openings_of
from spaces.slots import QUARTER, Slot, instant

# The page that books a unit, up to its day and hour: « /…/?place=12& ».
BookUrl = Callable[[Unit], str]

TONES = {PayerKind.RESIDENT: "use1", PayerKind.ASSOCIATE: "use2", PayerKind.EXTERNAL: "use3"}
# Units that hours and days leave room for; more are a table of boxes, of a hundred at most.
LARGEST_GRID = 12
LARGEST_TABLE = 100


def monday_of(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def week_grid(*, monday: dt.date, units: Sequence[Unit], actor: Actor, book_url: BookUrl, now: dt.datetime) -> WeekGrid:
    """The week of these units (12 at most, pool loaded), free hours being links to `book_url`."""
    zone = current_hub().zone
    dates = [monday + dt.timedelta(days=n) for n in range(7)]
    openings = openings_of((unit.pool.site_id for unit in units), dates)
    entries = _entries(units, Slot(instant(dates[0], dt.time(0), zone), _midnight_after(dates[-1])), actor)
    today = timezone.localdate(now)
    opens, closes = _bounds([slots for by_day in openings.values() for slots in by_day.values()])
    return WeekGrid(
        days=tuple(
            Day(
                date=date,
                is_today=date == today,
                closed="" if any(openings[unit.pool.site_id][date] for unit in units) else _("Fermé"),
                lanes=tuple(
                    Lane(
                        label=unit.name,
                        entries=tuple(entries[unit.pk, date]),
                        cells=tuple(_cells(book_url(unit), date, openings[unit.pool.site_id][date], now)),
                    )
                    for unit in units
                ),
            )
            for date in dates
        ),
        opens=opens,
        closes=closes,
        legend=_legend(actor),
        now=quarter_of(timezone.localtime(now)) if today in dates else None,
        label=_week_label(dates),
        end_parameter="ends",
    )


def week_table(
    *,
    monday: dt.date,
    units: Sequence[Unit],
    actor: Actor,
    book_url: BookUrl,
    day_url: Callable[[dt.date], str],
    now: dt.datetime,
) -> WeekTable:
    """The week of many units (pool loaded): in each box the day's bookings, and the link to its first free
    hour to come."""
    zone = current_hub().zone
    dates = [monday + dt.timedelta(days=n) for n in range(7)]
    openings = openings_of((unit.pool.site_id for unit in units), dates)
    entries = _entries(units, Slot(instant(dates[0], dt.time(0), zone), _midnight_after(dates[-1])), actor)
    # What is open is the same for all the units of a site: one list of stretches a day.
    spans = {
        site: {date: [_quarters(slot) for slot in slots] for date, slots in by_day.items()}
        for site, by_day in openings.items()
    }
    days = tuple(
        Day(
            date=date,
            lanes=(),
            is_today=date == timezone.localdate(now),
            closed="" if any(by_day[date] for by_day in openings.values()) else _("Fermé"),
            url=day_url(date),
        )
        for date in dates
    )
    heads = [(day.date, day.title) for day in days]
    book = _("Réserver %(unit)s, %(day)s")
    rows = []
    for unit in units:
        base, boxes = book_url(unit), []
        for date, title in heads:
            found = tuple(entries.get((unit.pk, date), ()))
            free = next(iter(_free(spans[unit.pool.site_id][date], found, date, now)), None)
            url = _from_hour(base, date, free[0]) if free else ""
            boxes.append(Box(entries=found, url=url, words=book % {"unit": unit.name, "day": title} if free else ""))
        rows.append((unit.name, tuple(boxes)))
    return WeekTable(days=days, rows=tuple(rows), legend=_legend(actor), label=_week_label(dates))


def day_plan(
    *, day: dt.date, units: Sequence[Unit], actor: Actor, book_url: BookUrl, now: dt.datetime
) -> DayPlan | None:
    """The day of these units (pool loaded), each free stretch a link. None when all is closed."""
    by_day = openings_of((unit.pool.site_id for unit in units), [day])
    openings = {site_id: slots[day] for site_id, slots in by_day.items()}
    if not any(openings.values()):
        return None
    spans = {site: [_quarters(slot) for slot in slots] for site, slots in openings.items()}
    span = Slot(instant(day, dt.time(0), current_hub().zone), _midnight_after(day))
    entries = _entries(units, span, actor)
    lanes = []
    for unit in units:
        found = tuple(entries.get((unit.pk, day), ()))
        base = book_url(unit)
        cells = tuple(
            Cell(q=q, n=n, url=_from_hour(base, day, q)) for q, n in _free(spans[unit.pool.site_id], found, day, now)
        )
        lanes.append(Lane(label=unit.name, entries=found, cells=cells))
    opens, closes = _bounds(list(openings.values()))
    today = day == timezone.localdate(now)
    return DayPlan(
        lanes=tuple(lanes),
        opens=opens,
        closes=closes,
        legend=_legend(actor),
        now=quarter_of(timezone.localtime(now)) if today else None,
        label=french.day(day, year=True),
    )


def _free(
    spans: Sequence[tuple[int, int]], entries: Sequence[Entry], date: dt.date, now: dt.datetime
) -> list[tuple[int, int]]:
    """The stretches of the open hours, as (quarter, how many), that are neither booked nor gone by."""
    past = _over_until(date, now)
    free = []
    for first, count in spans:
        cursor, end = max(first, past), first + count
        for entry in entries:
            if entry.q > cursor:
                free.append((cursor, min(entry.q, end) - cursor))
            cursor = max(cursor, entry.end + entry.buffer_after)
        if cursor < end:
            free.append((cursor, end - cursor))
    return [(q, n) for q, n in free if n > 0]


def _week_label(dates: Sequence[dt.date]) -> str:
    return _("Semaine %(dates)s") % {"dates": french.period(dates[0], dates[-1])}


def _midnight_after(day: dt.date) -> dt.datetime:
    return instant(day + dt.timedelta(days=1), dt.time(0), current_hub().zone)


def _quarters(slot: Slot) -> tuple[int, int]:
    """Where the slot stands in its local day: first quarter, and how many."""
    zone = current_hub().zone
    return _stretch(slot.start.astimezone(zone), slot.end.astimezone(zone))


def _stretch(start: dt.datetime, end: dt.datetime) -> tuple[int, int]:
    """The same of two local hours."""
    first = quarter_of(start)
    last = QUARTERS if end.date() > start.date() else quarter_of(end, up=True)
    return first, max(1, last - first)


def _bounds(openings: Sequence[Sequence[Slot]]) -> tuple[int, int]:
    """From the earliest opening to the latest closing; 8 h to 20 h when all is closed."""
    spans = [_quarters(slot) for slots in openings for slot in slots]
    if not spans:
        return 32, 80
    return min(first for first, _count in spans) // 4 * 4, max(first + count for first, count in spans)


def _entries(units: Sequence[Unit], span: Slot, actor: Actor) -> dict[tuple[int, dt.date], list[Entry]]:
    """What is booked, by unit and day, in words fit for the actor. Plain rows: a week has hundreds."""
    found = defaultdict(list)
    zone, told = current_hub().zone, Told(actor)
    bookings = Booking.objects.live().between(span.start, span.end).filter(unit__in=units)
    for row in bookings.order_by("starts_at", "pk").values_list(*Shown._fields):
        booking = Shown(*row)
        start = booking.starts_at.astimezone(zone)
        q, n = _stretch(start, booking.ends_at.astimezone(zone))
        kept = int((booking.blocked_until - booking.ends_at).total_seconds() // 900)
        found[booking.unit_id, start.date()].append(
            Entry(q, n, buffer_after=min(kept, QUARTERS - q - n), **told.of(booking))
        )
    return found


class Shown(NamedTuple):
    """What a grid reads of a booking."""

    unit_id: int
    organisation_id: int
    person_id: int | None
    organisation__name: str
    public_id: str
    title: str
    payer: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    blocked_until: dt.datetime


class Told:
    """What this actor may read of bookings: all of each, or « Occupé » (SP18)."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.is_staff = rules.keeps_the_diary(actor)
        # The address of a booking, made once: to resolve it takes longer than all the rest of the entry.
        name = "spaces:staff_booking" if self.is_staff else "spaces:booking"
        self.before, self.after = reverse(name, args=["0" * 12]).split("0" * 12)
        self.busy = {"title": _("Occupé"), "tone": "busy"}

    def of(self, booking: Shown) -> dict[str, str]:
        if not (self.is_staff or rules.may_read(self.actor, booking)):
            return self.busy
        return {
            "title": booking.organisation__name,
            "subtitle": booking.title,
            "url": f"{self.before}{booking.public_id}{self.after}",
            "tone": TONES[PayerKind(booking.payer)] if self.is_staff else "use1",
        }


def _cells(base: str, date: dt.date, opening: Sequence[Slot], now: dt.datetime) -> list[Cell]:
    over = _over_until(date, now)
    cells = []
    for slot in opening:
        first, count = _quarters(slot)
        for q in range(first, first + count, 4):
            n = min(4, first + count - q)
            if q + n > over:
                cells.append(Cell(q=q, n=n, url=_from_hour(base, date, q)))
    return cells


def _from_hour(base: str, date: dt.date, q: int) -> str:
    """The page that books, for that day from that quarter. By hand: urlencode a thousand times is half of a page."""
    return f"{base}day={date.isoformat()}&starts={q // 4:02d}%3A{q % 4 * 15:02d}"


def _over_until(date: dt.date, now: dt.datetime) -> int:
    """The quarter of that day until which all is over."""
    local = timezone.localtime(now)
    if date == local.date():
        return quarter_of(local)
    return QUARTERS + 1 if date < local.date() else 0


def _legend(actor: Actor) -> tuple[Use, ...]:
    if rules.keeps_the_diary(actor):
        return tuple(Use(tone, PayerKind(kind).label) for kind, tone in TONES.items())
    return (Use("use1", _("nos réservations")), Use("busy", _("occupé")))


def day_bar(time: FreeTime, *, day: dt.date, now: dt.datetime) -> DayBar | None:
    """The place's day as a bar: its free stretches are links to book them. None when it is closed."""
    if not time.opening:
        return None
    base = f"{reverse('spaces:place', args=[time.pool.public_id])}?"
    spans = [_quarters(slot) for slot in time.opening]
    opens, closes = min(q for q, _n in spans), max(q + n for q, n in spans)
    state = ["closed"] * QUARTERS
    for q, n in spans:
        state[q : q + n] = ["taken"] * n
    for slot in time.free:
        q, n = _quarters(slot)
        state[q : q + n] = ["free"] * n
    if day <= timezone.localdate(now):
        past = quarter_of(timezone.localtime(now)) if day == timezone.localdate(now) else QUARTERS
        state[:past] = ["past" if each == "free" else each for each in state[:past]]
    return DayBar(
        opens=opens,
        closes=closes,
        slices=tuple(_slices(state[:closes], opens, base, day)),
        label=f"{time.pool.name}, {french.day(day)}",
    )


def _slices(state: Sequence[str], opens: int, base: str, day: dt.date) -> list[Slice]:
    slices, start = [], opens
    for q in range(opens, len(state) + 1):
        if q == len(state) or state[q] != state[start]:
            url = _from_hour(base, day, start) if state[start] == "free" else ""
            slices.append(Slice(q=start, n=q - start, state=state[start], url=url))
            start = q
    return slices


def facts(time: FreeTime) -> str:
    """What a place is, in a line: « Salle, jusqu’à 12 personnes · Place Galilée · accessible en fauteuil »."""
    pool = time.pool
    first = str(PlaceKind(pool.kind).label)
    if pool.seats > 1:
        first += ", " + _("jusqu’à %(n)s personnes") % {"n": pool.seats}
    parts = [first.capitalize()]
    if time.units > 1:
        parts.append(_("%(n)s exemplaires") % {"n": time.units})
    parts.append(pool.site_name)
    if pool.wheelchair:
        parts.append(_("accessible en fauteuil"))
    return " · ".join(parts)


def state(time: FreeTime, slot: Slot, now: dt.datetime) -> tuple[str, str]:
    """Whether the place is free in the slot, in words, and the tone that goes with them."""
    if slot.start < now - QUARTER:
        return _("Heure passée"), ""
    if not time.free_units:
        return _("Pas libre à ces heures"), "waiting"
    if time.units == 1:
        return _("Libre"), "done"
    return ngettext("%(n)s libre", "%(n)s libres", time.free_units) % {"n": time.free_units}, "done"


def place_url(pool: Pool, day: dt.date, starts: dt.time | None = None, ends: dt.time | None = None) -> str:
    """The page where a member books this place, its hours filled in."""
    url = f"{reverse('spaces:place', args=[pool.public_id])}?day={day.isoformat()}"
    if starts:
        url += f"&starts={starts:%H%%3A%M}"
    if ends:
        url += f"&ends={ends:%H%%3A%M}"
    return url
