"""Signing in, hub by hub: an account that is not of the hub is an account that does not exist there."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hubs.models import Mail, StaffRole, User
from hubs.scope import open_hub
from parties.actions import end_link
from parties.models import Link
from tests.parties.factories import LinkFactory, PersonFactory

PASSWORD = "motdepasse-solide"  # that of UserFactory
SIGN_IN, CODE, TYPE_CODE = (
    reverse(f"account_{name}") for name in ("login", "request_login_code", "confirm_login_code")
)
NOON = dt.datetime(2026, 11, 24, 12, tzinfo=ZoneInfo("Europe/Paris"))
SPACE, DESK = reverse("hubs:member_home"), reverse("hubs:staff_home")
WRONG = "Cette adresse et ce mot de passe ne vont pas ensemble. Vous pouvez aussi demander un code par courriel."


def sign(browser: Client, email: str, password: str = PASSWORD):
    return browser.post(SIGN_IN, {"login": email, "password": password}, follow=True)


def ask_code(browser: Client, email: str):
    return browser.post(CODE, {"email": email}, follow=True)


def mails(cast) -> list[Mail]:
    with open_hub(cast.hub):
        return list(Mail.objects.order_by("pk"))


def words(page) -> str:
    """The page, without what is drawn anew each time or names the address just typed."""
    text = re.sub(r'(name="csrfmiddlewaretoken" value|X-CSRFToken&quot;: &quot;|"X-CSRFToken": ")[^>]*', "", page.text)
    return re.sub(r"[\w.]+@[\w.]+", "", text)


@pytest.mark.parametrize(("name", "page"), [("administrator", SPACE), ("coordinator", DESK), ("stranger", SPACE)])
def test_a_password_opens_the_page_of_ones_place(nord, sign_in, name, page):
    answer = sign(sign_in(nord), getattr(nord, name).user.email)

    assert answer.redirect_chain == [("/bienvenue/", 302), (page, 302)]
    assert answer.status_code == 200


def test_the_page_asked_for_comes_after(nord, sign_in):
    browser = sign_in(nord)
    asked = browser.get("/mon-espace/reservations/")

    answer = browser.post(asked.url, {"login": nord.employee.user.email, "password": PASSWORD})

    assert (asked.url, answer.url) == (f"{SIGN_IN}?next=/mon-espace/reservations/", "/mon-espace/reservations/")


@pytest.mark.parametrize("address", ["https://voleur.example/", "//voleur.example/"])
def test_nobody_is_sent_to_another_site(nord, sign_in, address):
    answer = sign_in(nord).post(f"{SIGN_IN}?next={address}", {"login": nord.employee.user.email, "password": PASSWORD})

    assert answer.url == "/bienvenue/"


def test_a_code_from_the_mail_opens_once(nord, sign_in):
    browser = sign_in(nord)

    asked = ask_code(browser, nord.coordinator.user.email)
    [letter] = mails(nord)
    code = letter.subject.split(",")[0]
    answer = browser.post(TYPE_CODE, {"code": code}, follow=True)
    again = sign_in(nord).post(TYPE_CODE, {"code": code}, follow=True)

    assert asked.redirect_chain == [(TYPE_CODE, 302)]
    assert (letter.to, letter.subject) == ([nord.coordinator.user.email], f"{code}, votre code pour entrer à Pôle nord")
    assert f"Votre code pour entrer sur le portail de Pôle nord\u00a0: {code}\n" in letter.text
    assert answer.redirect_chain == [("/bienvenue/", 302), (DESK, 302)]
    assert again.redirect_chain == [(CODE, 302)]


def test_a_wrong_code_opens_nothing(nord, sign_in):
    browser = sign_in(nord)
    ask_code(browser, nord.employee.user.email)

    page = browser.post(TYPE_CODE, {"code": "ZZZ-ZZZ"})

    assert "Ce n’est pas le code que nous avons envoyé." in page.text
    assert browser.get(SPACE).status_code == 302


@pytest.mark.feature("HU2")
def test_an_account_of_another_hub_is_unknown_here(nord, sud, sign_in):
    known, foreign, unknown = nord.employee.user.email, sud.employee.user.email, "personne@inconnue.example"

    by_code = [words(ask_code(sign_in(nord), email)) for email in (known, foreign, unknown)]
    by_password = [words(sign(sign_in(nord), email)) for email in (foreign, unknown)]

    assert by_code[0] == by_code[1] == by_code[2]
    assert by_password[0] == by_password[1]
    assert WRONG in by_password[0]
    assert [letter.to for letter in mails(nord)] == [[known]]
    assert mails(sud) == []


@pytest.mark.feature("HU2")
def test_a_forgotten_password_is_asked_in_ones_own_hub(nord, sud, sign_in):
    emails = (nord.employee.user.email, sud.employee.user.email, "personne@inconnue.example")

    pages = [
        words(sign_in(nord).post("/compte/mot-de-passe/oubli/", {"email": email}, follow=True)) for email in emails
    ]

    assert pages[0] == pages[1] == pages[2]
    assert [letter.to for letter in mails(nord)] == [[nord.employee.user.email]]
    link = re.search(r"http://nord\.localhost(/compte/\S+)", mails(nord)[0].text)[1]
    browser = sign_in(nord)
    form = browser.get(link, follow=True)
    browser.post(form.request["PATH_INFO"], {"password1": "phrase-assez-longue", "password2": "phrase-assez-longue"})
    assert sign(sign_in(nord), emails[0], "phrase-assez-longue").redirect_chain[-1] == (SPACE, 302)


@pytest.mark.feature("HU2")
def test_a_session_of_one_hub_opens_nothing_in_another(nord, sud, sign_in):
    # The same account works in both hubs: the cookie alone makes the difference.
    with open_hub(sud.hub):
        LinkFactory(person=PersonFactory(user=nord.administrator.user), organisation=sud.organisation)
    here, elsewhere = sign_in(nord, "administrator"), sign_in(sud)
    elsewhere.cookies.load(here.cookies.output(header=""))

    answer = elsewhere.get(SPACE)

    assert (answer.status_code, answer.url) == (302, f"{SIGN_IN}?next={SPACE}")
    assert here.get(SPACE).status_code == 200
    assert sign(sign_in(sud), nord.administrator.user.email).redirect_chain[-1] == (SPACE, 302)


def test_after_five_wrong_passwords_one_waits(nord, sign_in):
    browser, email = sign_in(nord), nord.employee.user.email

    with time_machine.travel(NOON, tick=False):
        wrong = [sign(browser, email, "faux") for _try in range(5)]
        right = sign(browser, email)
        still_out = browser.get(SPACE).status_code
    with time_machine.travel(NOON + dt.timedelta(minutes=5), tick=False):
        later = sign(browser, email)

    assert all(WRONG in page.text for page in wrong)
    assert (right.status_code, right["Retry-After"], still_out) == (429, "300", 302)
    assert "Réessayez dans 5 minutes, à 12\u00a0h\u00a005." in right.text
    assert later.redirect_chain[-1] == (SPACE, 302)


def test_a_closed_account_opens_nothing(nord, sign_in):
    User.objects.filter(pk=nord.employee.user.pk).update(is_active=False)

    browser = sign_in(nord)
    page = sign(browser, nord.employee.user.email)

    assert ("Ce compte est fermé" in page.text, browser.get(SPACE).status_code) == (True, 302)


def test_nobody_signs_up_by_themselves(nord, sign_in):
    sent = {"email": "nouvelle@exemple.example", "password1": "phrase-assez-longue"}

    page = sign_in(nord).post("/compte/inscription/", sent)

    assert page.status_code == 200
    assert not User.objects.filter(email="nouvelle@exemple.example").exists()


def test_a_leaver_loses_rights_that_day(nord, sign_in):
    browser = sign_in(nord, "employee")
    before = browser.get("/mon-espace/reserver/").status_code

    with open_hub(nord.hub):
        link = Link.objects.get(person=nord.employee)
        end_link(link=link, on=timezone.localdate(), by=nord.actor("coordinator"))

    assert (before, browser.get("/mon-espace/reserver/").status_code) == (200, 403)


def test_a_role_that_ended_opens_gestion_no_more(nord, sign_in):
    browser = sign_in(nord, "receptionist")
    before = browser.get(DESK).status_code

    with open_hub(nord.hub):
        StaffRole.objects.filter(user=nord.receptionist.user).update(ends_on=timezone.localdate())

    assert (before, browser.get(DESK).status_code) == (200, 403)


def test_who_arrives_tomorrow_has_no_rights_today(nord, sign_in):
    with open_hub(nord.hub):
        Link.objects.filter(person=nord.employee).update(starts_on=timezone.localdate() + dt.timedelta(days=1))

    assert sign_in(nord, "employee").get("/mon-espace/reserver/").status_code == 403


def test_signing_out_forgets_the_browser(nord, sign_in):
    browser = sign_in(nord, "employee")

    answer = browser.post("/compte/deconnexion/")

    assert (answer.url, browser.get(SPACE).status_code) == ("/", 302)


def test_the_menu_leads_to_a_new_password(nord, sign_in):
    browser = sign_in(nord, "employee")
    page = reverse("account_change_password")

    account = reverse("mfa_index")

    linked = [f'href="{address}"' in browser.get(start).text for start, address in ((SPACE, account), (account, page))]
    browser.post(
        page, {"oldpassword": "motdepasse-solide", "password1": "un-autre-bien-long", "password2": "un-autre-bien-long"}
    )

    nord.employee.user.refresh_from_db()
    assert (linked, nord.employee.user.check_password("un-autre-bien-long")) == ([True, True], True)
