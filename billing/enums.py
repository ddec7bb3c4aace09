from django.db import models
from django.utils.translation import gettext_lazy as _


class VatCategory(models.TextChoices):
    """Categories of EN 16931 that a hub meets."""

    STANDARD = "S", _("taxée")
    ZERO = "Z", _("taux zéro")
    EXEMPT = "E", _("exonérée")
    REVERSE_CHARGE = "AE", _("autoliquidée")
    OUT_OF_SCOPE = "O", _("hors champ")


class InvoiceKind(models.TextChoices):
    INVOICE = "invoice", _("facture")
    DUES = "dues", _("appel de cotisation")
    CREDIT_NOTE = "credit_note", _("avoir")
    DEPOSIT = "deposit", _("facture d’acompte")


# What is to be paid: has a due date, is paid by allocations, may be credited.
OWED = (InvoiceKind.INVOICE, InvoiceKind.DUES, InvoiceKind.DEPOSIT)
# What the close of a month makes: one draft of each for an account.
MONTHLY = (InvoiceKind.INVOICE, InvoiceKind.DUES)

# The prefix of each kind's numbers: FA-2026-00042, AV-2026-00003.
SERIES = {
    InvoiceKind.INVOICE: "FA",
    InvoiceKind.DEPOSIT: "FA",
    InvoiceKind.DUES: "AC",
    InvoiceKind.CREDIT_NOTE: "AV",
}


class BuyerVat(models.TextChoices):
    """Whether the buyer is subject to VAT: what is sold to others is reported and not sent (CGI 290)."""

    UNKNOWN = "unknown", _("non précisé")
    TAXABLE = "taxable", _("assujettie à la TVA")
    EXEMPT = "not_taxable", _("non assujettie")


class LifeCode(models.TextChoices):
    """The life of an invoice between platforms, by the codes of XP Z12-012."""

    DEPOSITED = "200", _("Déposée")
    EMITTED = "201", _("Émise par la plateforme")
    RECEIVED = "202", _("Reçue par la plateforme du client")
    AVAILABLE = "203", _("Mise à disposition du client")
    TAKEN = "204", _("Prise en charge")
    APPROVED = "205", _("Approuvée")
    PARTLY_APPROVED = "206", _("Approuvée en partie")
    DISPUTED = "207", _("En litige")
    SUSPENDED = "208", _("Suspendue")
    COMPLETED = "209", _("Complétée")
    REFUSED = "210", _("Refusée par le client")
    PAYMENT_SENT = "211", _("Paiement transmis")
    COLLECTED = "212", _("Encaissée")
    REJECTED = "213", _("Rejetée par une plateforme")
    INADMISSIBLE = "501", _("Irrecevable")

    @classmethod
    def troubles(cls) -> tuple[str, ...]:
        """What somebody has to answer."""
        return (cls.DISPUTED, cls.SUSPENDED, cls.REFUSED, cls.REJECTED, cls.INADMISSIBLE)

    @classmethod
    def sendable_again(cls) -> tuple[str, ...]:
        """It reached nobody: the same document may leave once more. What the client refused is credited."""
        return (cls.REJECTED, cls.INADMISSIBLE)

    @classmethod
    def label_of(cls, code: str) -> str:
        return str(cls(code).label) if code in cls.values else code


class VatRegime(models.TextChoices):
    """How the issuer stands towards VAT."""

    NORMAL = "normal", _("redevable de la TVA")
    FRANCHISE = "franchise", _("franchise en base (art. 293 B du CGI)")
    NONE = "none", _("non assujetti")


QUOTES = "DE"


class PaymentMethod(models.TextChoices):
    TRANSFER = "transfer", _("virement")
    CHEQUE = "cheque", _("chèque")
    CASH = "cash", _("espèces")
    CARD = "card", _("carte")
    DEBIT = "debit", _("prélèvement")
    # Made by the portal: money already held as a deposit, or received before the hub kept its accounts here.
    DEPOSIT = "deposit", _("imputation du dépôt")
    OPENING = "opening", _("reprise des comptes")


# What someone may hand over, or be handed back.
HANDED = tuple(
    (method.value, method.label)
    for method in (PaymentMethod.TRANSFER, PaymentMethod.CHEQUE, PaymentMethod.CASH, PaymentMethod.CARD)
)


class SupplierKind(models.TextChoices):
    INVOICE = "invoice", _("facture")
    CREDIT_NOTE = "credit_note", _("avoir")


class SupplierFormat(models.TextChoices):
    FACTUR_X = "factur-x", _("Factur-X")
    CII = "cii", _("XML CII")
    UBL = "ubl", _("XML UBL")


class SupplierState(models.TextChoices):
    RECEIVED = "received", _("à vérifier")
    APPROVED = "approved", _("à payer")
    REFUSED = "refused", _("refusée")
    PAID = "paid", _("payée")


class CardState(models.TextChoices):
    OPEN = "open", _("commencé")
    PAID = "paid", _("payé")
    OVER = "over", _("abandonné")


class QuoteDecision(models.TextChoices):
    ACCEPTED = "accepted", _("accepté")
    REFUSED = "refused", _("refusé")


class QuoteState(models.TextChoices):
    """Where a quote stands on a day: computed, never stored."""

    DRAFT = "draft", _("brouillon")
    SENT = "sent", _("en attente de réponse")
    ACCEPTED = "accepted", _("accepté")
    REFUSED = "refused", _("refusé")
    EXPIRED = "expired", _("expiré")


class RecurringKind(models.TextChoices):
    RENT = "rent", _("loyer")
    PLAN = "plan", _("forfait")
    DOMICILIATION = "domiciliation", _("domiciliation")
    OTHER = "other", _("autre")


class Rhythm(models.IntegerChoices):
    """How many months a period lasts."""

    MONTH = 1, _("chaque mois")
    QUARTER = 3, _("chaque trimestre")
    HALF_YEAR = 6, _("chaque semestre")
    YEAR = 12, _("chaque année")


# « 300,00 € par mois »
PER = {
    Rhythm.MONTH: _("par mois"),
    Rhythm.QUARTER: _("par trimestre"),
    Rhythm.HALF_YEAR: _("par semestre"),
    Rhythm.YEAR: _("par an"),
}


class Journal(models.TextChoices):
    """The journals of the ledger, as the accountant's file codes them."""

    SALES = "VE", _("ventes")
    BANK = "BQ", _("banque")
    CASH = "CA", _("caisse")
    MISC = "OD", _("opérations diverses")


class LedgerUse(models.TextChoices):
    """What an account of the ledger is used for; what is sold, taxed and paid has one rule per key."""

    MEMBERS = "members", _("comptes des membres")
    SALES = "sales", _("ventes")
    VAT = "vat", _("TVA collectée")
    PAYMENT = "payment", _("encaissements")
    DEPOSIT = "deposit", _("dépôts de garantie")
    ADVANCE = "advance", _("acomptes reçus")
    WAITING = "waiting", _("sommes à identifier")


class SealOf(models.TextChoices):
    INVOICE = "invoice", _("facture émise")
    PAYMENT = "payment", _("paiement reçu")
    CANCELLATION = "cancellation", _("paiement annulé")
    REFUND = "refund", _("remboursement noté")
    REFUND_OFF = "refund_off", _("remboursement annulé")
    DEPOSIT = "deposit", _("mouvement de dépôt noté")
    DEPOSIT_OFF = "deposit_off", _("mouvement de dépôt annulé")


class StatementFormat(models.TextChoices):
    CSV = "csv", _("tableau CSV ou XLSX")
    CAMT = "camt053", _("camt.053")
    CFONB = "cfonb120", _("CFONB 120")
    OFX = "ofx", _("OFX")


class LineState(models.TextChoices):
    TO_MATCH = "to_match", _("à rapprocher")
    MATCHED = "matched", _("rapprochée")
    ASIDE = "aside", _("mise de côté")


class AsideKind(models.TextChoices):
    """Why a line of the bank moves no account of the portal."""

    BANK_FEES = "bank_fees", _("frais bancaires")
    PURCHASE = "purchase", _("achat ou charge du pôle")
    WAGES = "wages", _("salaires et charges sociales")
    TAX = "tax", _("impôts et taxes")
    GRANT = "grant", _("subvention")
    DONATION = "donation", _("don ou adhésion hors portail")
    INTERNAL = "internal", _("virement entre comptes du pôle")
    OTHER = "other", _("autre")


class MatchKind(models.TextChoices):
    PAYMENT = "payment", _("paiement")
    RETURN = "return", _("rejet d’un paiement")
    FEE = "fee", _("frais retenus")
    OTHER = "other", _("somme hors comptes")
    REFUND = "refund", _("remboursement")
    DEPOSIT = "deposit", _("mouvement de dépôt")


# Other papers with a number of their own: receipts, slips of cheques, certificates of de minimis aid.
RECEIPT_SERIES = "RE"
SLIP_SERIES = "RC"
MINIMIS_SERIES = "DM"


class DepositNature(models.TextChoices):
    SECURITY = "security", _("dépôt de garantie")
    KEY = "key", _("caution de clé ou de badge")


class DepositMoveKind(models.TextChoices):
    RECEIVED = "received", _("reçu")
    KEPT = "kept", _("retenu")
    REFUNDED = "refunded", _("rendu")
    SET_AGAINST = "set_against", _("imputé sur une facture")


class MandateState(models.TextChoices):
    """Where a mandate stands on a day: computed (`billing.queries.mandate_state`), never typed."""

    INVITED = "invited", _("à signer")
    ACTIVE = "active", _("actif")
    SUSPENDED = "suspended", _("suspendu")
    LAPSED = "lapsed", _("caduc")
    REVOKED = "revoked", _("révoqué")


class DebitState(models.TextChoices):
    """An attempt to collect an invoice. billing/sql_debits.py holds which state follows which."""

    PROPOSED = "proposed", _("à confirmer")
    ANNOUNCED = "announced", _("annoncé")
    IN_FILE = "in_file", _("dans un fichier")
    COLLECTED = "collected", _("encaissé")
    REJECTED = "rejected", _("rejeté")
    RETURNED = "returned", _("retourné")
    CANCELLED = "cancelled", _("abandonné")


# One attempt in these states per invoice: nobody is debited twice.
OPEN_DEBITS = (DebitState.PROPOSED, DebitState.ANNOUNCED, DebitState.IN_FILE)


class ChargeKind(models.TextChoices):
    """What sums are called when an account is read by kind; an app that charges under another falls under « autres »."""

    DUES = "dues", _("Cotisations")
    RENT = "rent", _("Loyers")
    PLAN = "plan", _("Abonnements")
    BOOKING = "booking", _("Réservations")
    TRAINING = "training", _("Formations")
    PURCHASE = "purchase", _("Achats groupés")
    CONTRIBUTION = "contribution", _("Contributions")
    OTHER = "other", _("Autres sommes")
