"""Every page of every role, on a phone in the dark and on a desk in the light: axe finds nothing."""

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser

PAGES = {
    None: ["/", "/espaces/", "/annuaire/", "/compte/connexion/", "/compte/code/", "/nulle-part/"],
    "equipe": [
        "/mon-espace/",
        "/mon-espace/reserver/",
        "/mon-espace/reserver/semaine/",
        "/mon-espace/reservations/",
        "/mon-espace/compte/",
        "/mon-espace/structure/",
        "/mon-espace/moi/securite/",
        "/mon-espace/moi/securite/application/",
        "/mon-espace/moi/securite/cles/ajouter/",
        "/mon-espace/moi/appareils/",
        "/mon-espace/moi/adresse/",
    ],
    "coordination": [
        "/gestion/",
        "/gestion/planning/",
        "/gestion/planning/reserver/",
        "/gestion/espaces/",
        "/gestion/espaces/nouveau/",
        "/gestion/structures/",
        "/gestion/membres/",
        "/gestion/membres/import/",
        "/gestion/facturation/",
        "/gestion/reglages/",
        "/gestion/reglages/statut/",
        "/gestion/reglages/equipe/",
        "/gestion/reglages/equipe/donner/",
        "/gestion/reglages/colleges/",
        "/gestion/reglages/colleges/nouveau/",
        "/gestion/reglages/exercices/",
        "/gestion/reglages/emetteur/",
        "/gestion/reglages/emetteur/suivant/",
        "/gestion/reglages/tva/",
        "/gestion/reglages/tva/noter/",
        "/gestion/reglages/securite/",
        "/gestion/reglages/annonces/",
        "/gestion/suivi/journal/",
        "/gestion/suivi/courriels/",
        "/gestion/suivi/travaux/",
        "/composants/",
    ],
}


@pytest.mark.parametrize(("phone", "dark"), [(True, True), (False, False)], ids=["phone-dark", "desk-light"])
@pytest.mark.parametrize("name", PAGES, ids=str)
def test_axe_finds_nothing_and_nothing_overflows(people, site, name, phone, dark):
    page = people(name, phone=phone, dark=dark)
    found = {}

    for path in PAGES[name]:
        page.goto(site.url(path))
        faults = [fault["id"] for fault in Axe().run(page).response["violations"]]
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth + 1")
        if faults or wide:
            found[path] = faults + ["overflow"] * wide

    assert found == {}
