"""Paying by card: the click, the way to the provider's page, and what the provider says."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from billing import actions
from billing.cards import CardProvider, NotFromProvider, ProviderAway, card_provider
from billing.enums import CardState
from billing.models import CardPayment
from billing.rules import sees_account
from billing.views.member import my_invoice_of
from hubs.limits import PROVIDER_MESSAGE, check, client_address
from hubs.refusals import Refusal
from hubs.rules import anyone, open_to, person_of_hub


def _provider() -> CardProvider:
    provider = card_provider()
    if provider is None:
        raise Http404
    return provider


@require_POST
@open_to(person_of_hub)
def pay_by_card(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """Prepare the payment; the next page leads to the provider, since no form of ours may be sent outside."""
    provider, invoice = _provider(), my_invoice_of(request, invoice_id)
    try:
        card = actions.begin_card_payment(invoice=invoice, provider=provider, by=request.actor, now=timezone.now())
    except Refusal as refusal:
        messages.warning(request, refusal.message)
        return redirect("billing:my_invoice", invoice.pk)
    return redirect("billing:my_card_payment", card.key)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(person_of_hub)
def my_card_payment(request: HttpRequest, card_key: uuid.UUID) -> HttpResponse:
    """Before: the way to the provider's page. Afterwards: whether it is paid; the click asks again."""
    provider = _provider()
    wanted = CardPayment.objects.select_related("invoice__account__organisation", "invoice__account__person")
    card = get_object_or_404(wanted, key=card_key)
    if not sees_account(request.actor, card.invoice.account):
        raise Http404
    if request.method == "POST":
        try:
            card = actions.settle_card_payment(card=card, provider=provider, today=timezone.localdate())
        except ProviderAway as refusal:
            messages.warning(request, refusal.message)
        else:
            if card.state == CardState.OPEN:
                messages.info(request, _("%s n’a pas encore reçu votre paiement.") % provider.name)
        return redirect("billing:my_card_payment", card.key)
    return render(request, "billing/my_card_payment.html", {"card": card, "invoice": card.invoice})


@csrf_exempt
@require_POST
@open_to(anyone)
def card_message(request: HttpRequest) -> HttpResponse:
    """A message of the provider, signed: it only says which payment to ask about."""
    provider = _provider()
    try:
        reference = provider.reference_in(request.body, request.headers.get("Stripe-Signature", ""))
    except NotFromProvider:
        check(PROVIDER_MESSAGE, address=client_address(request), now=timezone.now())
        return HttpResponse(status=400)
    card = CardPayment.objects.filter(provider=provider.name, reference=reference).first() if reference else None
    if card is not None:
        try:
            actions.settle_card_payment(card=card, provider=provider, today=timezone.localdate())
        except ProviderAway:
            return HttpResponse(status=503)  # it sends the message again
    return HttpResponse(status=204)
