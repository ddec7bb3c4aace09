"""/annuaire/, the page of a structure, its pictures, the open data, and who writes all that."""

import csv
import datetime as dt
import io
import json

import pytest
from django.utils import timezone

from hubs.models import AuditEntry, Mail
from hubs.scope import open_hub
from members import actions
from members.demo_showcase import drawn
from members.enums import PageState
from members.models import Membership, PageContact, PublicPage
from members.personal import personal_data
from members.todos import pages_to_confirm
from parties.models import Trade
from parties.personal.actions import erase_person
from parties.personal.queries import subject_of
from tests.members.factories import (
    CollegeFactory,
    FiscalYearFactory,
    MembershipFactory,
    PagePictureFactory,
    PublicPageFactory,
)
from tests.parties.factories import OrganisationFactory

TODAY = timezone.localdate()
WRITTEN = {
    "tagline": "Des affiches faites main",
    "text": "Un atelier au rez-de-chaussée.",
    "takes_orders": "on",
    "ordering": "Écrivez-nous",
    "links": "boutique.example\nhttps://reseau.example/nous",
    "shows_email": "on",
}


def words(response):
    return " ".join(response.text.replace("\xa0", " ").split())


def edit_of(organisation, tail=""):
    return f"/mon-espace/page/{organisation.public_id}/{tail}"


def page_of(organisation):
    return f"/annuaire/{organisation.public_id}/"


@pytest.fixture
def year(nord):
    with open_hub(nord.hub):
        return FiscalYearFactory(year=TODAY.year)


@pytest.fixture
def college(nord):
    with open_hub(nord.hub):
        return CollegeFactory()


@pytest.fixture
def ours(nord, year, college):
    """The structure of nord's people, a member."""
    with open_hub(nord.hub):
        MembershipFactory(organisation=nord.organisation, fiscal_year=year, college=college)
    return nord.organisation


@pytest.fixture
def member(nord, year, college):
    """`member(name, published=True, trade=…)` is a member structure with its page."""

    def made(name, *, trade="", town="Dijon", published=True, **page):
        kept = Trade.objects.get_or_create(name=trade)[0] if trade else None
        organisation = OrganisationFactory(name=name, trade=kept, town=town)
        MembershipFactory(organisation=organisation, fiscal_year=year, college=college)
        PublicPageFactory(organisation=organisation, published=published, **page)
        return organisation

    return made


@pytest.mark.feature("ME12")
def test_a_structure_writes_its_page_and_a_visitor_reads_it(nord, ours, sign_in):
    browser, visitor = sign_in(nord, "administrator"), sign_in(nord)
    assert edit_of(ours) in browser.get("/mon-espace/structure/").text

    browser.post(edit_of(ours), WRITTEN)
    before = words(visitor.get(page_of(ours)))
    browser.post(edit_of(ours, "publier/"))
    after = words(visitor.get(page_of(ours)))

    assert "faites main" not in before
    for told in (
        "faites main",
        "rez-de-chaussée",
        "Écrivez-nous",
        "https://boutique.example",
        ours.email,
        "vérifiée le",
    ):
        assert told in after
    assert f'<meta property="og:title" content="{ours.name}">' in after
    assert ours.address not in after
    assert nord.administrator.family_name not in after
    assert "faites main" in words(visitor.get("/annuaire/"))
    with open_hub(nord.hub):
        verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs[-2:] == ["members.page_written", "members.page_published"]


def test_a_page_says_how_to_order_and_keeps_what_was_typed(nord, ours, sign_in):
    browser = sign_in(nord, "administrator")
    untold = browser.post(edit_of(ours), {**WRITTEN, "ordering": ""})
    odd = browser.post(edit_of(ours), {**WRITTEN, "links": "javascript://x"})

    assert (untold.status_code, odd.status_code) == (422, 422)
    assert "Dites comment commander" in words(untold)
    assert "Un atelier au rez-de-chaussée." in untold.text
    assert "n’est pas une adresse de site" in words(odd)
    with open_hub(nord.hub):
        assert not PublicPage.objects.exclude(tagline="").exists()


def test_an_empty_page_is_not_published(nord, ours, sign_in):
    answer = sign_in(nord, "administrator").post(edit_of(ours, "publier/"), follow=True)

    assert "Écrivez au moins une phrase" in words(answer)


def test_only_its_administrators_and_the_coordination_write_a_page(nord, sud, ours, sign_in):
    statuses = {
        name: sign_in(nord, name).get(edit_of(ours)).status_code
        for name in ("administrator", "coordinator", "employee", "accountant", "stranger")
    }

    assert statuses == {
        "administrator": 200, "coordinator": 200, "employee": 403, "accountant": 403, "stranger": 403,
    }  # fmt: skip
    assert sign_in(nord, "administrator").get(edit_of(sud.organisation)).status_code == 404
    assert sign_in(nord, "coordinator").get(edit_of(sud.organisation)).status_code == 404
    assert sign_in(nord).get(page_of(sud.organisation)).status_code == 404


def test_a_structure_that_is_no_member_is_not_told_that_the_directory_names_it(nord, ours, sign_in):
    with open_hub(nord.hub):
        other = OrganisationFactory()
    staff = sign_in(nord, "coordinator")

    told = {
        each: "Écrire la page" in staff.get(f"/gestion/structures/{each.public_id}/").text for each in (ours, other)
    }

    assert told == {ours: True, other: False}


def test_leaving_the_directory_takes_the_name_out_too(nord, ours, sign_in):
    browser, visitor = sign_in(nord, "administrator"), sign_in(nord)
    browser.post(edit_of(ours), WRITTEN)
    browser.post(edit_of(ours, "publier/"))
    browser.post(edit_of(ours, "retirer/"))

    assert ours.name not in visitor.get("/annuaire/").text
    assert ours.name not in visitor.get("/annuaire/donnees.csv").content.decode()
    assert visitor.get(page_of(ours)).status_code == 404
    browser.post(edit_of(ours, "publier/"))
    assert visitor.get(page_of(ours)).status_code == 200


def test_the_hub_hides_a_page_with_a_reason_that_its_structure_reads(nord, ours, sign_in):
    hiding = f"/gestion/membres/pages/{ours.public_id}/masquer/"
    browser, staff = sign_in(nord, "administrator"), sign_in(nord, "coordinator")
    browser.post(edit_of(ours), WRITTEN)
    browser.post(edit_of(ours, "publier/"))

    assert browser.post(hiding, {"reason": "x"}).status_code == 403
    assert "Dites pourquoi" in words(staff.post(hiding, {"reason": ""}, follow=True))
    staff.post(hiding, {"reason": "L’atelier a fermé."})

    assert sign_in(nord).get(page_of(ours)).status_code == 404
    assert "L’atelier a fermé." in browser.get(edit_of(ours)).text
    assert "Le pôle a masqué" in words(browser.post(edit_of(ours, "publier/"), follow=True))
    staff.post(edit_of(ours, "publier/"))
    assert sign_in(nord).get(page_of(ours)).status_code == 200


def test_who_left_leaves_the_directory_on_that_day(nord, ours, sign_in):
    with open_hub(nord.hub):
        PublicPageFactory(organisation=ours, published=True)
        membership = Membership.objects.get(organisation=ours)
        membership.standing, membership.left_on = "left", TODAY + dt.timedelta(days=1)
        membership.save()
    visitor = sign_in(nord)
    assert visitor.get(page_of(ours)).status_code == 200

    with open_hub(nord.hub):
        Membership.objects.filter(pk=membership.pk).update(left_on=TODAY)

    assert visitor.get(page_of(ours)).status_code == 404
    assert ours.name not in visitor.get("/annuaire/").text


def test_a_preview_shows_the_draft_to_those_who_write_it(nord, ours, sign_in):
    browser = sign_in(nord, "administrator")
    browser.post(edit_of(ours), WRITTEN)

    told = words(browser.get(edit_of(ours, "apercu/")))

    assert "Aperçu" in told
    assert "faites main" in told
    assert sign_in(nord, "employee").get(edit_of(ours, "apercu/")).status_code == 403
    assert "faites main" not in words(sign_in(nord).get(page_of(ours)))


def test_a_shared_link_carries_its_picture(nord, member, sign_in):
    with open_hub(nord.hub):
        shown = member("Élan", offer="Affiches")
        picture = PagePictureFactory(page=shown.public_page, alt="Une presse")

    text = sign_in(nord).get(page_of(shown)).text

    assert f'<meta property="og:url" content="http://nord.localhost{page_of(shown)}">' in text.replace(":8000", "")
    assert f'/annuaire/images/{picture.pk}/960.webp">' in text
    assert '<meta property="og:image:alt" content="Une presse">' in text
    assert '<meta name="description" content="' in text


# --- Search ---


@pytest.mark.feature("ME12")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "GRAFISME"}, ["Élan"]),
        ({"q": "elan"}, ["Élan"]),
        ({"q": "zutik"}, ["Zutique"]),
        ({"q": "marionetes"}, ["Zutique"]),
        ({"q": "serigraphie dijon"}, ["Élan"]),
        ({"q": "rien"}, []),
        ({"commune": "Quetigny"}, ["Zutique"]),
        ({"commandes": "on"}, ["Élan"]),
        ({"commune": "Inconnue"}, ["Zutique", "Élan"]),
    ],
)
def test_the_search_forgives(nord, member, sign_in, query, found):
    with open_hub(nord.hub):
        member("Élan", trade="graphisme", offer="Sérigraphie", takes_orders=True, ordering="Ici")
        member("Zutique", trade="spectacle", town="Quetigny", offer="Marionnettes", tagline="marionnettes")

    lines = sign_in(nord).get("/annuaire/", query).context["lines"]

    assert sorted(each.name for each in lines) == sorted(found)


def test_a_filter_by_trade(nord, member, sign_in):
    with open_hub(nord.hub):
        member("Élan", trade="graphisme")
        kept = member("Zutique", trade="spectacle")
    browser = sign_in(nord)

    assert [each.name for each in browser.get("/annuaire/", {"metier": kept.trade_id}).context["lines"]] == ["Zutique"]
    assert len(browser.get("/annuaire/", {"metier": "²"}).context["lines"]) == 2


def test_pages_of_the_directory_follow_one_another_and_end(nord, member, sign_in):
    with open_hub(nord.hub):
        for number in range(30):
            member(f"Structure {number:02d}", trade="graphisme")
    browser = sign_in(nord)

    def shown(number):
        answer = browser.get("/annuaire/", {"page": number, "q": "graphisme"})
        return answer.context["page"].number, [line.name for line in answer.context["lines"]]

    assert [len(shown(number)[1]) for number in (1, 2)] == [24, 6]
    assert shown(2) == shown(9) == shown(2)
    assert (shown("x"), shown("0")) == (shown(1), shown(1))
    assert "q=graphisme" in browser.get("/annuaire/", {"q": "graphisme"}).text


def test_hostile_words_stay_words(nord, member, sign_in):
    with open_hub(nord.hub):
        member('<b onclick="x">', trade="<i>", town="<u>", tagline='"><script>')
    text = sign_in(nord).get("/annuaire/", {"q": "<script"}).text

    assert "&lt;b onclick=&quot;x&quot;&gt;" in text
    assert not any(mark in text for mark in ("<b onclick", "<i>", "<u>", "<script>"))


@pytest.mark.feature("OU4")
def test_the_showcase_has_the_pages_with_their_pictures_and_who_takes_orders(nord, member, sign_in):
    with open_hub(nord.hub):
        shown = member("Élan", trade="graphisme", takes_orders=True, ordering="Ici")
        member("Brouillon", published=False)
        kept = actions.add_picture(
            organisation=shown, content=drawn("x"), alt="Une affiche", by=nord.actor("coordinator")
        )

    answer = sign_in(nord).get("/annuaire/vitrine/")

    assert [line.name for line in answer.context["lines"]] == ["Élan"]
    assert f'src="/annuaire/images/{kept.pk}/960.webp" alt="Une affiche"' in answer.text
    assert "prend des commandes" in words(answer)


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("path", "who", "queries"),
    [("/annuaire/", None, 9), ("/annuaire/vitrine/", None, 9), ("/gestion/membres/pages/", "coordinator", 11)],
)
def test_lists_ask_as_much_for_one_row_as_for_three(
    nord, member, sign_in, path, who, rows, queries, django_assert_num_queries
):
    with open_hub(nord.hub):
        for number in range(rows):
            member(f"Structure {number}", trade="graphisme", takes_orders=True, ordering="Ici")
    browser = sign_in(nord, who)

    with django_assert_num_queries(queries):
        answer = browser.get(path)

    assert answer.context["page"].paginator.count == rows


# --- People, by their own word ---


@pytest.mark.feature("ME12")
def test_a_person_is_named_by_their_own_word_alone(nord, ours, sign_in):
    with open_hub(nord.hub):
        PublicPageFactory(organisation=ours, published=True)
    employee, visitor = sign_in(nord, "employee"), sign_in(nord)
    name = str(nord.employee)

    assert name not in visitor.get(page_of(ours)).text
    employee.post(edit_of(ours, "moi/"), {"action": "show"})
    assert name in visitor.get(page_of(ours)).text
    employee.post(edit_of(ours, "moi/"), {"action": "hide"})
    assert name not in visitor.get(page_of(ours)).text
    assert sign_in(nord, "coordinator").get(edit_of(ours, "moi/")).status_code in (403, 404)


def test_who_no_longer_works_there_is_no_longer_named(nord, ours, sign_in):
    with open_hub(nord.hub):
        PublicPageFactory(organisation=ours, published=True)
        actions.show_me(organisation=ours, by=nord.actor("employee"), now=timezone.now())
        nord.employee.links.update(ends_on=TODAY)
        assert PageContact.objects.count() == 1

    assert str(nord.employee) not in sign_in(nord).get(page_of(ours)).text


def test_an_erased_person_is_told_of_their_pages_and_named_on_none(nord, ours, sign_in):
    with open_hub(nord.hub):
        PublicPageFactory(organisation=ours, published=True)
        actions.show_me(organisation=ours, by=nord.actor("employee"), now=timezone.now())
        (section,) = [each for each in personal_data(subject_of(nord.employee)) if each.key == "annuaire"]
    employee, name = sign_in(nord, "employee"), str(nord.employee)
    assert section.rows[0][0] == ours.name
    assert "Pages publiques où son nom est montré" in employee.get("/mon-espace/moi/donnees/").text

    with open_hub(nord.hub):
        erase_person(person=nord.employee, by=nord.actor("coordinator"), now=timezone.now())
        assert not PageContact.objects.exists()
    assert name not in sign_in(nord).get(page_of(ours)).text


# --- Open data ---


@pytest.mark.feature("ME12")
def test_the_open_data_are_what_is_public_and_no_more(nord, sud, ours, member, sign_in):
    with open_hub(nord.hub):
        member("Élan", trade="graphisme", shows_email=True)
    visitor = sign_in(nord)

    sheet, told = visitor.get("/annuaire/donnees.csv"), visitor.get("/annuaire/donnees.json")

    rows = list(csv.DictReader(io.StringIO(sheet.content.decode("utf-8-sig")), delimiter=";"))
    assert sheet.content.startswith(b"\xef\xbb\xbf")
    assert {row["nom"]: row["courriel"] != "" for row in rows} == {ours.name: False, "Élan": True}
    assert {row["licence"] for row in rows} == {"Licence Ouverte 2.0"}
    data = json.loads(told.content)
    assert [each["nom"] for each in data["structures"]] == [row["nom"] for row in rows]
    assert data["licence"] == "Licence Ouverte 2.0"
    for answer in (sheet, told):
        assert answer["Cache-Control"] == "public, max-age=3600"
        for private in (nord.administrator.family_name, sud.organisation.name, ours.email):
            assert private not in answer.content.decode()
    assert "/annuaire/donnees.csv" in visitor.get("/annuaire/donnees/").text
    assert "/annuaire/donnees/" in visitor.get("/annuaire/").text


# --- A year later ---


@pytest.mark.feature("ME12")
def test_a_page_of_a_year_is_asked_for_told_and_confirmed(nord, ours, sign_in):
    old = TODAY - dt.timedelta(days=400)
    with open_hub(nord.hub):
        PublicPageFactory(organisation=ours, published=True, published_on=old, confirmed_on=old)
        asked = (actions.ask_stale_pages(on=TODAY), actions.ask_stale_pages(on=TODAY))
        mail = Mail.objects.get()
        (todo,) = pages_to_confirm(TODAY)
    browser = sign_in(nord, "administrator")

    assert asked == (1, 0)
    assert mail.to == [nord.administrator.email]
    assert edit_of(ours) in mail.text
    assert (todo.label, todo.url) == (ours.name, edit_of(ours))
    assert "plus d’un an" in words(sign_in(nord).get(page_of(ours)))
    browser.post(edit_of(ours, "confirmer/"))
    assert "plus d’un an" not in words(sign_in(nord).get(page_of(ours)))
    with open_hub(nord.hub):
        assert pages_to_confirm(TODAY) == []


def test_many_old_pages_are_one_line_that_leads_to_the_list(nord, member, sign_in):
    old = TODAY - dt.timedelta(days=400)
    with open_hub(nord.hub):
        for number in range(6):
            member(f"Structure {number}", published_on=old, confirmed_on=old)
        (todo,) = pages_to_confirm(TODAY)

    assert (todo.label, todo.url) == ("6 pages publiques à vérifier", "/gestion/membres/pages/")
    assert words(sign_in(nord, "coordinator").get(todo.url)).count("à vérifier") == 6
    assert sign_in(nord, "accountant").get(todo.url).status_code == 403


def test_states_follow_their_table(hub, nord, ours):
    by = nord.actor("coordinator")
    page = PublicPageFactory(organisation=ours, state=PageState.WITHDRAWN)
    actions.hide_page(organisation=ours, reason="Fermée", by=by)

    with pytest.raises(actions.PageMoved):
        actions.withdraw_page(organisation=ours, by=by)
    page.refresh_from_db()
    assert (page.state, page.hidden_reason) == (PageState.HIDDEN, "Fermée")
