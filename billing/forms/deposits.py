import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from stdnum import iban
from stdnum.exceptions import ValidationError as WrongNumber

from billing.enums import HANDED, DepositNature, PaymentMethod
from billing.models import Deposit, Invoice, VatRule
from hubs.forms import DayField


class AmountForm(forms.Form):
    """An amount on a day that is past; sent twice, it is one."""

    on = DayField(label=_("Le"))
    amount = forms.DecimalField(
        label=_("Montant"), max_digits=12, decimal_places=2, min_value=Decimal("0.01"), localize=True
    )
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, deposit: Deposit, amount: Decimal, **kwargs: Any) -> None:
        initial = {"on": timezone.localdate(), "token": uuid.uuid4(), "method": PaymentMethod.TRANSFER}
        super().__init__(*args, initial=initial | ({"amount": amount} if amount > 0 else {}), **kwargs)

    def clean_on(self) -> dt.date:
        if self.cleaned_data["on"] > timezone.localdate():
            raise forms.ValidationError(_("Ce jour n’est pas encore passé."))
        return self.cleaned_data["on"]


class HandedForm(forms.Form):
    """How money was handed over."""

    method = forms.ChoiceField(label=_("Moyen"), choices=HANDED)
    reference = forms.CharField(
        label=_("Référence"), max_length=80, required=False, help_text=_("Numéro du chèque, libellé du virement…")
    )


class PaidToForm(HandedForm):
    """How money was given back, and where to."""

    paid_to = forms.CharField(
        label=_("IBAN du compte crédité"),
        max_length=50,
        required=False,
        help_text=_("Pour un virement. Le portail n’en garde que le début et la fin."),
    )

    def clean_paid_to(self) -> str:
        try:
            return iban.validate(self.cleaned_data["paid_to"]) if self.cleaned_data["paid_to"] else ""
        except WrongNumber as error:
            raise forms.ValidationError(_("Cet IBAN ne tombe pas juste. Recopiez-le du relevé.")) from error


class DepositForm(forms.Form):
    """A deposit to ask for."""

    nature = forms.ChoiceField(label=_("Nature"), choices=DepositNature.choices)
    label = forms.CharField(
        label=_("Pour quoi"), max_length=120, help_text=_("Par exemple\u00a0: bureau 12, clé de l’atelier.")
    )
    amount = forms.DecimalField(
        label=_("Montant"), max_digits=12, decimal_places=2, min_value=Decimal("0.01"), localize=True
    )
    send = forms.BooleanField(
        label=_("Envoyer la demande par courriel, avec son PDF"),
        required=False,
        help_text=_("Décochez si la somme est remise en main propre."),
    )
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        initial = {"nature": DepositNature.SECURITY, "send": True, "token": uuid.uuid4()}
        super().__init__(*args, initial=initial, **kwargs)


class ReceiveForm(HandedForm, AmountForm):
    field_order = ("on", "amount", "method", "reference")


class GiveBackForm(PaidToForm, AmountForm):
    field_order = ("on", "amount", "method", "reference", "paid_to")


class KeepForm(AmountForm):
    """A part that is kept, and the tax that it bears."""

    vat_code = forms.ChoiceField(
        label=_("TVA"),
        help_text=_(
            "Une réparation de dégâts est une indemnité, hors champ de la TVA\u00a0; un service rendu porte sa taxe."
        ),
    )
    reason = forms.CharField(
        label=_("Motif"), max_length=300, help_text=_("Il figure sur le solde du dépôt et sur la facture.")
    )
    field_order = ("on", "amount", "vat_code", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rules = VatRule.objects.live(timezone.localdate()).order_by("label", "pk")
        self.fields["vat_code"].choices = [(rule.code, rule.label) for rule in rules]


class InvoiceChoice(forms.ModelChoiceField):
    def label_from_instance(self, invoice: Invoice) -> str:
        from hubs.french import euros

        return str(
            _("%(number)s, reste %(due)s") % {"number": invoice.number, "due": euros(invoice.due)}  # type: ignore[attr-defined]
        )


class SetAgainstForm(AmountForm):
    invoice = InvoiceChoice(Invoice.objects.none(), label=_("Facture"), empty_label=None)
    field_order = ("invoice", "on", "amount")

    def __init__(self, *args: Any, deposit: Deposit, amount: Decimal, **kwargs: Any) -> None:
        due = Invoice.objects.issued().filter(account=deposit.account_id).with_due().filter(due__gt=0)
        due = due.order_by("-issue_date", "-pk")
        last = due.first()
        amount = min(amount, last.due) if last else amount
        super().__init__(*args, deposit=deposit, amount=amount, **kwargs)
        self.fields["invoice"].queryset = due


class RefundForm(PaidToForm):
    paid_on = DayField(label=_("Versé le"))
    amount = forms.DecimalField(
        label=_("Montant"), max_digits=12, decimal_places=2, min_value=Decimal("0.01"), localize=True
    )
    reason = forms.CharField(
        label=_("Motif"), max_length=300, help_text=_("Par exemple\u00a0: facture payée deux fois.")
    )
    token = forms.UUIDField(widget=forms.HiddenInput)
    field_order = ("paid_on", "amount", "method", "reference", "paid_to", "reason")

    def __init__(self, *args: Any, amount: Decimal, **kwargs: Any) -> None:
        initial = {
            "paid_on": timezone.localdate(),
            "amount": amount,
            "method": PaymentMethod.TRANSFER,
            "token": uuid.uuid4(),
        }
        super().__init__(*args, initial=initial, **kwargs)

    def clean_paid_on(self) -> dt.date:
        if self.cleaned_data["paid_on"] > timezone.localdate():
            raise forms.ValidationError(_("Ce jour n’est pas encore passé."))
        return self.cleaned_data["paid_on"]
