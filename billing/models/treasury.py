"""Where the hub's money is, and how its bank writes its tables."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models.issuer import Issuer
from hubs.isolation import hub_guards
from hubs.models import HubModel


class BankAccount(HubModel):
    """An account at a bank, in euros, of the body that invoices."""

    issuer = models.ForeignKey(
        Issuer, on_delete=models.PROTECT, related_name="bank_accounts", verbose_name=_("titulaire")
    )
    label = models.CharField(_("nom du compte"), max_length=80)
    iban = models.CharField(_("IBAN"), max_length=34)

    class Meta:
        verbose_name = _("compte bancaire")
        constraints = [
            *hub_guards("billing_bankaccount", "issuer"),
            models.UniqueConstraint(
                fields=["hub", "iban"],
                name="billing_bankaccount_iban_once",
                violation_error_message=_("Cet IBAN est déjà celui d’un compte bancaire du pôle."),
            ),
            models.CheckConstraint(
                name="billing_bankaccount_iban",
                condition=Q(iban__regex=r"^[A-Z]{2}[0-9]{2}[A-Z0-9]{8,30}$"),
                violation_error_message=_("Un compte bancaire a son IBAN."),
            ),
        ]

    def __str__(self) -> str:
        return self.label


class ColumnMapping(HubModel):
    """Which column of the bank's table says what: asked once for each account."""

    bank_account = models.ForeignKey(
        BankAccount, on_delete=models.PROTECT, related_name="mappings", verbose_name=_("compte bancaire")
    )
    # The line of headers as the bank writes it; empty cells stand in their place.
    header = models.JSONField(_("en-tête"))
    # {"date": 0, "debit": 3}: what is read, and the column where it is.
    columns = models.JSONField(_("colonnes"))

    class Meta:
        verbose_name = _("colonnes d’un relevé")
        constraints = [
            *hub_guards("billing_columnmapping", "bank_account"),
            models.UniqueConstraint(fields=["hub", "bank_account"], name="billing_columnmapping_once"),
        ]

    def __str__(self) -> str:
        return str(self.bank_account)
