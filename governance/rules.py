from hubs.actors import Actor
from hubs.enums import Role
from parties.rules import administers


def runs_assemblies(actor: Actor) -> bool:
    """Who prepares an assembly, its roll and its proxies."""
    return actor.has(Role.COORDINATOR)


def keeps_desk(actor: Actor) -> bool:
    """Who notes arrivals, and follows the quorum."""
    return actor.has(Role.COORDINATOR, Role.RECEPTION)


def speaks_for(actor: Actor, organisation_id: int | None, person_id: int | None) -> bool:
    """Who gives the voice of this member: the person, or those who administer the structure."""
    if organisation_id is None:
        return person_id is not None and actor.person_id == person_id
    return administers(actor, organisation_id)
