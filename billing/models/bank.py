"""What the bank says, and the payments that its lines are."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from billing.enums import AsideKind, LineState, MatchKind, StatementFormat
from billing.models.account import Account
from billing.models.deposit import DepositMove
from billing.models.payment import Payment
from billing.models.refund import Refund
from billing.models.slip import ChequeSlip, Payout
from billing.models.treasury import BankAccount
from documents.models import StoredFile
from hubs import french
from hubs.isolation import hub_guards
from hubs.models import HubModel, hub_objects


class BankStatement(HubModel):
    """A file of the bank, imported once."""

    bank_account = models.ForeignKey(
        BankAccount, on_delete=models.PROTECT, related_name="statements", verbose_name=_("compte bancaire")
    )
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("fichier"))
    name = models.CharField(_("nom du fichier"), max_length=160)
    sha256 = models.CharField(_("empreinte"), max_length=64)
    format = models.CharField(_("format"), max_length=10, choices=StatementFormat.choices)
    starts_on = models.DateField(_("premier jour"))
    last_on = models.DateField(_("dernier jour"))
    opening = models.DecimalField(_("solde de départ"), max_digits=14, decimal_places=2, null=True, blank=True)
    closing = models.DecimalField(_("solde d’arrivée"), max_digits=14, decimal_places=2, null=True, blank=True)
    added = models.PositiveIntegerField(_("lignes ajoutées"))
    known = models.PositiveIntegerField(_("lignes déjà connues"))
    imported_at = models.DateTimeField(_("importé le"))
    imported_by = models.CharField(_("importé par"), max_length=160)

    class Meta:
        verbose_name = _("relevé bancaire")
        constraints = [
            *hub_guards("billing_bankstatement", "bank_account", "file"),
            models.UniqueConstraint(
                fields=["hub", "sha256"],
                name="billing_bankstatement_once",
                violation_error_message=_("Ce relevé est déjà importé."),
            ),
            models.CheckConstraint(
                name="billing_bankstatement_days",
                condition=Q(starts_on__lte=F("last_on")),
                violation_error_message=_("Un relevé commence avant de finir."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BankLineQuerySet(models.QuerySet["BankLine"]):
    def waiting(self) -> "BankLineQuerySet":
        return self.filter(state=LineState.TO_MATCH)

    def oldest_first(self) -> "BankLineQuerySet":
        return self.order_by("on", "pk")


class BankLine(HubModel):
    """A line of the bank, as it was read. What comes in is above zero."""

    statement = models.ForeignKey(
        BankStatement, on_delete=models.PROTECT, related_name="lines", verbose_name=_("relevé")
    )
    bank_account = models.ForeignKey(
        BankAccount, on_delete=models.PROTECT, related_name="lines", verbose_name=_("compte bancaire")
    )
    on = models.DateField(_("date"))
    value_on = models.DateField(_("date de valeur"), null=True, blank=True)
    amount = models.DecimalField(_("montant"), max_digits=12, decimal_places=2)
    label = models.CharField(_("libellé"), max_length=500)
    counterparty = models.CharField(_("autre partie"), max_length=160, blank=True)
    counterparty_iban = models.CharField(_("IBAN de l’autre partie"), max_length=34, blank=True)
    end_to_end_id = models.CharField(_("référence du payeur"), max_length=80, blank=True)
    bank_reference = models.CharField(_("référence de la banque"), max_length=80, blank=True)
    # What the line says, and its rank among those of the file that say the same.
    key = models.CharField(_("clé"), max_length=70)
    state = models.CharField(_("état"), max_length=10, choices=LineState.choices, default=LineState.TO_MATCH)
    aside = models.CharField(_("mise de côté comme"), max_length=10, choices=AsideKind.choices, blank=True)
    aside_note = models.CharField(_("précision de mise de côté"), max_length=200, blank=True)

    objects = hub_objects(BankLineQuerySet)

    class Meta:
        verbose_name = _("ligne de relevé")
        constraints = [
            *hub_guards("billing_bankline", "statement", "bank_account"),
            models.UniqueConstraint(fields=["hub", "bank_account", "key"], name="billing_bankline_once"),
            models.CheckConstraint(
                name="billing_bankline_amount",
                condition=~Q(amount=0),
                violation_error_message=_("Une ligne de relevé n’est pas de zéro."),
            ),
            models.CheckConstraint(
                name="billing_bankline_aside_says_why",
                condition=(Q(state=LineState.ASIDE) & ~Q(aside=""))
                | (~Q(state=LineState.ASIDE) & Q(aside="", aside_note="")),
                violation_error_message=_("Une ligne mise de côté dit pourquoi."),
            ),
        ]
        indexes = [
            models.Index(fields=["hub", "bank_account", "on"], name="billing_bankline_by_day"),
            models.Index(fields=["hub", "on"], condition=Q(state=LineState.TO_MATCH), name="billing_bankline_waiting"),
        ]

    def __str__(self) -> str:
        return f"{french.euros(self.amount)}, {self.label[:80]}"


class MatchQuerySet(models.QuerySet["Match"]):
    def live(self) -> "MatchQuerySet":
        return self.filter(undone_at=None)


class Match(HubModel):
    """A part of a line, and the money noted that it is. The live parts of a line sum to it (billing/sql_bank.py).

    A part without any is money that no account sees: what a collector kept, a gift.
    """

    line = models.ForeignKey(BankLine, on_delete=models.PROTECT, related_name="matches", verbose_name=_("ligne"))
    kind = models.CharField(_("nature"), max_length=10, choices=MatchKind.choices, default=MatchKind.PAYMENT)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, null=True, blank=True, related_name="matches", verbose_name=_("paiement")
    )
    refund = models.ForeignKey(
        Refund, on_delete=models.PROTECT, null=True, blank=True, related_name="matches", verbose_name=_("remboursement")
    )
    move = models.ForeignKey(
        DepositMove,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="matches",
        verbose_name=_("mouvement de dépôt"),
    )
    slip = models.ForeignKey(
        ChequeSlip, on_delete=models.PROTECT, null=True, blank=True, related_name="matches", verbose_name=_("remise")
    )
    payout = models.ForeignKey(
        Payout, on_delete=models.PROTECT, null=True, blank=True, related_name="matches", verbose_name=_("versement")
    )
    amount = models.DecimalField(_("montant"), max_digits=12, decimal_places=2)
    # The payment was written by this match, and goes with it.
    is_ours = models.BooleanField(_("paiement noté par le rapprochement"), default=False)
    because = models.CharField(_("parce que"), max_length=300, blank=True)
    matched_at = models.DateTimeField(_("rapprochée le"))
    matched_by = models.CharField(_("rapprochée par"), max_length=160)
    undone_at = models.DateTimeField(_("défait le"), null=True, blank=True)
    undone_by = models.CharField(_("défait par"), max_length=160, blank=True)
    undo_reason = models.CharField(_("motif du retour"), max_length=300, blank=True)

    objects = hub_objects(MatchQuerySet)

    class Meta:
        verbose_name = _("rapprochement")
        constraints = [
            *hub_guards("billing_match", "line", "payment", "slip", "payout", "refund", "move"),
            models.UniqueConstraint(
                fields=["hub", "payment", "kind"],
                condition=Q(undone_at=None),
                name="billing_match_payment_once",
                violation_error_message=_("Ce paiement est déjà rapproché d’une autre ligne."),
            ),
            models.UniqueConstraint(
                fields=["hub", "refund"],
                condition=Q(undone_at=None),
                name="billing_match_refund_once",
                violation_error_message=_("Ce remboursement est déjà rapproché d’une autre ligne."),
            ),
            models.UniqueConstraint(
                fields=["hub", "move"],
                condition=Q(undone_at=None),
                name="billing_match_move_once",
                violation_error_message=_("Ce mouvement de dépôt est déjà rapproché d’une autre ligne."),
            ),
            models.CheckConstraint(
                name="billing_match_of_kind",
                condition=Q(kind=MatchKind.PAYMENT, payment__isnull=False, refund=None, move=None, amount__gt=0)
                | Q(kind=MatchKind.RETURN, payment__isnull=False, refund=None, move=None, amount__lt=0)
                | Q(kind=MatchKind.FEE, payment=None, refund=None, move=None, amount__lt=0)
                | (Q(kind=MatchKind.OTHER, payment=None, refund=None, move=None) & ~Q(amount=0))
                | Q(kind=MatchKind.REFUND, payment=None, refund__isnull=False, move=None, amount__lt=0)
                | (Q(kind=MatchKind.DEPOSIT, payment=None, refund=None, move__isnull=False) & ~Q(amount=0)),
            ),
            models.CheckConstraint(
                name="billing_match_undone_says_why",
                condition=Q(undone_at=None, undone_by="", undo_reason="")
                | (Q(undone_at__isnull=False) & ~Q(undone_by="") & ~Q(undo_reason="")),
            ),
        ]
        indexes = [models.Index(fields=["hub", "line"], condition=Q(undone_at=None), name="billing_match_live")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {french.euros(self.amount)}"

    @property
    def account(self) -> Account | None:
        """Whose money it is."""
        if self.move is not None:
            return self.move.deposit.account
        noted = self.payment or self.refund
        return noted.account if noted else None
