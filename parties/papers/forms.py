from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from documents.uploads import ACCEPTED, MAX_SIZE, TooHeavy, type_of
from hubs.forms import DayField
from hubs.refusals import Refusal
from parties.enums import FieldOf, FieldReach
from parties.models import PaperKind

REACHES = {
    FieldReach.STAFF: _("l’équipe seule"),
    FieldReach.READ: _("l’équipe le dépose, l’intéressé·e le lit"),
    FieldReach.WRITE: _("l’intéressé·e le lit et le dépose aussi"),
}


class PaperKindForm(forms.Form):
    """A document to ask for; what it is about does not change once it is."""

    about = forms.TypedChoiceField(label=_("À propos de"), choices=FieldOf.choices, coerce=FieldOf)
    name = forms.CharField(label=_("Nom"), max_length=80)
    help = forms.CharField(label=_("Aide"), max_length=200, required=False)
    expires = forms.BooleanField(
        label=_("Il a une date de fin"),
        required=False,
        help_text=_(
            "La structure ou la personne est prévenue trente jours avant, et l’équipe le voit dans «\u00a0à faire\u00a0»."
        ),
    )
    reach = forms.TypedChoiceField(
        label=_("Qui le voit"), choices=list(REACHES.items()), coerce=FieldReach, initial=FieldReach.WRITE
    )

    def __init__(self, *args: Any, kind: PaperKind | None = None, **kwargs: Any) -> None:
        names = ("name", "help", "expires", "reach")
        initial = {name: getattr(kind, name) for name in names} if kind else {}
        super().__init__(*args, initial=initial, **kwargs)
        if kind is not None:
            del self.fields["about"]


class PaperDatesForm(forms.Form):
    issued_on = DayField(label=_("Établi le"), required=False)
    expires_on = DayField(label=_("Valable jusqu’au"), required=False, help_text=_("Ce jour-là compris."))

    def __init__(self, *args: Any, kind: PaperKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind.expires:
            self.fields["expires_on"].required = True
            self.fields["expires_on"].error_messages["required"] = _("Écrivez jusqu’à quel jour il est valable.")


class DepositForm(PaperDatesForm):
    file = forms.FileField(
        label=_("Fichier"),
        help_text=_("PDF, photo (JPEG, PNG) ou document ODT, DOCX, XLSX\u00a0; 10 Mo au plus."),
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
    )
    field_order = ("file", "issued_on", "expires_on")

    def clean_file(self) -> bytes:
        """The bytes, once their size is known to be bearable."""
        file = self.cleaned_data["file"]
        try:
            if file.size > MAX_SIZE:
                raise TooHeavy
            content = bytes(file.read())
            type_of(content)
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal.message)) from refusal
        return content


class WithdrawPaperForm(forms.Form):
    reason = forms.CharField(
        label=_("Pourquoi"), max_length=200, help_text=_("Lu avec les versions. Par exemple\u00a0: mauvais document.")
    )
