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
        record(by=by, verb="hubs.role_given", thing=held, after={"role": role, "email": user.email})
    return held


@transaction.atomic
def choose_language(*, user: User, language: str) -> None:
    """Remember the language someone reads, for the next browser and for mail. No line in the log: it changes no right."""
    user.language = language
    user.save(update_fields=["language"])


def forget_sessions(*, now: dt.datetime) -> None:
    """Delete the sessions of the open hub that have expired."""
    Session.objects.filter(hub=current_hub_id(), expire_date__lt=now).delete()
