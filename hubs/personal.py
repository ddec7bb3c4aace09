"""What a hub holds about one person, told by every app; hubs names none of them and knows no Person.

Each app declares three things in its AppConfig: `personal_data`, `hindrances` and `erase`; docs/personal-data.md
says how. `Subject` is the plain value they are asked about, as `Actor` is for whoever acts.
"""

import datetime as dt
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.core.files.storage import storages
from django.db import models
from django.db.models import Q
from django.db.models.functions import Cast
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubs import french
from hubs.models import HubModel, User
from hubs.parts import hub_apps

ERASED_NAME = ("Personne", "effacée")
ERASED = " ".join(ERASED_NAME)
# An erasure is told for ever, under no name: whoever answers for the hub must be able to show that it was done.
ERASURE = "hubs.person_erased"
# Letters by their code points: what `\w` takes for a letter depends on the server's locale.
_LETTER = "A-Za-z0-9À-ɏ"


@dataclass(frozen=True)
class Subject:
    """Whom it is about, as they were when they were asked about: an erasure needs the words that it takes away."""

    person_id: int
    thing: str
    given_name: str
    family_name: str
    user_id: int | None = None
    emails: tuple[str, ...] = ()
    phone: str = ""
    # Someone else of the hub has the same name: a line that only gives the name is not surely theirs.
    has_namesake: bool = False

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def things(self) -> list[str]:
        """What the log calls them: the person, and their account."""
        account = [f"{User._meta.label_lower}:{self.user_id}"] if self.user_id is not None else []
        return [self.thing, *account]

    @property
    def name_pattern(self) -> str:
        """A regular expression of PostgreSQL that finds the whole name, in both orders."""
        either = (self.name, f"{self.family_name} {self.given_name}")
        return rf"(?<![{_LETTER}])({'|'.join(map(_escaped, either))})(?![{_LETTER}])"

    @property
    def contact_pattern(self) -> str:
        """The same for addresses and phone; empty when there are none."""
        words = [*self.emails, *([self.phone] if self.phone else [])]
        return rf"(?<![{_LETTER}._+-])({'|'.join(map(_escaped, words))})(?!\.?[{_LETTER}_-])" if words else ""

    @property
    def patterns(self) -> list[str]:
        """What may be replaced wherever it stands: what is this person's and nobody else's."""
        return [
            pattern for pattern in (self.contact_pattern, "" if self.has_namesake else self.name_pattern) if pattern
        ]


def _escaped(words: str) -> str:
    """As a JSON column writes it too."""
    return re.escape(json.dumps(words, ensure_ascii=False)[1:-1])


class Fate(Enum):
    """What becomes of a section when the person is erased."""

    ERASED = "erased"
    NAMELESS = "nameless"
    KEPT = "kept"

    @property
    def label(self) -> str:
        return {
            Fate.ERASED: _("effacé"),
            Fate.NAMELESS: _("gardé sans le nom"),
            Fate.KEPT: _("gardé\u00a0: la loi l’impose"),
        }[self]

    @property
    def tone(self) -> str:
        return {Fate.ERASED: "done", Fate.NAMELESS: "information", Fate.KEPT: "waiting"}[self]


@dataclass(frozen=True)
class Copy:
    """A file that is part of what is held: its name, and its key in the private storage."""

    name: str
    key: str

    def read(self) -> bytes:
        with storages["private"].open(self.key) as file:
            return file.read()


@dataclass(frozen=True)
class Section:
    """One kind of data about the person. `fate` and `afterwards` say what an erasure does to it."""

    key: str
    title: str | Promise
    purpose: str | Promise
    ground: str | Promise
    kept: str | Promise
    fate: Fate
    afterwards: str | Promise
    header: Sequence[str | Promise]
    rows: Sequence[Sequence[Any]]
    files: Sequence[Copy] = ()
    # What the page shows of a row; the export has it all.
    columns: int | None = None
    rank: int = 50

    LONGEST = 10

    @property
    def head(self) -> Sequence[str | Promise]:
        return self.header[: self.columns]

    @property
    def cells(self) -> list[list[tuple[str | Promise, str]]]:
        """The first rows in words, each under its head."""
        return [
            [(word, said(value)) for word, value in zip(self.head, row, strict=False)]
            for row in self.rows[: self.LONGEST]
        ]

    @property
    def more(self) -> int:
        """How many rows only the export gives."""
        return max(0, len(self.rows) - self.LONGEST)


@dataclass(frozen=True)
class Hindrance:
    """Something that still runs and must be settled before the person can be erased."""

    text: str
    url: str = ""


@dataclass(frozen=True)
class Mention:
    """A text that gives the person's name or address, which no machine can take out of its sentence."""

    label: str
    field: str
    thing: str


def said(value: Any) -> str:
    """A value as a page tells it."""
    if value in (None, ""):
        return ""
    if isinstance(value, bool):
        return _("oui") if value else _("non")
    if isinstance(value, dt.datetime):
        return f"{french.day(value, year=True, weekday=False)}, {french.hour(value)}"
    if isinstance(value, dt.date):
        return french.day(value, year=True, weekday=False)
    if isinstance(value, int | Decimal):
        return french.number(f"{value:f}" if isinstance(value, Decimal) else value)
    if isinstance(value, list | tuple):
        return ", ".join(map(said, value))
    return str(value)


def duration(months: int) -> str:
    """« 18 mois », « 3 ans »"""
    years, rest = divmod(months, 12)
    if rest or not years:
        return ngettext("%(count)s mois", "%(count)s mois", months) % {"count": months}
    return ngettext("%(count)s an", "%(count)s ans", years) % {"count": years}


def sections_about(subject: Subject) -> list[Section]:
    """All that the apps hold, those of closed modules too: what is switched off is still held."""
    held = [section for app in hub_apps() for section in app.personal_data(subject) if section.rows or section.files]
    return sorted(held, key=lambda section: section.rank)


def hindrances(subject: Subject, now: dt.datetime) -> list[Hindrance]:
    return [hindrance for app in hub_apps() for hindrance in app.hindrances(subject, now)]


def erase_everywhere(subject: Subject, now: dt.datetime) -> list[str]:
    """Each app takes the person out, the upper ones first; what they kept, in words. Part of one transaction."""
    return [str(kept) for app in reversed(list(hub_apps())) for kept in app.erase(subject, now)]


def mentions_of(subject: Subject) -> list[Mention]:
    """Texts of the open hub where the person's name, address or phone is found, and that no erasure mends.

    Every text column of every hub-owned model is read, those excepted that an app lists in `mended_texts`.
    """
    words = [subject.family_name, *subject.emails, *([subject.phone] if subject.phone else [])]
    mended = {name for app in hub_apps() for name in app.mended_texts}
    found: list[Mention] = []
    for model in apps.get_models():
        if issubclass(model, HubModel) and (columns := _texts(model, mended)):
            found += _mentions_in(model, columns, words)
    return found


def _texts(model: type[models.Model], mended: Collection[str]) -> dict[str, models.Field]:
    return {
        field.name: field
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField | models.JSONField | ArrayField)
        and not field.choices
        and not {model._meta.label, f"{model._meta.label}.{field.name}"} & set(mended)
    }


def _mentions_in(
    model: type[models.Model], columns: Mapping[str, models.Field], words: Iterable[str]
) -> Iterator[Mention]:
    as_text = {f"_{name}": Cast(name, models.TextField()) for name in columns}
    wanted = reduce(or_, (Q(**{f"{name}__icontains": word}) for name in as_text for word in words))
    for row in model._default_manager.annotate(**as_text).filter(wanted).order_by("pk")[:50]:
        for name, field in columns.items():
            text = str(getattr(row, f"_{name}") or "").casefold()
            if any(word.casefold() in text for word in words):
                label = f"{model._meta.verbose_name}\u00a0: {row}"
                yield Mention(label, str(field.verbose_name), f"{model._meta.label_lower}:{row.pk}")


@dataclass(frozen=True)
class Keeping:
    """A kind of data that a hub keeps for a time, and what is done of what is older.

    `due(before, now)` is the queryset of what has passed its time; `let_go(rows, now)` does its work and says how
    many it let go (the others are held by something that still runs). `warn(before, now)` tells people beforehand.
    Without `let_go` the period is shown and is not the hub's to change.
    """

    key: str
    title: str | Promise
    reason: str | Promise
    ground: str | Promise
    # What happens: « textes vidés ».
    outcome: str | Promise
    # Months: the period of a new hub, and what the law allows.
    default: int = 0
    least: int = 0
    most: int = 0
    fixed: str | Promise = ""
    due: Callable[[dt.datetime, dt.datetime], models.QuerySet] | None = None
    let_go: Callable[[Sequence[Any], dt.datetime], int] | None = None
    warn: Callable[[dt.datetime, dt.datetime], int] | None = None

    @property
    def is_set(self) -> bool:
        """Whether the hub chooses its period."""
        return not self.fixed


def keepings() -> list[Keeping]:
    """What the apps keep for a time, in their order; those of closed modules go on ageing."""
    return [keeping for app in hub_apps() for keeping in app.keepings()]
