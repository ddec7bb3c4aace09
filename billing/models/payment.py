"""Money received, and the invoices it pays."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.enums import PaymentMethod
from billing.models.account import Account
from billing.models.invoice import Invoice
from hubs import french
from hubs.isolation import hub_guards
from hubs.models import HubModel, hub_objects


class PaymentQuerySet(models.QuerySet["Payment"]):
    def kept(self) -> "PaymentQuerySet":
        return self.filter(cancelled_at=None)


class Payment(HubModel):
    """Money received on an account. A mistake is cancelled with its reason, never changed."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="payments", verbose_name=_("compte"))
    received_on = models.DateField(_("reçu le"))
    amount = models.DecimalField(_("montant"), max_digits=12, decimal_places=2)
    method = models.CharField(_("moyen"), max_length=10, choices=PaymentMethod.choices)
    reference = models.CharField(_("référence"), max_length=80, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    # Made by the form that is shown: sent twice, it is recorded once.
    token = models.UUIDField(default=uuid.uuid4, editable=False)
    recorded_at = models.DateTimeField(_("saisi le"), auto_now_add=True)
    cancelled_at = models.DateTimeField(_("annulé le"), null=True, blank=True)
    cancelled_on = models.DateField(_("annulé au"), null=True, blank=True)
    cancel_reason = models.CharField(_("motif d’annulation"), max_length=300, blank=True)

    objects = hub_objects(PaymentQuerySet)

    class Meta:
        verbose_name = _("paiement")
        constraints = [
            *hub_guards("billing_payment", "account"),
            models.UniqueConstraint(fields=["hub", "token"], name="billing_payment_token_once"),
            models.CheckConstraint(
                name="billing_payment_amount",
                condition=Q(amount__gt=0),
                violation_error_message=_("Le montant d’un paiement est positif."),
            ),
            models.CheckConstraint(
                name="billing_payment_cancelled_says_why",
                condition=Q(cancelled_at=None, cancelled_on=None, cancel_reason="")
                | (Q(cancelled_at__isnull=False, cancelled_on__isnull=False) & ~Q(cancel_reason="")),
            ),
        ]
        indexes = [models.Index(fields=["hub", "account", "received_on"], name="billing_payment_of_account")]

    def __str__(self) -> str:
        return f"{self.get_method_display()} de {french.euros(self.amount)}"

    @property
    def is_by_hand(self) -> bool:
        """Whether the payer has nothing to show for it but a receipt."""
        return self.method in (PaymentMethod.CASH, PaymentMethod.CHEQUE)

    @property
    def receipt(self) -> models.Model | None:
        """The receipt that was given for it, where receipts are prefetched: no query of its own."""
        return next(iter(self.receipts.all()), None)


class AllocationQuerySet(models.QuerySet["Allocation"]):
    def live(self) -> "AllocationQuerySet":
        return self.filter(released_at=None)


class Allocation(HubModel):
    """The part of a payment that pays an invoice; released when one of the two is cancelled."""

    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, related_name="allocations", verbose_name=_("paiement")
    )
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="allocations", verbose_name=_("facture")
    )
    amount = models.DecimalField(_("montant"), max_digits=12, decimal_places=2)
    released_at = models.DateTimeField(_("libéré le"), null=True, blank=True)

    objects = hub_objects(AllocationQuerySet)

    class Meta:
        verbose_name = _("imputation")
        constraints = [
            *hub_guards("billing_allocation", "payment", "invoice"),
            models.CheckConstraint(name="billing_allocation_amount", condition=Q(amount__gt=0)),
        ]
        indexes = [
            models.Index(fields=["hub", "invoice"], condition=Q(released_at=None), name="billing_allocation_live")
        ]

    def __str__(self) -> str:
        return f"{self.amount}"
