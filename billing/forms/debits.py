from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.bank_returns import MAX_BYTES, REASONS, FileTooBig
from hubs.forms import DayField


class AnnounceForm(forms.Form):
    """The invoices to collect."""

    invoices = forms.TypedMultipleChoiceField(
        label=_("Factures à prélever"),
        coerce=int,
        error_messages={
            "required": _("Cochez au moins une facture."),
            "invalid_choice": _("Une facture cochée ne se prélève plus\u00a0: relisez la liste."),
        },
    )

    def __init__(self, *args: Any, choices: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["invoices"].choices = [(pk, pk) for pk in choices]


class BatchDepositForm(forms.Form):
    deposited_on = DayField(label=_("Déposé à la banque le"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"deposited_on": timezone.localdate()}, **kwargs)


class FailForm(forms.Form):
    """What the bank answered, when it says so on paper."""

    code = forms.ChoiceField(label=_("Motif donné par la banque"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = [("", _("Choisissez…"))] + [
            (code, f"{code}\u00a0: {reason}") for code, reason in REASONS.items()
        ]


class BankReturnForm(forms.Form):
    """A file of the bank."""

    file = forms.FileField(
        label=_("Fichier de la banque"),
        help_text=_(
            "pain.002, camt.053 ou camt.054, 4 Mo au plus. Rien n’est écrit avant que vous ayez vu le sort de chaque ligne."
        ),
        widget=forms.FileInput(attrs={"accept": ".xml"}),
    )

    def clean_file(self) -> Any:
        if self.cleaned_data["file"].size > MAX_BYTES:
            raise forms.ValidationError(FileTooBig.message)
        return self.cleaned_data["file"]
