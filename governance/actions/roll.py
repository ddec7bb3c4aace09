"""The electoral roll: drawn from the members of a day and from their dues, until it is frozen."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.actions.assemblies import WrongState, check_runs, locked_assembly, move_assembly
from governance.actions.proxies import revoke_proxy
from governance.enums import AssemblyState, WhyNoVoice
from governance.models import Assembly, Proxy, RollContest, RollEntry
from hubs import french
from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import Refusal
from members.enums import DuesState
from members.models import Membership
from members.queries import dues_states, year_in_force


class RollFrozen(Refusal):
    message = _("La liste électorale est arrêtée.")


class StillContestable(Refusal):
    """The members have still days to say that the roll is wrong about them."""


class RollTooEarly(Refusal):
    """The day that makes a member a voter is still to come."""


UNPAID = (DuesState.CALLED, DuesState.PARTLY)


@transaction.atomic
def draw_roll(*, assembly: Assembly, by: Actor, now: dt.datetime) -> int:
    """Put on the roll the members in force on `roll_on`; how many were added. Twice changes nothing.

    Who is of a college without voice is on it, and does not vote; who owes dues already called neither, where the
    assembly asks that they be paid. What an answer to a contest gave stays. Who loses their voice, or changes of
    college, loses the proxies given and held.

    Raises RollFrozen.
    """
    check_runs(by)
    kept = locked_assembly(assembly.pk)
    if kept.state not in (AssemblyState.DRAFT, AssemblyState.CONVENED):
        raise RollFrozen
    held = {
        each.pk: each
        for each in Membership.objects.once_each()
        .in_force(kept.roll_on)
        .select_related("organisation", "person", "college")
    }
    year = year_in_force(kept.roll_on)
    dues = dues_states(year, kept.roll_on) if kept.asks_paid_dues and year is not None else {}
    known = {each.membership_id: each for each in RollEntry.objects.filter(assembly=kept).select_related("membership")}
    added = RollEntry.objects.bulk_create(
        _entry(kept, each, why_no_voice(each, dues)) for pk, each in sorted(held.items()) if pk not in known
    )
    changed = _redraw(kept, known.values(), held, dues)
    for proxy in Proxy.objects.live().filter(Q(giver__in=changed) | Q(holder__in=changed)).order_by("pk"):
        revoke_proxy(proxy=proxy, by=by, now=now)
    if added or changed:
        after = {"memberships": len(added), "changed": len(changed)}
        record(by=by, verb="governance.roll_drawn", thing=kept, after=after)
    return len(added)


def _entry(assembly: Assembly, membership: Membership, why: str) -> RollEntry:
    return RollEntry(
        assembly=assembly,
        membership=membership,
        college_id=membership.college_id,
        name=str(membership.member),
        votes=not why,
        why=why,
    )


def why_no_voice(membership: Membership, dues: dict[int, DuesState]) -> str:
    """Why this member does not vote; empty when they do."""
    if not membership.college.votes:
        return WhyNoVoice.COLLEGE
    return WhyNoVoice.DUES if dues.get(membership.pk) in UNPAID else ""


def _redraw(
    assembly: Assembly, known: Iterable[RollEntry], held: dict[int, Membership], dues: dict[int, DuesState]
) -> list[RollEntry]:
    """Bring the roll to what is true now; those that changed."""
    granted = RollContest.objects.filter(assembly=assembly, granted=True).values_list("organisation_id", "person_id")
    settled = set(granted)
    changed = []
    for entry in known:
        held_before = entry.membership
        has_left = held_before.left_on is not None and held_before.left_on <= assembly.roll_on
        if not has_left and (held_before.organisation_id, held_before.person_id) in settled:
            continue
        membership = held.get(entry.membership_id)
        if membership is None:
            college_id, why = entry.college_id, str(WhyNoVoice.LEFT)
        else:
            college_id, why = membership.college_id, why_no_voice(membership, dues)
        if (entry.college_id, entry.why, entry.votes) != (college_id, why, not why):
            entry.college_id, entry.why, entry.votes = college_id, why, not why
            changed.append(entry)
    RollEntry.objects.bulk_update(changed, ["college", "why", "votes"])
    return changed


@transaction.atomic
def freeze_roll(*, assembly: Assembly, by: Actor, now: dt.datetime) -> Assembly:
    """Draw the roll a last time, and freeze it. Raises WrongState, RollTooEarly, StillContestable, Contested."""
    check_runs(by)
    kept = locked_assembly(assembly.pk)
    if kept.state != AssemblyState.CONVENED:
        raise WrongState
    today = timezone.localdate(now)
    if today < kept.roll_on:
        words = _("Votent les membres au %s\u00a0: la liste s’arrête ce jour-là au plus tôt.")
        raise RollTooEarly(words % french.day(kept.roll_on, weekday=False))
    last = kept.last_contest_day
    if last is not None and kept.may_be_contested(today):
        words = _("Les membres peuvent contester la liste jusqu’au %s inclus\u00a0: arrêtez-la ensuite.")
        raise StillContestable(words % french.day(last))
    draw_roll(assembly=kept, by=by, now=now)
    return move_assembly(assembly=kept, to=AssemblyState.FROZEN, by=by)
