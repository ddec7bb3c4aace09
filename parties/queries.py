import datetime as dt
from collections.abc import Collection

from django.urls import reverse

from hubs.actors import Actor, nobody
from hubs.models import StaffRole, User
from hubs.parts import Thing, ids_of
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


def things_named(names: Collection[str]) -> dict[str, Thing]:
    """The structures and the people named « parties.organisation:3 », with their sheets and their addresses."""
    found: dict[str, Thing] = {}
    if ids := ids_of("parties.organisation", names):
        for each in Organisation.objects.filter(pk__in=ids):
            found[f"parties.organisation:{each.pk}"] = Thing(
                label=each.name,
                url=reverse("parties:structure", args=[each.public_id]),
                addresses=[each.email] if each.email else [],
                mend_url=reverse("parties:structure_edit", args=[each.public_id]),
            )
    if ids := ids_of("parties.person", names):
        # A person has no page of their own: theirs is that of the structure where they came last.
        links = dict(
            Link.objects.filter(person__in=ids)
            .order_by("starts_on", "pk")
            .values_list("person_id", "organisation__public_id")
        )
        for person in Person.objects.filter(pk__in=ids).select_related("user"):
            found[f"parties.person:{person.pk}"] = _thing_of(person, links.get(person.pk))
    return found


def _thing_of(person: Person, structure: str | None) -> Thing:
    # The account stays that of the address it was opened with.
    email = person.user.email if person.user else person.email
    return Thing(
        label=str(person),
        url=reverse("parties:structure", args=[structure]) if structure else "",
        addresses=[email] if email else [],
        mend_url=reverse("parties:person_edit", args=[structure, person.public_id]) if structure else "",
        user_id=person.user_id,
    )
