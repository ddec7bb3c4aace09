from hubs.actors import Actor
from hubs.enums import Role
from parties.enums import LinkRole
from parties.models import Organisation


def keeps_structures(actor: Actor) -> bool:
    """Who writes structures, people and their roles."""
    return actor.has(Role.COORDINATOR, Role.ACCOUNTANT)


def sees_figures(actor: Actor) -> bool:
    """Who reads what one structure weighs. Reception does not, elected people and the COPIL read totals."""
    return actor.has(Role.COORDINATOR, Role.ACCOUNTANT, Role.ADVISER)


def acts_for_one(actor: Actor) -> bool:
    """Whoever acts for at least one structure."""
    return bool(actor.organisations)


def keeps_contact(actor: Actor, organisation: Organisation) -> bool:
    """Who corrects the addresses of this structure: staff, and those who administer it."""
    return keeps_structures(actor) or actor.organisations.get(organisation.pk) == LinkRole.ADMINISTRATOR
