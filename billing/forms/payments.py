import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.enums import HANDED, PaymentMethod
from hubs.forms import DayField


class PaymentForm(forms.Form):
    received_on = DayField(label=_("Reçu le"))
    amount = forms.DecimalField(
        label=_("Montant"), max_digits=12, decimal_places=2, min_value=Decimal("0.01"), localize=True
    )
    method = forms.ChoiceField(label=_("Moyen"), choices=HANDED)
    reference = forms.CharField(
        label=_("Référence"), max_length=80, required=False, help_text=_("Numéro du chèque, libellé du virement…")
    )
    note = forms.CharField(label=_("Note"), max_length=200, required=False)
    # Sent twice, it is one payment.
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, amount: Decimal | None = None, **kwargs: Any) -> None:
        initial = {"received_on": timezone.localdate(), "method": PaymentMethod.TRANSFER, "token": uuid.uuid4()}
        super().__init__(*args, initial=initial | ({"amount": amount} if amount else {}), **kwargs)

    def clean_received_on(self) -> Any:
        received_on = self.cleaned_data["received_on"]
        if received_on > timezone.localdate():
            raise forms.ValidationError(_("Ce jour n’est pas encore passé."))
        return received_on


class ReasonForm(forms.Form):
    """Why something is undone: the log keeps it, and a credit note prints it."""

    reason = forms.CharField(label=_("Motif"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
