"""What other apps add to the pages of a structure and of a person: parties names none of them.

An AppConfig may have `structure_facets()`, `structure_cards(organisation, actor)` and `person_cards(person, actor)`.
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
