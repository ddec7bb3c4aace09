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


# What is to be paid: has a due date, is paid by allocations, may be credited.
OWED = (InvoiceKind.INVOICE, InvoiceKind.DUES)

# The prefix of each kind's numbers: FA-2026-00042, AV-2026-00003.
SERIES = {InvoiceKind.INVOICE: "FA", InvoiceKind.DUES: "AC", InvoiceKind.CREDIT_NOTE: "AV"}


class BuyerVat(models.TextChoices):
    """Whether the buyer is subject to VAT: what is sold to others is reported and not sent (CGI 290)."""

    UNKNOWN = "unknown", _("non précisé")
    TAXABLE = "taxable", _("assujettie à la TVA")
    EXEMPT = "not_taxable", _("non assujettie")


class VatRegime(models.TextChoices):
    """How the issuer stands towards VAT."""

    NORMAL = "normal", _("redevable de la TVA")
    FRANCHISE = "franchise", _("franchise en base (art. 293 B du CGI)")
    NONE = "none", _("non assujetti")


class PaymentMethod(models.TextChoices):
    TRANSFER = "transfer", _("virement")
    CHEQUE = "cheque", _("chèque")
    CASH = "cash", _("espèces")
    CARD = "card", _("carte")


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
