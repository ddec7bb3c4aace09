"""The main job, as people do it: the demo network, Chromium, a real worker."""

import datetime as dt
import io
import re

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

WAIT = 60_000


def saturday(after: int) -> dt.date:
    """The first Saturday so many days from today: the house is open, and the demo's people are away."""
    day = dt.date.today() + dt.timedelta(days=after)
    return day + dt.timedelta(days=(5 - day.weekday()) % 7)


@pytest.mark.feature("SP1")
@pytest.mark.feature("SP2")
@pytest.mark.feature("SP20")
def test_an_employee_books_a_desk_and_a_room_on_a_phone_and_cancels_one(people, site):
    page = people("equipe", phone=True)
    day = saturday(4)

    page.get_by_role("link", name="Réserver un poste ou une salle").click()
    page.goto(site.url(f"/mon-espace/reserver/?day={day}&starts=09:00&ends=13:00"))
    desk = page.locator(".card", has=page.get_by_role("link", name="Poste de travail", exact=True))
    expect(desk).to_contain_text("7,20 €")
    desk.get_by_role("link", name="Poste de travail", exact=True).click()
    expect(page.locator("#prix")).to_contain_text("7,20 €")
    page.get_by_role("button", name="Réserver : Poste de travail").click()
    expect(page.get_by_text("C’est réservé : Poste de travail")).to_be_visible()
    expect(page.locator("main")).to_contain_text("7,20 €")

    page.goto(site.url(f"/mon-espace/reserver/?day={day}&starts=14:00&ends=18:00&kind=room"))
    page.get_by_role("link", name="Salle Boutaric", exact=True).click()
    page.get_by_label("De", exact=True).fill("17:00")
    page.get_by_label("De", exact=True).blur()
    expect(page.locator("#prix")).to_contain_text("9,60 €")
    page.get_by_role("button", name="Réserver : Salle Boutaric").click()
    expect(page.get_by_text("C’est réservé : Salle Boutaric")).to_be_visible()

    page.get_by_role("link", name="Annuler cette réservation…").click()
    expect(page.get_by_text("Annuler maintenant ne coûte rien.")).to_be_visible()
    page.get_by_role("button", name="Annuler la réservation").click()
    expect(page.get_by_text("La réservation est annulée, le créneau est rendu.")).to_be_visible()


@pytest.mark.feature("SP1")
@pytest.mark.feature("SP18")
def test_the_coordinator_notes_a_call_in_the_week_and_others_read_only_busy(people, site):
    page = people("coordination")
    day = saturday(11)
    title = "Répétition tenue secrète"

    page.goto(site.url(f"/gestion/planning/?week={day}&kind=workshop"))
    page.locator(f'a.cell[href*="{day}"][href*="10%3A00"]').first.click()
    page.get_by_label("Structure", exact=True).select_option(label="Nuage et Pixels")
    page.get_by_label("Pour quoi faire").fill(title)
    page.get_by_role("button", name="Noter la réservation").click()

    expect(page.get_by_text("Noté pour Nuage et Pixels : Atelier partagé")).to_be_visible()
    expect(page.locator(".week")).to_contain_text(title)
    other = people("equipe", phone=True)
    other.goto(site.url(f"/mon-espace/reserver/semaine/?week={day}&kind=workshop"))
    assert "Occupé" in other.content()
    assert title not in other.content()
    assert "Nuage et Pixels" not in other.content()


@pytest.mark.feature("HU1")
@pytest.mark.feature("HU2")
def test_each_hub_has_its_own_door_and_the_account_of_one_opens_nothing_in_the_other(people, site):
    page = people("structure")

    page.goto(site.url("/", "petit-pole"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Le Petit Pôle")
    page.goto(site.url("/compte/connexion/", "petit-pole"))
    page.get_by_label("Adresse électronique").fill("structure@la-coursive.example")
    page.get_by_label("Mot de passe", exact=True).fill("coursive-demo")
    page.get_by_role("main").get_by_role("button", name="Se connecter").click()

    expect(page.get_by_text("ne vont pas ensemble").first).to_be_visible()


def test_a_code_by_mail_signs_in(people, site):
    page = people(None, phone=True)
    page.goto(site.url("/compte/code/"))
    page.get_by_label("Adresse électronique").fill("accueil@la-coursive.example")
    page.get_by_role("button", name="Envoyer le code").click()
    page.wait_for_url("**/code/saisie/")

    code = _wait_for_mail(site, r"portail de La Coursive Boutaric\s*:\s*([A-Z0-9-]+)")
    page.get_by_label("Code reçu").fill(code)
    page.get_by_role("button", name="Entrer").click()

    expect(page.get_by_role("heading", name="À faire")).to_be_visible()


def _wait_for_mail(site, pattern: str) -> str:
    """What the pattern catches in the mail sent so far, once the worker has sent it."""
    deadline = dt.datetime.now() + dt.timedelta(milliseconds=WAIT)
    while dt.datetime.now() < deadline:
        if found := re.search(pattern, site.mails()):
            return found[1]
    raise AssertionError(f"no mail says {pattern}")
