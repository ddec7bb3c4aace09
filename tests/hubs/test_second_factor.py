"""A second step at sign-in: an application, codes of its loss, passkeys of one host, and a hub that asks for one."""

import re
from io import StringIO
from urllib.parse import unquote

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction
from django.urls import reverse

from hubs.enums import SecondFactor
from hubs.models import AuditEntry, User
from hubs.scope import open_hub
from tests.hubs.codes import code_of, link_application
from tests.hubs.factories import SECRET, PasskeyFactory, TOTPFactory, UserFactory
from tests.hubs.test_sign_in import DESK, NOON, SIGN_IN, SPACE, ask_code, mails, sign
from tests.parties.factories import LinkFactory, PersonFactory

SECURITY, SECOND, CODES = (reverse(f"mfa_{name}") for name in ("index", "authenticate", "view_recovery_codes"))


def written(cast, verb: str) -> list[AuditEntry]:
    with open_hub(cast.hub):
        return list(AuditEntry.objects.filter(verb=verb))


def shown_codes(page) -> list[str]:
    return re.findall(r"<li>(\d{8})</li>", page.text)


def test_an_application_is_linked_and_asked_for_from_then_on(nord, sign_in):
    email = nord.employee.user.email
    with time_machine.travel(NOON, tick=False) as clock:
        secret, after = link_application(sign_in(nord, "employee"))
        browser = sign_in(nord)
        first = sign(browser, email)
        not_yet = browser.get(SPACE)
        clock.shift(30)
        wrong = browser.post(SECOND, {"code": "000000"})
        right = browser.post(SECOND, {"code": code_of(secret)}, follow=True)

    assert after.redirect_chain == [(CODES, 302)]
    assert len(shown_codes(after)) == 10
    assert first.redirect_chain == [(SECOND, 302)]
    assert not_yet.status_code == 302
    assert "Ce code n’est pas le bon, ou il a déjà servi." in wrong.text
    assert right.redirect_chain == [("/bienvenue/", 302), (SPACE, 302)]
    [letter] = mails(nord)
    assert (letter.to, letter.subject) == ([email], "Une application protège votre compte (Pôle nord)")
    assert "http://nord.localhost/mon-espace/moi/securite/" in letter.text
    assert [line.after for line in written(nord, "hubs.factor_added")] == [{"type": "totp"}, {"type": "recovery_codes"}]


def test_a_picture_of_the_key_is_drawn_in_the_page(nord, sign_in):
    page = sign_in(nord, "employee").get(reverse("mfa_activate_totp"))

    assert re.search(r'<svg class="qr" viewBox="0 0 \d+ \d+" role="img" aria-label="[^"]+"', page.text)
    assert "otpauth://totp/" in page.text
    assert "issuer=P%C3%B4le%20nord" in page.text
    assert "data:" not in page.text


def test_a_code_that_came_by_mail_does_not_do_without_the_application(nord, sign_in):
    TOTPFactory(user=nord.employee.user)
    browser = sign_in(nord)

    ask_code(browser, nord.employee.user.email)
    code = mails(nord)[0].subject.split(",")[0]
    answer = browser.post(reverse("account_confirm_login_code"), {"code": code}, follow=True)

    assert answer.redirect_chain == [(SECOND, 302)]
    assert browser.get(SPACE).status_code == 302


def test_a_code_of_the_application_serves_once_and_one_from_before_no_more(nord, sign_in):
    TOTPFactory(user=nord.employee.user)
    email = nord.employee.user.email

    def enter(code: str) -> bool:
        browser = sign_in(nord)
        sign(browser, email)
        browser.post(SECOND, {"code": code})
        return browser.get(SPACE).status_code == 200

    with time_machine.travel(NOON, tick=False):
        entered = [enter(code_of(SECRET)), enter(code_of(SECRET)), enter(code_of(SECRET, turns=-1))]
    with time_machine.travel(NOON, tick=False) as clock:
        clock.shift(30)
        entered += [enter(code_of(SECRET, turns=-1)), enter(code_of(SECRET))]

    assert entered == [True, False, False, False, True]


def test_a_recovery_code_replaces_the_application_once(nord, sign_in):
    _secret, page = link_application(sign_in(nord, "employee"))
    code = shown_codes(page)[3]

    def enter() -> int:
        browser = sign_in(nord)
        sign(browser, nord.employee.user.email)
        browser.post(SECOND, {"code": code})
        return browser.get(SPACE).status_code

    assert (enter(), enter()) == (200, 302)


def test_new_recovery_codes_replace_the_others_and_are_told_by_mail(nord, sign_in):
    browser = sign_in(nord, "employee")
    old = shown_codes(link_application(browser)[1])

    new = shown_codes(browser.post(reverse("mfa_generate_recovery_codes"), follow=True))
    file = browser.get(reverse("mfa_download_recovery_codes"))

    assert (len(new), set(new) & set(old)) == (10, set())
    assert set(new) <= set(file.text.split())
    assert mails(nord)[-1].subject == "De nouveaux codes de secours (Pôle nord)"


def test_the_application_is_removed_and_its_owner_told(nord, sign_in):
    browser = sign_in(nord, "employee")
    link_application(browser)

    browser.post(reverse("mfa_deactivate_totp"))

    assert not Authenticator.objects.filter(user=nord.employee.user).exists()
    assert mails(nord)[-1].subject == "L’application ne protège plus votre compte (Pôle nord)"
    assert {line.before["type"] for line in written(nord, "hubs.factor_removed")} == {"totp", "recovery_codes"}
    assert sign(sign_in(nord), nord.employee.user.email).redirect_chain[-1] == (SPACE, 302)


def grow_old(browser, cast) -> None:
    """An hour has passed since the browser signed in."""
    with open_hub(cast.hub):
        session = browser.session
        for record in session["account_authentication_methods"]:
            record["at"] -= 3600
        session.save()


@pytest.mark.parametrize(
    "page", ["mfa_activate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes", "parties:address"]
)
def test_what_touches_security_asks_the_password_again_after_a_while(nord, sign_in, page):
    browser = sign_in(nord, "employee")
    grow_old(browser, nord)

    asked = browser.get(reverse(page))
    wrong = browser.post(asked.url, {"password": "raté"})
    back = browser.post(asked.url, {"password": "motdepasse-solide"})

    assert unquote(asked.url) == f"{reverse('account_reauthenticate')}?next={reverse(page)}"
    assert "Ce n’est pas votre mot de passe." in wrong.text
    assert (back.status_code, back.url) == (302, reverse(page))


def test_the_application_confirms_who_one_is_where_there_is_no_password(nord, sign_in):
    user = nord.employee.user
    user.set_unusable_password()
    user.save()
    TOTPFactory(user=user)
    browser = sign_in(nord, "employee")
    grow_old(browser, nord)

    asked = browser.get(reverse("mfa_generate_recovery_codes"))
    wrong = browser.post(asked.url, {"code": "000000"})
    right = browser.post(asked.url, {"code": code_of(SECRET)})

    assert asked.url.startswith(f"{reverse('mfa_reauthenticate')}?next=")
    assert "Ce code n’est pas le bon, ou il a déjà servi." in wrong.text
    assert right.url == reverse("mfa_generate_recovery_codes")
    with open_hub(nord.hub):
        assert browser.session["account_authentication_methods"][-1]["reauthenticated"] is True
    assert browser.get(right.url).status_code == 200


# --- Two hubs ------------------------------------------------------------------------------------


@pytest.fixture
def of_two_hubs(nord, sud) -> User:
    """The employee of « nord », who works in « sud » too."""
    with open_hub(sud.hub):
        LinkFactory(person=PersonFactory(user=nord.employee.user), organisation=sud.organisation)
    return nord.employee.user


def passkey_of(user: User, cast) -> Authenticator:
    with open_hub(cast.hub, host=f"{cast.hub.slug}.localhost"):
        return PasskeyFactory(user=user)


@pytest.mark.feature("HU2")
def test_the_application_is_of_the_account_and_asked_for_in_each_hub(nord, sud, sign_in, of_two_hubs):
    TOTPFactory(user=of_two_hubs)

    assert [sign(sign_in(cast), of_two_hubs.email).redirect_chain for cast in (nord, sud)] == [[(SECOND, 302)]] * 2


@pytest.mark.feature("HU2")
def test_a_passkey_is_listed_and_counted_on_its_own_host_alone(nord, sud, sign_in, of_two_hubs):
    key = passkey_of(of_two_hubs, nord)

    def seen(cast) -> list[int]:
        with open_hub(cast.hub, host=f"{cast.hub.slug}.localhost"):
            return list(Authenticator.objects.filter(user=of_two_hubs).values_list("pk", flat=True))

    assert (seen(nord), seen(sud), list(Authenticator.objects.all())) == ([key.pk], [], [])
    assert sign(sign_in(sud), of_two_hubs.email).redirect_chain[-1] == (SPACE, 302)


@pytest.mark.feature("HU2")
def test_raw_sql_sees_no_passkey_of_another_host_nor_writes_one(nord, sud, of_two_hubs):
    passkey_of(of_two_hubs, nord)
    written = "INSERT INTO mfa_authenticator (user_id, type, data, created_at) VALUES (%s, 'webauthn', %s, now())"

    with open_hub(sud.hub, host="sud.localhost"), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM mfa_authenticator")
        count = cursor.fetchone()[0]
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            cursor.execute(written, [of_two_hubs.pk, '{"host": "nord.localhost"}'])

    assert count == 0


def test_an_account_that_is_deleted_takes_the_passkeys_that_this_hub_does_not_see(nord, sud):
    user = UserFactory()
    passkey_of(user, nord)

    with open_hub(sud.hub, host="sud.localhost"):
        user.delete()
        connection.check_constraints()

    with open_hub(nord.hub, host="nord.localhost"):
        assert not Authenticator.objects.exists()


# --- A hub that asks -----------------------------------------------------------------------------


@pytest.fixture
def asking(nord):
    nord.hub.second_factor = SecondFactor.STAFF
    nord.hub.save()
    return nord


@pytest.mark.parametrize("name", ["coordinator", "accountant", "adviser", "receptionist"])
def test_staff_without_one_are_led_to_set_one_up_before_anything_else(asking, sign_in, name):
    browser = sign_in(asking)

    first = sign(browser, getattr(asking, name).user.email)
    closed = [browser.get(page).url for page in (DESK, SPACE, "/gestion/structures/", "/mon-espace/moi/appareils/")]
    opened = [browser.get(page).status_code for page in ("/", "/espaces/", SECURITY, reverse("mfa_activate_totp"))]
    link_application(browser)

    assert first.redirect_chain[-1] == (SECURITY, 302)
    assert "Encore une chose avant d’entrer" in first.text
    assert closed == [SECURITY] * 4
    assert opened == [200] * 4
    assert browser.get(DESK).status_code == 200


def test_a_passkey_is_enough_and_one_of_another_host_is_not(asking, sud, sign_in):
    coordinator = asking.coordinator.user
    passkey_of(coordinator, sud)
    browser = sign_in(asking, "coordinator")
    before = browser.get(DESK).status_code

    passkey_of(coordinator, asking)

    assert (before, browser.get(DESK).status_code) == (302, 200)


@pytest.mark.parametrize("name", ["elected", "observer", "administrator", "employee", "stranger"])
def test_nobody_else_is_asked(asking, sign_in, name):
    assert sign_in(asking, name).get(SPACE).status_code == 200


def test_who_is_led_there_may_still_leave(asking, sign_in):
    browser = sign_in(asking, "coordinator")

    assert browser.post(reverse("account_logout")).url == "/"
    assert browser.get(SPACE).url == f"{SIGN_IN}?next={SPACE}"


def test_the_coordinator_asks_it_of_the_team_and_is_the_first_to_answer(nord, sign_in):
    browser = sign_in(nord, "coordinator")
    page = reverse("hubs:security")

    changed = browser.post(page, {"second_factor": "staff"}, follow=True)

    nord.hub.refresh_from_db()
    [line] = written(nord, "hubs.security_changed")
    assert nord.hub.second_factor == SecondFactor.STAFF
    assert changed.redirect_chain == [(page, 302), (SECURITY, 302)]
    assert (line.before, line.after) == ({"second_factor": "nobody"}, {"second_factor": "staff"})


def test_the_setting_is_the_coordinators_and_takes_what_exists(nord, sign_in):
    page = reverse("hubs:security")

    statuses = {name: sign_in(nord, name).post(page, {}).status_code for name in ("coordinator", "adviser", "employee")}

    assert statuses == {"coordinator": 422, "adviser": 403, "employee": 403}


# --- Everything lost -----------------------------------------------------------------------------


def test_the_operator_takes_all_of_it_away_and_the_owner_is_told(nord, sud, sign_in, of_two_hubs):
    TOTPFactory(user=of_two_hubs)
    kept = passkey_of(nord.coordinator.user, nord)
    for cast in (nord, sud):
        passkey_of(of_two_hubs, cast)
    said = StringIO()

    call_command("second_factor", "forget", of_two_hubs.email, stdout=said)

    assert said.getvalue() == f"{of_two_hubs.email} : 3 retirés.\n"
    assert sign(sign_in(nord), of_two_hubs.email).redirect_chain[-1] == (SPACE, 302)
    assert [letter.subject for letter in mails(nord)] == ["Votre seconde étape est retirée (Pôle nord)"]
    with open_hub(nord.hub, host="nord.localhost"):
        assert list(Authenticator.objects.all()) == [kept]


def test_the_operator_is_told_of_an_address_that_has_no_account(db):
    with pytest.raises(CommandError, match="Aucun compte"):
        call_command("second_factor", "forget", "personne@exemple.example")
