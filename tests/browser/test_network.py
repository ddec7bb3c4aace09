"""When the network or the site fails, a bar says so, and what was typed stays."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

OFFLINE = "Vous êtes hors ligne."
FIND = "/mon-espace/reserver/"
PROVOKED = "Failed to load resource|Response Status Error|htmx:(sendError|afterRequest)"
ASK = """htmx.ajax("GET", "/mon-espace/reserver/?kind=room", {target: "main", select: "main", swap: "outerHTML"})
    .catch(() => null)"""


@pytest.fixture
def page(people, site):
    page = people("equipe", phone=True, forgives=PROVOKED)
    page.goto(site.url(FIND))
    return page


@pytest.fixture
def bar(page):
    """What screen readers are told as it changes; nothing is said while all is well."""
    bar = page.get_by_role("status").and_(page.locator("#network"))
    expect(bar).to_have_text("")
    return bar


def test_a_form_sent_offline_stays_with_its_answers_until_the_network_is_back(people, site):
    page = people("coordination", forgives=PROVOKED)
    page.goto(site.url("/gestion/reglages/"))
    bar = page.locator("#network")
    page.get_by_label("Qui nous sommes").fill("Une phrase pas encore envoyée")
    page.context.set_offline(True)
    expect(bar).to_contain_text(OFFLINE)

    page.get_by_role("button", name="Enregistrer les réglages").click()

    expect(bar).to_contain_text(OFFLINE)
    expect(page.get_by_label("Qui nous sommes")).to_have_value("Une phrase pas encore envoyée")
    page.context.set_offline(False)
    expect(bar).to_have_text("Le réseau est revenu.")
    expect(bar).to_have_text("", timeout=10_000)
    page.reload()
    expect(page.get_by_label("Qui nous sommes")).not_to_have_value("Une phrase pas encore envoyée")


@pytest.mark.parametrize(
    ("status", "words"),
    [(500, "Une panne de notre côté"), (503, "Une panne de notre côté"), (429, "Trop d’essais"), (403, "Rechargez-la")],
)
def test_an_answer_that_fails_is_told_and_the_list_stays(page, bar, site, status, words):
    before = page.get_by_role("main").inner_text()
    page.route("**/reserver/?**", lambda route: route.fulfill(status=status, body="rien"))

    page.evaluate(ASK)

    expect(bar).to_contain_text(words)
    assert page.get_by_role("main").inner_text() == before


def test_a_site_that_does_not_answer_is_told_and_forgotten_once_it_does(page, bar):
    page.route("**/reserver/?**", lambda route: route.abort())
    page.evaluate(ASK)
    expect(bar).to_contain_text("Le portail ne répond pas.")

    page.unroute("**/reserver/?**")
    page.evaluate(ASK)

    expect(bar).to_have_text("")


def test_a_list_asked_once_the_session_is_over_leads_to_the_sign_in(page):
    page.context.clear_cookies()

    page.evaluate(ASK)

    page.wait_for_url("**/compte/connexion/?next=**")
