"""A dropped file: its line of headers, its columns as they were said, its dry run."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from billing.openings.base import Importer, Plan, Row
from parties.imports.columns import HEAD_WITHIN
from parties.imports.sheets import FileEmpty, Sheet, read_sheet
from parties.imports.values import plain

# What import drafts are for, so that other imports leave them alone.
PURPOSE = "opening"
EXAMPLES = 3


@dataclass(frozen=True)
class Position:
    """A column of the file as it is: its place, its header, its first cells, and what it seems to hold."""

    place: int
    header: str
    examples: list[str]
    guess: str


def guess(header: str, importer: Importer, known: Mapping[str, str]) -> str:
    """What was said of this header last time, else the column that goes by that name; "" for none."""
    if (said := known.get(plain(header))) is not None:
        return said
    return next((column.key for column in importer.columns if column.is_named(header)), "")


def signed_header(sheet: Sheet, importer: Importer, known: Mapping[str, str]) -> int:
    """The place of the line of headers: the one with most names we know, among the first. Raises FileEmpty."""
    if len(sheet.lines) < 2:
        raise FileEmpty
    scores = [
        sum(bool(cell.strip() and guess(cell, importer, known)) for cell in cells)
        for _number, cells in sheet.lines[:HEAD_WITHIN]
    ]
    return scores.index(max(scores))


def positions(content: bytes, header: int, importer: Importer, known: Mapping[str, str]) -> list[Position]:
    """The columns of the file, each key guessed once."""
    sheet = read_sheet(content)
    names = sheet.lines[header][1]
    first = [cells for _number, cells in sheet.lines[header + 1 : header + 1 + EXAMPLES]]
    width = max(len(cells) for cells in [names, *first])
    found, taken = [], set()
    for place in range(width):
        name = names[place].strip() if place < len(names) else ""
        examples = [cells[place].strip() for cells in first if place < len(cells) and cells[place].strip()]
        if not name and not examples:
            continue
        key = guess(name, importer, known)
        found.append(Position(place, name, examples, "" if key in taken else key))
        taken.add(key)
    return found


def plan_of(content: bytes, options: Mapping[str, Any], importer: Importer, today: dt.date) -> Plan:
    """What importing the file would do. Raises a FileRefused."""
    sheet = read_sheet(content)
    columns = {int(place): key for place, key in options["columns"].items() if key}
    body = sheet.lines[options["header"] + 1 :]
    rows = [
        Row(
            number,
            {key: cells[at].strip() for at, key in columns.items() if at < len(cells) and cells[at].strip()},
        )
        for number, cells in body
    ]
    return Plan(
        importer=importer,
        fates=importer.plan(rows, today),
        header=sheet.lines[options["header"]][1],
        raw=dict(body),
        notes=list(sheet.notes),
    )
