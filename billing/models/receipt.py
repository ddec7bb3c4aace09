"""What proves to whoever paid by hand that they did."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models.issuer import Issuer
from billing.models.payment import Payment
from hubs.isolation import hub_guards
from hubs.models import HubModel


class Receipt(HubModel):
    """A numbered receipt for cash or a cheque; seller and payer as they were on the day."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="receipts", verbose_name=_("paiement"))
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="+", verbose_name=_("émetteur"))
    year = models.PositiveSmallIntegerField(_("année"))
    sequence = models.PositiveIntegerField(_("rang"))
    number = models.CharField(_("numéro"), max_length=35)
    issue_date = models.DateField(_("établi le"))
    issued_at = models.DateTimeField(_("établi à"))
    seller = models.JSONField(_("vendeur"), encoder=DjangoJSONEncoder)
    payer = models.JSONField(_("payeur"), encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = _("reçu")
        constraints = [
            *hub_guards("billing_receipt", "payment", "issuer"),
            models.UniqueConstraint(fields=["hub", "payment"], name="billing_receipt_once"),
            models.UniqueConstraint(fields=["hub", "issuer", "year", "sequence"], name="billing_receipt_sequence_once"),
        ]

    def __str__(self) -> str:
        return self.number
