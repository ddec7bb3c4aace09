import datetime as dt

from members.enums import MemberKind
from members.queries import kind_of, kinds_of, year_in_force
from tests.members.factories import FiscalYearFactory, MembershipFactory
from tests.parties.factories import OrganisationFactory


def test_a_structure_with_no_membership_is_external(hub):
    FiscalYearFactory(year=2026)

    assert kind_of(OrganisationFactory(), dt.date(2026, 3, 1)) is None


def test_kind_is_that_of_the_day_in_one_query(hub, django_assert_num_queries):
    held = MembershipFactory(fiscal_year__year=2025, kind=MemberKind.ASSOCIATE)
    MembershipFactory(
        organisation=held.organisation,
        college=held.college,
        fiscal_year=FiscalYearFactory(year=2026),
        kind=MemberKind.RESIDENT,
    )

    with django_assert_num_queries(1):
        last_day = kind_of(held.organisation, dt.date(2025, 12, 31))
    with django_assert_num_queries(1):
        next_day = kind_of(held.organisation, dt.date(2026, 1, 1))

    assert (last_day, next_day) == (MemberKind.ASSOCIATE, MemberKind.RESIDENT)


def test_a_year_goes_on_until_the_next_is_opened(hub):
    held = MembershipFactory(fiscal_year__year=2026)
    january = dt.date(2027, 1, 5)

    before = kind_of(held.organisation, january)
    FiscalYearFactory(year=2027)

    assert (before, kind_of(held.organisation, january)) == (MemberKind.RESIDENT, None)
    assert kind_of(held.organisation, dt.date(2025, 12, 31)) is None


def test_kinds_of_many_come_in_one_query(hub, django_assert_num_queries):
    resident = MembershipFactory(fiscal_year__year=2026)
    associate = MembershipFactory(fiscal_year=resident.fiscal_year, college=resident.college, kind=MemberKind.ASSOCIATE)
    external = OrganisationFactory()

    with django_assert_num_queries(1):
        kinds = kinds_of([resident.organisation_id, associate.organisation_id, external.pk], dt.date(2026, 3, 1))

    assert kinds == {
        resident.organisation_id: MemberKind.RESIDENT,
        associate.organisation_id: MemberKind.ASSOCIATE,
    }


def test_the_other_hubs_members_are_not_counted(hub, sud):
    from hubs.scope import open_hub

    with open_hub(sud.hub):
        theirs = MembershipFactory(organisation=sud.organisation, fiscal_year__year=2026)

    assert kind_of(theirs.organisation, dt.date(2026, 3, 1)) is None
    assert year_in_force(dt.date(2026, 3, 1)) is None
