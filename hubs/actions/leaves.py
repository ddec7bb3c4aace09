"""Who is away, and when the hub is closed."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hubs.actions.audit import record
from hubs.actors import Actor
from hubs.enums import STAFF_ROLES
from hubs.models import HubClosure, Leave, StaffRole, User
from hubs.parts import hub_apps
from hubs.refusals import NotAllowed, Refusal, refusing
from hubs.rules import coordinator, staff
from hubs.scope import current_hub


class PeriodEnds(Refusal):
    message = _("Le dernier jour vient après le premier.")
    field = "last_day"


class AwayAlready(Refusal):
    message = _("Cette personne a déjà une absence à ces dates.")
    field = "starts_on"


class OwnColleague(Refusal):
    message = _("Choisissez quelqu’un d’autre comme relais.")
    field = "colleague"


class ColleagueAway(Refusal):
    message = _("Votre relais est en congé à ces dates\u00a0: choisissez quelqu’un d’autre.")
    field = "colleague"


class NotOfTeam(Refusal):
    message = _("Cette personne n’est pas de l’équipe à ces dates.")
    field = "colleague"


class ClosedAlready(Refusal):
    message = _("Le pôle est déjà fermé à ces dates.")
    field = "starts_on"


class OverAlready(Refusal):
    message = _("C’est déjà fini.")


def may_write_leave(by: Actor, user_id: int) -> bool:
    """Oneself, and the coordination for everybody."""
    return coordinator(by) or (staff(by) and by.user_id == user_id)


@transaction.atomic
def take_leave(
    *,
    user: User,
    who: str,
    starts_on: dt.date,
    ends_on: dt.date,
    by: Actor,
    colleague: User | None = None,
    colleague_name: str = "",
) -> Leave:
    """Someone of the team is away, `ends_on` left out; what was theirs shows to the colleague meanwhile.

    No right goes with it. Raises NotAllowed, PeriodEnds, OwnColleague, NotOfTeam, ColleagueAway, AwayAlready.
    """
    if not may_write_leave(by, user.pk):
        raise NotAllowed(_("Chacun·e note ses absences, la coordination celles de tout le monde."))
    if ends_on <= starts_on:
        raise PeriodEnds
    # The team is held: two who leave at once do not name each other.
    team = list(StaffRole.objects.filter(role__in=STAFF_ROLES).select_for_update(of=("self",)).order_by("pk"))
    if not any(role.user_id == user.pk and role.is_live(starts_on) for role in team):
        raise NotOfTeam(field="user")
    if colleague is not None:
        if colleague.pk == user.pk:
            raise OwnColleague
        if not any(role.user_id == colleague.pk and role.is_live(starts_on) for role in team):
            raise NotOfTeam
        if Leave.objects.filter(user=colleague, starts_on__lt=ends_on, ends_on__gt=starts_on).exists():
            raise ColleagueAway
    with refusing({"hubs_leave_no_overlap": AwayAlready}):
        made = Leave.objects.create(
            user=user, who=who, colleague=colleague, colleague_name=colleague_name if colleague else "",
            starts_on=starts_on, ends_on=ends_on,
        )  # fmt: skip
    after = {"person": who, "starts_on": starts_on, "ends_on": ends_on, "colleague": made.colleague_name}
    record(by=by, verb="hubs.leave_taken", thing=made, after=after, concerns=user)
    return made


@transaction.atomic
def end_leave(*, leave: Leave, by: Actor, today: dt.date) -> Leave:
    """Back today; one that has not begun is taken back. Raises NotAllowed, OverAlready."""
    kept = Leave.objects.select_for_update(of=("self",)).get(pk=leave.pk)
    if not may_write_leave(by, kept.user_id):
        raise NotAllowed
    if kept.ends_on <= today or kept.ends_on == kept.starts_on:
        raise OverAlready
    before, kept.ends_on = kept.ends_on, max(today, kept.starts_on)
    kept.save(update_fields=["ends_on"])
    after = {"ends_on": kept.ends_on}
    record(by=by, verb="hubs.leave_ended", thing=kept, before={"ends_on": before}, after=after, concerns=kept.user)
    return kept


@transaction.atomic
def close_hub(*, starts_on: dt.date, ends_on: dt.date, reason: str, by: Actor) -> HubClosure:
    """Nobody works for the hub, `ends_on` left out: what falls due meanwhile moves to that day.

    Raises NotAllowed, PeriodEnds, ClosedAlready.
    """
    if not coordinator(by):
        raise NotAllowed(_("La coordination ferme le pôle."))
    if ends_on <= starts_on:
        raise PeriodEnds
    with refusing({"hubs_hubclosure_no_overlap": ClosedAlready}):
        made = HubClosure.objects.create(starts_on=starts_on, ends_on=ends_on, reason=reason)
    moved = sum(app.move_over(made) for app in hub_apps(current_hub()))
    after = {"starts_on": starts_on, "ends_on": ends_on, "moved": moved}
    record(by=by, verb="hubs.closed", thing=made, after=after, reason=reason, concerns=current_hub())
    return made


@transaction.atomic
def end_closure(*, closure: HubClosure, by: Actor, today: dt.date) -> HubClosure:
    """Open again today; one that has not begun is taken back. What has moved stays where it is.

    Raises NotAllowed, OverAlready.
    """
    if not coordinator(by):
        raise NotAllowed
    kept = HubClosure.objects.select_for_update(of=("self",)).get(pk=closure.pk)
    if kept.ends_on <= today or kept.ends_on == kept.starts_on:
        raise OverAlready
    before, kept.ends_on = kept.ends_on, max(today, kept.starts_on)
    kept.save(update_fields=["ends_on"])
    after = {"ends_on": kept.ends_on}
    record(
        by=by, verb="hubs.closure_ended", thing=kept, before={"ends_on": before}, after=after, concerns=current_hub()
    )
    return kept
