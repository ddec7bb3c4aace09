"""Paying by card: begun by a member, settled when the provider says so, whoever hears it first."""

import datetime as dt
import uuid

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.actions.payments import lock_account, record_payment
from billing.cards import CardProvider
from billing.enums import CardState, PaymentMethod
from billing.models import CardPayment, Invoice
from billing.papers import title_of
from billing.rules import sees_account
from hubs.actions import record
from hubs.actors import Actor, system
from hubs.queries import absolute
from hubs.refusals import NotAllowed, Refusal
from hubs.scope import current_hub_id

# Stripe takes half an hour at least; the clocks differ a little.
OPEN_FOR = dt.timedelta(minutes=40)


class NothingToPay(Refusal):
    message = gettext_lazy("Cette facture est déjà payée\u00a0: merci.")


@transaction.atomic
def begin_card_payment(*, invoice: Invoice, provider: CardProvider, by: Actor, now: dt.datetime) -> CardPayment:
    """What remains due, to be paid at the provider; the attempt that is open goes on while its amount is right.

    Raises NotAllowed, NothingToPay, ProviderAway.
    """
    if not sees_account(by, invoice.account):
        raise NotAllowed(_("Cette facture n’est pas la vôtre."))
    account = lock_account(invoice.account_id)
    due = Invoice.objects.issued().with_due().get(pk=invoice.pk).due
    if due <= 0:
        raise NothingToPay
    open_one = CardPayment.objects.filter(invoice=invoice, state=CardState.OPEN).first()
    if open_one is not None:
        if open_one.amount == due and now < open_one.begun_at + OPEN_FOR:
            return open_one
        # Whoever kept that page open pays no stale amount.
        provider.end(open_one.reference)
        settle_card_payment(card=open_one, provider=provider, today=timezone.localdate(now))
        return begin_card_payment(invoice=invoice, provider=provider, by=by, now=now)
    key = uuid.uuid4()
    begun = provider.begin(
        key=str(key),
        amount=due,
        label=title_of(invoice),
        back_url=absolute(reverse("billing:my_card_payment", args=[key])),
        until=now + OPEN_FOR,
    )
    card = CardPayment.objects.create(
        key=key,
        invoice=invoice,
        amount=due,
        provider=provider.name,
        reference=begun.reference,
        url=begun.url,
        begun_at=now,
    )
    record(by=by, verb="billing.card_begun", thing=card, after={"amount": due}, concerns=account)
    return card


@transaction.atomic
def settle_card_payment(*, card: CardPayment, provider: CardProvider, today: dt.date) -> CardPayment:
    """Ask the provider what became of it, and write the payment once. Raises ProviderAway."""
    lock_account(card.invoice.account_id)
    card = CardPayment.objects.select_for_update(of=("self",), no_key=True).select_related("invoice").get(pk=card.pk)
    if card.state != CardState.OPEN:
        return card
    outcome = provider.outcome(card.reference)
    if outcome.paid is not None:
        card.payment = record_payment(
            account=card.invoice.account,
            received_on=today,
            amount=outcome.paid,
            method=PaymentMethod.CARD,
            reference=card.reference[:80],
            invoice=card.invoice,
            token=card.key,
            by=system(current_hub_id()),
            today=today,
        )
        card.state = CardState.PAID
    elif outcome.is_over:
        card.state = CardState.OVER
    else:
        return card
    card.save(update_fields=["state", "payment"])
    return card
