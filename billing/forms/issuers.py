from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from stdnum import bic, iban
from stdnum.exceptions import ValidationError as WrongNumber

from billing.banking import WrongCreditor, clean_creditor
from billing.enums import VatCategory
from billing.models import Issuer
from hubs.forms import DayField
from hubs.refusals import Refusal
from parties.identifiers import clean_identifiers


class IssuerForm(forms.ModelForm):
    """Who issues. Each number is checked by its own key."""

    # Numbers are recopied with their spaces.
    siren = forms.CharField(label=_("SIREN"), required=False, max_length=20)
    siret = forms.CharField(label=_("SIRET"), required=False, max_length=30)
    vat_number = forms.CharField(label=_("Numéro de TVA"), required=False, max_length=30)
    iban = forms.CharField(label=_("IBAN"), required=False, max_length=50)
    ics = forms.CharField(
        label=_("ICS"),
        required=False,
        max_length=50,
        help_text=_(
            "L’identifiant de créancier SEPA, que votre banque demande pour vous. Sans lui, rien ne se prélève."
        ),
    )
    debit_notice_days = forms.IntegerField(
        label=_("Préavis des prélèvements (jours)"),
        min_value=1,
        max_value=60,
        required=False,
        help_text=_(
            "14 si vous laissez vide. Moins, seulement si vos conditions générales le disent, et jamais le jour même."
        ),
    )
    website = forms.URLField(label=_("Site"), required=False, assume_scheme="https")

    class Meta:
        model = Issuer
        fields = (
            "legal_name", "legal_form", "capital", "siren", "siret", "rna", "vat_number", "address", "postcode",
            "town", "email", "website", "iban", "bic", "ics", "debit_notice_days", "payment_days", "vat_regime",
            "vat_on_debits", "einvoice_address",
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        names = ("siret", "siren", "vat_number")
        try:
            cleaned = clean_identifiers(**{name: data.get(name, "") for name in names})
        except Refusal as refusal:
            refusal.tell(self)
        else:
            data |= dict(zip(names, cleaned, strict=True))
        return data

    def clean_iban(self) -> str:
        try:
            return iban.validate(self.cleaned_data["iban"]) if self.cleaned_data["iban"] else ""
        except WrongNumber as error:
            raise forms.ValidationError(_("Cet IBAN ne tombe pas juste. Recopiez-le du relevé.")) from error

    def clean_ics(self) -> str:
        try:
            return clean_creditor(self.cleaned_data["ics"])
        except WrongCreditor as refusal:
            raise forms.ValidationError(refusal.message) from refusal

    def clean_debit_notice_days(self) -> int:
        return self.cleaned_data["debit_notice_days"] or Issuer._meta.get_field("debit_notice_days").default

    def clean_bic(self) -> str:
        try:
            return bic.validate(self.cleaned_data["bic"]) if self.cleaned_data["bic"] else ""
        except WrongNumber as error:
            raise forms.ValidationError(_("Un BIC compte 8 ou 11 caractères.")) from error


class FirstIssuerForm(IssuerForm):
    """The legal body that a hub gives itself, or is at last told of."""

    starts_on = DayField(
        label=_("Premier jour"),
        help_text=_(
            "Le jour où cet organisme commence à vendre, ou le 1er janvier s’il vendait déjà. Ce qui a été vendu avant "
            "reste sur les comptes, sans facture."
        ),
    )
    field_order = ("starts_on",)


class SuccessorForm(IssuerForm):
    """Another legal body, which issues from a day on."""

    starts_on = DayField(
        label=_("Premier jour"),
        help_text=_("Ce qui est vendu à partir de ce jour porte ses factures, à partir du numéro 1."),
    )
    field_order = ("starts_on",)

    @property
    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "starts_on"}


class VatRuleForm(forms.Form):
    """A rule of VAT from a day on."""

    code = forms.SlugField(
        label=_("Code"),
        max_length=40,
        help_text=_("Celui d’une règle qui existe la fait changer ce jour-là\u00a0; un autre en ajoute une."),
    )
    label = forms.CharField(label=_("Libellé"), max_length=80)
    category = forms.TypedChoiceField(label=_("Catégorie"), choices=VatCategory.choices, coerce=VatCategory)
    rate = forms.DecimalField(
        label=_("Taux (%)"), max_digits=5, decimal_places=2, min_value=0, max_value=100, required=False, localize=True,
        help_text=_("Vide pour ce qui est hors du champ de la taxe."),
    )  # fmt: skip
    exemption_text = forms.CharField(
        label=_("Mention d’exonération"), max_length=200, required=False, help_text=_("Telle qu’elle s’imprime.")
    )
    exemption_code = forms.CharField(
        label=_("Code d’exonération"),
        max_length=40,
        required=False,
        help_text=_("Celui de la liste VATEX, s’il y en a un."),
    )
    starts_on = DayField(label=_("À partir du"))
