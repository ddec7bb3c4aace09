"""What is read together since two sheets were merged, and which sheets look alike."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from parties.models import Organisation, Person

Thing = Organisation | Person


def on_sheet(name: str, thing: Any) -> Q:
    """Rows whose `name` is this structure or person, or one that was merged into it."""
    return Q(**{name: thing}) | Q(**{f"{name}__merged_into": thing})


def merged_of(thing: Thing) -> list[Any]:
    """The sheets that were merged into this one, by name."""
    return list(type(thing).objects.filter(merged_into=thing).by_name())


def person_at(email: str) -> Person | None:
    """Whoever has this address, be it on a sheet that was merged into theirs."""
    if not email:
        return None
    found = Person.objects.filter(email__iexact=email, erased_at=None).select_related("merged_into__user")
    person = found.by_name().first()
    return person and (person.merged_into or person)


@dataclass(frozen=True)
class Pair:
    """Two sheets that may be of the same structure or person, and why."""

    first: Any
    second: Any
    reasons: list[str]


# What tells no structure from another in its name.
_EMPTY_WORDS = frozenset(
    [
        "la",
        "le",
        "les",
        "l",
        "de",
        "des",
        "du",
        "d",
        "et",
        "a",
        "au",
        "aux",
        "en",
        "association",
        "asso",
        "compagnie",
        "cie",
        "collectif",
        "sarl",
        "scic",
        "scop",
        "sas",
        "eurl",
        "sa",
    ]
)
_LONGEST_LIST = 200


def alike_structures() -> list[Pair]:
    """Structures with the same SIREN, the same address, or names that differ by a letter or by common words."""
    rows = list(Organisation.objects.standing().by_name().only("pk", "public_id", "name", "siren", "email", "town"))
    by_key = _Alike()
    for row in rows:
        by_key.add(_("même SIREN"), row.siren, row.pk)
        by_key.add(_("même adresse électronique"), row.email.lower(), row.pk)
        for key in _near(_bare(row.name, _EMPTY_WORDS)):
            by_key.add(_("noms proches"), key, row.pk)
    return by_key.pairs(rows)


def alike_people() -> list[Pair]:
    """People with the same address or phone, or names that differ by a letter or by their order."""
    rows = list(Person.objects.known().by_name())
    by_key = _Alike()
    for row in rows:
        by_key.add(_("même adresse électronique"), row.email.lower(), row.pk)
        by_key.add(_("même téléphone"), re.sub(r"\D", "", row.phone)[-9:], row.pk)
        for key in _near(_bare(f"{row.given_name} {row.family_name}", frozenset())):
            by_key.add(_("noms proches"), key, row.pk)
    return by_key.pairs(rows)


class _Alike:
    """Rows by what they share. A value that many share tells nothing, and is left out."""

    MOST = 12

    def __init__(self) -> None:
        self._holders: dict[tuple[str, Hashable], set[int]] = defaultdict(set)

    def add(self, reason: str, value: Hashable, pk: int) -> None:
        if value:
            self._holders[reason, value].add(pk)

    def pairs(self, rows: Iterable[Any]) -> list[Pair]:
        """The pairs with most reasons first, and so on by name."""
        rank = {row.pk: (place, row) for place, row in enumerate(rows)}
        reasons: dict[tuple[int, int], dict[str, None]] = defaultdict(dict)
        for (reason, _value), holders in self._holders.items():
            if 1 < len(holders) <= self.MOST:
                for pair in combinations(sorted(holders, key=lambda pk: rank[pk][0]), 2):
                    reasons[pair][reason] = None
        ordered = sorted(reasons, key=lambda pair: (-len(reasons[pair]), rank[pair[0]][0], rank[pair[1]][0]))
        return [Pair(rank[one][1], rank[two][1], list(reasons[one, two])) for one, two in ordered[:_LONGEST_LIST]]


def _bare(name: str, empty_words: frozenset[str]) -> str:
    """A name without accents, capitals, signs, order or empty words: « Cie L’Élan » and « elan » are one."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    return " ".join(sorted(word for word in words if word not in empty_words) or sorted(words))


def _near(bare: str) -> Iterator[str]:
    """Keys that two names share when a letter at most tells them apart; short names must be the same."""
    yield bare
    if len(bare) >= 6:
        for place in range(len(bare)):
            yield f"{bare[:place]}{bare[place + 1 :]}"
