"""Payments by card, from the click to what the provider says became of them."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.enums import CardState
from billing.models.invoice import Invoice
from billing.models.payment import Payment
from hubs.isolation import hub_guards
from hubs.models import HubModel


class CardPayment(HubModel):
    """One attempt to pay an invoice by card. It makes a payment only when the provider says that it is paid."""

    # The provider's idempotency key, and the token of the payment that it makes.
    key = models.UUIDField(_("clé"), default=uuid.uuid4, editable=False)
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="card_payments", verbose_name=_("facture")
    )
    amount = models.DecimalField(_("montant"), max_digits=12, decimal_places=2)
    provider = models.CharField(_("prestataire"), max_length=20)
    reference = models.CharField(_("référence"), max_length=100)
    url = models.URLField(_("page de paiement"), max_length=2000)
    state = models.CharField(_("état"), max_length=5, choices=CardState.choices, default=CardState.OPEN)
    begun_at = models.DateTimeField(_("commencé le"))
    payment = models.OneToOneField(
        Payment, on_delete=models.PROTECT, null=True, blank=True, related_name="card", verbose_name=_("paiement")
    )

    class Meta:
        verbose_name = _("paiement par carte")
        constraints = [
            *hub_guards("billing_cardpayment", "invoice", "payment"),
            models.UniqueConstraint(fields=["hub", "key"], name="billing_cardpayment_key"),
            models.UniqueConstraint(fields=["hub", "provider", "reference"], name="billing_cardpayment_reference"),
            models.UniqueConstraint(
                fields=["hub", "invoice"], condition=Q(state=CardState.OPEN), name="billing_cardpayment_one_open"
            ),
            models.CheckConstraint(
                name="billing_cardpayment_paid_has_payment",
                condition=Q(state=CardState.PAID, payment__isnull=False)
                | Q(state__in=[CardState.OPEN, CardState.OVER], payment=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.reference}"
