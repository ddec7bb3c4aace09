"""Plain shapes that the week grid and the free-hours bar draw. Apps build them; nothing here queries.

Time is counted in quarters of an hour from midnight in the hub's zone: 36 is 9 h, 50 is 12 h 30, 96
the end of the day. Positions become classes (.q36, .n4) of static/css/grid.css, as the security
policy forbids inline styles. Something that starts at 9 h 05 is drawn from 9 h: round outwards.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from django.utils.translation import get_language

from hubs import french

QUARTERS = 96
Tone = Literal["use1", "use2", "use3", "use4", "use5", "use6", "busy", "hold", "closed"]
State = Literal["free", "taken", "mine", "hold", "closed", "past"]


def quarter_of(moment: dt.datetime | dt.time, *, up: bool = False) -> int:
    """The quarter a local moment falls in; `up` gives the next one unless it is exact."""
    minutes = moment.hour * 60 + moment.minute
    return -(-minutes // 15) if up else minutes // 15


@dataclass(frozen=True, slots=True)
class Stretch:
    """From quarter `q`, for `n` quarters."""

    q: int
    n: int

    def __post_init__(self) -> None:
        if self.q < 0 or self.n < 1 or self.q + self.n > QUARTERS:
            raise ValueError(f"{self.n} quarters from {self.q} do not fit in a day")

    @property
    def end(self) -> int:
        return self.q + self.n

    @property
    def hours(self) -> str:
        """« 9 h à 12 h 30 »"""
        return _hours(self.q, self.end, get_language())


@lru_cache(maxsize=2048)
def _hours(q: int, end: int, language: str | None) -> str:
    """A week of fifty rooms says five hundred times some twenty stretches."""
    return french.hours_between(french.quarter(q), french.quarter(end))


@dataclass(frozen=True, slots=True)
class Entry(Stretch):
    """Something on a lane. `title` may be « Occupé » for those who may not know more."""

    title: str
    subtitle: str = ""
    url: str = ""
    tone: Tone = "use1"
    buffer_before: int = 0  # quarters kept free to set up
    buffer_after: int = 0  # quarters kept free to clean


@dataclass(frozen=True, slots=True)
class Cell(Stretch):
    """A free stretch (an hour as a rule) that `url` would book."""

    url: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One unit on one day."""

    label: str
    entries: tuple[Entry, ...] = ()
    cells: tuple[Cell, ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    date: dt.date
    lanes: tuple[Lane, ...]
    is_today: bool = False
    closed: str = ""  # why: « Fermé », « 1er mai »
    label: str = ""  # « mardi 24 novembre » unless given
    url: str = ""  # the day alone

    @property
    def title(self) -> str:
        return self.label or french.day(self.date)

    @property
    def short(self) -> str:
        return french.short_day(self.date)


@dataclass(frozen=True, slots=True)
class Use:
    """A line of the legend."""

    tone: Tone
    label: str


@dataclass(frozen=True, slots=True)
class WeekGrid:
    """Hours down from `opens` to `closes`, days across, and in each day one lane per unit."""

    days: tuple[Day, ...]
    opens: int = 32
    closes: int = 80
    legend: tuple[Use, ...] = ()
    now: int | None = None  # the present quarter, if today is shown
    label: str = ""  # « Semaine du 23 au 29 novembre »
    end_parameter: str = "fin"  # a drag goes to the first cell's url with ?fin=12:30 added

    def __post_init__(self) -> None:
        if not 0 <= self.opens < self.closes <= QUARTERS:
            raise ValueError(f"a day from {self.opens} to {self.closes}")
        if len({len(day.lanes) for day in self.days}) > 1:
            raise ValueError("every day shows the same lanes")

    @property
    def lanes(self) -> int:
        """Lanes per day, at most 12: beyond, filter the units first."""
        return len(self.days[0].lanes) if self.days else 0

    @property
    def hours(self) -> list[tuple[int, str]]:
        """Rows of the whole hours and their labels."""
        first = -(-self.opens // 4) * 4
        return [(q - self.opens, french.quarter(q)) for q in range(first, self.closes, 4)]

    @property
    def height(self) -> int:
        return self.closes - self.opens

    @property
    def now_row(self) -> int | None:
        return self.now - self.opens if self.now is not None and self.opens <= self.now < self.closes else None


@dataclass(frozen=True, slots=True)
class Box:
    """A unit on one day of a week that has no room for hours: what is booked, and where to book more."""

    entries: tuple[Entry, ...] = ()
    url: str = ""
    words: str = ""  # what the link says: « Réserver Salle 2, mardi 24 novembre »


@dataclass(frozen=True, slots=True)
class WeekTable:
    """The week of more units than a grid holds: units down, days across, and in each box its bookings."""

    days: tuple[Day, ...]  # without lanes; their urls lead to the plan of the day
    rows: tuple[tuple[str, tuple[Box, ...]], ...]  # the unit's name, one box a day
    legend: tuple[Use, ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class DayPlan:
    """A day lying down: hours across from `opens` to `closes`, one line per unit."""

    lanes: tuple[Lane, ...]
    opens: int = 32
    closes: int = 80
    legend: tuple[Use, ...] = ()
    now: int | None = None
    label: str = ""  # « mardi 24 novembre »

    def __post_init__(self) -> None:
        if not 0 <= self.opens < self.closes <= QUARTERS:
            raise ValueError(f"a day from {self.opens} to {self.closes}")

    @property
    def width(self) -> int:
        return self.closes - self.opens

    @property
    def now_column(self) -> int | None:
        return self.now - self.opens if self.now is not None and self.opens <= self.now < self.closes else None


@dataclass(frozen=True, slots=True)
class Slice(Stretch):
    """A part of a day bar; a free one with a `url` is a link."""

    state: State
    url: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class DayBar:
    """A unit's day from `opens` to `closes`; the slices follow one another without overlap."""

    opens: int
    closes: int
    slices: tuple[Slice, ...] = field(default=())
    label: str = ""  # what is read first: « Atelier, mardi 24 novembre »

    def __post_init__(self) -> None:
        if not 0 <= self.opens < self.closes <= QUARTERS:
            raise ValueError(f"a day from {self.opens} to {self.closes}")

    @property
    def width(self) -> int:
        return self.closes - self.opens

    @property
    def free(self) -> list[Stretch]:
        """Free ranges, neighbours joined: the bar in words."""
        return list(joined(part for part in self.slices if part.state == "free"))

    @property
    def free_text(self) -> str:
        """« 9 h à 12 h 30, 14 h à 18 h »"""
        return ", ".join(stretch.hours for stretch in self.free)


def joined(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """Stretches that touch become one."""
    current: Stretch | None = None
    for stretch in sorted(stretches, key=lambda stretch: stretch.q):
        if current is not None and stretch.q == current.end:
            current = Stretch(current.q, current.n + stretch.n)
        else:
            if current is not None:
                yield current
            current = Stretch(stretch.q, stretch.n)
    if current is not None:
        yield current
