"""The browsers that are signed in to a hub: shown to their owner, and ended by them."""

import datetime as dt
import re

import pytest
import time_machine
from django.urls import reverse

from hubs.devices import name_of
from hubs.models import AuditEntry, Session
from hubs.scope import open_hub
from tests.client import CheckingClient
from tests.hubs.test_sign_in import NOON, PASSWORD, SIGN_IN, SPACE, sign
from tests.parties.factories import LinkFactory, PersonFactory

DEVICES, END = reverse("hubs:devices"), reverse("hubs:end_devices")
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1"


def device(cast, agent: str, name: str = "employee") -> CheckingClient:
    """A browser that signs in."""
    browser = CheckingClient(headers={"host": f"{cast.hub.slug}.localhost", "user-agent": agent})
    sign(browser, getattr(cast, name).user.email)
    return browser


def names(page) -> list[str]:
    return re.findall(r'<span class="line-main"><strong>([^<]+)</strong>', page.text)


def is_in(browser) -> bool:
    return browser.get(SPACE).status_code == 200


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox sur Windows"),
        (IPHONE, "Safari sur iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36", "Chrome sur Android"),
        ("Mozilla/5.0 (Macintosh) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0", "Edge sur Mac"),
        ("curl/8.5", "Un navigateur inconnu"),
        ("", "Un navigateur inconnu"),
    ],
)
def test_a_browser_is_named_as_its_owner_knows_it(agent, name):
    assert name_of(agent) == name


def test_one_sees_ones_own_browsers_of_this_hub(nord, sud):
    with open_hub(sud.hub):
        LinkFactory(person=PersonFactory(user=nord.employee.user), organisation=sud.organisation)
    with time_machine.travel(NOON, tick=False):
        device(nord, IPHONE)
        device(nord, FIREFOX, "administrator")
        sign(CheckingClient(headers={"host": "sud.localhost"}), nord.employee.user.email)
        here = device(nord, FIREFOX)
        page = here.get(DEVICES)

    assert names(page) == ["Firefox sur Windows", "Safari sur iPhone"]
    assert "vu mardi 24\u00a0novembre vers 12\u00a0h, ouvert le 24\u00a0novembre 2026" in page.text
    assert here.session.session_key not in page.text


def test_one_browser_is_ended_and_the_others_stay(nord):
    here, phone, desk = device(nord, FIREFOX), device(nord, IPHONE), device(nord, FIREFOX)
    page = here.get(DEVICES).text
    [asked] = re.findall(r"Safari sur iPhone.*?name=\"device\" value=\"(\w+)\"", page, re.DOTALL)

    done = here.post(END, {"device": asked})

    assert done.url == DEVICES
    assert (is_in(here), is_in(phone), is_in(desk)) == (True, False, True)
    with open_hub(nord.hub):
        assert [line.after for line in AuditEntry.objects.filter(verb="hubs.session_ended")] == [{"agent": IPHONE}]


def test_all_the_others_are_ended_at_once(nord):
    here, phone, desk = device(nord, FIREFOX), device(nord, IPHONE), device(nord, FIREFOX)
    colleague = device(nord, FIREFOX, "administrator")

    done = here.post(END, follow=True)

    assert "2 appareils sont déconnectés." in done.text
    assert [is_in(browser) for browser in (here, phone, desk, colleague)] == [True, False, False, True]


def test_the_browser_of_someone_else_is_not_there(nord):
    colleague = device(nord, IPHONE, "administrator")
    device(nord, FIREFOX, "administrator")
    [theirs] = re.findall(r"name=\"device\" value=\"(\w+)\"", colleague.get(DEVICES).text)

    assert device(nord, FIREFOX).post(END, {"device": theirs}).status_code == 404
    assert is_in(colleague)


def test_a_new_password_ends_the_other_browsers_everywhere(nord, sud):
    with open_hub(sud.hub):
        LinkFactory(person=PersonFactory(user=nord.employee.user), organisation=sud.organisation)
    elsewhere = CheckingClient(headers={"host": "sud.localhost"})
    sign(elsewhere, nord.employee.user.email)
    here, phone = device(nord, FIREFOX), device(nord, IPHONE)
    new = "une-autre-phrase-longue"

    here.post(
        reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new}, follow=True
    )

    assert [is_in(browser) for browser in (here, phone, elsewhere)] == [True, False, False]
    assert names(here.get(DEVICES)) == ["Firefox sur Windows"]


def test_being_seen_costs_one_write_in_a_quarter_of_an_hour(nord):
    with time_machine.travel(NOON, tick=False) as clock:
        browser = device(nord, FIREFOX)
        seen = []
        for minutes in (10, 10, 10):
            clock.shift(dt.timedelta(minutes=minutes))
            browser.get(DEVICES)
            with open_hub(nord.hub):
                seen.append(Session.objects.get(user=nord.employee.user).seen_at)

    assert seen == [NOON, NOON + dt.timedelta(minutes=20), NOON + dt.timedelta(minutes=20)]


def test_a_visitor_is_asked_who_they_are(nord, sign_in):
    assert sign_in(nord).post(END).url == f"{SIGN_IN}?next={END}"
