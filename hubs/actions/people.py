"""Who works for the hub, and the browsers that are signed in."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hubs import rules
from hubs.actions.audit import record
from hubs.actors import Actor
from hubs.enums import Role
from hubs.models import Session, StaffRole, User
from hubs.refusals import NotAllowed, Refusal, refusing
from hubs.scope import current_hub_id


class StaffRoleHeld(Refusal):
    message = _("Cette personne a déjà ce rôle à ces dates.")
    field = "role"


class RoleEndsTooSoon(Refusal):
    message = _("Le rôle finit après avoir commencé.")
    field = "last_day"


class LastCoordinator(Refusal):
    message = _(
        "Plus personne ne coordonnerait le pôle ensuite. Donnez d’abord ce rôle, sans date de fin, à quelqu’un d’autre."
    )
    field = "last_day"


def _check(by: Actor) -> None:
    if not rules.coordinator(by):
        raise NotAllowed(_("La coordination donne les rôles et y met fin."))


@transaction.atomic
def give_role(*, user: User, role: Role, by: Actor, on: dt.date, until: dt.date | None = None) -> StaffRole:
    """Give a user a role for the hub from `on`, `until` left out; giving it twice changes nothing.

    Raises NotAllowed, RoleEndsTooSoon, StaffRoleHeld.
    """
    _check(by)
    if until is not None and until <= on:
        raise RoleEndsTooSoon
    held = StaffRole.objects.live(on).filter(user=user, role=role, ends_on=until).first()
    if held is not None:
        return held
    with refusing({"hubs_staffrole_no_overlap": StaffRoleHeld}):
        held = StaffRole.objects.create(user=user, role=role, starts_on=on, ends_on=until)
    record(
        by=by,
        verb="hubs.role_given",
        thing=held,
        after={"role": role, "email": user.email, "starts_on": on, "ends_on": until},
        concerns=user,
    )
    return held


@transaction.atomic
def choose_language(*, user: User, language: str) -> None:
    """Remember the language someone reads, for the next browser and for mail. No line in the log: it changes no right."""
    user.language = language
    user.save(update_fields=["language"])


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


def end_role(*, held: StaffRole, on: dt.date, by: Actor) -> StaffRole:
    """From `on` the user no longer holds the role; on its first day or before, it was never held.

    Raises NotAllowed, RoleEndsTooSoon, LastCoordinator.
    """
    _check(by)
    # Every coordinator's row, in one order: two who end each other's role at once would leave nobody.
    wanted = StaffRole.objects.select_for_update(of=("self",), no_key=True)
    coordinators = list(wanted.filter(role=Role.COORDINATOR).order_by("pk"))
    kept = wanted.select_related("user").get(pk=held.pk)
    if on < kept.starts_on:
        raise RoleEndsTooSoon
    if kept.role == Role.COORDINATOR and not any(
        other.user_id != kept.user_id and other.starts_on <= on and other.ends_on is None for other in coordinators
    ):
        raise LastCoordinator
    before, kept.ends_on = kept.ends_on, on
    with refusing({"hubs_staffrole_no_overlap": StaffRoleHeld}):
        kept.save(update_fields=["ends_on"])
    told = {"role": kept.role, "email": kept.user.email}
    record(
        by=by,
        verb="hubs.role_ended",
        thing=kept,
        before=told | {"ends_on": before},
        after=told | {"ends_on": on},
        concerns=kept.user,
    )
    return kept


def forget_sessions(*, now: dt.datetime) -> None:
    """Delete the sessions of the open hub that have expired."""
    Session.objects.filter(hub=current_hub_id(), expire_date__lt=now).delete()


def end_sessions(*, user: User) -> int:
    """Sign the user out of the open hub, on every browser; how many there were."""
    count, _models = Session.objects.filter(hub=current_hub_id(), user=user).delete()
    return count
