from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.banking import clean_bic, clean_iban, clean_reference
from hubs.forms import DayField
from hubs.refusals import Refusal

MAX_SCAN = 10 * 1024 * 1024
# By their first bytes: a name says nothing of what a file holds.
SCANS = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


class _BankForm(forms.Form):
    """Whose bank account, checked by its own keys."""

    debtor_name = forms.CharField(
        label=_("Titulaire du compte bancaire"), max_length=70, help_text=_("Tel que votre banque l’écrit.")
    )
    # Copied with its spaces.
    iban = forms.CharField(
        label=_("IBAN"), max_length=50, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    )
    bic = forms.CharField(label=_("BIC"), max_length=15, required=False, help_text=_("Inutile pour une banque d’ici."))

    def clean_iban(self) -> str:
        return _cleaned(clean_iban, self.cleaned_data["iban"])

    def clean_bic(self) -> str:
        return _cleaned(clean_bic, self.cleaned_data["bic"])


def _cleaned(clean: Any, text: str) -> str:
    try:
        return str(clean(text))
    except Refusal as refusal:
        raise forms.ValidationError(refusal.message) from refusal


class SignMandateForm(_BankForm):
    """What a member types to sign."""

    agreed = forms.BooleanField(
        label=_("J’ai lu le mandat et je le signe"),
        error_messages={"required": _("Cochez la case pour autoriser les prélèvements.")},
    )


class PaperMandateForm(_BankForm):
    """A mandate signed on paper, and its scan."""

    signed_by = forms.CharField(label=_("Signé par"), max_length=160)
    signed_on = DayField(label=_("Signé le"))
    rum = forms.CharField(
        label=_("Référence (RUM)"),
        max_length=60,
        required=False,
        help_text=_("Celle du papier s’il en porte une\u00a0; vide, le portail en donne une."),
    )
    scan = forms.FileField(
        label=_("Le mandat signé"),
        help_text=_("PDF ou photo, 10 Mo au plus."),
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
    )
    field_order = ("debtor_name", "iban", "bic", "signed_by", "signed_on", "rum", "scan")

    def clean_rum(self) -> str:
        text = self.cleaned_data["rum"]
        return _cleaned(clean_reference, text) if text else ""

    def clean_signed_on(self) -> Any:
        signed_on = self.cleaned_data["signed_on"]
        if signed_on > timezone.localdate():
            raise forms.ValidationError(_("Un mandat se note le jour de sa signature, ou après."))
        return signed_on

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        scan = data.pop("scan", None)
        if scan is None:
            return data
        if scan.size > MAX_SCAN:
            self.add_error("scan", _("Ce fichier dépasse 10\u00a0Mo."))
            return data
        content = scan.read()
        kind = next((kind for start, kind in SCANS.items() if content.startswith(start)), "")
        if not kind:
            self.add_error("scan", _("Déposez un PDF, une image JPEG ou PNG."))
        return data | {"scan": content, "scan_type": kind}
