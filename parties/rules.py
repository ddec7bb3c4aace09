from typing import TYPE_CHECKING

from hubs.actors import Actor
from hubs.enums import Role
from parties.enums import WORKING_ROLES, LinkRole

if TYPE_CHECKING:
    from parties.models import Organisation


def keeps_structures(actor: Actor) -> bool:
    """Who writes structures, people and their roles."""
    return actor.has(Role.COORDINATOR, Role.ACCOUNTANT)


def sees_figures(actor: Actor) -> bool:
    """Who reads what one structure weighs. Reception does not, elected people and the COPIL read totals."""
    return actor.has(Role.COORDINATOR, Role.ACCOUNTANT, Role.ADVISER)


def works_for(actor: Actor, organisation_id: int | None) -> bool:
    """Who reads what is the structure's: its account, its people, its bookings. A guest of it does not."""
    return organisation_id is not None and actor.organisations.get(organisation_id) in WORKING_ROLES


def workplaces(actor: Actor) -> list[int]:
    """The structures the actor works in, by id."""
    return [pk for pk, role in actor.organisations.items() if role in WORKING_ROLES]


def works_somewhere(actor: Actor) -> bool:
    return bool(workplaces(actor))


def administers(actor: Actor, organisation_id: int | None) -> bool:
    """Who commits this structure: those who administer it."""
    return organisation_id is not None and actor.organisations.get(organisation_id) == LinkRole.ADMINISTRATOR


def administered(actor: Actor) -> list[int]:
    """The structures that the actor administers."""
    return [pk for pk in actor.organisations if administers(actor, pk)]


def may_invite(actor: Actor, organisation_id: int) -> bool:
    """Who invites people to this structure: staff, and those who administer it."""
    return keeps_structures(actor) or administers(actor, organisation_id)


def keeps_contact(actor: Actor, organisation: "Organisation") -> bool:
    """Who corrects the addresses of this structure: staff, and those who administer it."""
    return keeps_structures(actor) or administers(actor, organisation.pk)
