"""Stripe Checkout: the payer types the card on Stripe's page, and no card number comes here."""

import datetime as dt
from decimal import Decimal

import stripe

from billing.cards import Begun, NotFromProvider, Outcome, ProviderAway

PATIENCE = 8


class StripeCheckout:
    name = "Stripe"

    def __init__(self, key: str, webhook_secret: str, address: str = "") -> None:
        self._secret = webhook_secret
        self._client = stripe.StripeClient(
            key,
            base_addresses={"api": address} if address else None,
            max_network_retries=1,
            http_client=stripe.RequestsClient(timeout=PATIENCE),
        )

    def begin(self, *, key: str, amount: Decimal, label: str, back_url: str, until: dt.datetime) -> Begun:
        price = {"currency": "eur", "unit_amount": int(amount * 100), "product_data": {"name": label}}
        try:
            session = self._client.v1.checkout.sessions.create(
                {
                    "mode": "payment",
                    "line_items": [{"price_data": price, "quantity": 1}],
                    "payment_method_types": ["card"],
                    "client_reference_id": key,
                    "success_url": back_url,
                    "cancel_url": back_url,
                    "expires_at": int(until.timestamp()),
                    "locale": "fr",
                },
                {"idempotency_key": key},
            )
        except stripe.StripeError as error:
            raise ProviderAway from error
        return Begun(session.id, session.url or "")

    def outcome(self, reference: str) -> Outcome:
        try:
            session = self._client.v1.checkout.sessions.retrieve(reference)
        except stripe.StripeError as error:
            raise ProviderAway from error
        if session.payment_status == "paid" and session.currency == "eur":
            return Outcome(paid=Decimal(session.amount_total or 0) / 100)
        return Outcome(is_over=session.status == "expired")

    def end(self, reference: str) -> None:
        try:
            self._client.v1.checkout.sessions.expire(reference)
        except stripe.InvalidRequestError:
            return  # paid or over already: `outcome` says which
        except stripe.StripeError as error:
            raise ProviderAway from error

    def reference_in(self, body: bytes, signature: str) -> str:
        try:
            event = stripe.Webhook.construct_event(body, signature, self._secret)
        except (ValueError, stripe.SignatureVerificationError) as error:
            raise NotFromProvider from error
        return str(event.data.object["id"]) if event.type.startswith("checkout.session.") else ""
