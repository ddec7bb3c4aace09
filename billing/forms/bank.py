from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from stdnum import iban
from stdnum.exceptions import ValidationError as WrongNumber

from billing.bank.table import COLUMNS
from billing.enums import AsideKind
from billing.models import BankAccount
from hubs.forms import DayField
from parties.imports.sheets import Sheet


class BankAccountForm(forms.Form):
    """An account whose statements are read."""

    label = forms.CharField(label=_("Nom du compte"), max_length=80, help_text=_("Par exemple\u00a0: Compte courant."))
    iban = forms.CharField(label=_("IBAN"), max_length=50)

    def clean_iban(self) -> str:
        try:
            return iban.validate(self.cleaned_data["iban"])
        except WrongNumber as error:
            raise forms.ValidationError(_("Cet IBAN ne tombe pas juste. Recopiez-le du relevé.")) from error


class StatementForm(forms.Form):
    """A file of the bank or of HelloAsso: its format is read in it."""

    file = forms.FileField(
        label=_("Fichier"),
        help_text=_(
            "Relevé en CSV, XLSX, camt.053, OFX ou CFONB 120, ou export HelloAsso\u00a0; 5 Mo au plus. "
            "Rien n’est écrit avant que vous ayez vu le sort de chaque ligne."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.txt,.xml,.ofx,.cfo,.cfonb,.dat"}),
    )
    bank_account = forms.ModelChoiceField(
        BankAccount.objects.none(), label=_("Compte bancaire"), empty_label=None, required=True
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bank_account"].queryset = BankAccount.objects.order_by("label", "pk")


class ColumnsForm(forms.Form):
    """Which line holds the headers, and which column says what."""

    def __init__(self, sheet: Sheet, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sheet = sheet
        heads = [(str(place), f"{number}\u00a0: {' · '.join(c.strip() for c in cells if c.strip())[:90]}")
                 for place, (number, cells) in enumerate(sheet.lines[:25])]  # fmt: skip
        self.fields["head"] = forms.ChoiceField(label=_("Ligne des en-têtes"), choices=heads)
        width = max(len(cells) for _number, cells in sheet.lines[:100])
        choices = [("", _("n’y est pas")), *((str(at), self._name(at)) for at in range(width))]
        for column in COLUMNS:
            self.fields[column.key] = forms.ChoiceField(label=column.title, choices=choices, required=False)

    def _name(self, at: int) -> str:
        """« C : Débit », by the first line that is as wide."""
        letter = chr(ord("A") + at) if at < 26 else f"A{chr(ord('A') + at - 26)}"
        head = int(self.initial.get("head") or 0)
        cells = self.sheet.lines[head][1]
        return f"{letter}\u00a0: {cells[at].strip()}" if at < len(cells) and cells[at].strip() else letter

    @property
    def header(self) -> list[str]:
        return self.sheet.lines[int(self.cleaned_data["head"])][1]

    @property
    def columns(self) -> dict[str, int]:
        keys = (column.key for column in COLUMNS)
        return {key: int(self.cleaned_data[key]) for key in keys if self.cleaned_data.get(key)}


class AsideForm(forms.Form):
    """Why a line moves no account of the portal."""

    aside = forms.TypedChoiceField(label=_("C’est"), choices=AsideKind.choices, coerce=AsideKind)
    note = forms.CharField(
        label=_("Précision"),
        max_length=200,
        required=False,
        help_text=_("Par exemple\u00a0: loyer d’octobre au bailleur."),
    )


class PartForm(forms.Form):
    """A part of a line and where it goes."""

    target = forms.ChoiceField(label=_("Pour"), required=False)
    amount = forms.DecimalField(
        label=_("Montant"), max_digits=12, decimal_places=2, min_value=Decimal("0.01"), required=False, localize=True
    )

    def __init__(self, *args: Any, targets: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target"].choices = [("", _("Choisir un compte ou une facture")), *targets]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.errors and bool(data.get("target")) != bool(data.get("amount")):
            name = "amount" if data.get("target") else "target"
            self.add_error(name, _("Une part a un montant, et un compte ou une facture."))
        return data


class SlipForm(forms.Form):
    """Cheques taken to the bank together."""

    bank_account = forms.ModelChoiceField(BankAccount.objects.none(), label=_("Compte bancaire"), empty_label=None)
    on = DayField(label=_("Remise le"))
    cheques = forms.TypedMultipleChoiceField(
        label=_("Chèques"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Cochez au moins un chèque.")},
    )

    def __init__(self, *args: Any, cheques: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, initial={"on": timezone.localdate()}, **kwargs)
        self.fields["bank_account"].queryset = BankAccount.objects.order_by("label", "pk")
        self.fields["cheques"].choices = cheques


class DirectForm(forms.Form):
    """Whose account a payment of HelloAsso goes to."""

    target = forms.ChoiceField(label=_("Pour"), required=False)

    def __init__(self, *args: Any, accounts: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target"].choices = [
            ("", _("À dire")),
            ("aside", _("Hors du portail\u00a0: don, autre adhésion")),
            *accounts,
        ]
