from typing import TYPE_CHECKING

from hubs.actors import Actor
from hubs.enums import Role
from members.enums import CheckKind, CheckSide
from parties.enums import LinkRole

if TYPE_CHECKING:
    from members.models import ChecklistItem


def keeps_memberships(actor: Actor) -> bool:
    """Who admits members and imports them."""
    return actor.has(Role.COORDINATOR)


def follows_arrivals(actor: Actor) -> bool:
    """Who ticks the lists of arrival and of departure: whoever hands the keys over, too."""
    return actor.has(Role.COORDINATOR, Role.ACCOUNTANT, Role.RECEPTION)


def sees_totals(actor: Actor) -> bool:
    """Who reads what the members weigh together: no name with a figure."""
    return actor.has(Role.COORDINATOR, Role.ACCOUNTANT, Role.ADVISER, Role.OBSERVER, Role.ELECTED, Role.TREASURER)


def looks_on(actor: Actor) -> bool:
    """Elected people and observers: not staff, they reach their pages from mon espace."""
    return sees_totals(actor) and not actor.is_staff


def may_do_step(actor: Actor, item: "ChecklistItem") -> bool:
    """Who does this step: staff any but the charter, those who administer the structure its own."""
    administers = actor.organisations.get(item.checklist.organisation_id) == LinkRole.ADMINISTRATOR
    own = administers and item.step.side == CheckSide.MEMBER
    return own or (follows_arrivals(actor) and item.kind != CheckKind.CHARTER)
