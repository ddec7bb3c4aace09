"""A member says that the roll is wrong about them, and the coordination answers with a reason."""

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.actions.assemblies import check_runs, locked_assembly
from governance.actions.notices import call_members
from governance.actions.proxies import revoke_proxy
from governance.enums import AssemblyState, ContestKind
from governance.models import Assembly, Proxy, RollContest, RollEntry
from governance.rules import speaks_for
from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import NotAllowed, Refusal, refusing
from members.models import College, Membership
from parties.models import Organisation, Person


class NotContestable(Refusal):
    message = _("Le délai pour contester la liste est passé.")


class ContestedAlready(Refusal):
    message = _("Une contestation attend déjà sa réponse.")


class AnsweredAlready(Refusal):
    message = _("Cette contestation a déjà sa réponse.")


class NoMembership(Refusal):
    message = _("Ce membre n’a pas d’adhésion à inscrire\u00a0: notez d’abord son adhésion, puis répondez.")


class NotOnRoll(Refusal):
    message = _("Ce membre n’est pas sur la liste\u00a0: choisissez «\u00a0je devrais être sur la liste\u00a0».")
    field = "kind"


class NoCollegeChosen(Refusal):
    message = _("Choisissez le collège où l’inscrire.")
    field = "college"


REFUSALS = {
    "governance_rollcontest_one_open": ContestedAlready,
    "governance_rollcontest_person_one_open": ContestedAlready,
    "governance_rollcontest_too_late": NotContestable,
}


@transaction.atomic
def contest_roll(
    *, assembly: Assembly, member: Organisation | Person, kind: ContestKind, words: str, by: Actor, now: dt.datetime
) -> RollContest:
    """Say for this member that the roll is wrong. Raises NotAllowed, NotContestable, NotOnRoll, ContestedAlready."""
    of_person = isinstance(member, Person)
    speaks = speaks_for(by, None if of_person else member.pk, member.pk if of_person else None)
    if by.person_id is None or not speaks:
        raise NotAllowed(_("Qui administre la structure conteste pour elle."))
    kept = locked_assembly(assembly.pk)
    if not kept.may_be_contested(timezone.localdate(now)):
        raise NotContestable
    whose = {"person" if of_person else "organisation": member}
    if kind != ContestKind.MISSING and _entry_of(kept, member) is None:
        raise NotOnRoll
    with refusing(REFUSALS):
        contest = RollContest.objects.create(
            assembly=kept, kind=kind, words=words, made_by_id=by.person_id, made_at=now, **whose
        )
    record(by=by, verb="governance.roll_contested", thing=contest, after={"kind": kind}, concerns=kept)
    return contest


def _entry_of(assembly: Assembly, member: Organisation | Person) -> RollEntry | None:
    of = "person" if isinstance(member, Person) else "organisation"
    return RollEntry.objects.filter(assembly=assembly, **{f"membership__{of}": member}).first()


@transaction.atomic
def answer_contest(
    *, contest: RollContest, granted: bool, answer: str, by: Actor, now: dt.datetime, college: College | None = None
) -> RollContest:
    """Say yes, which mends the roll at once, or no; either with a reason.

    `college` is where a member is put who says that theirs is wrong. Whoever changes of college loses the proxies
    given and held. Raises AnsweredAlready, NotContestable, NoMembership, NoCollegeChosen.
    """
    check_runs(by)
    assembly = locked_assembly(contest.assembly_id)
    kept = RollContest.objects.select_for_update(of=("self",), no_key=True).get(pk=contest.pk)
    if kept.granted is not None:
        raise AnsweredAlready
    if assembly.state != AssemblyState.CONVENED:
        raise NotContestable
    if granted:
        _mend(assembly, kept, college, by, now)
    kept.granted, kept.answer, kept.answered_at = granted, answer, now
    kept.save(update_fields=["granted", "answer", "answered_at"])
    record(
        by=by, verb="governance.contest_answered", thing=kept, after={"granted": granted}, reason=answer,
        concerns=assembly,
    )  # fmt: skip
    if granted:
        call_members(assembly=assembly, by=by, now=now)
    return kept


def _mend(assembly: Assembly, contest: RollContest, college: College | None, by: Actor, now: dt.datetime) -> None:
    entry = _entry_of(assembly, contest.member)
    if entry is None:
        _put_on(assembly, contest.member)
        return
    if contest.kind == ContestKind.COLLEGE:
        if college is None:
            raise NoCollegeChosen
        if college.pk != entry.college_id:
            for proxy in (Proxy.objects.live().filter(giver=entry) | Proxy.objects.live().filter(holder=entry)).all():
                revoke_proxy(proxy=proxy, by=by, now=now)
        entry.college = college
    entry.votes, entry.why = True, ""
    entry.save(update_fields=["college", "votes", "why"])


def _put_on(assembly: Assembly, member: Organisation | Person) -> None:
    """With the last membership of the member: that of the year in force, admitted since the day of the roll."""
    of = "person" if isinstance(member, Person) else "organisation"
    held = Membership.objects.live(assembly.roll_on).filter(**{of: member}).select_related("college")
    membership = held.order_by("-fiscal_year__starts_on").first()
    if membership is None:
        raise NoMembership
    RollEntry.objects.create(
        assembly=assembly, membership=membership, college=membership.college, name=str(member), votes=True
    )
