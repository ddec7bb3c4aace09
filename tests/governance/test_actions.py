"""The roll, the proxies and the desk of an assembly."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from governance import actions
from governance.enums import AssemblyState
from governance.models import Attendance, Proxy, RollEntry
from governance.queries import CollegeCount, counts_of
from hubs.refusals import NotAllowed
from tests.governance.factories import AssemblyFactory, RollEntryFactory
from tests.members.factories import CollegeFactory, FiscalYearFactory, MembershipFactory

NOW = dt.datetime(2026, 6, 10, 8, tzinfo=dt.UTC)

pytestmark = pytest.mark.usefixtures("hub")


@pytest.fixture
def by(nord, hub):
    return nord.actor("coordinator")


@pytest.fixture
def year(hub):
    return FiscalYearFactory(year=2026)


@pytest.fixture
def college(hub):
    return CollegeFactory(name="Structures")


@pytest.fixture
def assembly(hub):
    return AssemblyFactory()


@pytest.fixture
def entries(assembly, year, college):
    """Five of one college."""
    return [
        RollEntryFactory(assembly=assembly, membership=MembershipFactory(college=college, fiscal_year=year))
        for _rank in range(5)
    ]


def test_the_roll_is_that_of_the_day_and_is_drawn_once(by, assembly, year, college):
    MembershipFactory(college=college, fiscal_year=year)
    MembershipFactory(college=college, fiscal_year=year, standing="left", left_on=assembly.roll_on)

    assert [actions.draw_roll(assembly=assembly, by=by, now=NOW) for _turn in range(2)] == [1, 0]


def test_a_frozen_roll_stays(by, assembly, entries):
    actions.move_assembly(assembly=assembly, to=AssemblyState.FROZEN, by=by)

    with pytest.raises(actions.RollFrozen):
        actions.draw_roll(assembly=assembly, by=by, now=NOW)
    for write in (
        lambda: RollEntry.objects.filter(pk=entries[0].pk).update(votes=False),
        lambda: RollEntry.objects.filter(pk=entries[0].pk).delete(),
    ):
        with pytest.raises(IntegrityError, match="arrêtée"), transaction.atomic():
            write()


def test_states_follow_one_another(by, assembly):
    with pytest.raises(actions.WrongState):
        actions.move_assembly(assembly=assembly, to=AssemblyState.CLOSED, by=by)


def test_proxies_are_refused_to_oneself_twice_in_a_chain_over_the_cap_and_across_colleges(by, assembly, entries, year):
    one, two, three, four, five = entries
    other = RollEntryFactory(assembly=assembly, membership=MembershipFactory(fiscal_year=year))
    actions.give_proxy(giver=one, holder=two, by=by, now=NOW)

    for giver, holder, refusal in (
        (three, three, actions.ToOneself),
        (one, three, actions.AlreadyGiven),
        (three, one, actions.NoChain),
        (two, three, actions.NoChain),
        (four, two, actions.CapReached),
        (five, other, actions.OtherCollege),
    ):
        with pytest.raises(refusal):
            actions.give_proxy(giver=giver, holder=holder, by=by, now=NOW)
    assert Proxy.objects.count() == 1


def test_a_proxy_is_revoked_until_the_opening(by, assembly, entries):
    proxy = actions.give_proxy(giver=entries[0], holder=entries[1], by=by, now=NOW)
    actions.revoke_proxy(proxy=proxy, by=by, now=NOW)
    again = actions.give_proxy(giver=entries[0], holder=entries[1], by=by, now=NOW)
    actions.move_assembly(assembly=assembly, to=AssemblyState.FROZEN, by=by)
    actions.move_assembly(assembly=assembly, to=AssemblyState.OPEN, by=by)

    with pytest.raises(actions.TooLate):
        actions.revoke_proxy(proxy=again, by=by, now=NOW)


def test_only_who_speaks_for_the_member_gives_its_voice(nord, assembly, entries, year, college):
    own = RollEntryFactory(
        assembly=assembly,
        membership=MembershipFactory(organisation=nord.organisation, college=college, fiscal_year=year),
    )

    for who in ("employee", "stranger", "receptionist"):
        with pytest.raises(NotAllowed):
            actions.give_proxy(giver=own, holder=entries[0], by=nord.actor(who), now=NOW)
    assert actions.give_proxy(giver=own, holder=entries[0], by=nord.actor("administrator"), now=NOW).pk


def test_two_desks_note_one_arrival_and_the_room_counts(nord, by, assembly, entries, django_assert_num_queries):
    actions.give_proxy(giver=entries[0], holder=entries[1], by=by, now=NOW)
    actions.move_assembly(assembly=assembly, to=AssemblyState.FROZEN, by=by)
    desks = [by, nord.actor("receptionist")]
    first, second = (actions.arrive(entry=entries[1], by=desk, now=NOW) for desk in desks)

    with django_assert_num_queries(1):
        counts = counts_of(assembly)

    assert first == second
    assert counts == [CollegeCount("Structures", voters=5, present=1, represented=1)]
    assert counts[0].missing(50) == 1
    actions.undo_arrival(entry=entries[1], by=by)
    assert not Attendance.objects.exists()
    assert counts_of(assembly)[0].counted == 0
