from collections.abc import Collection

from hubs.actors import Actor
from parties.enums import FieldReach
from parties.models import Organisation, Person
from parties.rules import keeps_contact, keeps_structures

Thing = Organisation | Person

# What those concerned meet of the documents that the hub asks for.
READ_BY_THEM = (FieldReach.READ, FieldReach.WRITE)


def keeps_papers(actor: Actor) -> bool:
    """Who of the staff reads and keeps documents: a RIB or a card of identity is not for reception."""
    return keeps_structures(actor)


def is_theirs(actor: Actor, thing: Thing) -> bool:
    """Whether the documents of this thing are the actor's: of oneself, or of a structure that one administers."""
    if isinstance(thing, Organisation):
        return keeps_contact(actor, thing)
    return actor.person_id is not None and actor.person_id == thing.pk


def reaches_of(actor: Actor, thing: Thing) -> Collection[FieldReach]:
    """Which documents of this thing the actor reads; none when the thing is not theirs."""
    if keeps_papers(actor):
        return tuple(FieldReach)
    return READ_BY_THEM if is_theirs(actor, thing) else ()
