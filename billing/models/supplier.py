"""What suppliers send: their electronic invoices, as they wrote them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.enums import SupplierFormat, SupplierKind, SupplierState
from billing.models.issuer import Issuer
from documents.models import StoredFile
from hubs.isolation import hub_guards
from hubs.models import HubModel
from parties.models import Organisation


class SupplierInvoice(HubModel):
    """An invoice received. What its supplier wrote never changes; only what the hub decided about it does."""

    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="+", verbose_name=_("adressée à"))
    supplier = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("fournisseur")
    )
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("fichier"))
    format = models.CharField(_("format"), max_length=10, choices=SupplierFormat.choices)
    kind = models.CharField(_("nature"), max_length=12, choices=SupplierKind.choices)
    # Of the seller, by SIREN, VAT number or name, whichever the invoice gives first: a number is a seller's own.
    seller_key = models.CharField(_("identifiant du vendeur"), max_length=160)
    seller_name = models.CharField(_("vendeur"), max_length=160)
    seller_siren = models.CharField(_("SIREN du vendeur"), max_length=9, blank=True)
    seller_vat_number = models.CharField(_("numéro de TVA du vendeur"), max_length=20, blank=True)
    buyer_name = models.CharField(_("acheteur"), max_length=160, blank=True)
    buyer_siren = models.CharField(_("SIREN de l’acheteur"), max_length=9, blank=True)
    number = models.CharField(_("numéro"), max_length=80)
    issue_date = models.DateField(_("date de la facture"))
    due_date = models.DateField(_("échéance"), null=True, blank=True)
    order_number = models.CharField(_("numéro de commande"), max_length=80, blank=True)
    corrects_number = models.CharField(_("facture corrigée"), max_length=80, blank=True)
    payment_iban = models.CharField(_("IBAN à payer"), max_length=34, blank=True)
    payment_reference = models.CharField(_("référence à rappeler"), max_length=140, blank=True)
    total_excl = models.DecimalField(_("total HT"), max_digits=12, decimal_places=2)
    total_vat = models.DecimalField(_("total TVA"), max_digits=12, decimal_places=2)
    total_incl = models.DecimalField(_("total TTC"), max_digits=12, decimal_places=2)
    to_pay = models.DecimalField(_("net à payer"), max_digits=12, decimal_places=2)
    received_at = models.DateTimeField(_("reçue le"))
    state = models.CharField(_("état"), max_length=10, choices=SupplierState.choices, default=SupplierState.RECEIVED)
    decided_at = models.DateTimeField(_("décidée le"), null=True, blank=True)
    refusal_reason = models.CharField(_("motif du refus"), max_length=300, blank=True)
    paid_on = models.DateField(_("payée le"), null=True, blank=True)

    class Meta:
        verbose_name = _("facture de fournisseur")
        constraints = [
            *hub_guards("billing_supplierinvoice", "issuer", "supplier", "file"),
            models.UniqueConstraint(
                fields=["hub", "seller_key", "number", "issue_date"],
                condition=~Q(state=SupplierState.REFUSED),
                name="billing_supplierinvoice_once",
                violation_error_message=_("Cette facture est déjà là."),
            ),
            models.CheckConstraint(
                name="billing_supplierinvoice_state_has_its_dates",
                condition=Q(state=SupplierState.RECEIVED, decided_at=None, paid_on=None, refusal_reason="")
                | Q(state=SupplierState.APPROVED, decided_at__isnull=False, paid_on=None, refusal_reason="")
                | Q(state=SupplierState.PAID, decided_at__isnull=False, paid_on__isnull=False, refusal_reason="")
                | (Q(state=SupplierState.REFUSED, decided_at__isnull=False, paid_on=None) & ~Q(refusal_reason="")),
            ),
        ]
        indexes = [models.Index(fields=["hub", "state", "due_date"], name="billing_supplier_to_pay")]

    def __str__(self) -> str:
        return f"{self.seller_name} {self.number}"


class SupplierInvoiceLine(HubModel):
    invoice = models.ForeignKey(
        SupplierInvoice, on_delete=models.PROTECT, related_name="lines", verbose_name=_("facture de fournisseur")
    )
    position = models.PositiveSmallIntegerField(_("rang"))
    description = models.CharField(_("libellé"), max_length=200)
    detail = models.CharField(_("précision"), max_length=300, blank=True)
    quantity = models.DecimalField(_("quantité"), max_digits=16, decimal_places=4)
    unit_price_excl = models.DecimalField(_("prix unitaire HT"), max_digits=16, decimal_places=6)
    vat_category = models.CharField(_("catégorie de TVA"), max_length=2, blank=True)
    vat_rate = models.DecimalField(_("taux de TVA"), max_digits=5, decimal_places=2, null=True)
    amount_excl = models.DecimalField(_("montant HT"), max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = _("ligne de facture de fournisseur")
        constraints = [
            *hub_guards("billing_supplierinvoiceline", "invoice"),
            models.UniqueConstraint(fields=["hub", "invoice", "position"], name="billing_supplierinvoiceline_position"),
        ]

    def __str__(self) -> str:
        return self.description


class SupplierInvoiceTax(HubModel):
    """The tax of the lines under one category and rate."""

    invoice = models.ForeignKey(
        SupplierInvoice, on_delete=models.PROTECT, related_name="taxes", verbose_name=_("facture de fournisseur")
    )
    category = models.CharField(_("catégorie de TVA"), max_length=2)
    rate = models.DecimalField(_("taux de TVA"), max_digits=5, decimal_places=2, null=True)
    base = models.DecimalField(_("base HT"), max_digits=12, decimal_places=2)
    amount = models.DecimalField(_("TVA"), max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = _("TVA d’une facture de fournisseur")
        constraints = [*hub_guards("billing_supplierinvoicetax", "invoice")]

    def __str__(self) -> str:
        return f"{self.category} {self.rate or ''}"
