"""Another mail address to sign in with: the new one must answer, and the old one is told."""

import datetime as dt

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.urls import reverse

from hubs.models import AuditEntry
from hubs.scope import open_hub
from parties.models import Person
from tests.hubs.factories import UserFactory
from tests.hubs.test_sign_in import NOON, SPACE, mails, sign

ASK, CODE = reverse("parties:address"), reverse("parties:address_code")
NEW = "nouvelle@exemple.example"


def ask(browser, email: str = NEW):
    return browser.post(ASK, {"email": email}, follow=True)


def sent_code(cast) -> str:
    return mails(cast)[-1].subject.split(",")[0]


def test_the_new_address_answers_and_opens_and_the_old_one_is_told(nord, sign_in):
    browser, old = sign_in(nord, "employee"), nord.employee.user.email
    EmailAddress.objects.create(user=nord.employee.user, email=old, verified=True, primary=True)
    with open_hub(nord.hub):
        Person.objects.filter(pk=nord.employee.pk).update(email=old)

    ask(browser, NEW.upper())
    code = sent_code(nord)
    page = browser.post(CODE, {"code": code}, follow=True)

    assert page.redirect_chain == [(reverse("mfa_index"), 302)]
    assert f"Vous entrez maintenant avec {NEW}." in page.text
    assert [(letter.to, letter.subject) for letter in mails(nord)] == [
        ([NEW], f"{code}, le code de votre nouvelle adresse (Pôle nord)"),
        ([old], "Vous n’entrez plus avec cette adresse (Pôle nord)"),
    ]
    assert sign(sign_in(nord), NEW).redirect_chain[-1] == (SPACE, 302)
    assert sign(sign_in(nord), old).redirect_chain == []
    with open_hub(nord.hub):
        assert Person.objects.get(pk=nord.employee.pk).email == NEW
        [line] = AuditEntry.objects.filter(verb="parties.address_changed")
    assert (line.before, line.after) == ({"email": old}, {"email": NEW})


def test_a_wrong_code_changes_nothing(nord, sign_in):
    browser = sign_in(nord, "employee")
    ask(browser)

    page = browser.post(CODE, {"code": "ZZZZ-ZZZZ"})

    nord.employee.user.refresh_from_db()
    assert (page.status_code, nord.employee.user.email != NEW) == (422, True)


def test_a_code_serves_for_a_quarter_of_an_hour(nord, sign_in):
    with time_machine.travel(NOON, tick=False) as clock:
        browser = sign_in(nord, "employee")
        ask(browser)
        clock.shift(dt.timedelta(minutes=16))
        late = browser.post(CODE, {"code": sent_code(nord)})

    assert (late.status_code, late.url) == (302, ASK)


def test_nobody_learns_that_an_address_has_an_account_and_its_owner_does(nord, sign_in):
    taken = UserFactory()
    browser = sign_in(nord, "employee")

    known, unknown = ask(browser, taken.email), ask(browser)

    assert [page.redirect_chain for page in (known, unknown)] == [[(CODE, 302)]] * 2
    assert mails(nord)[0].subject == "Cette adresse a déjà un compte (Pôle nord)"


def test_an_address_taken_in_the_meantime_is_refused(nord, sign_in):
    browser = sign_in(nord, "employee")
    ask(browser)
    UserFactory(email=NEW)

    page = browser.post(CODE, {"code": sent_code(nord)})

    assert page.status_code == 422
    assert "Cette adresse ouvre déjà un autre compte." in page.text


@pytest.mark.parametrize("email", ["", "pas une adresse"])
def test_what_is_no_address_is_refused(nord, sign_in, email):
    assert sign_in(nord, "employee").post(ASK, {"email": email}).status_code == 422
