"""Who works for the hub, and the browsers that are signed in."""

import datetime as dt

from django.db import transaction

from hubs.actions.audit import record
from hubs.actors import Actor
from hubs.enums import Role
from hubs.models import Session, StaffRole, User
from hubs.scope import current_hub_id


@transaction.atomic
def give_role(*, user: User, role: Role, by: Actor, on: dt.date) -> StaffRole:
    """Give a user a role for the hub from `on`; giving it twice changes nothing."""
    held, is_new = StaffRole.objects.get_or_create(user=user, role=role, ends_on=None, defaults={"starts_on": on})
    if is_new:
        after = {"role": role, "email": user.email, "starts_on": on}
        record(by=by, verb="hubs.role_given", thing=held, after=after, concerns=user)
    return held


def forget_sessions(*, now: dt.datetime) -> None:
    """Delete the sessions of the open hub that have expired."""
    Session.objects.filter(hub=current_hub_id(), expire_date__lt=now).delete()
