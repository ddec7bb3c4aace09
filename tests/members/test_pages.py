"""/gestion/membres/, /annuaire/ and the pieces of the shared pages."""

import datetime as dt

import pytest
from django.apps import apps
from django.utils import timezone

from hubs.scope import open_hub
from members.enums import MemberKind
from members.models import FiscalYear, Membership
from tests.members.factories import CollegeFactory, FiscalYearFactory, MembershipFactory
from tests.parties.factories import OrganisationFactory, TradeFactory, YearFiguresFactory

TOTALS = "/gestion/membres/"
YEAR_PAGE = "/gestion/reglages/exercices/nouveau/"
DIRECTORY = "/annuaire/"
THIS_YEAR = timezone.localdate().year


def members(number, **traits):
    """So many members of this year, each with its trade."""
    year = FiscalYear.objects.first() or FiscalYearFactory(year=THIS_YEAR)
    college = CollegeFactory()
    return [
        MembershipFactory(
            organisation=OrganisationFactory(trade=TradeFactory()), fiscal_year=year, college=college, **traits
        ).organisation
        for _n in range(number)
    ]


@pytest.mark.parametrize("name", ["coordinator", "accountant", "adviser", "observer", "elected"])
def test_totals_are_read_by_those_they_are_for(nord, sign_in, name):
    with open_hub(nord.hub):
        for organisation in members(3):
            YearFiguresFactory(organisation=organisation, year=THIS_YEAR, fte="2.5")

    figures = sign_in(nord, name).get(TOTALS).context["figures"]

    assert (figures[0]["label"], figures[0]["value"], figures[0]["hidden"]) == ("ETP", "7,5", False)


@pytest.mark.parametrize("name", ["receptionist", "administrator", "employee", "stranger"])
def test_others_do_not_read_totals(nord, sign_in, name):
    assert sign_in(nord, name).get(TOTALS).status_code == 403
    assert sign_in(nord, name).get(YEAR_PAGE).status_code == 403


@pytest.mark.parametrize("weights", [("5", "5"), ("90", "2", "2")])
def test_a_total_that_gives_one_structure_away_is_hidden_from_the_copil(nord, sign_in, weights):
    with open_hub(nord.hub):
        for organisation, fte in zip(members(len(weights)), weights, strict=True):
            YearFiguresFactory(organisation=organisation, year=THIS_YEAR, fte=fte)

    discreet = sign_in(nord, "observer").get(TOTALS)

    assert discreet.context["figures"][0]["hidden"]
    assert "Trop peu de structures pour le dire sans en désigner une." in discreet.text
    assert not sign_in(nord, "coordinator").get(TOTALS).context["figures"][0]["hidden"]


def test_totals_of_another_year_and_of_another_fiscal_year(nord, sign_in):
    with open_hub(nord.hub):
        (current,) = members(1)
        past = MembershipFactory(fiscal_year=FiscalYearFactory(year=2013))
        YearFiguresFactory(organisation=current, year=2013, fte="1")
        YearFiguresFactory(organisation=past.organisation, year=2013, fte="4")
    client = sign_in(nord, "coordinator")

    def fte(**query):
        return client.get(TOTALS, query).context["figures"][0]["value"]

    assert (fte(chiffres=2013), fte(exercice=past.fiscal_year_id), fte(exercice="x", chiffres="²")) == ("1", "4", "1")


def test_nothing_yet_invites_to_import(nord, sign_in):
    answer = sign_in(nord, "coordinator").get(TOTALS)

    assert "Pas encore de membre" in answer.text
    assert 'href="/gestion/membres/import/"' in answer.text


def test_opening_the_next_year_carries_the_members(nord, sign_in):
    with open_hub(nord.hub):
        members(2)
    client = sign_in(nord, "coordinator")
    form = client.get(YEAR_PAGE).context["form"]

    again = {"label": "x", "starts_on": f"{THIS_YEAR}-06-01", "last_day": f"{THIS_YEAR}-12-31"}
    refused = client.post(YEAR_PAGE, again)
    client.post(
        YEAR_PAGE,
        {"label": form["label"].value(), "starts_on": form["starts_on"].value(), "last_day": form["last_day"].value(), "renewing": "on"},
    )  # fmt: skip

    assert refused.status_code == 422
    assert refused.context["form"].errors == {"starts_on": ["Un autre exercice couvre déjà une partie de ces dates."]}
    with open_hub(nord.hub):
        new = FiscalYear.objects.by_date().first()
        assert (new.label, new.starts_on, new.ends_on) == (
            str(THIS_YEAR + 1), dt.date(THIS_YEAR + 1, 1, 1), dt.date(THIS_YEAR + 2, 1, 1),
        )  # fmt: skip
        assert new.memberships.count() == 2


def test_a_year_that_has_ended_is_a_task_of_the_coordinator(nord):
    app = apps.get_app_config("members")
    with open_hub(nord.hub):
        FiscalYearFactory(year=2020)
        (todo,) = app.todos(nord.actor("coordinator"))
        assert (todo.label, todo.since, todo.url) == (
            "Ouvrir l’exercice qui suit «\u00a02020\u00a0»", dt.date(2021, 1, 1), YEAR_PAGE,
        )  # fmt: skip
        assert app.todos(nord.actor("accountant")) == []
        FiscalYearFactory(year=THIS_YEAR)
        assert app.todos(nord.actor("coordinator")) == []


# --- Annuaire ---


@pytest.mark.parametrize(("rows", "queries"), [(1, 9), (3, 9)])
def test_the_directory_asks_as_much_for_one_row_as_for_three(nord, sign_in, rows, queries, django_assert_num_queries):
    with open_hub(nord.hub):
        members(rows)
    client = sign_in(nord)

    with django_assert_num_queries(queries):
        answer = client.get(DIRECTORY)

    assert answer.context["page"].paginator.count == rows


def test_the_directory_shows_structures_and_no_person(nord, sud, sign_in):
    with open_hub(nord.hub):
        year = FiscalYearFactory(year=THIS_YEAR)
        MembershipFactory(organisation=nord.organisation, fiscal_year=year)
        OrganisationFactory(name="Externe")
        MembershipFactory(
            organisation=OrganisationFactory(name="Partie"), fiscal_year=year, standing="left", left_on="2020-01-01"
        )
    with open_hub(sud.hub):
        MembershipFactory(organisation=sud.organisation, fiscal_year__year=THIS_YEAR)

    page = sign_in(nord).get(DIRECTORY)

    assert page.status_code == 200
    assert "Compagnie nord" in page.text
    for words in ("Compagnie sud", "Externe", "Partie<", nord.administrator.family_name, nord.organisation.email):
        assert words not in page.text


def test_the_directory_is_searched_by_name_trade_and_town(nord, sign_in):
    with open_hub(nord.hub):
        first, second, third = members(3)
        for organisation, name in ((first, "Élan"), (second, "Bâton"), (third, "Zèbre")):
            organisation.name = name
            organisation.town = "Quétigny" if organisation is third else "Dijon"
            organisation.save()
        second.trade.name = "Cinéma"
        second.trade.save()
    client = sign_in(nord)

    def found(words):
        return [each.name for each in client.get(DIRECTORY, {"q": words}).context["lines"]]

    assert (found("elan"), found("cinema"), found("quetigny"), found("rien")) == (["Élan"], ["Bâton"], ["Zèbre"], [])
    assert "Aucune structure ne correspond" in client.get(DIRECTORY, {"q": "rien"}).text


def test_a_hub_without_the_module_has_no_directory(nord, sign_in):
    nord.hub.modules = ["billing"]
    nord.hub.save()

    assert sign_in(nord).get(DIRECTORY).status_code == 404
    assert sign_in(nord, "coordinator").get(TOTALS).status_code == 404
    assert "lien" not in sign_in(nord, "coordinator").get("/gestion/structures/").context["filter"].filters


def test_the_home_has_the_members_wall(nord, sign_in):
    with open_hub(nord.hub):
        first, second = members(2)
    page = sign_in(nord).get("/")

    assert first.name in page.text
    assert second.name in page.text
    assert 'class="wall"' in page.text


def test_the_sheet_shows_memberships_with_their_gaps(nord, sign_in):
    with open_hub(nord.hub):
        college = CollegeFactory(name="Partenaires")
        for year in (2023, 2025):
            MembershipFactory(
                organisation=nord.organisation,
                college=college,
                fiscal_year=FiscalYearFactory(year=year),
                kind=MemberKind.ASSOCIATE,
            )
        FiscalYearFactory(year=2024)
        assert Membership.objects.count() == 2

    text = sign_in(nord, "coordinator").get(f"/gestion/structures/{nord.organisation.public_id}/").text

    assert ("2023" in text, "<strong>2024" in text, "2025" in text, "Partenaires" in text) == (True, False, True, True)
