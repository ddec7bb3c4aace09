"""The list of the members of a fiscal year."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hubs.scope import open_hub
from tests.members.factories import CollegeFactory, FiscalYearFactory, MembershipFactory

PAGE = "/gestion/membres/liste/"


def test_the_list_has_structures_and_people_of_the_year_and_its_file(nord, sign_in):
    with open_hub(nord.hub):
        year, before = (FiscalYearFactory(year=timezone.localdate().year - ago) for ago in (0, 1))
        college = CollegeFactory(takes_people=True)
        MembershipFactory(college=college, fiscal_year=year, organisation__name="Élan")
        MembershipFactory(college=college, fiscal_year=year, organisation=None, person=nord.stranger)
        MembershipFactory(college=college, fiscal_year=before, organisation__name="Naguère")
    client = sign_in(nord, "coordinator")

    with CaptureQueriesContext(connection) as with_two:
        listed = client.get(PAGE)
    with CaptureQueriesContext(connection) as with_one:
        older = client.get(f"{PAGE}?exercice={before.pk}")
    file = client.get(f"{PAGE}?export=csv")

    assert "Élan" in listed.text and str(nord.stranger) in listed.text and "Naguère" not in listed.text
    assert "Naguère" in older.text and "Élan" not in older.text
    assert len(with_two) == len(with_one)
    assert "Élan" in file.getvalue().decode("utf-8-sig")


@pytest.mark.parametrize("role", ["receptionist", "observer", "administrator"])
def test_others_do_not_read_it(nord, sign_in, role):
    assert sign_in(nord, role).get(PAGE).status_code == 403
