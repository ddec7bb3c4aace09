"""« Qui voit quoi »: each kind of thing held about a structure with those who read it today, and who looked."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hubs.actions import name_of
from hubs.actors import Actor
from hubs.enums import Role
from hubs.models import Reading
from hubs.parts import trail_words
from hubs.scope import current_hub_id
from parties.enums import ACTING_ROLES, LinkRole
from parties.models import Organisation
from parties.parts import Held, held_of_structures
from parties.queries import team_on

LONGEST = 50


@dataclass(frozen=True)
class Sight:
    """A kind of thing, the roles of the hub and of the structure that read it."""

    held: Held
    team: Sequence[str]
    ours: Sequence[str]


def sights_of(organisation: Organisation) -> list[Sight]:
    """All that is held about the structure. Who reads it is what the rules of its pages answer for each role."""
    return [
        Sight(
            held=held,
            team=[str(role.label) for role in roles_allowed(held.team)],
            ours=[str(role.label) for role in ours_allowed(held.ours, organisation.pk)],
        )
        for held in held_of_structures()
    ]


def names_by_role(today: dt.date) -> dict[str, list[str]]:
    """Who holds each role of the hub today, by the role's label. Two queries."""
    names: dict[str, list[str]] = {}
    for each in team_on(today).now:
        names.setdefault(each.role.get_role_display(), []).append(each.name)
    return names


def roles_allowed(rule: Callable[[Actor], bool]) -> list[Role]:
    """The roles of the hub of which one alone satisfies the rule."""
    return [role for role in Role if rule(Actor(current_hub_id(), "", roles=frozenset({role})))]


def ours_allowed(rule: Callable[[Actor, int], bool], organisation_id: int) -> list[LinkRole]:
    """The roles in the structure that satisfy the rule, without any in the hub."""
    return [
        role
        for role in LinkRole
        if role in ACTING_ROLES
        and rule(Actor(current_hub_id(), "", organisations={organisation_id: role}), organisation_id)
    ]


@dataclass(frozen=True)
class Look:
    """Someone of the staff looked that day, so many times."""

    day: dt.date
    who: str
    what: str
    count: int


def looks_at(organisation: Organisation) -> list[Look]:
    """Who looked at what pages note of the structure, the last first: fifty days and people at most. One query."""
    words = trail_words()
    rows = Reading.objects.filter(thing=name_of(organisation)).order_by("-day", "-pk")[:LONGEST]
    return [Look(row.day, row.who, str(words.get(row.what, row.what)), row.count) for row in rows]
