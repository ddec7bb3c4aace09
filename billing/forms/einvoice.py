from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import BuyerProfile
from hubs.forms import DayField


class BuyerForm(forms.ModelForm):
    """What a structure asks to read on its invoices."""

    class Meta:
        model = BuyerProfile
        fields = (
            "vat_status", "reference", "order_number", "einvoice_address", "is_public", "needs_service_code",
            "service_code",
        )  # fmt: skip
        help_texts = {
            "reference": _("Celle que la structure demande de rappeler."),
            "order_number": _("Il s’imprime sur chaque facture jusqu’à ce que vous le changiez."),
            "einvoice_address": _("Vide, c’est le SIREN. Une structure peut avoir choisi plus long, qui commence par lui."),
            "needs_service_code": _("Si oui, ses factures attendent que le code soit là."),
            "service_code": _("Sur le bon de commande, ou dans l’annuaire de Chorus Pro."),
        }  # fmt: skip

    def clean_einvoice_address(self) -> str:
        return "".join(self.cleaned_data["einvoice_address"].split())


class SendingForm(forms.Form):
    """From which day invoices go by the platform."""

    sends_from = DayField(
        label=_("Envoyer les factures émises à partir du"),
        required=False,
        help_text=_("Vide, rien ne part : vous les remettez comme avant."),
    )


class HandInForm(forms.Form):
    deposited_on = DayField(label=_("Déposée le"))
