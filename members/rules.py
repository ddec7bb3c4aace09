from typing import TYPE_CHECKING

from hubs.actors import Actor
from hubs.enums import Role
from parties.enums import LinkRole

if TYPE_CHECKING:
    from parties.models import Organisation, Person


def keeps_memberships(actor: Actor) -> bool:
    """Who admits members and imports them."""
    return actor.has(Role.COORDINATOR)


def sees_totals(actor: Actor) -> bool:
    """Who reads what the members weigh together: no name with a figure."""
    return actor.has(Role.COORDINATOR, Role.ACCOUNTANT, Role.ADVISER, Role.OBSERVER, Role.ELECTED, Role.TREASURER)


def looks_on(actor: Actor) -> bool:
    """Elected people and observers: not staff, they reach their pages from mon espace."""
    return sees_totals(actor) and not actor.is_staff


def binds(actor: Actor, organisation: "Organisation | None", person: "Person | None") -> bool:
    """Who ends a membership from mon espace: who administers the structure, or the member in person."""
    if organisation is not None:
        return actor.organisations.get(organisation.pk) == LinkRole.ADMINISTRATOR
    return person is not None and not actor.is_guest and actor.person_id == person.pk
