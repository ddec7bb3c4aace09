"""The hub says which languages it offers, each reader picks one, and what is kept stays in the hub's own."""

import pytest
from django.utils import timezone, translation

from hubs.actions import record
from hubs.actors import system
from hubs.enums import Role
from hubs.models import AuditEntry, Mail
from hubs.scope import open_hub
from parties.actions import welcome_coordinator
from tests.hubs.factories import StaffRoleFactory, UserFactory

COOKIE = "coursive_language"


@pytest.fixture
def bilingual(nord):
    nord.hub.languages = ["fr", "en"]
    nord.hub.save()
    return nord


def pick(browser, language="en", back="/annuaire/"):
    return browser.post("/langue/", {"language": language, "next": back})


def test_a_visitor_picks_a_language_and_stays_on_the_page(bilingual, sign_in):
    browser = sign_in(bilingual)
    before = browser.get("/annuaire/").text

    answer = pick(browser)

    after = browser.get(answer.url).text
    assert (answer.status_code, answer.url) == (302, "/annuaire/")
    assert '<html lang="fr"' in before and '<button type="submit" name="language" value="en" lang="en">' in before
    assert '<html lang="en"' in after and 'value="en" lang="en" aria-current="true"' in after
    assert browser.cookies[COOKIE]["httponly"] and browser.cookies[COOKIE]["samesite"] == "Lax"


@pytest.mark.parametrize("back", ["https://ailleurs.example/", "//ailleurs.example/", "javascript:alert(1)", ""])
def test_picking_a_language_leads_nowhere_else(bilingual, sign_in, back):
    assert pick(sign_in(bilingual), back=back).url == "/"


def test_a_hub_with_french_alone_offers_nothing_and_speaks_french(nord, sign_in):
    browser = sign_in(nord)

    answer = pick(browser)

    assert COOKIE not in answer.cookies
    browser.cookies[COOKIE] = "en"
    page = browser.get("/").text
    assert '<html lang="fr"' in page and 'name="language"' not in page


@pytest.mark.parametrize("language", ["de", "", "en-gb", "../en"])
def test_a_language_that_is_not_offered_changes_nothing(bilingual, sign_in, language):
    browser = sign_in(bilingual, "employee")

    pick(browser, language)

    browser.cookies[COOKIE] = language
    assert '<html lang="fr"' in browser.get("/").text
    bilingual.employee.user.refresh_from_db()
    assert bilingual.employee.user.language == ""


def test_the_language_of_someone_signed_in_is_found_again_on_another_browser(bilingual, sign_in):
    pick(sign_in(bilingual, "employee"))
    user = bilingual.employee.user
    other = sign_in(bilingual)

    other.post("/compte/connexion/", {"login": user.email, "password": "motdepasse-solide"})

    user.refresh_from_db()
    assert user.language == "en"
    assert '<html lang="en"' in other.get("/mon-espace/").text


def test_the_coordinator_offers_english(nord, sign_in):
    browser = sign_in(nord, "coordinator")
    shown = browser.get("/gestion/reglages/")
    values = shown.context["form"].initial | {"languages": ["en", "fr"]}

    answer = browser.post("/gestion/reglages/", values)

    nord.hub.refresh_from_db()
    assert (answer.status_code, nord.hub.languages) == (302, ["fr", "en"])


def test_errors_speak_the_readers_language_too(bilingual, sign_in):
    browser = sign_in(bilingual)
    pick(browser)

    assert '<html lang="en"' in browser.get("/nulle-part/").text


def test_what_is_kept_is_in_the_hubs_language_whoever_acts(bilingual):
    by = system(bilingual.hub.pk)
    with open_hub(bilingual.hub, language="en"):
        record(by=by, verb="hubs.role_given", thing=StaffRoleFactory(role=Role.RECEPTION))

        assert (AuditEntry.objects.get(verb="hubs.role_given").label, translation.get_language()) == ("accueil", "en")


@pytest.mark.parametrize(("language", "subject"), [("", "Votre accès"), ("en", "Your access")])
def test_a_mail_speaks_its_readers_language_and_not_the_senders(bilingual, language, subject):
    with open_hub(bilingual.hub, language="fr" if language else "en"):
        user = UserFactory(language=language)

        welcome_coordinator(email=user.email, by=system(bilingual.hub.pk), on=timezone.localdate())

        assert Mail.objects.get().subject.startswith(subject)
