"""Weeks and days of bookings as the grids draw them: local hours, and words fit for who looks."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from hubs import french
from hubs.actors import Actor
from hubs.grids import QUARTERS, Cell, Day, DayBar, Entry, Lane, Slice, Use, WeekGrid, quarter_of
from hubs.scope import current_hub
from spaces import rules
from spaces.enums import PayerKind
from spaces.models import Booking, Pool, Unit
from spaces.queries import FreeTime, opening_of
from spaces.slots import Slot, instant

CellUrl = Callable[[Unit, dt.date, dt.time], str]

TONES = {PayerKind.RESIDENT: "use1", PayerKind.ASSOCIATE: "use2", PayerKind.EXTERNAL: "use3"}
LARGEST_GRID = 12


def monday_of(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def week_grid(
    *, monday: dt.date, units: Sequence[Unit], actor: Actor, cell_url: CellUrl, now: dt.datetime, days: int = 7
) -> WeekGrid:
    """The week of these units (12 at most, pool and site loaded), free hours being links to `cell_url`."""
    zone = current_hub().zone
    dates = [monday + dt.timedelta(days=n) for n in range(days)]
    openings = {site: opening_of(site, dates) for site in {unit.pool.site for unit in units}}
    entries = _entries(units, Slot(instant(dates[0], dt.time(0), zone), _midnight_after(dates[-1])), actor)
    today = timezone.localdate(now)
    opens, closes = _bounds([slots for by_day in openings.values() for slots in by_day.values()])
    return WeekGrid(
        days=tuple(
            Day(
                date=date,
                is_today=date == today,
                closed="" if any(openings[unit.pool.site][date] for unit in units) else _("Fermé"),
                lanes=tuple(
                    Lane(
                        label=unit.name,
                        entries=tuple(entries[unit.pk, date]),
                        cells=tuple(_cells(unit, date, openings[unit.pool.site][date], cell_url, now)),
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
        label=_("Semaine %(dates)s") % {"dates": french.period(dates[0], dates[-1])},
        end_parameter="ends",
    )


def _midnight_after(day: dt.date) -> dt.datetime:
    return instant(day + dt.timedelta(days=1), dt.time(0), current_hub().zone)


def _quarters(slot: Slot) -> tuple[int, int]:
    """Where the slot stands in its local day: first quarter, and how many."""
    start, end = timezone.localtime(slot.start), timezone.localtime(slot.end)
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
    found = defaultdict(list)
    bookings = Booking.objects.live().between(span.start, span.end).filter(unit__in=units).for_display()
    for booking in bookings.order_by("starts_at", "pk"):
        q, n = _quarters(Slot(booking.starts_at, booking.ends_at))
        kept = int((booking.blocked_until - booking.ends_at).total_seconds() // 900)
        shown = entry_words(booking, actor)
        found[booking.unit_id, timezone.localdate(booking.starts_at)].append(
            Entry(q=q, n=n, buffer_after=min(kept, QUARTERS - q - n), **shown)
        )
    return found


def entry_words(booking: Booking, actor: Actor) -> dict[str, str]:
    """What this actor may read of a booking: all of it, or « Occupé » (SP18)."""
    if not rules.may_read(actor, booking):
        return {"title": _("Occupé"), "subtitle": "", "url": "", "tone": "busy"}
    staff = rules.keeps_the_diary(actor)
    return {
        "title": str(booking.organisation),
        "subtitle": booking.title,
        "url": reverse("spaces:staff_booking" if staff else "spaces:booking", args=[booking.public_id]),
        "tone": TONES[PayerKind(booking.payer)] if staff else "use1",
    }


def _cells(unit: Unit, date: dt.date, opening: Sequence[Slot], cell_url: CellUrl, now: dt.datetime) -> list[Cell]:
    cells = []
    for slot in opening:
        first, count = _quarters(slot)
        for q in range(first, first + count, 4):
            n = min(4, first + count - q)
            hour = dt.time(q // 4, q % 4 * 15)
            if _is_over(date, q + n, now):
                continue
            cells.append(Cell(q=q, n=n, url=cell_url(unit, date, hour)))
    return cells


def _is_over(date: dt.date, end_quarter: int, now: dt.datetime) -> bool:
    local = timezone.localtime(now)
    return date < local.date() or (date == local.date() and end_quarter <= quarter_of(local))


def _legend(actor: Actor) -> tuple[Use, ...]:
    if rules.keeps_the_diary(actor):
        return tuple(Use(tone, PayerKind(kind).label) for kind, tone in TONES.items())
    return (Use("use1", _("nos réservations")), Use("busy", _("occupé")))


def day_bar(time: FreeTime, *, day: dt.date, now: dt.datetime) -> DayBar | None:
    """The place's day as a bar: its free stretches are links to book them. None when it is closed."""
    if not time.opening:
        return None
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
        slices=tuple(_slices(state[:closes], opens, time.pool, day)),
        label=f"{time.pool.name}, {french.day(day)}",
    )


def _slices(state: Sequence[str], opens: int, pool: Pool, day: dt.date) -> list[Slice]:
    slices, start = [], opens
    for q in range(opens, len(state) + 1):
        if q == len(state) or state[q] != state[start]:
            free = state[start] == "free"
            url = place_url(pool, day, dt.time(start // 4, start % 4 * 15)) if free else ""
            slices.append(Slice(q=start, n=q - start, state=state[start], url=url))
            start = q
    return slices


def place_url(pool: Pool, day: dt.date, starts: dt.time | None = None, ends: dt.time | None = None) -> str:
    """The page where a member books this place, its hours filled in."""
    asked = {"day": day.isoformat()}
    if starts:
        asked["starts"] = f"{starts:%H:%M}"
    if ends:
        asked["ends"] = f"{ends:%H:%M}"
    return f"{reverse('spaces:place', args=[pool.public_id])}?{urlencode(asked)}"
