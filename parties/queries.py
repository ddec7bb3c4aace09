import datetime as dt

from hubs.actors import Actor, nobody
from hubs.models import StaffRole, User
from hubs.scope import current_hub_id
from parties.models import Link, Organisation, Person


def actor_of(user: User | None, on: dt.date) -> Actor:
    """The actor that `user` is in the open hub on that day; a visitor when no person there is theirs."""
    hub_id = current_hub_id()
    if user is None:
        return nobody(hub_id)
    person = Person.objects.filter(user=user).first()
    if person is None:
        return nobody(hub_id)
    links = Link.objects.acting(on).filter(person=person).order_by("-role")
    return Actor(
        hub_id=hub_id,
        name=str(person),
        user_id=user.pk,
        person_id=person.pk,
        roles=frozenset(StaffRole.objects.live(on).filter(user=user).values_list("role", flat=True)),
        organisations=dict(links.values_list("organisation_id", "role")),
    )


def organisations_of(actor: Actor) -> list[Organisation]:
    """The structures the actor acts for, by name."""
    return list(Organisation.objects.filter(pk__in=actor.organisations).by_name())
