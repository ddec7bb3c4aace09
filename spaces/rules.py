"""Who may book and cancel what, for the web, tasks and imports alike."""

from typing import Protocol

from hubs.actors import Actor
from hubs.enums import Role


class OfOrganisation(Protocol):
    """A booking, or what a grid reads of one."""

    organisation_id: int


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


def may_waive(actor: Actor) -> bool:
    """Staff who may let an amount go: those who see the money."""
    return actor.has(Role.COORDINATOR, Role.ACCOUNTANT)


def may_read(actor: Actor, booking: OfOrganisation) -> bool:
    """The structure whose booking it is, and staff; the others see « occupé »."""
    return actor.acts_for(booking.organisation_id) or keeps_the_diary(actor)
