"""Who may book and cancel what, for the web, tasks and imports alike."""

from typing import Protocol

from hubs.actors import Actor
from hubs.enums import Role
from parties.rules import works_for


class OfBooking(Protocol):
    """A booking, or what a grid reads of one."""

    @property
    def organisation_id(self) -> int: ...
    @property
    def person_id(self) -> int | None: ...


def keeps_the_diary(actor: Actor) -> bool:
    """Staff who book for others and see who is where."""
    return actor.has(Role.COORDINATOR, Role.RECEPTION, Role.ACCOUNTANT, Role.ADVISER)


def manages_places(actor: Actor) -> bool:
    """Staff who open rooms and set their hours and prices."""
    return actor.has(Role.COORDINATOR)


def may_book(actor: Actor) -> bool:
    """Whoever acts for a structure of the hub."""
    return bool(actor.organisations)


def may_book_for(actor: Actor, organisation_id: int) -> bool:
    return actor.acts_for(organisation_id) or keeps_the_diary(actor)


def sees_amounts(actor: Actor) -> bool:
    """Staff who read what a booking costs. Reception knows who is where, and no amount."""
    return actor.has(Role.COORDINATOR, Role.ACCOUNTANT)


def may_waive(actor: Actor) -> bool:
    """Staff who may let an amount go: those who see the money."""
    return sees_amounts(actor)


def may_read(actor: Actor, booking: OfBooking) -> bool:
    """The structure whose booking it is, its guest who made it, and staff; the others see « occupé »."""
    own = actor.acts_for(booking.organisation_id) and booking.person_id == actor.person_id
    return own or works_for(actor, booking.organisation_id) or keeps_the_diary(actor)
