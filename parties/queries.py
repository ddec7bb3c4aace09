import datetime as dt

from django.db import connection

from hubs.actors import Actor, nobody
from hubs.models import User
from hubs.scope import current_hub_id
from parties.enums import ACTING_ROLES
from parties.models import Organisation

# Every request of someone signed in asks this: one statement instead of three querysets. Of two roles in one
# structure, the last in the list, that of an administrator, is the one that counts.
_ACTOR = """
SELECT person.id, person.given_name || ' ' || person.family_name, person.last_acted_for_id,
    ARRAY(
        SELECT role FROM hubs_staffrole
        WHERE user_id = person.user_id AND starts_on <= %(on)s AND (ends_on IS NULL OR ends_on > %(on)s)
    ),
    (
        SELECT json_agg(json_build_array(organisation_id, role) ORDER BY role DESC)
        FROM parties_link link JOIN parties_organisation organisation ON organisation.id = organisation_id
        WHERE person_id = person.id AND role = ANY(%(acting)s)
            AND starts_on <= %(on)s AND (ends_on IS NULL OR ends_on > %(on)s)
            AND (closed_on IS NULL OR closed_on > %(on)s)
    )
FROM parties_person person WHERE hub_id = %(hub)s AND user_id = %(user)s
"""


def actor_of(user: User | None, on: dt.date) -> Actor:
    """The actor that `user` is in the open hub on that day; a visitor when no person there is theirs."""
    hub_id = current_hub_id()
    if user is None:
        return nobody(hub_id)
    with connection.cursor() as cursor:
        cursor.execute(_ACTOR, {"hub": hub_id, "user": user.pk, "on": on, "acting": sorted(ACTING_ROLES)})
        row = cursor.fetchone()
    if row is None:
        return nobody(hub_id)
    person_id, name, acted_for, roles, links = row
    return Actor(
        hub_id=hub_id,
        name=name,
        user_id=user.pk,
        person_id=person_id,
        roles=frozenset(roles),
        organisations=dict(links or ()),
        acted_for=acted_for,
    )


def organisations_of(actor: Actor) -> list[Organisation]:
    """The structures the actor acts for, by name."""
    return list(Organisation.objects.filter(pk__in=actor.organisations).by_name())
