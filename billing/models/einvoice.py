"""What the electronic invoice needs beside the invoice: the buyer's marks, what a check found, what was handed in."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.enums import MONTHLY, BuyerVat, InvoiceKind
from billing.models.account import Account
from billing.models.invoice import Invoice
from billing.models.issuer import Issuer
from hubs.isolation import hub_guards
from hubs.models import HubModel


class BuyerProfile(HubModel):
    """What a structure asks to read on its invoices; an issued invoice keeps a copy."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", verbose_name=_("compte"))
    vat_status = models.CharField(_("TVA"), max_length=12, choices=BuyerVat.choices, default=BuyerVat.UNKNOWN)
    # BT-10, BT-13 and BT-49 of EN 16931.
    reference = models.CharField(_("référence de l’acheteur"), max_length=100, blank=True)
    order_number = models.CharField(_("numéro de commande ou d’engagement"), max_length=50, blank=True)
    einvoice_address = models.CharField(_("adresse de facturation électronique"), max_length=125, blank=True)
    is_public = models.BooleanField(_("organisme public, facturé par Chorus Pro"), default=False)
    needs_service_code = models.BooleanField(_("un code service est exigé"), default=False)
    service_code = models.CharField(_("code service"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("facturation d’une structure")
        constraints = [
            *hub_guards("billing_buyerprofile", "account"),
            models.UniqueConstraint(fields=["hub", "account"], name="billing_buyerprofile_once"),
            models.CheckConstraint(
                name="billing_buyerprofile_service_of_public",
                condition=Q(is_public=True) | Q(needs_service_code=False, service_code=""),
                violation_error_message=_("Un code service est celui d’un organisme public."),
            ),
            models.CheckConstraint(
                name="billing_buyerprofile_address",
                condition=Q(einvoice_address__regex=r"^[A-Za-z0-9._-]*$"),
                violation_error_message=_("Cette adresse ne compte que des lettres, des chiffres, - _ et le point."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}"


class DraftCheck(HubModel):
    """What the last check of a draft found; it holds for a draft of the same fingerprint only."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", verbose_name=_("compte"))
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="+", verbose_name=_("émetteur"))
    kind = models.CharField(_("nature"), max_length=12, choices=InvoiceKind.choices)
    fingerprint = models.CharField(_("empreinte"), max_length=64)
    # Each: {"rule": "BR-FR-12", "text": what the schematron says, "at": "seller", "buyer" or ""}.
    faults = models.JSONField(_("défauts"), default=list)
    checked_at = models.DateTimeField(_("contrôlé le"))

    class Meta:
        verbose_name = _("contrôle d’un projet de facture")
        constraints = [
            *hub_guards("billing_draftcheck", "account", "issuer"),
            models.UniqueConstraint(fields=["hub", "account", "issuer", "kind"], name="billing_draftcheck_once"),
            models.CheckConstraint(name="billing_draftcheck_of_draft", condition=Q(kind__in=MONTHLY)),
        ]

    def __str__(self) -> str:
        return self.fingerprint


class ChorusDeposit(HubModel):
    """The day an invoice was handed in on Chorus Pro."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="+", verbose_name=_("facture"))
    deposited_on = models.DateField(_("déposée le"))

    class Meta:
        verbose_name = _("dépôt sur Chorus Pro")
        constraints = [
            *hub_guards("billing_chorusdeposit", "invoice"),
            models.UniqueConstraint(fields=["hub", "invoice"], name="billing_chorusdeposit_once"),
        ]

    def __str__(self) -> str:
        return f"{self.invoice_id}, {self.deposited_on}"
