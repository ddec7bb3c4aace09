"""Small plain shapes that layouts and components draw, beside the grids."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NavItem:
    """A line of `nav`, the context variable that every layout loops over."""

    label: str
    url: str
    icon: str = "square-2-stack"  # a heroicon
    active: bool = False
    count: int = 0  # what waits behind it
    group: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """A line of a timeline."""

    when: dt.datetime | dt.date
    title: str
    text: str = ""
    who: str = ""
    url: str = ""
    tone: str = ""  # done, waiting, wrong, information


@dataclass(frozen=True, slots=True)
class Door:
    """One of the large links of a hub's home."""

    label: str
    url: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """A line of the public agenda."""

    when: dt.datetime | dt.date
    title: str
    url: str = ""
    text: str = ""
    kind: str = ""
