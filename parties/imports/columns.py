"""Which column is which: headers as people write them, accents, capitals and synonyms forgiven."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from parties.imports.sheets import FileRefused, Sheet
from parties.imports.values import plain

HEAD_WITHIN = 10


class ColumnMissing(FileRefused):
    """No line holds the header without which nothing can be read."""


class ColumnTwice(FileRefused):
    """Two headers mean the same thing."""


@dataclass(frozen=True)
class Column:
    """A column of an import. `title` is its header in the template; `also` are other ways to say it."""

    key: str
    title: str | Promise
    also: tuple[str, ...] = ()
    example: str = ""

    def is_named(self, header: str) -> bool:
        said = plain(header)
        return bool(said) and said in {plain(str(self.title)), *(plain(name) for name in self.also)}


@dataclass(frozen=True)
class Table:
    """A sheet whose columns are known: lines with their number, as {key: text}."""

    rows: list[tuple[int, dict[str, str]]]
    titles: dict[str, str]
    unread: list[str]
    header: list[str]
    raw: dict[int, list[str]]


def recognise(sheet: Sheet, columns: Sequence[Column], required: str) -> Table:
    """Find the line of headers (a title may stand above it). Raises ColumnMissing, ColumnTwice."""
    for place, (_number, header) in enumerate(sheet.lines[:HEAD_WITHIN]):
        found = {place: column for place, text in enumerate(header) for column in columns if column.is_named(text)}
        if required in {column.key for column in found.values()}:
            return _table(sheet, place, header, found)
    seen = [text.strip() for text in sheet.lines[0][1] if text.strip()]
    name = next(str(column.title) for column in columns if column.key == required)
    raise ColumnMissing(
        _("Il manque la colonne «\u00a0%(name)s\u00a0». Colonnes lues\u00a0: %(seen)s.")
        % {"name": name, "seen": ", ".join(seen[:20])}
    )


def _table(sheet: Sheet, place: int, header: list[str], found: dict[int, Column]) -> Table:
    titles: dict[str, str] = {}
    for position, column in found.items():
        if column.key in titles:
            raise ColumnTwice(
                _("Les colonnes «\u00a0%(one)s\u00a0» et «\u00a0%(other)s\u00a0» disent la même chose. Gardez-en une.")
                % {"one": titles[column.key], "other": header[position].strip()}
            )
        titles[column.key] = header[position].strip()
    body = sheet.lines[place + 1 :]
    return Table(
        rows=[
            (
                number,
                {column.key: cells[position].strip() for position, column in found.items() if position < len(cells)},
            )
            for number, cells in body
        ],
        titles=titles,
        unread=[text.strip() for position, text in enumerate(header) if text.strip() and position not in found],
        header=header,
        raw=dict(body),
    )
