"""Money held and not owed: a « dépôt de garantie », the « caution » of a key. A debt of the hub until it is given back."""

import uuid
from decimal import Decimal

from django.db import models
from django.db.models import Case, DecimalField, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from billing.enums import DepositMoveKind, DepositNature, PaymentMethod
from billing.models.account import Account, Charge
from billing.models.issuer import Issuer
from billing.models.payment import Payment
from billing.models.refund import seen_on
from billing.money import ZERO
from hubs import french
from hubs.isolation import hub_guards
from hubs.models import HubModel, hub_objects


class DepositQuerySet(models.QuerySet["Deposit"]):
    def live(self) -> "DepositQuerySet":
        return self.filter(cancelled_at=None)

    def with_held(self, **on: object) -> "DepositQuerySet":
        """Adds `received` and `held`, what the hub has in hand; `on__lte=day` tells it as of that day."""
        return self.annotate(
            received=_sum(DepositMove.objects.live().filter(kind=DepositMoveKind.RECEIVED, **on)),
            held=_sum(DepositMove.objects.live().filter(**on)),
        )


def _sum(moves: "DepositMoveQuerySet") -> Coalesce:
    signed = Case(When(kind=DepositMoveKind.RECEIVED, then=F("amount")), default=-F("amount"))
    rows = moves.filter(deposit=OuterRef("pk")).order_by().values("deposit").annotate(sum=Sum(signed)).values("sum")
    return Coalesce(Subquery(rows), Value(ZERO, output_field=DecimalField(max_digits=12, decimal_places=2)))


class Deposit(HubModel):
    """A deposit agreed with the holder of an account. It is no part of what the account owes.

    Never changed: asked by mistake, it is cancelled with its reason while nothing of it is held.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="deposits", verbose_name=_("compte"))
    # The legal body that holds the money and owes it.
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="+", verbose_name=_("détenu par"))
    nature = models.CharField(_("nature"), max_length=10, choices=DepositNature.choices)
    label = models.CharField(_("pour quoi"), max_length=120)
    # What it secures, as `spaces.lease:12`; empty when it was asked by hand.
    source = models.CharField(_("origine"), max_length=80, blank=True)
    amount = models.DecimalField(_("montant convenu"), max_digits=12, decimal_places=2)
    asked_on = models.DateField(_("demandé le"))
    token = models.UUIDField(default=uuid.uuid4, editable=False)
    recorded_at = models.DateTimeField(_("saisi le"), auto_now_add=True)
    cancelled_at = models.DateTimeField(_("annulé le"), null=True, blank=True)
    cancelled_on = models.DateField(_("annulé au"), null=True, blank=True)
    cancel_reason = models.CharField(_("motif d’annulation"), max_length=300, blank=True)

    objects = hub_objects(DepositQuerySet)

    # By `with_held`.
    received: Decimal
    held: Decimal

    class Meta:
        verbose_name = _("dépôt")
        constraints = [
            *hub_guards("billing_deposit", "account", "issuer"),
            models.UniqueConstraint(fields=["hub", "token"], name="billing_deposit_token_once"),
            models.UniqueConstraint(
                fields=["hub", "source", "nature"],
                condition=Q(cancelled_at=None) & ~Q(source=""),
                name="billing_deposit_source_once",
                violation_error_message=_("Un dépôt est déjà demandé pour cela."),
            ),
            models.CheckConstraint(
                name="billing_deposit_amount",
                condition=Q(amount__gt=0),
                violation_error_message=_("Le montant d’un dépôt est positif."),
            ),
            models.CheckConstraint(
                name="billing_deposit_cancelled_says_why",
                condition=Q(cancelled_at=None, cancelled_on=None, cancel_reason="")
                | (Q(cancelled_at__isnull=False, cancelled_on__isnull=False) & ~Q(cancel_reason="")),
            ),
        ]
        indexes = [models.Index(fields=["hub", "account"], name="billing_deposit_of_account")]

    def __str__(self) -> str:
        return f"{self.get_nature_display().capitalize()}, {self.label}"

    @property
    def reference(self) -> str:
        """What a transfer recalls: « DG-12 », « CC-12 »."""
        return f"{'DG' if self.nature == DepositNature.SECURITY else 'CC'}-{self.pk}"


class DepositMoveQuerySet(models.QuerySet["DepositMove"]):
    def live(self) -> "DepositMoveQuerySet":
        return self.filter(cancelled_at=None)

    def in_order(self) -> "DepositMoveQuerySet":
        return self.order_by("on", "pk")

    def with_seen_on(self) -> "DepositMoveQuerySet":
        """Adds `seen_on`, the day on which the bank shows the money; None until its line is matched."""
        return self.annotate(seen_on=seen_on("move"))


class DepositMove(HubModel):
    """Money in or out of a deposit. A mistake is cancelled with its reason, never changed."""

    deposit = models.ForeignKey(Deposit, on_delete=models.PROTECT, related_name="moves", verbose_name=_("dépôt"))
    kind = models.CharField(_("nature"), max_length=12, choices=DepositMoveKind.choices)
    amount = models.DecimalField(_("montant"), max_digits=12, decimal_places=2)
    on = models.DateField(_("date"))
    method = models.CharField(_("moyen"), max_length=10, choices=PaymentMethod.choices, blank=True)
    reference = models.CharField(_("référence"), max_length=80, blank=True)
    # Its ends only, « FR76 •••• 0189 »: enough to find the transfer again.
    paid_to = models.CharField(_("versé sur"), max_length=40, blank=True)
    reason = models.CharField(_("motif"), max_length=300, blank=True)
    charge = models.ForeignKey(
        Charge, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("somme retenue")
    )
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("paiement")
    )
    # Made by the form that is shown: sent twice, it is recorded once.
    token = models.UUIDField(default=uuid.uuid4, editable=False)
    recorded_at = models.DateTimeField(_("saisi le"), auto_now_add=True)
    cancelled_at = models.DateTimeField(_("annulé le"), null=True, blank=True)
    cancelled_on = models.DateField(_("annulé au"), null=True, blank=True)
    cancel_reason = models.CharField(_("motif d’annulation"), max_length=300, blank=True)

    objects = hub_objects(DepositMoveQuerySet)

    class Meta:
        verbose_name = _("mouvement de dépôt")
        constraints = [
            *hub_guards("billing_depositmove", "deposit", "charge", "payment"),
            models.UniqueConstraint(fields=["hub", "token"], name="billing_depositmove_token_once"),
            models.UniqueConstraint(fields=["hub", "charge"], name="billing_depositmove_charge_once"),
            models.UniqueConstraint(fields=["hub", "payment"], name="billing_depositmove_payment_once"),
            models.CheckConstraint(
                name="billing_depositmove_amount",
                condition=Q(amount__gt=0),
                violation_error_message=_("Le montant d’un mouvement est positif."),
            ),
            # What is kept is sold, what is set against an invoice pays it, and the rest is handed over.
            models.CheckConstraint(
                name="billing_depositmove_of_kind",
                condition=Q(kind=DepositMoveKind.KEPT, charge__isnull=False, payment=None, method="") & ~Q(reason="")
                | Q(kind=DepositMoveKind.SET_AGAINST, charge=None, payment__isnull=False, method="")
                | Q(kind__in=[DepositMoveKind.RECEIVED, DepositMoveKind.REFUNDED], charge=None, payment=None)
                & ~Q(method=""),
            ),
            models.CheckConstraint(
                name="billing_depositmove_cancelled_says_why",
                condition=Q(cancelled_at=None, cancelled_on=None, cancel_reason="")
                | (Q(cancelled_at__isnull=False, cancelled_on__isnull=False) & ~Q(cancel_reason="")),
            ),
        ]
        indexes = [models.Index(fields=["hub", "deposit", "on"], name="billing_depositmove_of_deposit")]

    def __str__(self) -> str:
        return f"{self.get_kind_display().capitalize()}\u00a0: {french.euros(self.amount)}"

    @property
    def signed(self) -> Decimal:
        """What it adds to what is held."""
        return self.amount if self.kind == DepositMoveKind.RECEIVED else -self.amount
