"""A hub that calls dues, and the worker that does it."""

import datetime as dt
from decimal import Decimal

from django.utils import timezone

from hubs.scope import open_hub
from members.models import DuesCall, Membership
from parties.models import YearFigures
from tests.billing.factories import IssuerFactory, VatRuleFactory
from tests.cast import Cast
from tests.members.factories import CollegeFactory, DuesScaleFactory, FiscalYearFactory, MembershipFactory

TODAY = timezone.localdate()
YEAR = TODAY.year


def said(response) -> str:
    """The text of a page, its spaces plain."""
    return " ".join(response.text.replace("\xa0", " ").replace("\u202f", " ").split())


def calling(cast: Cast, *names: str, fte: Decimal | str | None = "10") -> list[Membership]:
    """The hub has its issuer and a scale by jobs for this year; these structures are members, and so is the cast's."""
    with open_hub(cast.hub):
        IssuerFactory()
        VatRuleFactory(out_of_scope=True)
        year, college = FiscalYearFactory(year=YEAR), CollegeFactory(name="Structures")
        DuesScaleFactory(fiscal_year=year, label=f"barème {YEAR}", adopted=dt.date(YEAR, 1, 10))
        held = [MembershipFactory(organisation=cast.organisation, college=college, fiscal_year=year)]
        held += [MembershipFactory(organisation__name=name, college=college, fiscal_year=year) for name in names]
        if fte is not None:
            for each in held:
                YearFigures.objects.create(organisation=each.organisation, year=YEAR - 1, fte=Decimal(fte))
    return held


def dues_called(membership: Membership, on: dt.date | None = None) -> DuesCall:
    """The dues of the membership, called with nothing to pay."""
    year = membership.fiscal_year
    return DuesCall.objects.create(
        membership=membership, amount=0, why="dispensée", starts_on=year.starts_on, ends_on=year.ends_on,
        called_on=on or year.starts_on,
    )  # fmt: skip
