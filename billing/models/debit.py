"""What is asked of a member's bank: an attempt per invoice, the file that carries it, what the bank answered."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from billing.enums import OPEN_DEBITS, DebitState
from billing.models.invoice import Invoice
from billing.models.issuer import Issuer
from billing.models.mandate import Mandate
from billing.models.payment import Payment
from documents.models import StoredFile
from hubs import french
from hubs.isolation import hub_guards
from hubs.models import HubModel, hub_objects

ENDED = (DebitState.REJECTED, DebitState.RETURNED, DebitState.CANCELLED)


class DebitBatch(HubModel):
    """A file of debits as it was made, once: downloaded any number of times, it is the same bytes."""

    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="batches", verbose_name=_("créancier"))
    collect_on = models.DateField(_("date de prélèvement"))
    message_id = models.CharField(_("identifiant du message"), max_length=35)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("fichier"))
    total = models.DecimalField(_("total"), max_digits=12, decimal_places=2)
    count = models.PositiveIntegerField(_("nombre de prélèvements"))
    created_by = models.CharField(_("fait par"), max_length=160)
    created_at = models.DateTimeField(_("fait le"), auto_now_add=True)
    deposited_on = models.DateField(_("déposé à la banque le"), null=True, blank=True)
    collected_on = models.DateField(_("encaissé, noté le"), null=True, blank=True)

    class Meta:
        verbose_name = _("fichier de prélèvements")
        constraints = [
            *hub_guards("billing_debitbatch", "issuer", "file"),
            models.UniqueConstraint(fields=["hub", "message_id"], name="billing_debitbatch_message_once"),
            models.CheckConstraint(name="billing_debitbatch_not_empty", condition=Q(count__gt=0, total__gt=0)),
        ]
        indexes = [models.Index(fields=["hub", "collect_on"], name="billing_debitbatch_by_date")]

    def __str__(self) -> str:
        return french.day(self.collect_on, year=True, weekday=False)


class DebitQuerySet(models.QuerySet["Debit"]):
    def open(self) -> "DebitQuerySet":
        return self.filter(state__in=OPEN_DEBITS)

    def announced(self) -> "DebitQuerySet":
        return self.filter(state=DebitState.ANNOUNCED)

    def expected(self) -> "DebitQuerySet":
        """Those that a member is to expect: under way, on a mandate that holds."""
        return self.open().filter(mandate__revoked_on=None, mandate__suspended_on=None).select_related("mandate")

    def asked(self) -> "DebitQuerySet":
        """Those that went to the bank in a file, whatever came of them."""
        return self.exclude(end_to_end="")

    def for_display(self) -> "DebitQuerySet":
        return self.select_related("invoice__account__organisation", "invoice__account__person", "mandate", "batch")


class Debit(HubModel):
    """One attempt to collect one invoice, for an amount and a day that were announced; neither changes."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="debits", verbose_name=_("facture"))
    mandate = models.ForeignKey(Mandate, on_delete=models.PROTECT, related_name="debits", verbose_name=_("mandat"))
    amount = models.DecimalField(_("montant"), max_digits=12, decimal_places=2)
    collect_on = models.DateField(_("date de prélèvement"))
    state = models.CharField(_("état"), max_length=10, choices=DebitState.choices, default=DebitState.PROPOSED)
    announced_on = models.DateField(_("annoncé le"), null=True, blank=True)
    # The file that it went in, or that it was to go in and left, with its reason.
    batch = models.ForeignKey(
        DebitBatch, on_delete=models.PROTECT, null=True, blank=True, related_name="debits", verbose_name=_("fichier")
    )
    # What the bank knows it by: the number of the invoice, and the rank of the attempt from the second on.
    end_to_end = models.CharField(_("référence pour la banque"), max_length=35, blank=True)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, null=True, blank=True, related_name="debits", verbose_name=_("paiement")
    )
    ended_on = models.DateField(_("fini le"), null=True, blank=True)
    end_code = models.CharField(_("code de la banque"), max_length=4, blank=True)
    end_reason = models.CharField(_("motif"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("proposé le"), auto_now_add=True)

    objects = hub_objects(DebitQuerySet)

    class Meta:
        verbose_name = _("prélèvement")
        constraints = [
            *hub_guards("billing_debit", "invoice", "mandate", "batch", "payment"),
            models.UniqueConstraint(
                fields=["hub", "invoice"],
                condition=Q(state__in=OPEN_DEBITS),
                name="billing_debit_one_open",
                violation_error_message=_("Un prélèvement de cette facture est déjà en cours."),
            ),
            models.UniqueConstraint(
                fields=["hub", "batch", "end_to_end"],
                condition=~Q(end_to_end=""),
                name="billing_debit_reference_once",
            ),
            models.UniqueConstraint(fields=["hub", "payment"], name="billing_debit_payment_once"),
            models.CheckConstraint(
                name="billing_debit_amount",
                condition=Q(amount__gt=0),
                violation_error_message=_("Un prélèvement est d’au moins un centime."),
            ),
            models.CheckConstraint(
                name="billing_debit_announced_before",
                condition=Q(announced_on=None) | Q(announced_on__lt=F("collect_on")),
                violation_error_message=_("Un prélèvement s’annonce au moins un jour avant."),
            ),
            models.CheckConstraint(
                name="billing_debit_announced_first",
                condition=Q(state__in=[DebitState.PROPOSED, DebitState.CANCELLED]) | Q(announced_on__isnull=False),
            ),
            models.CheckConstraint(
                name="billing_debit_asked_in_a_file",
                condition=Q(
                    state__in=[DebitState.PROPOSED, DebitState.ANNOUNCED, DebitState.CANCELLED], end_to_end=""
                )
                | (
                    Q(
                        state__in=[
                            DebitState.IN_FILE, DebitState.COLLECTED, DebitState.REJECTED, DebitState.RETURNED,
                        ],
                        batch__isnull=False,
                    )
                    & ~Q(end_to_end="")
                ),
            ),
            models.CheckConstraint(
                name="billing_debit_collected_is_paid",
                condition=Q(state__in=[DebitState.COLLECTED, DebitState.RETURNED], payment__isnull=False)
                | (~Q(state__in=[DebitState.COLLECTED, DebitState.RETURNED]) & Q(payment=None)),
            ),
            models.CheckConstraint(
                name="billing_debit_ended_says_why",
                condition=(Q(state__in=ENDED, ended_on__isnull=False) & ~Q(end_reason=""))
                | (~Q(state__in=ENDED) & Q(ended_on=None, end_code="", end_reason="")),
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["hub", "batch"], name="billing_debit_of_batch"),
            models.Index(fields=["hub", "mandate"], name="billing_debit_of_mandate"),
            models.Index(fields=["hub", "end_to_end"], name="billing_debit_by_reference"),
        ]

    def __str__(self) -> str:
        return f"{french.euros(self.amount)}, {self.invoice}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_DEBITS

    @property
    def has_failed(self) -> bool:
        """The bank did not collect it, or took it back."""
        return self.state in (DebitState.REJECTED, DebitState.RETURNED)


class BankReturn(HubModel):
    """A file in which the bank says what it could not collect; read once, shown before anything is written."""

    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("fichier"))
    name = models.CharField(_("nom du fichier"), max_length=200)
    dropped_by = models.CharField(_("déposé par"), max_length=160)
    dropped_at = models.DateTimeField(_("déposé le"), auto_now_add=True)
    applied_on = models.DateField(_("pris en compte le"), null=True, blank=True)

    class Meta:
        verbose_name = _("retour de la banque")
        constraints = [
            *hub_guards("billing_bankreturn", "file"),
            models.UniqueConstraint(fields=["hub", "file"], name="billing_bankreturn_once"),
        ]

    def __str__(self) -> str:
        return self.name
