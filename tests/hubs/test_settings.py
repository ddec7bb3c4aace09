"""The hub's own settings: how it looks, which modules it opens, what it is in law and since when."""

import datetime as dt
import re

import pytest
from django.utils import timezone

from hubs.enums import LegalForm
from hubs.models import AuditEntry, HubSettings
from hubs.scope import open_hub

IDENTITY = "/gestion/reglages/"
LEGAL = "/gestion/reglages/statut/"
GIVEN = {
    "name": "La Fabrique",
    "tagline": "Un atelier de quartier.",
    "accent": "#1b6e53",
    "contact_email": "bonjour@fabrique.example",
    "phone": "03 80 00 00 00",
    "modules": ["billing", "governance", "members", "spaces"],
    "languages": ["fr"],
}


@pytest.mark.feature("HU1")
def test_the_coordinator_names_and_colours_the_hub(nord, sud, sign_in):
    answer = sign_in(nord, "coordinator").post(IDENTITY, GIVEN)
    home = sign_in(nord).get("/").text

    assert (answer.status_code, answer.url) == (302, IDENTITY)
    assert "<h1>La Fabrique</h1>" in home
    assert "/style/1b6e53.css" in home
    assert "<h1>Pôle sud</h1>" in sign_in(sud).get("/").text
    with open_hub(nord.hub):
        entry = AuditEntry.objects.get(verb="hubs.changed")
    assert (entry.before["name"], entry.after["name"]) == ("Pôle nord", "La Fabrique")


@pytest.mark.feature("HU1")
def test_a_module_switched_off_has_no_page_and_comes_back_whole(nord, sign_in):
    browser = sign_in(nord, "coordinator")

    browser.post(IDENTITY, GIVEN | {"modules": ["members"]})
    gone = browser.get("/gestion/planning/").status_code
    browser.post(IDENTITY, GIVEN)

    assert (gone, browser.get("/gestion/planning/").status_code) == (404, 200)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"accent": "rouge"}, "La couleur s’écrit comme #b3261e."),
        ({"contact_email": "accueil"}, "Saisissez une adresse de courriel valide."),
        ({"languages": ["en"]}, "Le français est toujours proposé"),
        ({"modules": ["spaces"]}, "Les espaces ont besoin des adhésions pour leurs prix"),
        ({"modules": ["governance"]}, "Les assemblées ont besoin des adhésions pour leur liste électorale"),
    ],
)
def test_a_wrong_setting_is_told_and_changes_nothing(nord, sign_in, change, words):
    answer = sign_in(nord, "coordinator").post(IDENTITY, GIVEN | change)

    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="La Fabrique"' in answer.text
    nord.hub.refresh_from_db()
    assert nord.hub.name == "Pôle nord"


@pytest.mark.feature("HU1")
def test_a_new_status_begins_on_its_day_and_the_old_one_stays(nord, sign_in):
    day = timezone.localdate() + dt.timedelta(days=40)

    sign_in(nord, "coordinator").post(
        LEGAL, {"legal_form": "scic", "fiscal_year_starts_month": 9, "starts_on": day.isoformat()}
    )

    with open_hub(nord.hub):
        rows = list(HubSettings.objects.order_by("starts_on").values_list("legal_form", "starts_on", "ends_on"))
    assert rows == [
        (LegalForm.ASSOCIATION, dt.date(2020, 1, 1), day),
        (LegalForm.SCIC, day, None),
    ]


def test_a_status_does_not_slip_under_a_later_one(nord, sign_in):
    browser = sign_in(nord, "coordinator")

    answer = browser.post(LEGAL, {"legal_form": "scic", "fiscal_year_starts_month": 1, "starts_on": "2019-01-01"})

    assert answer.status_code == 422
    assert "Des réglages plus récents existent déjà." in answer.text


@pytest.mark.parametrize("who", ["accountant", "receptionist", "administrator", "observer"])
@pytest.mark.parametrize("page", [IDENTITY, LEGAL])
def test_only_the_coordinator_changes_settings(nord, sign_in, who, page):
    assert sign_in(nord, who).get(page).status_code == 403


@pytest.mark.parametrize(
    ("person", "page", "groups", "tabs"),
    [
        ("coordinator", IDENTITY, ["Le pôle", "Les membres", "Les assemblées", "Les factures"], ["Identité", "Statut"]),
        ("coordinator", "/gestion/reglages/poids-des-colleges/", ["Le pôle", "Les membres", "Les assemblées", "Les factures"], ["Règles d’assemblée", "Poids des collèges"]),
        ("accountant", "/gestion/reglages/tva/", [], ["Émetteur", "Facture électronique"]),
    ],
)  # fmt: skip
def test_settings_show_the_tabs_of_one_group(nord, sign_in, person, page, groups, tabs):
    html = sign_in(nord, person).get(page).text

    rows = [re.findall(r">([^<]+)</a>", row) for row in re.findall(r'<nav class="tabs.*?</nav>', html)]
    assert rows[:-1] == ([groups] if groups else [])
    assert rows[-1][:2] == tabs


@pytest.mark.parametrize("person", ["coordinator", "accountant"])
def test_whoever_keeps_the_accounts_finds_their_settings_in_the_menu(nord, sign_in, person):
    html = sign_in(nord, person).get("/gestion/reglages/tva/").text

    (menu,) = re.findall(r'<nav class="side-nav".*?</nav>', html, re.DOTALL)
    assert re.findall(r'aria-current="page">.*?<span>([^<]+)</span>', menu, re.DOTALL) == ["Réglages"]
