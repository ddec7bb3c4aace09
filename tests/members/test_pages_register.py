"""The list of the members of a fiscal year, and the inbox of applications: found, sorted, exported."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hubs.scope import open_hub
from members.enums import Standing, Step
from members.models import ApplicationDecision, DuesCall
from parties.enums import LinkRole
from tests.members.factories import ApplicationFactory, CollegeFactory, FiscalYearFactory, MembershipFactory
from tests.parties.factories import LinkFactory

TODAY = timezone.localdate()
PAGE = "/gestion/membres/liste/"
INBOX = "/gestion/membres/candidatures/"


@pytest.fixture
def year(nord):
    with open_hub(nord.hub):
        return FiscalYearFactory(year=TODAY.year)


@pytest.fixture
def members(nord, year):
    """Élan, complete and paid up; Orée, back after a gap, with no address; a person; Naguère, of last year, left."""
    with open_hub(nord.hub):
        old, before = (FiscalYearFactory(year=TODAY.year - ago) for ago in (2, 1))
        college = CollegeFactory(name="Structures", takes_people=True)
        place = {"organisation__address": "1 rue", "organisation__postcode": "21000", "organisation__town": "Dijon"}
        elan = MembershipFactory(college=college, fiscal_year=year, organisation__name="Élan", **place)
        MembershipFactory(college=college, fiscal_year=before, organisation=elan.organisation)
        LinkFactory(organisation=elan.organisation, role=LinkRole.LEGAL)
        DuesCall.objects.create(
            membership=elan, amount=0, why="dispensée", starts_on=year.starts_on, ends_on=year.ends_on, called_on=TODAY
        )
        oree = MembershipFactory(
            college=CollegeFactory(name="Partenaires", rank=2),
            fiscal_year=year,
            organisation__name="Orée",
            organisation__address="",
            standing=Standing.LEFT,
            left_on=TODAY + dt.timedelta(days=10),
        )
        MembershipFactory(college=college, fiscal_year=old, organisation=oree.organisation)
        MembershipFactory(college=college, fiscal_year=year, organisation=None, person=nord.stranger)
        MembershipFactory(college=college, fiscal_year=before, organisation__name="Naguère")
        return {"before": before, "partners": oree.college}


def names(response, nord):
    known = ("Élan", "Orée", "Naguère", f"{nord.stranger.family_name} {nord.stranger.given_name}")
    return {"la personne" if name == known[3] else name for name in known if f">{name}</a>" in response.text}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, {"Élan", "Orée", "la personne"}),
        ({"nom": "elan"}, {"Élan"}),
        ({"nom": "OREE"}, {"Orée"}),
        ({"etat": "member"}, {"Élan", "la personne"}),
        ({"etat": "leaving"}, {"Orée"}),
        ({"etat": "left"}, set()),
        ({"cotisation": "payee"}, {"Élan"}),
        ({"cotisation": "non"}, {"Orée", "la personne"}),
        ({"manque": "adresse"}, {"Orée"}),
        ({"manque": "representant"}, {"Orée"}),
        ({"manque": "interruption"}, {"Orée"}),
        ({"arrivee_du": f"{TODAY.year}-01-01"}, {"Orée", "la personne"}),
        ({"arrivee_au": f"{TODAY.year - 1}-12-31"}, set()),
        ({"depart_du": TODAY.isoformat()}, {"Orée"}),
        ({"depart_au": TODAY.isoformat()}, set()),
    ],
    ids=lambda value: "&".join(f"{name}={text}" for name, text in value.items()) if isinstance(value, dict) else "",
)
def test_the_list_answers_what_is_asked(nord, sign_in, members, asked, found):
    assert names(sign_in(nord, "coordinator").get(PAGE, asked), nord) == found


def test_the_list_is_of_another_year_or_of_one_college_and_its_file_too(nord, sign_in, members):
    client = sign_in(nord, "coordinator")

    older = client.get(PAGE, {"exercice": members["before"].pk})
    partners = client.get(PAGE, {"college": members["partners"].pk})
    file = client.get(PAGE, {"college": members["partners"].pk, "export": "csv"}).content.decode("utf-8-sig")
    sheet = client.get(PAGE, {"export": "xlsx"})

    assert names(older, nord) == {"Élan", "Naguère"}
    assert names(partners, nord) == {"Orée"}
    assert "Orée" in file and "Élan" not in file
    assert sheet.content.startswith(b"PK")


@pytest.mark.parametrize("sort", ["name", "-name", "college", "-kind", "left_on", "-left_on"])
def test_the_list_sorts_by_each_column(nord, sign_in, members, sort):
    page = sign_in(nord, "coordinator").get(PAGE, {"sort": sort})

    assert names(page, nord) == {"Élan", "Orée", "la personne"}


def test_the_list_counts_its_queries(nord, sign_in, year):
    client = sign_in(nord, "coordinator")
    client.get(PAGE)
    counts = []
    for number in (1, 2):
        with open_hub(nord.hub):
            for _each in range(number):
                MembershipFactory(fiscal_year=year)
        with CaptureQueriesContext(connection) as queries:
            client.get(PAGE)
        counts.append(len(queries))
    assert counts == [15, 15]


def test_without_a_year_the_list_says_so(nord, sign_in):
    page = sign_in(nord, "coordinator").get(PAGE)

    assert page.status_code == 200 and "Aucun exercice n’est ouvert." in page.text


@pytest.mark.parametrize("role", ["receptionist", "observer", "administrator"])
def test_others_do_not_read_it(nord, sign_in, role):
    assert sign_in(nord, role).get(PAGE).status_code == 403


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, {"Lisières", "Faubourgs"}),
        ({"nom": "lisieres"}, {"Lisières"}),
        ({"etape": "completeness"}, {"Lisières"}),
        ({"etape": "board"}, {"Faubourgs"}),
        ({"etape": "assembly"}, set()),
        ({"etat": "withdrawn"}, {"Retirée"}),
    ],
    ids=lambda value: "&".join(f"{name}={text}" for name, text in value.items()) if isinstance(value, dict) else "",
)
def test_the_inbox_answers_what_is_asked(nord, sign_in, asked, found):
    with open_hub(nord.hub):
        college = CollegeFactory()
        ApplicationFactory(college=college, structure_name="Lisières")
        further = ApplicationFactory(college=college, structure_name="Faubourgs")
        ApplicationDecision.objects.create(
            application=further, step=Step.COMPLETENESS, decided_on=TODAY, is_accepted=True, by="Aurélie"
        )
        ApplicationFactory(college=college, structure_name="Retirée", state="withdrawn", closed_on=TODAY)
    client = sign_in(nord, "coordinator")

    page = client.get(INBOX, asked)
    file = client.get(INBOX, {**asked, "export": "csv"}).content.decode("utf-8-sig")

    for told in (page.text, file):
        assert {
            name for name in ("Lisières", "Faubourgs", "Retirée") if f"{name}<" in told or f"{name};" in told
        } == found


def test_a_last_day_with_no_day_after_narrows_nothing_and_breaks_nothing(nord, sign_in):
    with open_hub(nord.hub):
        FiscalYearFactory(year=TODAY.year)

    assert sign_in(nord, "coordinator").get("/gestion/membres/liste/?depart_au=9999-12-31").status_code == 200
