"""What reaches the bank as one sum: cheques handed in together, the payments that a collector passes on."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from billing.models.account import Account
from billing.models.payment import Payment
from billing.models.treasury import BankAccount
from documents.models import StoredFile
from hubs.isolation import hub_guards
from hubs.models import HubModel, hub_objects


class ChequeSlipQuerySet(models.QuerySet["ChequeSlip"]):
    def kept(self) -> "ChequeSlipQuerySet":
        return self.filter(cancelled_at=None)

    def waiting(self) -> "ChequeSlipQuerySet":
        """Handed in, and not on a statement yet."""
        from billing.models.bank import Match

        seen = Match.objects.live().filter(slip__isnull=False).values("slip")
        return self.kept().exclude(pk__in=seen)


class ChequeSlip(HubModel):
    """Cheques handed in together (« remise de chèques »): one line at the bank."""

    bank_account = models.ForeignKey(
        BankAccount, on_delete=models.PROTECT, related_name="slips", verbose_name=_("compte bancaire")
    )
    year = models.PositiveSmallIntegerField(_("année"))
    sequence = models.PositiveIntegerField(_("rang"))
    number = models.CharField(_("numéro"), max_length=35)
    on = models.DateField(_("remise le"))
    total = models.DecimalField(_("total"), max_digits=12, decimal_places=2)
    made_at = models.DateTimeField(_("établie le"))
    cancelled_at = models.DateTimeField(_("défaite le"), null=True, blank=True)
    cancel_reason = models.CharField(_("motif"), max_length=300, blank=True)

    objects = hub_objects(ChequeSlipQuerySet)

    class Meta:
        verbose_name = _("remise de chèques")
        constraints = [
            *hub_guards("billing_chequeslip", "bank_account"),
            models.UniqueConstraint(
                fields=["hub", "bank_account", "year", "sequence"], name="billing_chequeslip_sequence_once"
            ),
            models.CheckConstraint(name="billing_chequeslip_total", condition=Q(total__gt=0)),
            models.CheckConstraint(
                name="billing_chequeslip_cancelled_says_why",
                condition=Q(cancelled_at=None, cancel_reason="")
                | (Q(cancelled_at__isnull=False) & ~Q(cancel_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class SlipChequeQuerySet(models.QuerySet["SlipCheque"]):
    def live(self) -> "SlipChequeQuerySet":
        return self.filter(released_at=None)


class SlipCheque(HubModel):
    """A cheque on a slip; released when the slip is undone."""

    slip = models.ForeignKey(ChequeSlip, on_delete=models.PROTECT, related_name="cheques", verbose_name=_("remise"))
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="slips", verbose_name=_("chèque"))
    released_at = models.DateTimeField(_("retiré le"), null=True, blank=True)

    objects = hub_objects(SlipChequeQuerySet)

    class Meta:
        verbose_name = _("chèque remis")
        constraints = [
            *hub_guards("billing_slipcheque", "slip", "payment"),
            models.UniqueConstraint(
                fields=["hub", "payment"],
                condition=Q(released_at=None),
                name="billing_slipcheque_once",
                violation_error_message=_("Ce chèque est déjà sur une remise."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slip}, {self.payment}"


class PayoutQuerySet(models.QuerySet["Payout"]):
    def waiting(self) -> "PayoutQuerySet":
        """Announced by the collector, and not on a statement yet."""
        from billing.models.bank import Match

        seen = Match.objects.live().filter(payout__isnull=False).values("payout")
        return self.exclude(pk__in=seen)


class Payout(HubModel):
    """A transfer of HelloAsso and what it is made of: `net` reaches the bank, `fees` never do."""

    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("fichier"))
    reference = models.CharField(_("référence du versement"), max_length=80)
    on = models.DateField(_("versé le"))
    gross = models.DecimalField(_("payé"), max_digits=12, decimal_places=2)
    fees = models.DecimalField(_("frais retenus"), max_digits=12, decimal_places=2)
    net = models.DecimalField(_("versé"), max_digits=12, decimal_places=2)
    imported_at = models.DateTimeField(_("importé le"))

    objects = hub_objects(PayoutQuerySet)

    class Meta:
        verbose_name = _("versement HelloAsso")
        constraints = [
            *hub_guards("billing_payout", "file"),
            models.UniqueConstraint(fields=["hub", "reference"], name="billing_payout_once"),
            models.CheckConstraint(
                name="billing_payout_sums", condition=Q(net=F("gross") - F("fees"), net__gt=0, fees__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class PayoutPayment(HubModel):
    """One payment of a payout: whose account it goes to, or none when it is not for the portal."""

    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, related_name="payments", verbose_name=_("versement"))
    reference = models.CharField(_("référence du paiement"), max_length=80)
    on = models.DateField(_("payé le"))
    payer = models.CharField(_("payeur"), max_length=160)
    email = models.EmailField(_("adresse électronique"), blank=True)
    label = models.CharField(_("objet"), max_length=200, blank=True)
    amount = models.DecimalField(_("montant"), max_digits=12, decimal_places=2)
    fees = models.DecimalField(_("frais"), max_digits=12, decimal_places=2)
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("compte")
    )
    because = models.CharField(_("parce que"), max_length=200, blank=True)
    # Said by staff: a gift, a membership kept elsewhere.
    is_aside = models.BooleanField(_("hors du portail"), default=False)

    class Meta:
        verbose_name = _("paiement HelloAsso")
        constraints = [
            *hub_guards("billing_payoutpayment", "payout", "account"),
            models.UniqueConstraint(fields=["hub", "reference"], name="billing_payoutpayment_once"),
            models.CheckConstraint(
                name="billing_payoutpayment_amount", condition=Q(amount__gt=0, fees__gte=0, fees__lte=F("amount"))
            ),
            models.CheckConstraint(
                name="billing_payoutpayment_one_fate", condition=Q(account=None) | Q(is_aside=False)
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_told(self) -> bool:
        """Whether it is known where the payment goes."""
        return self.is_aside or self.account_id is not None
