"""A guest of a structure: in by a link, for a time, to book and nothing else."""

import datetime as dt
import re

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hubs.models import Mail
from hubs.scope import open_hub
from parties.actions import end_access
from parties.models import Invitation, Link, Person
from tests.billing.factories import AccountFactory, VatRuleFactory, issued
from tests.parties.factories import InvitationFactory
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


# --- By a list, and with no mail ------------------------------------------------------------------

SIX = """Léa Bonnet
Noé Garnier, noe@exemple.example
Inès;Faivre
  Malo Le Goff

Zoé Marchal <zoe@exemple.example>
Tom\tRivière
"""


def guests_of(cast, tail: str = "") -> str:
    return f"/mon-espace/structure/{cast.organisation.public_id}/invites/{tail}"


def links_on(page) -> list[str]:
    return re.findall(r"http://\w+\.localhost(?::\d+)?(/invitation/[\w-]+/)\"", page.text)


def in_three_weeks() -> dt.date:
    return timezone.localdate() + dt.timedelta(days=20)


@pytest.mark.feature("ME18")
def test_six_artists_in_one_go_each_by_a_link_to_their_phone_for_three_weeks(nord, sign_in):
    """Without a mail or a password: the room's week and a booking, no invoice; ended by the structure, or by time."""
    with open_hub(nord.hub):
        PoolFactory(name="Studio", site=SiteFactory(hours=ALWAYS, closed_on_holidays=False), external=10)
        account = AccountFactory(organisation=nord.organisation)
        invoice = issued(account)
    inviter = sign_in(nord, "administrator")
    proposed = inviter.get(guests_of(nord, "ajouter/"))

    shown = inviter.post(
        guests_of(nord, "ajouter/"), {"guests": SIX, "last_day": in_three_weeks().isoformat()}, follow=True
    )
    links = links_on(shown)
    with open_hub(nord.hub):
        mails = [mail.to for mail in Mail.objects.order_by("pk")]
        names = {each.name for each in Invitation.objects.filter(link=None)}
    phone = sign_in(nord)
    inside = phone.post(links[0], follow=True)
    seen = {page: phone.get(page).status_code for page in (
        "/mon-espace/reserver/", "/mon-espace/reserver/semaine/", "/mon-espace/compte/",
        f"/mon-espace/compte/factures/{invoice.pk}/", guests_of(nord),
    )}  # fmt: skip
    with open_hub(nord.hub):
        first = Invitation.objects.get(accepted_at__isnull=False, person__user=None, email="")
    still = inviter.get(guests_of(nord))
    inviter.post(f"/invitations/{first.public_id}/retrait/")
    ended = phone.get("/mon-espace/reserver/").status_code
    with time_machine.travel(dt.datetime.combine(in_three_weeks() + dt.timedelta(days=1), dt.time(1), tzinfo=PARIS)):
        late = sign_in(nord).post(links[1]).status_code

    assert in_three_weeks().isoformat() in proposed.text
    assert "6 liens sont prêts" in text(shown)
    assert len(links) == 6
    assert shown.text.count("<svg") >= 6
    assert "sms:?&amp;body=" in shown.text
    assert mails == [["noe@exemple.example"], ["zoe@exemple.example"]]
    assert names == {"Léa Bonnet", "Noé Garnier", "Inès Faivre", "Malo Le Goff", "Zoé Marchal", "Tom Rivière"}
    assert inside.redirect_chain == [(SPACE, 302)]
    assert list(seen.values()) == [200, 200, 403, 403, 403]
    assert "lien ouvert" in text(still)
    assert (ended, late) == (302, 422)


def test_a_list_badly_typed_says_which_line_and_writes_nothing(nord, sign_in):
    page = sign_in(nord, "administrator").post(
        guests_of(nord, "ajouter/"),
        {"guests": "Léa Bonnet\nZaz\nNoé Garnier noe@\nléa bonnet", "last_day": in_three_weeks().isoformat()},
    )

    assert page.status_code == 422
    assert "Ligne 2 : écrivez un prénom et un nom." in text(page)
    assert "Ligne 3" in text(page)
    assert "léa bonnet" in page.text
    with open_hub(nord.hub):
        assert not Invitation.objects.filter(link=None).exists()


def test_a_list_sent_twice_is_refused_whole_and_twenty_a_day_are_enough(nord, sign_in):
    inviter = sign_in(nord, "administrator")
    given = {"guests": "Léa Bonnet\nTom Rivière", "last_day": in_three_weeks().isoformat()}

    first = inviter.post(guests_of(nord, "ajouter/"), given)
    twice = inviter.post(guests_of(nord, "ajouter/"), given | {"guests": "Nina Roy\nLea BONNET"})
    crowd = "\n".join(f"Artiste Numéro{n}" for n in range(19))
    many = inviter.post(guests_of(nord, "ajouter/"), given | {"guests": crowd})

    assert (first.status_code, twice.status_code, many.status_code) == (302, 422, 422)
    assert "Lea BONNET a déjà un lien en cours." in text(twice)
    assert "vingt personnes" in text(many)
    with open_hub(nord.hub):
        assert Invitation.objects.filter(link=None).count() == 2


def test_one_guest_without_a_mail_is_handed_a_link_and_then_another(nord, sign_in):
    inviter = sign_in(nord, "administrator")
    told = GUEST | {"email": "", "last_day": in_three_weeks().isoformat()}

    shown = inviter.post(form_of(nord), told, follow=True)
    colleague = inviter.post(form_of(nord), GUEST | {"email": "", "role": "employee"})
    with open_hub(nord.hub):
        invitation = Invitation.objects.get(email="")
    again = inviter.post(f"/invitations/{invitation.public_id}/renvoi/", follow=True)
    old, new = links_on(shown)[0], links_on(again)[0]
    visitor = sign_in(nord)

    assert "Le lien de Ivo Kassel est prêt" in text(shown)
    assert (colleague.status_code, "Ce rôle demande un compte" in text(colleague)) == (422, True)
    assert "Celui d’avant n’ouvre plus rien." in text(again)
    assert (visitor.get(old).status_code, visitor.get(new).status_code) == (404, 200)
    assert "Invitation envoyée à" not in visitor.get(new).text
    with open_hub(nord.hub):
        assert not Mail.objects.exists()


def test_a_link_made_under_another_key_is_not_shown(nord, sign_in):
    page = sign_in(nord, "administrator").get(guests_of(nord))

    assert str(nord.guest) in page.text
    assert "Ce lien ne se montre plus" in text(page)
    assert links_on(page) == []


def test_the_guests_of_a_structure_are_for_who_administers_it_and_for_staff(nord, sud, sign_in):
    staff_page = f"/gestion/structures/{nord.organisation.public_id}/invites/"
    answers = {
        who: (sign_in(nord, who).get(guests_of(nord)).status_code, sign_in(nord, who).get(staff_page).status_code)
        for who in ("administrator", "employee", "guest", "coordinator", "receptionist")
    }

    assert answers == {
        "administrator": (200, 403),
        "employee": (403, 403),
        "guest": (403, 403),
        "coordinator": (403, 200),
        "receptionist": (403, 403),
    }
    assert sign_in(sud, "administrator").get(guests_of(nord)).status_code == 404
    assert sign_in(sud, "coordinator").get(staff_page).status_code == 404


def test_only_a_guest_may_have_no_mail(hub, nord):
    with pytest.raises(IntegrityError), transaction.atomic():
        InvitationFactory(organisation=nord.organisation, email="")


def test_the_list_of_guests_asks_as_much_for_one_as_for_three(nord, sign_in):
    inviter = sign_in(nord, "administrator")
    counts = []
    for names in ("Léa Bonnet", "Tom Rivière\nNina Roy"):
        inviter.post(guests_of(nord, "ajouter/"), {"guests": names, "last_day": in_three_weeks().isoformat()})
        inviter.get(guests_of(nord))
        with CaptureQueriesContext(connection) as asked:
            inviter.get(guests_of(nord))
        counts.append(len(asked))

    assert counts == [12, 12]
