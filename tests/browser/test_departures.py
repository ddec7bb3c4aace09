"""A member resigns from mon espace on a phone, changes its mind, and the staff strikes another off."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.mark.feature("ME16")
def test_a_structure_resigns_on_a_phone_and_stays_after_all(people, site):
    page = people("structure", phone=True)

    page.goto(site.url("/mon-espace/moi/adhesion/"))
    page.get_by_role("link", name="Mettre fin à l’adhésion…").first.click()
    expect(page.get_by_role("heading", name="Ce qui suit")).to_be_visible()
    page.get_by_label("Je mets fin à cette adhésion").check()
    page.get_by_role("button", name="Démissionner").click()
    expect(page.get_by_text("Votre démission est notée").first).to_be_visible()
    expect(page.get_by_role("link", name="PDF")).to_be_visible()

    page.get_by_role("button", name="Retirer la démission").click()
    expect(page.get_by_text("Votre démission est retirée")).to_be_visible()
    expect(page.get_by_role("link", name="Mettre fin à l’adhésion…")).to_be_visible()


@pytest.mark.feature("ME16")
def test_the_coordination_follows_a_formal_notice_and_hears_the_member(people, site):
    page = people("coordination")

    page.goto(site.url("/gestion/membres/departs/"))
    page.locator("main").get_by_role("link", name="autre motif").click()
    expect(page.get_by_role("heading", name="Noter la réponse")).to_be_visible()
    page.get_by_label("Ce que le membre a répondu").fill("Nous passons vous voir jeudi.")
    page.get_by_role("button", name="Noter la réponse").click()
    expect(page.get_by_text("La décision peut être notée après le")).to_be_visible()
