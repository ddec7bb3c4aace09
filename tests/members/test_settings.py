"""Colleges and fiscal years as settings with dates: the past keeps what it was, the future gets the new one."""

import datetime as dt

import pytest

from hubs.models import HubSettings
from hubs.scope import open_hub
from members.models import College, FiscalYear, Membership
from tests.members.factories import CollegeFactory, FiscalYearFactory, MembershipFactory
from tests.parties.factories import OrganisationFactory

COLLEGES, YEARS = "/gestion/reglages/colleges/", "/gestion/reglages/exercices/"
NEXT = f"{YEARS}nouveau/"


def text(response) -> str:
    return " ".join(response.text.replace("\xa0", " ").split())


@pytest.fixture
def founders(nord) -> College:
    """A college with one member for 2026, and another beside it."""
    with open_hub(nord.hub):
        college = CollegeFactory(name="Fondateurs", rank=1)
        CollegeFactory(name="Partenaires", rank=2)
        MembershipFactory(organisation=nord.organisation, college=college, fiscal_year=FiscalYearFactory(year=2026))
        return college


@pytest.mark.feature("HU4")
def test_a_college_becomes_another_on_a_day_and_past_years_keep_it(nord, sign_in, founders):
    browser = sign_in(nord, "coordinator")

    done = browser.post(
        f"{COLLEGES}{founders.pk}/suite/", {"name": "Structures membres", "starts_on": "2027-01-01"}, follow=True
    )
    browser.post(NEXT, {"label": "2027", "starts_on": "2027-01-01", "last_day": "2027-12-31", "renewing": "on"})

    assert "« Fondateurs » devient « Structures membres »." in text(done)
    assert "du 2 décembre 2010 au 31 décembre 2026 inclus" in text(done)
    with open_hub(nord.hub):
        held = Membership.objects.order_by("fiscal_year__starts_on")
        assert list(held.values_list("fiscal_year__label", "college__name")) == [
            ("2026", "Fondateurs"),
            ("2027", "Structures membres"),
        ]
        assert {college.name for college in College.objects.live(dt.date(2026, 12, 31))} == {
            "Fondateurs",
            "Partenaires",
        }
        assert {college.name for college in College.objects.live(dt.date(2027, 1, 1))} == {
            "Structures membres",
            "Partenaires",
        }


@pytest.mark.feature("HU4")
def test_a_college_opens_and_ends_on_a_day(nord, sign_in, founders):
    browser = sign_in(nord, "coordinator")

    browser.post(f"{COLLEGES}nouveau/", {"name": "Habitants", "rank": 3, "starts_on": "2026-06-01"})
    with open_hub(nord.hub):
        partners = College.objects.get(name="Partenaires")
    page = browser.post(f"{COLLEGES}{partners.pk}/fin/", {"starts_on": "2026-06-01"}, follow=True)

    assert "Le collège « Partenaires » prend fin." in text(page)
    with open_hub(nord.hub):
        names = [
            [college.name for college in College.objects.live(day).by_rank()]
            for day in (dt.date(2026, 5, 31), dt.date(2026, 6, 1))
        ]
    assert names == [["Fondateurs", "Partenaires"], ["Fondateurs", "Habitants"]]


def test_members_who_go_on_move_with_their_college(nord, sign_in, founders):
    with open_hub(nord.hub):
        MembershipFactory(
            organisation=OrganisationFactory(), college=founders, fiscal_year=FiscalYearFactory(year=2027)
        )
    browser = sign_in(nord, "coordinator")

    refused = browser.post(f"{COLLEGES}{founders.pk}/fin/", {"starts_on": "2027-01-01"})
    browser.post(f"{COLLEGES}{founders.pk}/suite/", {"name": "Structures membres", "starts_on": "2027-01-01"})

    assert (refused.status_code, "Des structures y adhèrent encore" in text(refused)) == (422, True)
    assert 'value="2027-01-01"' in refused.text
    with open_hub(nord.hub):
        held = Membership.objects.order_by("fiscal_year__starts_on")
        assert list(held.values_list("college__name", flat=True)) == ["Fondateurs", "Structures membres"]


@pytest.mark.parametrize(
    ("page", "typed", "words"),
    [
        ("nouveau/", {"name": "fondateurs", "rank": 3, "starts_on": "2026-06-01"}, "Un collège porte déjà ce nom."),
        ("nouveau/", {"name": "Habitants", "rank": 0, "starts_on": "2026-06-01"}, "supérieur"),
        ("{pk}/fin/", {"starts_on": "2010-01-01"}, "Ce collège commence ce jour-là ou plus tard."),
        ("{pk}/suite/", {"name": "Partenaires", "starts_on": "2027-01-01"}, "Un collège porte déjà ce nom."),
        ("{pk}/suite/", {"name": "", "starts_on": "2027-01-01"}, "Ce champ est obligatoire."),
    ],
)
def test_a_wrong_college_keeps_what_was_typed(nord, sign_in, founders, page, typed, words):
    answer = sign_in(nord, "coordinator").post(COLLEGES + page.format(pk=founders.pk), typed)

    assert (answer.status_code, words in text(answer)) == (422, True)
    assert f'value="{typed["starts_on"]}"' in answer.text
    with open_hub(nord.hub):
        assert list(College.objects.by_rank().values_list("name", "ends_on")) == [
            ("Fondateurs", None),
            ("Partenaires", None),
        ]


def test_the_last_college_stays(nord, sign_in):
    with open_hub(nord.hub):
        college = CollegeFactory()

    answer = sign_in(nord, "coordinator").post(f"{COLLEGES}{college.pk}/fin/", {"starts_on": "2027-01-01"})

    assert (answer.status_code, "Il ne resterait aucun collège" in text(answer)) == (422, True)


@pytest.mark.feature("HU4")
def test_the_first_month_of_the_year_follows_the_status_and_past_years_stay(nord, sign_in):
    with open_hub(nord.hub):
        FiscalYearFactory(year=2026)
    browser = sign_in(nord, "coordinator")

    browser.post(
        "/gestion/reglages/statut/", {"legal_form": "scic", "fiscal_year_starts_month": 9, "starts_on": "2027-01-01"}
    )
    form = browser.get(NEXT).context["form"]
    proposed = {name: form[name].value() for name in ("label", "starts_on", "last_day")}
    browser.post(NEXT, proposed)
    following = browser.get(NEXT).context["form"]
    page = browser.get(YEARS)

    assert proposed == {"label": "2027", "starts_on": dt.date(2027, 1, 1), "last_day": dt.date(2027, 8, 31)}
    assert (following["label"].value(), following["last_day"].value()) == ("2027-2028", dt.date(2028, 8, 31))
    assert "du 1er janvier au 31 décembre 2026 inclus" in text(page)
    with open_hub(nord.hub):
        assert list(FiscalYear.objects.by_date().values_list("starts_on", "ends_on")) == [
            (dt.date(2027, 1, 1), dt.date(2027, 9, 1)),
            (dt.date(2026, 1, 1), dt.date(2027, 1, 1)),
        ]
        assert [
            HubSettings.objects.live(day).get().legal_form for day in (dt.date(2026, 12, 31), dt.date(2027, 1, 1))
        ] == ["association", "scic"]


@pytest.mark.parametrize("name", ["accountant", "receptionist", "elected", "administrator", "guest"])
def test_only_the_coordinator_opens_colleges_and_years(nord, sign_in, founders, name):
    browser = sign_in(nord, name)
    pages = [
        COLLEGES,
        YEARS,
        NEXT,
        f"{COLLEGES}nouveau/",
        f"{COLLEGES}{founders.pk}/fin/",
        f"{COLLEGES}{founders.pk}/suite/",
    ]

    assert {browser.get(page).status_code for page in pages} == {403}


@pytest.mark.parametrize(("rows", "queries"), [(1, 10), (3, 10)])
def test_the_lists_ask_as_much_for_one_row_as_for_three(nord, sign_in, rows, queries, django_assert_num_queries):
    with open_hub(nord.hub):
        for number in range(rows):
            CollegeFactory(successor=CollegeFactory(), ends_on=dt.date(2020, 1, 1))
            FiscalYearFactory(year=2020 + number)
    browser = sign_in(nord, "coordinator")

    for page in (COLLEGES, YEARS):
        with django_assert_num_queries(queries):
            browser.get(page)
