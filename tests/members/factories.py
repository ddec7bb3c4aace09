import datetime as dt

import factory
from factory.django import DjangoModelFactory

from members.enums import MemberKind, Standing
from members.models import College, FiscalYear, Membership
from tests.parties.factories import OrganisationFactory


class CollegeFactory(DjangoModelFactory):
    class Meta:
        model = College

    name = factory.Sequence(lambda n: f"Collège {n}")
    rank = 1
    starts_on = dt.date(2010, 12, 2)


class FiscalYearFactory(DjangoModelFactory):
    """A calendar year: `FiscalYearFactory(year=2026)`."""

    class Meta:
        model = FiscalYear

    class Params:
        year = 2026

    label = factory.LazyAttribute(lambda fiscal_year: str(fiscal_year.year))
    starts_on = factory.LazyAttribute(lambda fiscal_year: dt.date(fiscal_year.year, 1, 1))
    ends_on = factory.LazyAttribute(lambda fiscal_year: dt.date(fiscal_year.year + 1, 1, 1))


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    organisation = factory.SubFactory(OrganisationFactory)
    college = factory.SubFactory(CollegeFactory)
    fiscal_year = factory.SubFactory(FiscalYearFactory)
    kind = MemberKind.RESIDENT

    class Params:
        left = factory.Trait(standing=Standing.LEFT, left_on=dt.date(2026, 7, 1))
