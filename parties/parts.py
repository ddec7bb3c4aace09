"""What other apps add to the pages of a structure and of a person: parties names none of them.

An AppConfig may have `structure_facets()`, `structure_cards(organisation, actor)`, `person_cards(person, actor)`, and
`held_of_structures()`, which says what it holds about a structure and who reads it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.utils.functional import Promise

from hubs.actors import Actor
from hubs.parts import Card, hub_apps

if TYPE_CHECKING:
    from hubs.models import Hub
    from parties.models import Organisation, Person


@dataclass(frozen=True)
class Facet:
    """A filter and a column of the list of structures, such as « Lien » by members."""

    key: str
    label: str | Promise
    choices: Sequence[tuple[str, str | Promise]]
    narrow: "Callable[[QuerySet[Organisation], str], QuerySet[Organisation]]"
    tell: Callable[[Collection[int]], Mapping[int, str]]


@dataclass(frozen=True)
class Held:
    """A kind of thing held about a structure, in which models, and who reads it.

    `team` and `ours` are the very rules that pages ask: of an actor, and of an actor for the structure of this id.
    `others` says what anyone else reads, and is empty when that is nothing. `looks` are the names under which
    `note_reading` is told of it.
    """

    key: str
    title: str | Promise
    what: str | Promise
    models: Sequence[str]
    team: Callable[[Actor], bool]
    ours: Callable[[Actor, int], bool]
    others: str | Promise = ""
    looks: Sequence[str] = ()
    rank: int = 50


def held_of_structures() -> list[Held]:
    """All that the apps hold, those of closed modules too: what is switched off is still held."""
    held = chain.from_iterable(app.held_of_structures() for app in hub_apps() if hasattr(app, "held_of_structures"))
    return sorted(held, key=lambda each: each.rank)


def facets(hub: "Hub") -> list[Facet]:
    """The facets that the hub's open modules add."""
    return list(chain.from_iterable(getattr(app, "structure_facets", tuple)() for app in hub_apps(hub)))


def structure_cards(hub: "Hub", organisation: "Organisation", actor: Actor) -> list[Card]:
    """The pieces that the hub's open modules add to the sheet of a structure."""
    cards = chain.from_iterable(
        app.structure_cards(organisation, actor) for app in hub_apps(hub) if hasattr(app, "structure_cards")
    )
    return sorted(cards, key=lambda card: card.rank)


def person_cards(hub: "Hub", person: "Person", actor: Actor) -> list[Card]:
    """The pieces that the hub's open modules add to the sheet of a person."""
    cards = chain.from_iterable(
        app.person_cards(person, actor) for app in hub_apps(hub) if hasattr(app, "person_cards")
    )
    return sorted(cards, key=lambda card: card.rank)
