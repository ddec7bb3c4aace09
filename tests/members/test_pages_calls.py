"""What each member owes for a fiscal year, before anything is called."""

import datetime as dt
from decimal import Decimal

import pytest

from hubs.scope import open_hub
from members.models import DuesTerms
from parties.models import YearFigures
from tests.members.factories import CollegeFactory, DuesScaleFactory, FiscalYearFactory, MembershipFactory

PAGE = "/gestion/membres/cotisations/"


def test_the_page_says_what_each_owes_and_why_and_what_is_missing(nord, sign_in):
    with open_hub(nord.hub):
        year, college = FiscalYearFactory(year=2026), CollegeFactory()
        DuesScaleFactory(fiscal_year=year, adopted=dt.date(2026, 1, 1))
        known, late, _unknown = (
            MembershipFactory(college=college, fiscal_year=year, organisation__name=name)
            for name in ("Connue", "Tardive", "Muette")
        )
        for each in (known, late):
            YearFigures.objects.create(organisation=each.organisation, year=2025, fte=Decimal(10))
        DuesTerms.objects.create(membership=late, joined_on=dt.date(2026, 7, 1))
    client = sign_in(nord, "coordinator")

    listed = client.get(f"{PAGE}?exercice={year.pk}")

    assert listed.status_code == 200
    assert "6 mois sur 12" in listed.text
    assert "Chiffre de 2025 manquant" in listed.text and "/chiffres/" in listed.text


@pytest.mark.parametrize("role", ["receptionist", "observer", "administrator"])
def test_others_do_not_read_it(nord, sign_in, role):
    assert sign_in(nord, role).get(PAGE).status_code == 403
