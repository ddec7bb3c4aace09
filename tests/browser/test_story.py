"""The main job, as people do it: the demo network, Chromium, a real worker."""

import datetime as dt
import io
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

pytestmark = pytest.mark.browser

WAIT = 60_000
PARIS = ZoneInfo("Europe/Paris")
DATA = Path(__file__).resolve().parents[1] / "data"


def saturday(after: int) -> dt.date:
    """The first Saturday so many days from today: the house is open, and the demo's people are away."""
    day = dt.datetime.now(PARIS).date() + dt.timedelta(days=after)
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

    code = site.mail_that_says(r"portail de La Coursive Boutaric\s*:\s*([A-Z0-9-]+)")
    page.get_by_label("Code reçu").fill(code)
    page.get_by_role("button", name="Entrer").click()

    expect(page.get_by_role("heading", name="À faire")).to_be_visible()


@pytest.mark.feature("HU11")
@pytest.mark.feature("HU2")
def test_staff_import_the_fifteen_structures_of_2013_and_the_totals_are_those_of_the_seeds(people, site):
    """In the small hub, which the other hub's fifteen members leave untouched."""
    page = people("coordination", hub="petit-pole")

    page.goto(site.url("/gestion/membres/import/", "petit-pole"))
    page.locator("input[type=file]").set_input_files(DATA / "coursive-2013.csv")
    page.get_by_role("button", name="Voir ce qui va se passer").click()
    expect(page.get_by_role("heading", name="Ce qui va se passer")).to_be_visible()
    dry_run = page.locator("main").inner_text()
    page.get_by_role("button", name=re.compile("Importer")).click()
    expect(page.get_by_role("heading", name="C’est importé")).to_be_visible(timeout=WAIT)
    page.goto(site.url("/gestion/membres/import/", "petit-pole"))
    page.locator("input[type=file]").set_input_files(DATA / "coursive-2013.xlsx")
    page.get_by_role("button", name="Voir ce qui va se passer").click()
    again = page.locator("main").inner_text()

    for total in ("57", "50", "3 700 000", "1 600 000", "600 000", "400"):
        assert total in plain(dry_run)
    assert "15" in dry_run
    assert re.search(r"15\s+(structures )?inchangées", plain(again))


@pytest.mark.feature("BI3")
@pytest.mark.feature("BI4")
@pytest.mark.feature("BI5")
@pytest.mark.feature("BI19")
def test_the_month_closes_the_invoice_arrives_is_paid_and_another_is_mended_by_a_credit_note(people, site):
    page = people("comptabilite")

    page.goto(site.url("/gestion/"))
    page.get_by_role("link", name=re.compile("^Clore")).click()
    month = re.search(r"mois/(\d{4}-\d\d)/", page.url)[1]
    page.get_by_role("button", name="Préparer l’aperçu").click()
    page.get_by_role("button", name="Passer à l’émission").click()
    page.get_by_role("button", name=re.compile("^Émettre les")).click()
    expect(page.get_by_text("Tout est émis.")).to_be_visible(timeout=WAIT)
    page.reload()
    numbers = page.locator("tbody td:first-child").all_inner_texts()
    page.goto(site.url(f"/gestion/facturation/mois/{month}/"))
    closed = page.locator("main").inner_text()

    assert numbers == [f"FA-{number[3:7]}-{int(numbers[0][-5:]) + n:05d}" for n, number in enumerate(numbers)]
    assert "déjà" in closed or "émis" in closed

    member = people("structure", phone=True)
    member.goto(site.url("/mon-espace/compte/"))
    due = member.locator("main").inner_text()
    number = re.search(r"FA-\d{4}-\d{5}", due)[0]
    with member.expect_download() as download:
        member.get_by_role("link", name="Télécharger la facture").first.click()
    pdf = PdfReader(io.BytesIO(download.value.path().read_bytes()))
    text = plain("".join(sheet.extract_text() for sheet in pdf.pages))
    assert number in text
    assert "Zutique Productions" in text
    assert site.mail_that_says(f'filename="({number}).pdf"') == number

    page.goto(site.url("/gestion/facturation/?sort=-number"))
    page.get_by_role("link", name=number).first.click()
    page.get_by_role("button", name="Noter le paiement").click()
    expect(page.locator("main")).to_contain_text("payée")
    member.reload()
    assert "à jour" in member.locator("main").inner_text().lower() or "0,00" in member.locator("main").inner_text()

    page.goto(site.url(f"/gestion/facturation/mois/{month}/resultat/"))
    other = page.locator("tbody td:first-child a").first
    wrong = other.inner_text()
    other.click()
    page.get_by_role("link", name="Établir un avoir…").click()
    page.get_by_label("Motif").fill("Réservation comptée deux fois")
    page.get_by_role("button", name="Établir l’avoir").click()
    expect(page.locator("main")).to_contain_text(re.compile(r"AV-\d{4}-00001"))
    expect(page.locator("main")).to_contain_text(wrong)


def plain(text: str) -> str:
    """The text with ordinary spaces."""
    return re.sub(r"[\u00a0\u202f\s]+", " ", text)
