import datetime as dt

import pytest

from hubs.models import AuditEntry
from hubs.refusals import NotAllowed
from members.actions import (
    AlreadyLeft,
    AlreadyMember,
    LeavesBeforeYear,
    NoYearBefore,
    YearEndsTooSoon,
    YearsOverlap,
    admit,
    change_kind,
    end_membership,
    open_fiscal_year,
    renew,
)
from members.enums import MemberKind
from members.models import Membership
from members.queries import kind_of
from tests.members.factories import CollegeFactory, FiscalYearFactory, MembershipFactory


@pytest.fixture
def coordinator(hub, nord):
    return nord.actor("coordinator")


def test_admitting_makes_a_member_and_says_so_in_the_log(nord, coordinator):
    membership = admit(
        organisation=nord.organisation,
        college=CollegeFactory(name="Partenaires"),
        fiscal_year=FiscalYearFactory(year=2026),
        kind=MemberKind.ASSOCIATE,
        by=coordinator,
    )

    entry = AuditEntry.objects.get()
    assert kind_of(nord.organisation, dt.date(2026, 5, 1)) is MemberKind.ASSOCIATE
    assert (entry.verb, entry.label, entry.after) == (
        "members.admitted",
        "Compagnie nord",
        {"fiscal_year": "2026", "college": "Partenaires", "kind": "associate"},
    )
    assert membership.standing == "member"


def test_a_structure_is_a_member_once_a_year(coordinator):
    held = MembershipFactory()

    with pytest.raises(AlreadyMember):
        admit(
            organisation=held.organisation,
            college=held.college,
            fiscal_year=held.fiscal_year,
            kind=MemberKind.RESIDENT,
            by=coordinator,
        )
    assert Membership.objects.count() == 1


@pytest.mark.parametrize("name", ["accountant", "adviser", "receptionist", "observer", "administrator", "stranger"])
def test_only_the_coordinator_keeps_memberships(hub, nord, name):
    membership = MembershipFactory()

    with pytest.raises(NotAllowed):
        change_kind(membership=membership, kind=MemberKind.ASSOCIATE, by=nord.actor(name))


def test_changing_the_kind_is_logged_before_and_after_and_once(coordinator):
    membership = MembershipFactory(kind=MemberKind.RESIDENT)

    change_kind(membership=membership, kind=MemberKind.ASSOCIATE, by=coordinator)
    change_kind(membership=membership, kind=MemberKind.ASSOCIATE, by=coordinator)

    year = membership.fiscal_year.label
    assert list(AuditEntry.objects.values_list("before", "after")) == [
        ({"fiscal_year": year, "kind": "resident"}, {"fiscal_year": year, "kind": "associate"})
    ]


def test_leaving_ends_rights_on_its_day_and_happens_once(coordinator):
    membership = MembershipFactory(fiscal_year__year=2026)

    end_membership(membership=membership, on=dt.date(2026, 7, 1), by=coordinator, reason="déménagement")

    assert kind_of(membership.organisation, dt.date(2026, 6, 30)) is MemberKind.RESIDENT
    assert kind_of(membership.organisation, dt.date(2026, 7, 1)) is None
    with pytest.raises(AlreadyLeft):
        end_membership(membership=membership, on=dt.date(2026, 8, 1), by=coordinator)
    with pytest.raises(AlreadyLeft):
        change_kind(membership=membership, kind=MemberKind.ASSOCIATE, by=coordinator)


def test_nobody_leaves_a_year_before_it_begins(coordinator):
    membership = MembershipFactory(fiscal_year__year=2026)

    with pytest.raises(LeavesBeforeYear):
        end_membership(membership=membership, on=dt.date(2025, 12, 31), by=coordinator)
    end_membership(membership=membership, on=dt.date(2026, 1, 1), by=coordinator)

    assert kind_of(membership.organisation, dt.date(2026, 1, 1)) is None


def test_fiscal_years_do_not_overlap_but_touch(coordinator):
    open_fiscal_year(label="2025", starts_on=dt.date(2025, 1, 1), ends_on=dt.date(2026, 1, 1), by=coordinator)
    open_fiscal_year(label="2026-27", starts_on=dt.date(2026, 1, 1), ends_on=dt.date(2027, 7, 1), by=coordinator)

    with pytest.raises(YearsOverlap):
        open_fiscal_year(label="2027", starts_on=dt.date(2027, 1, 1), ends_on=dt.date(2028, 1, 1), by=coordinator)
    with pytest.raises(YearEndsTooSoon):
        open_fiscal_year(label="2030", starts_on=dt.date(2030, 1, 1), ends_on=dt.date(2030, 1, 1), by=coordinator)


def test_renewing_carries_those_who_have_not_left_and_twice_changes_nothing(coordinator):
    stayed = MembershipFactory(fiscal_year__year=2026, kind=MemberKind.ASSOCIATE)
    MembershipFactory(fiscal_year=stayed.fiscal_year, college=stayed.college, left=True)
    next_year = FiscalYearFactory(year=2027)

    assert (renew(fiscal_year=next_year, by=coordinator), renew(fiscal_year=next_year, by=coordinator)) == (1, 0)
    assert list(next_year.memberships.values_list("organisation_id", "kind")) == [(stayed.organisation_id, "associate")]
    with pytest.raises(NoYearBefore):
        renew(fiscal_year=stayed.fiscal_year, by=coordinator)
