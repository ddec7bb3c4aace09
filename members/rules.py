from typing import TYPE_CHECKING

from hubs.actors import Actor
from hubs.enums import Role
from members.enums import CheckKind, CheckSide
from parties.rules import administers, works_for

if TYPE_CHECKING:
    from members.models import ChecklistItem
    from parties.models import Organisation, Person


def keeps_memberships(actor: Actor) -> bool:
    """Who admits members and imports them."""
    return actor.has(Role.COORDINATOR)


def follows_arrivals(actor: Actor) -> bool:
    """Who ticks the lists of arrival and of departure: whoever hands the keys over, too."""
    return actor.has(Role.COORDINATOR, Role.ACCOUNTANT, Role.RECEPTION)


def only_follows_arrivals(actor: Actor) -> bool:
    """Whoever ticks the lists and reads nothing else of the members: they have the lists in their menu."""
    return follows_arrivals(actor) and not sees_totals(actor)


def sees_totals(actor: Actor) -> bool:
    """Who reads what the members weigh together: no name with a figure."""
    return actor.has(Role.COORDINATOR, Role.ACCOUNTANT, Role.ADVISER, Role.OBSERVER, Role.ELECTED, Role.TREASURER)


def looks_on(actor: Actor) -> bool:
    """Elected people and observers: not staff, they reach their pages from mon espace."""
    return sees_totals(actor) and not actor.is_staff


def keeps_page(actor: Actor, organisation_id: int) -> bool:
    """Who writes the public page of this structure: those who administer it, and the coordination."""
    return keeps_memberships(actor) or administers(actor, organisation_id)


def takes_certificates(actor: Actor, organisation_id: int | None, person_id: int | None) -> bool:
    """Who takes the certificates of this holder: its people, the person, and whoever keeps the members."""
    if organisation_id is not None:
        own = works_for(actor, organisation_id)
    else:
        own = not actor.is_guest and actor.person_id == person_id
    return own or keeps_memberships(actor)


def binds(actor: Actor, organisation: "Organisation | None", person: "Person | None") -> bool:
    """Who ends a membership from mon espace: who administers the structure, or the member in person."""
    if organisation is not None:
        return administers(actor, organisation.pk)
    return person is not None and not actor.is_guest and actor.person_id == person.pk


def may_do_step(actor: Actor, item: "ChecklistItem") -> bool:
    """Who does this step: staff any but the charter, those who administer the structure its own."""
    own = administers(actor, item.checklist.organisation_id) and item.step.side == CheckSide.MEMBER
    return own or (follows_arrivals(actor) and item.kind != CheckKind.CHARTER)
