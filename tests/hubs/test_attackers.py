"""Ten attackers at the door, all at once, with Valkey and without; and the owner, who still comes in."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from threading import Barrier

import pytest
import time_machine
from django.db import connection
from django.urls import reverse

from hubs import limits
from hubs.limits import Rate, Rule
from hubs.models import Mail
from hubs.scope import open_hub
from tests.cast import cast_of
from tests.client import CheckingClient
from tests.hubs import attackers
from tests.hubs.factories import TOTPFactory
from tests.hubs.test_sign_in import CODE, DESK, NOON, PASSWORD, SIGN_IN, TYPE_CODE, WRONG, sign
from tests.parties.factories import InvitationFactory

SECOND = reverse("mfa_authenticate")
WRONG_CODE = "Ce n’est pas le code que nous avons envoyé."
WRONG_SECOND = "Ce code n’est pas le bon, ou il a déjà servi."
UNLIMITED = Rule("unlimited", Rate(10**6, 60))


@pytest.fixture(params=["valkey", "database"])
def hub_of(request, committed, settings):
    """« nord » on a database where everyone sees it, at noon."""
    if request.param == "database":
        request.getfixturevalue("no_valkey")
    settings.PASSWORD_HASHERS = ["tests.hubs.attackers.CountingHasher"]
    cast = cast_of("nord")
    attackers.checked.clear()
    with time_machine.travel(NOON, tick=False):
        yield cast
    attackers.gate = None


def browser(number: int = 0) -> CheckingClient:
    """Someone's, each at an address of their own."""
    return CheckingClient(headers={"host": "nord.localhost"}, REMOTE_ADDR=f"192.0.2.{number}")


def at_once(attempt, number: int = 10) -> list:
    """What each of them got, who all start at the same moment."""
    start = Barrier(number)

    def one(which: int):
        start.wait(30)
        try:
            return attempt(which)
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


def guess_passwords(email: str):
    def attempt(which: int) -> list[int]:
        client = browser(which)
        return [client.post(SIGN_IN, {"login": email, "password": f"{which}-{turn}"}).status_code for turn in range(3)]

    return attempt


def test_without_the_limiter_every_password_is_tried(hub_of, monkeypatch):
    monkeypatch.setattr(limits, "SIGN_IN", UNLIMITED)

    at_once(guess_passwords(hub_of.coordinator.user.email))

    assert len(attackers.checked) == 30


def test_ten_attackers_try_five_passwords_and_the_owner_comes_in(hub_of):
    email = hub_of.coordinator.user.email
    own, elsewhere = browser(200), browser(201)
    sign(own, email)
    own.post(reverse("account_logout"))
    attackers.checked.clear()

    statuses = [status for answers in at_once(guess_passwords(email)) for status in answers]

    assert len(attackers.checked) == 5
    assert sorted(statuses) == [200] * 5 + [429] * 25
    # Where they have signed in before, at once; by a code from the mail, at once; anywhere, in five minutes.
    assert sign(elsewhere, email).status_code == 429
    assert sign(own, email).redirect_chain[-1] == (DESK, 302)
    elsewhere.post(CODE, {"email": email})
    with open_hub(hub_of.hub):
        code = Mail.objects.latest("pk").subject.split(",")[0]
    assert elsewhere.post(TYPE_CODE, {"code": code}, follow=True).redirect_chain[-1] == (DESK, 302)
    with time_machine.travel(NOON + dt.timedelta(minutes=5), tick=False):
        assert sign(browser(202), email).redirect_chain[-1] == (DESK, 302)


def test_one_address_tries_twenty_people_a_minute(hub_of):
    def attempt(which: int) -> list[int]:
        client = browser(1)
        return [
            client.post(SIGN_IN, {"login": f"{which}-{turn}@exemple.example", "password": "azerty"}).status_code
            for turn in range(3)
        ]

    statuses = [status for answers in at_once(attempt) for status in answers]

    assert sorted(statuses) == [200] * 20 + [429] * 10


def test_a_building_behind_one_address_signs_in_in_the_morning(hub_of):
    people = [hub_of.coordinator, hub_of.accountant, hub_of.administrator, hub_of.employee] * 8

    pages = {sign(browser(1), person.user.email).redirect_chain[0] for person in people}

    assert pages == {("/bienvenue/", 302)}


def guess_codes(hub_of, settings) -> list[str]:
    """Ten with the cookie of one, who asked for a code; each reads the count of tries before any writes it."""
    settings.SESSION_ENGINE = "tests.hubs.attackers"
    asked = browser()
    asked.post(CODE, {"email": hub_of.coordinator.user.email})
    attackers.gate = Barrier(10)

    def attempt(which: int) -> str:
        client = browser(which)
        client.cookies.load(asked.cookies.output(header=""))
        return client.post(TYPE_CODE, {"code": f"BBBB-BBB{'BCDFGHJKLM'[which]}"}).text

    return at_once(attempt)


def test_without_the_limiter_every_code_is_compared(hub_of, settings, monkeypatch):
    monkeypatch.setattr(limits, "CODE_ENTRY", UNLIMITED)

    assert sum(WRONG_CODE in page for page in guess_codes(hub_of, settings)) == 10


def test_ten_attackers_have_five_codes_compared(hub_of, settings):
    pages = guess_codes(hub_of, settings)

    assert sum(WRONG_CODE in page for page in pages) == 5
    assert sum("<h1>Trop d’essais en peu de temps</h1>" in page for page in pages) == 5


def test_ten_attackers_who_have_the_password_have_five_second_codes_compared(hub_of):
    user = hub_of.coordinator.user
    TOTPFactory(user=user)
    clients = [browser(which) for which in range(10)]
    for client in clients:
        client.post(SIGN_IN, {"login": user.email, "password": PASSWORD})

    pages = at_once(lambda which: clients[which].post(SECOND, {"code": "000000"}).text)

    assert sum(WRONG_SECOND in page for page in pages) == 5
    assert all(client.get(DESK).status_code == 302 for client in clients)


def test_codes_are_sent_three_times_and_no_more(hub_of):
    email = hub_of.coordinator.user.email

    statuses = at_once(lambda which: browser(which).post(CODE, {"email": email}).status_code)

    assert sorted(statuses) == [302] * 3 + [429] * 7
    with open_hub(hub_of.hub):
        assert Mail.objects.count() == 3


def test_links_to_a_new_password_are_sent_three_times_and_no_more(hub_of):
    page, email = reverse("account_reset_password"), hub_of.coordinator.user.email

    statuses = at_once(lambda which: browser(which).post(page, {"email": email}).status_code)

    assert sorted(statuses) == [302] * 3 + [429] * 7


def test_a_known_browser_is_known_for_its_owner_alone(hub_of):
    own = browser(200)
    sign(own, hub_of.coordinator.user.email)
    own.post(reverse("account_logout"))

    wrong = [sign(own, hub_of.coordinator.user.email, "faux").status_code for _try in range(6)]
    for which in range(5):
        sign(browser(which), hub_of.accountant.user.email, "faux")
    colleague = sign(own, hub_of.accountant.user.email)

    assert wrong == [200] * 5 + [429]
    assert colleague.status_code == 429
    assert WRONG in sign(browser(201), hub_of.coordinator.user.email, "faux").text


# --- The link of an invitation -------------------------------------------------------------------


def guess_links(which: int) -> list[int]:
    """Forty links in all, from ten browsers behind one address."""
    client = browser(1)
    return [client.get(f"/invitation/devine-{which}-{turn}/").status_code for turn in range(4)]


def test_without_the_limiter_every_link_is_looked_for(hub_of, monkeypatch):
    monkeypatch.setattr("parties.views.invitations.SECRET_LINK", UNLIMITED)

    statuses = [status for answers in at_once(guess_links) for status in answers]

    assert statuses == [404] * 40


def test_ten_attackers_guess_thirty_links_and_the_guest_comes_in(hub_of):
    with open_hub(hub_of.hub):
        InvitationFactory(token_hash=sha256(b"le-vrai").hexdigest(), email="ada@exemple.example")

    statuses = [status for answers in at_once(guess_links) for status in answers]

    assert sorted(statuses) == [404] * 30 + [429] * 10
    invited = browser(2).post("/invitation/le-vrai/", follow=True)
    assert (invited.status_code, invited.wsgi_request.user.email) == (200, "ada@exemple.example")
