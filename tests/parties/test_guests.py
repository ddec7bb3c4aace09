"""A guest of a structure: in by a link, for a time, to book and nothing else."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from hubs.scope import open_hub
from parties.actions import end_access
from parties.models import Invitation, Link, Person
from tests.billing.factories import AccountFactory, VatRuleFactory, issued
from tests.parties.test_invitations import form_of, link_in, text
from tests.spaces.factories import ALWAYS, PARIS, BookingFactory, PoolFactory, SiteFactory

GUEST = {"given_name": "Ivo", "family_name": "Kassel", "email": "ivo@exemple.example", "role": "guest"}
SPACE = "/mon-espace/"


@pytest.fixture
def ivo(nord, sign_in):
    """The link of a guest for three weeks, not opened yet; and its last day."""
    last_day = timezone.localdate() + dt.timedelta(days=20)
    sign_in(nord, "administrator").post(form_of(nord), GUEST | {"last_day": last_day.isoformat()})
    return link_in(nord), last_day


def test_a_guests_link_opens_again_and_again_with_no_account(nord, sign_in, ivo):
    link, last_day = ivo
    first, second = sign_in(nord), sign_in(nord)

    looked = first.get(link)
    answer = first.post(link, follow=True)
    second.post(link)

    assert "sans compte" in text(looked)
    assert answer.redirect_chain == [(SPACE, 302)]
    assert [browser.get("/mon-espace/reserver/").status_code for browser in (first, second)] == [200, 200]
    with open_hub(nord.hub):
        person = Person.objects.get(email="ivo@exemple.example")
        assert person.user is None
        assert list(person.links.values_list("role", "ends_on")) == [("guest", last_day + dt.timedelta(days=1))]


def test_a_guest_opens_nothing_of_the_structure(nord, sign_in):
    with open_hub(nord.hub):
        invoice = issued(AccountFactory(organisation=nord.organisation))
        theirs = BookingFactory(unit__pool=PoolFactory(), organisation=nord.organisation, person=nord.employee)
    browser = sign_in(nord, "guest")

    answers = {
        page: browser.get(page).status_code
        for page in (
            "/mon-espace/structure/", "/mon-espace/compte/", f"/mon-espace/compte/{nord.organisation.public_id}/",
            f"/mon-espace/compte/factures/{invoice.pk}/", "/compte/mot-de-passe/", "/compte/mot-de-passe/choisir/",
            "/gestion/", f"/mon-espace/reservations/{theirs.public_id}/",
        )
    }  # fmt: skip

    assert set(answers.values()) <= {403, 404}
    assert browser.get("/mon-espace/reservations/").status_code == 200
    assert str(nord.employee) not in browser.get("/mon-espace/").text


def test_a_guest_books_for_the_structure_until_the_last_day_and_sees_that_booking(nord, sign_in):
    now = dt.datetime.combine(timezone.localdate(), dt.time(10), tzinfo=PARIS)
    with open_hub(nord.hub):
        VatRuleFactory()
        pool = PoolFactory(site=SiteFactory(hours=ALWAYS, closed_on_holidays=False), external=10, horizon_days=90)
    with time_machine.travel(now, tick=False):
        browser = sign_in(nord, "guest")

        def book(days: int):
            day = (timezone.localdate() + dt.timedelta(days=days)).isoformat()
            return browser.post(
                f"/mon-espace/reserver/{pool.public_id}/",
                {"organisation": nord.organisation.pk, "day": day, "starts": "14:00", "ends": "15:00",
                 "request_key": "11111111-1111-1111-1111-11111111111" + str(days % 10)},
            )  # fmt: skip

        within, beyond = book(29), book(30)
        listed = browser.get("/mon-espace/reservations/").text

    assert (within.status_code, beyond.status_code) == (302, 422)
    assert "Votre invitation ne va pas jusqu’à ce jour." in text(beyond)
    assert pool.name in listed


def test_a_guests_rights_end_at_midnight(nord, sign_in, ivo):
    link, last_day = ivo
    last_minute = dt.datetime.combine(last_day, dt.time(23, 59), tzinfo=PARIS)

    with time_machine.travel(last_minute, tick=False):
        browser = sign_in(nord)
        browser.post(link)
        before = browser.get("/mon-espace/reserver/").status_code
    with time_machine.travel(last_minute + dt.timedelta(minutes=2), tick=False):
        after = browser.get("/mon-espace/reserver/").status_code
        late = sign_in(nord).post(link)

    assert (before, after, late.status_code) == (200, 302, 422)
    assert "Cette invitation a expiré" in text(late)


def test_a_withdrawn_guest_is_out_at_once(nord, sign_in, ivo):
    link, _last_day = ivo
    browser = sign_in(nord)
    browser.post(link)
    with open_hub(nord.hub):
        invitation = Invitation.objects.get(email="ivo@exemple.example")

    done = sign_in(nord, "administrator").post(f"/invitations/{invitation.public_id}/retrait/", follow=True)

    assert "est retirée" in text(done)
    assert browser.get("/mon-espace/reserver/").status_code == 302
    assert sign_in(nord).post(link).status_code == 422
    with open_hub(nord.hub):
        assert not Link.objects.live(timezone.localdate()).filter(person__email="ivo@exemple.example").exists()


def test_a_guests_browser_opens_one_role_even_of_someone_with_more(nord, sign_in):
    """The coordinator is also a guest somewhere: the link, forwarded, opens that and no more."""
    last_day = (timezone.localdate() + dt.timedelta(days=5)).isoformat()
    email = nord.coordinator.user.email
    sign_in(nord, "administrator").post(form_of(nord), GUEST | {"email": email, "last_day": last_day})
    browser = sign_in(nord)

    browser.post(link_in(nord))

    assert (browser.get("/mon-espace/reserver/").status_code, browser.get("/gestion/").status_code) == (200, 403)
    assert browser.get("/compte/mot-de-passe/").status_code == 403


def test_a_guest_signs_out_and_a_cookie_of_another_hub_is_nobodys(nord, sud, sign_in):
    browser, elsewhere = sign_in(nord, "guest"), sign_in(sud)
    elsewhere.cookies.load(browser.cookies.output(header=""))
    foreign = elsewhere.get(SPACE).status_code

    browser.post("/bienvenue/quitter/")

    assert (foreign, browser.get(SPACE).status_code) == (302, 302)


def test_pages_of_a_guest_are_kept_by_no_cache(nord, sign_in):
    assert sign_in(nord, "guest").get(SPACE)["Cache-Control"] == "private, no-store"


def test_the_end_of_access_is_also_a_guests(nord, sign_in):
    browser = sign_in(nord, "guest")
    before = browser.get(SPACE).status_code

    with open_hub(nord.hub):
        end_access(person=nord.guest, on=timezone.localdate(), by=nord.actor("coordinator"), now=timezone.now())

    assert (before, browser.get(SPACE).status_code) == (200, 302)
