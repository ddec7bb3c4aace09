from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members.parts import Period


class CertificateForm(forms.Form):
    """One certificate to take: of which period."""

    period = forms.ChoiceField(label=_("Période"))

    def __init__(self, *args: Any, periods: Sequence[Period] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["period"].choices = [(period.key, period.label) for period in periods]


class WithdrawForm(forms.Form):
    reason = forms.CharField(label=_("Pourquoi"), max_length=200, help_text=_("Lu par l’équipe et par qui l’a prise."))


class CodeForm(forms.Form):
    code = forms.RegexField(
        r"^[\w\s]*$",
        label=_("Code"),
        max_length=40,
        error_messages={"invalid": _("Un code n’a que des lettres et des chiffres.")},
        help_text=_("Douze lettres et chiffres, imprimés sous le dessin. Les espaces ne comptent pas."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
