"""What an importer is, and what it says of each line."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hubs.actors import Actor
from hubs.models import Hub
from hubs.parts import hub_apps
from parties.imports.columns import Column
from parties.imports.values import Wrong


class Outcome(models.TextChoices):
    NEW = "new", gettext_lazy("à reprendre")
    UNCHANGED = "unchanged", gettext_lazy("inchangée")
    WRONG = "wrong", gettext_lazy("à corriger")
    AMBIGUOUS = "ambiguous", gettext_lazy("à préciser")


@dataclass(frozen=True)
class Row:
    """A line of the file: its number there, and its cells by key of column, empty ones left out."""

    line: int
    cells: Mapping[str, str]


@dataclass
class Fate:
    """What will become of a line, and why. `given` is for `Importer.apply` alone."""

    line: int
    name: str = ""
    outcome: str = Outcome.NEW
    told: str = ""
    problems: list[tuple[str, str]] = field(default_factory=list)
    given: dict[str, Any] = field(default_factory=dict)

    @property
    def is_refused(self) -> bool:
        return self.outcome in (Outcome.WRONG, Outcome.AMBIGUOUS)


class Importer:
    """One kind of thing to bring in. `key` is at most 12 letters; `required` are keys of `columns`."""

    key: str
    title: str | Promise
    lead: str | Promise
    columns: Sequence[Column]
    required: Sequence[str]

    def plan(self, rows: Sequence[Row], today: dt.date) -> list[Fate]:
        """What each line would do, one fate a row in their order, in a fixed number of queries. Writes nothing.

        What is there already is UNCHANGED: the same file twice changes nothing.
        """
        raise NotImplementedError

    def apply(self, fates: Sequence[Fate], *, by: Actor, today: dt.date) -> None:
        """Write the fates that are NEW, in the caller's transaction, which holds the hub's issuers."""
        raise NotImplementedError

    def title_of(self, key: str) -> str:
        return next(str(column.title) for column in self.columns if column.key == key)


@dataclass(frozen=True)
class Plan:
    """The dry run of a file."""

    importer: Importer
    fates: list[Fate]
    header: list[str]
    raw: Mapping[int, list[str]]
    notes: list[str]

    @property
    def counts(self) -> dict[str, int]:
        counted = Counter(fate.outcome for fate in self.fates)
        return {str(outcome): counted[outcome] for outcome in Outcome}

    @property
    def new(self) -> list[Fate]:
        return [fate for fate in self.fates if fate.outcome == Outcome.NEW]

    @property
    def refused(self) -> list[Fate]:
        return [fate for fate in self.fates if fate.is_refused]

    def rejected(self) -> list[list[str]]:
        """The lines refused, as they were, each with what to mend: to correct and drop again."""
        width = len(self.header)
        return [
            [
                *self.raw[fate.line],
                *[""] * (width - len(self.raw[fate.line])),
                " ".join(f"{title} : {text}" for title, text in fate.problems),
            ]
            for fate in self.refused
        ]


def importers(hub: Hub) -> dict[str, Importer]:
    """What the hub's open modules can bring in, by key, in the order of the apps."""
    found = (import_string(path)() for app in hub_apps(hub) for path in app.opening_importers)
    return {importer.key: importer for importer in found}


def date(text: str) -> dt.date:
    """« 31/12/2025 », « 31.12.25 », « 2025-12-31 », a date of a workbook. Raises Wrong."""
    bare = text.strip().split(" ")[0].replace(".", "/").replace("T00:00:00", "")
    for form in ("%d/%m/%Y", "%Y-%m-%d", "%d/%m/%y", "%d-%m-%Y", "%Y/%m/%d"):
        try:
            found = dt.datetime.strptime(bare, form).date()  # noqa: DTZ007
        except ValueError:
            continue
        if 1990 <= found.year <= 2100:
            return found
    raise Wrong(_("«\u00a0%s\u00a0» n’est pas une date. Exemple\u00a0: 31/12/2025.") % text[:60])
