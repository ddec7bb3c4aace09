"""Papers are made by the worker, from private files: as for invoices."""

import datetime as dt

import pytest
from django.utils import timezone

from hubs.scope import open_hub
from members import actions
from members.enums import StrikeCause
from members.models import DuesCall
from tests.billing.conftest import private_files, work
from tests.billing.factories import AccountFactory, issued
from tests.members.factories import FiscalYearFactory, MembershipFactory

__all__ = ["private_files", "work"]
TODAY = timezone.localdate()


@pytest.fixture
def year(nord):
    with open_hub(nord.hub):
        return FiscalYearFactory(year=TODAY.year)


@pytest.fixture
def membership(nord, year):
    """That of the structure of the two members."""
    with open_hub(nord.hub):
        return MembershipFactory(organisation=nord.organisation, fiscal_year=year)


@pytest.fixture
def owed(nord, membership):
    """Dues of 300 €, called, late, and not paid."""
    with open_hub(nord.hub):
        account = AccountFactory(organisation=nord.organisation)
        invoice = issued(account, "300.00", on=TODAY - dt.timedelta(days=90))
        DuesCall.objects.create(
            membership=membership,
            invoice=invoice,
            amount=invoice.total_incl,
            why="barème",
            starts_on=membership.fiscal_year.starts_on,
            ends_on=membership.fiscal_year.ends_on,
            called_on=TODAY - dt.timedelta(days=90),
        )
        return invoice


@pytest.fixture
def noticed(nord, owed):
    """Put on formal notice 31 days ago."""
    with open_hub(nord.hub):
        return actions.open_strike_off(
            member=nord.organisation,
            cause=StrikeCause.DUES,
            by=nord.actor("coordinator"),
            today=TODAY - dt.timedelta(days=31),
        )
