"""Who works for the hub, and the browsers that are signed in."""

import datetime as dt

from django.db import transaction

from hubs.actions.audit import record
from hubs.actors import Actor
from hubs.enums import Role
from hubs.models import Session, StaffRole, User
from hubs.refusals import NotAllowed
from hubs.scope import current_hub_id


@transaction.atomic
def give_role(*, user: User, role: Role, by: Actor, on: dt.date) -> StaffRole:
    """Give a user a role for the hub from `on`; giving it twice changes nothing."""
    held, is_new = StaffRole.objects.get_or_create(user=user, role=role, ends_on=None, defaults={"starts_on": on})
    if is_new:
        record(by=by, verb="hubs.role_given", thing=held, after={"role": role, "email": user.email})
    return held


@transaction.atomic
def end_session(*, session: Session, by: Actor) -> None:
    """Sign one of the actor's browsers out of the open hub. Raises NotAllowed."""
    if session.user is None or session.user_id != by.user_id:
        raise NotAllowed
    session.delete()
    record(by=by, verb="hubs.session_ended", thing=session.user, after={"agent": session.agent})


@transaction.atomic
def end_other_sessions(*, user: User, keep: str, by: Actor) -> int:
    """Sign the user's browsers out of the open hub, save that of the key `keep`; how many there were."""
    count, _models = Session.objects.filter(hub=current_hub_id(), user=user).exclude(pk=keep).delete()
    if count:
        record(by=by, verb="hubs.sessions_ended", thing=user, after={"count": count})
    return count


def forget_sessions(*, now: dt.datetime) -> None:
    """Delete the sessions of the open hub that have expired."""
    Session.objects.filter(hub=current_hub_id(), expire_date__lt=now).delete()
