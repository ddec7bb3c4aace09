"""Paying by card, at Stripe's recorded protocol."""

import datetime as dt
import time
from decimal import Decimal

import pytest
import time_machine

from billing import tasks
from billing.actions.payments import settle
from billing.models import Account, CardPayment, Invoice, Payment
from hubs.scope import open_hub
from tests.billing.factories import AccountFactory, IssuerFactory, PaymentFactory, VatRuleFactory, issued
from tests.billing.stripe_server import StripeServer
from tests.billing.test_views import said

SECRET = "whsec_of_the_test"
MESSAGE = "/paiements/carte/"


@pytest.fixture(autouse=True)
def second_of_november():
    with time_machine.travel(dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC), tick=True):
        yield


@pytest.fixture
def invoice(nord):
    """100 € without tax, due by the member structure of « nord »."""
    with open_hub(nord.hub):
        IssuerFactory()
        VatRuleFactory()
        return issued(AccountFactory(organisation=nord.organisation))


@pytest.fixture
def stripe_server(nord, settings):
    server = StripeServer()
    given = {"provider": "stripe", "key": "sk_test_1", "webhook_secret": SECRET, "address": server.address}
    settings.CARD_PROVIDERS = {nord.hub.slug: given}
    yield server
    server.close()


@pytest.fixture
def begun(nord, invoice, stripe_server, sign_in):
    """The member has clicked « Payer par carte »."""
    browser = sign_in(nord, "administrator")
    assert "Payer par carte" in said(browser.get(f"/mon-espace/compte/factures/{invoice.pk}/"))
    page = browser.post(f"/mon-espace/compte/factures/{invoice.pk}/carte/")
    with open_hub(nord.hub):
        card = CardPayment.objects.get()
    card.browser, card.page = browser, page.url
    return card


def paid(nord) -> list[tuple[Decimal, str, str]]:
    with open_hub(nord.hub):
        return list(Payment.objects.values_list("amount", "method", "reference"))


@pytest.mark.feature("BI9")
def test_a_member_pays_by_card_and_the_invoice_is_paid_once(nord, invoice, begun, stripe_server):
    page = begun.browser.get(begun.page)
    assert "Vous allez payer 120,00 € sur la page de Stripe." in said(page)
    assert begun.url in page.content.decode()

    stripe_server.pay(begun.reference)
    begun.browser.post(begun.page)
    body, signature = stripe_server.message(begun.reference, SECRET, int(time.time()))
    told = begun.browser.post(MESSAGE, body, content_type="application/json", headers={"Stripe-Signature": signature})
    tasks.ask_cards()

    assert told.status_code == 204
    assert paid(nord) == [(Decimal("120.00"), "card", begun.reference)]
    assert "120,00 € reçus. Merci." in said(begun.browser.get(begun.page))
    with open_hub(nord.hub):
        assert Invoice.objects.with_due().get(pk=invoice.pk).due == 0


def test_the_signed_message_alone_settles_it(nord, begun, stripe_server):
    stripe_server.pay(begun.reference)
    body, signature = stripe_server.message(begun.reference, SECRET, int(time.time()))

    begun.browser.post(MESSAGE, body, content_type="application/json", headers={"Stripe-Signature": signature})

    assert paid(nord) == [(Decimal("120.00"), "card", begun.reference)]


@pytest.mark.parametrize("age", [0, 3600], ids=["wrong-secret", "replayed"])
def test_a_message_that_is_not_signed_now_changes_nothing(nord, begun, stripe_server, age):
    stripe_server.pay(begun.reference)
    secret = SECRET if age else "whsec_guessed"
    body, signature = stripe_server.message(begun.reference, secret, int(time.time()) - age)

    told = begun.browser.post(MESSAGE, body, content_type="application/json", headers={"Stripe-Signature": signature})

    assert (told.status_code, paid(nord)) == (400, [])


def test_what_nobody_came_back_from_is_asked_about(nord, begun, stripe_server):
    stripe_server.pay(begun.reference)

    tasks.ask_cards()

    assert paid(nord) == [(Decimal("120.00"), "card", begun.reference)]


def test_a_payment_left_half_way_goes_on_or_ends(nord, invoice, begun, stripe_server):
    again = begun.browser.post(f"/mon-espace/compte/factures/{invoice.pk}/carte/")
    assert again.url == begun.page

    stripe_server.expire(begun.reference)
    begun.browser.post(begun.page)

    assert "Ce paiement n’a pas abouti" in said(begun.browser.get(begun.page))
    assert paid(nord) == []


def test_what_was_paid_meanwhile_changes_the_amount(nord, invoice, begun, stripe_server):
    with open_hub(nord.hub):
        PaymentFactory(account=Account.objects.get(), amount=Decimal("20.00"))
        settle(invoice.account_id)

    begun.browser.post(f"/mon-espace/compte/factures/{invoice.pk}/carte/")

    with open_hub(nord.hub):
        assert list(CardPayment.objects.order_by("pk").values_list("state", "amount")) == [
            ("over", Decimal("120.00")),
            ("open", Decimal("100.00")),
        ]


def test_a_provider_that_does_not_answer_is_said(nord, invoice, stripe_server, sign_in):
    stripe_server.is_down = True
    browser = sign_in(nord, "administrator")

    page = browser.post(f"/mon-espace/compte/factures/{invoice.pk}/carte/", follow=True)

    assert "Le paiement par carte ne répond pas." in said(page)
    with open_hub(nord.hub):
        assert not CardPayment.objects.exists()


def test_without_a_provider_there_is_no_card(nord, invoice, sign_in):
    browser = sign_in(nord, "administrator")

    assert "Payer par carte" not in said(browser.get(f"/mon-espace/compte/factures/{invoice.pk}/"))
    assert browser.post(f"/mon-espace/compte/factures/{invoice.pk}/carte/").status_code == 404
    assert browser.post(MESSAGE).status_code == 404


def test_the_payment_of_others_is_not_found(nord, sud, begun, sign_in):
    assert sign_in(nord, "stranger").get(begun.page).status_code in {403, 404}
    assert sign_in(sud, "administrator").get(begun.page).status_code == 404
