"""The roll is contested within its days, and answered with a reason before it is frozen."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from governance import actions
from governance.enums import AssemblyState, ContestKind
from governance.models import Assembly, Notice, Proxy, RollContest, RollEntry
from hubs.models import AuditEntry
from hubs.refusals import NotAllowed
from tests.governance.factories import AssemblyFactory, RollContestFactory, RollEntryFactory
from tests.members.factories import CollegeFactory, FiscalYearFactory, MembershipFactory

# Convened on 20 May, eight days to contest: until 28 May.
NOW = dt.datetime(2026, 5, 22, 8, tzinfo=dt.UTC)
AFTER = dt.datetime(2026, 6, 2, 8, tzinfo=dt.UTC)

pytestmark = pytest.mark.usefixtures("hub")


@pytest.fixture
def by(nord, hub):
    return nord.actor("coordinator")


@pytest.fixture
def college(hub):
    return CollegeFactory(name="Structures")


@pytest.fixture
def membership(nord, college):
    return MembershipFactory(organisation=nord.organisation, college=college, fiscal_year=FiscalYearFactory(year=2026))


@pytest.fixture
def assembly(hub):
    return AssemblyFactory(contest_days=8)


def contested(nord, assembly, kind=ContestKind.VOICE, now=NOW, who="administrator") -> RollContest:
    return actions.contest_roll(
        assembly=assembly, member=nord.organisation, kind=kind, words="Nous votons.", by=nord.actor(who), now=now
    )


def test_who_administers_the_structure_contests_for_it_once_within_the_days(nord, assembly, membership):
    RollEntryFactory(assembly=assembly, membership=membership)

    for who in ("employee", "stranger", "coordinator"):
        with pytest.raises(NotAllowed):
            contested(nord, assembly, who=who)
    with pytest.raises(actions.NotContestable):
        contested(nord, assembly, now=dt.datetime(2026, 5, 29, 8, tzinfo=dt.UTC))
    contest = contested(nord, assembly, now=dt.datetime(2026, 5, 28, 20, tzinfo=dt.UTC))
    with pytest.raises(actions.ContestedAlready):
        contested(nord, assembly)

    assert (contest.member, contest.made_by) == (nord.organisation, nord.administrator)
    assert AuditEntry.objects.filter(verb="governance.roll_contested").count() == 1


def test_who_is_not_on_the_roll_says_that_they_should_be(nord, assembly, membership):
    with pytest.raises(actions.NotOnRoll):
        contested(nord, assembly, ContestKind.COLLEGE)

    assert contested(nord, assembly, ContestKind.MISSING).kind == "missing"


def test_without_days_in_the_statutes_the_roll_is_not_contested(nord, membership):
    with pytest.raises(actions.NotContestable):
        contested(nord, AssemblyFactory(contest_days=0), ContestKind.MISSING)


def test_a_member_left_out_is_put_on_the_roll_and_called(nord, by, assembly, membership):
    contest = contested(nord, assembly, ContestKind.MISSING)

    actions.answer_contest(contest=contest, granted=True, answer="Oubli de notre part.", by=by, now=NOW)

    entry = RollEntry.objects.get()
    assert (entry.membership, entry.votes, Notice.objects.get().entry) == (membership, True, entry)
    contest.refresh_from_db()
    assert (contest.granted, contest.answer, contest.answered_at) == (True, "Oubli de notre part.", NOW)
    actions.freeze_roll(assembly=assembly, by=by, now=AFTER)
    entry.refresh_from_db()
    assert entry.votes


def test_who_has_no_membership_is_not_put_on_the_roll(nord, by, assembly):
    contest = contested(nord, assembly, ContestKind.MISSING)

    with pytest.raises(actions.NoMembership):
        actions.answer_contest(contest=contest, granted=True, answer="Oui.", by=by, now=NOW)
    assert not RollEntry.objects.exists()


def test_a_wrong_college_is_mended_and_its_proxies_end(nord, by, assembly, membership, college):
    entry = RollEntryFactory(assembly=assembly, membership=membership)
    other = RollEntryFactory(
        assembly=assembly, membership=MembershipFactory(college=college, fiscal_year=membership.fiscal_year)
    )
    actions.give_proxy(giver=other, holder=entry, by=by, now=NOW)
    contest, partners = contested(nord, assembly, ContestKind.COLLEGE), CollegeFactory(name="Partenaires")
    given = {"contest": contest, "granted": True, "answer": "En effet.", "by": by, "now": NOW}

    with pytest.raises(actions.NoCollegeChosen):
        actions.answer_contest(**given)
    actions.answer_contest(**given, college=partners)

    entry.refresh_from_db()
    assert (entry.college, Proxy.objects.live().count()) == (partners, 0)


def test_a_voice_that_is_given_back_stays_when_the_roll_is_drawn_again(nord, by, membership):
    membership.college.votes = False
    membership.college.save()
    assembly = AssemblyFactory(contest_days=8)
    RollEntryFactory(assembly=assembly, membership=membership, votes=False, why="college")

    actions.answer_contest(contest=contested(nord, assembly), granted=True, answer="Oui.", by=by, now=NOW)
    actions.draw_roll(assembly=assembly, by=by, now=NOW)

    assert list(RollEntry.objects.values_list("votes", "why")) == [(True, "")]


def test_the_roll_is_frozen_after_its_days_and_once_all_is_answered(nord, by, assembly, membership):
    RollEntryFactory(assembly=assembly, membership=membership)
    contest = contested(nord, assembly)
    AssemblyFactory(title="Sans délai")

    with pytest.raises(actions.Contested):
        actions.freeze_roll(assembly=assembly, by=by, now=AFTER)
    with pytest.raises(IntegrityError, match="attend"), transaction.atomic():
        Assembly.objects.filter(pk=assembly.pk).update(state="frozen")
    actions.answer_contest(contest=contest, granted=False, answer="La cotisation est due.", by=by, now=NOW)
    long = AssemblyFactory(contest_days=20, roll_on=dt.date(2026, 5, 20))
    with pytest.raises(actions.StillContestable, match=r"9.juin inclus"):
        actions.freeze_roll(assembly=long, by=by, now=AFTER)

    assert actions.freeze_roll(assembly=assembly, by=by, now=AFTER).state == AssemblyState.FROZEN


def test_an_answer_is_given_once_by_the_coordination_and_stays(nord, by, assembly, membership):
    RollEntryFactory(assembly=assembly, membership=membership)
    contest = contested(nord, assembly)
    given = {"contest": contest, "granted": False, "answer": "Non.", "now": NOW}

    with pytest.raises(NotAllowed):
        actions.answer_contest(**given, by=nord.actor("receptionist"))
    actions.answer_contest(**given, by=by)
    with pytest.raises(actions.AnsweredAlready):
        actions.answer_contest(**given, by=by)
    for write in (
        lambda: RollContest.objects.update(granted=True),
        lambda: RollContest.objects.all().delete(),
        lambda: RollContestFactory(
            assembly=AssemblyFactory(state="frozen"), organisation=nord.organisation, made_by=nord.administrator
        ),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            write()
