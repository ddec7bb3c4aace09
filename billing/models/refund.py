"""Money given back of what an account had paid in advance."""

import uuid

from django.apps import apps
from django.db import models
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from billing.enums import PaymentMethod
from billing.models.account import Account
from hubs import french
from hubs.isolation import hub_guards
from hubs.models import HubModel, hub_objects


class RefundQuerySet(models.QuerySet["Refund"]):
    def kept(self) -> "RefundQuerySet":
        return self.filter(cancelled_at=None)

    def with_seen_on(self) -> "RefundQuerySet":
        """Adds `seen_on`, the day on which the bank shows the money leave; None until its line is matched."""
        return self.annotate(seen_on=seen_on("refund"))


def seen_on(reference: str) -> Subquery:
    """The day of the line of the bank that is matched with a row, by the name of the key that leads to it."""
    matches: QuerySet = apps.get_model("billing", "Match").objects.live()
    return Subquery(matches.filter(**{reference: OuterRef("pk")}).values("line__on")[:1])


class Refund(HubModel):
    """Money that left for the holder of an account. A mistake is cancelled with its reason, never changed."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="refunds", verbose_name=_("compte"))
    paid_on = models.DateField(_("versé le"))
    amount = models.DecimalField(_("montant"), max_digits=12, decimal_places=2)
    method = models.CharField(_("moyen"), max_length=10, choices=PaymentMethod.choices)
    reference = models.CharField(_("référence"), max_length=80, blank=True)
    # Its ends only, « FR76 •••• 0189 ».
    paid_to = models.CharField(_("versé sur"), max_length=40, blank=True)
    reason = models.CharField(_("motif"), max_length=300)
    token = models.UUIDField(default=uuid.uuid4, editable=False)
    recorded_at = models.DateTimeField(_("saisi le"), auto_now_add=True)
    cancelled_at = models.DateTimeField(_("annulé le"), null=True, blank=True)
    cancelled_on = models.DateField(_("annulé au"), null=True, blank=True)
    cancel_reason = models.CharField(_("motif d’annulation"), max_length=300, blank=True)

    objects = hub_objects(RefundQuerySet)

    class Meta:
        verbose_name = _("remboursement")
        constraints = [
            *hub_guards("billing_refund", "account"),
            models.UniqueConstraint(fields=["hub", "token"], name="billing_refund_token_once"),
            models.CheckConstraint(
                name="billing_refund_amount",
                condition=Q(amount__gt=0),
                violation_error_message=_("Le montant d’un remboursement est positif."),
            ),
            models.CheckConstraint(name="billing_refund_says_why", condition=~Q(reason="")),
            models.CheckConstraint(
                name="billing_refund_cancelled_says_why",
                condition=Q(cancelled_at=None, cancelled_on=None, cancel_reason="")
                | (Q(cancelled_at__isnull=False, cancelled_on__isnull=False) & ~Q(cancel_reason="")),
            ),
        ]
        indexes = [models.Index(fields=["hub", "account", "paid_on"], name="billing_refund_of_account")]

    def __str__(self) -> str:
        return f"{self.get_method_display()} de {french.euros(self.amount)}"
