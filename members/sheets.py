"""Sheets of cards and of labels: how many there are on one, and what is printed where."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Layout:
    """A sheet of A4 cut in cells. Its measures are those of the class of this name in documents/css/letterhead.css."""

    name: str
    per_sheet: int


CARDS = Layout("cards", 8)
# By the number of labels on a sheet: 63.5 × 38.1 mm and 99.1 × 38.1 mm.
LABELS = {"21": Layout("labels-21", 21), "14": Layout("labels-14", 14)}


@dataclass(frozen=True)
class Label:
    """A name and an address, line by line."""

    lines: Sequence[str]


def sheets_of(items: Sequence[T], layout: Layout, first: int) -> list[list[T | None]]:
    """The items sheet by sheet, the first at place `first` of its sheet: what is before it stays blank."""
    cells: list[T | None] = [*[None] * (first - 1), *items]
    return [cells[start : start + layout.per_sheet] for start in range(0, len(cells), layout.per_sheet)]
