from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hubs.forms import DayField
from members.enums import DuesTreatment


class CallForm(forms.Form):
    """In how many dates each of the dues is paid; `seen` is what the preview showed."""

    parts = forms.TypedChoiceField(
        label=_("À payer"),
        coerce=int,
        initial=1,
        choices=[(1, _("en une fois")), *((n, _("en %s fois, un mois entre deux") % n) for n in (2, 3, 4, 6, 10, 12))],
        help_text=_("Chaque date est écrite sur l’appel et dans le courriel. Qui est prélevé l’est en une fois."),
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)


class TermsForm(forms.Form):
    """What is particular to one membership, and why."""

    joined_on = DayField(
        label=_("Arrivée le"),
        required=False,
        help_text=_("Vide\u00a0: membre depuis le début de l’exercice. Le barème dit ce que paie qui arrive en cours."),
    )
    treatment = forms.TypedChoiceField(
        label=_("Ce qui est demandé"),
        choices=DuesTreatment.choices,
        coerce=DuesTreatment,
        widget=forms.RadioSelect,
        initial=DuesTreatment.SCALE,
    )
    amount = forms.DecimalField(
        label=_("Montant convenu (€)"), required=False, min_value=0, max_digits=10, decimal_places=2, localize=True
    )
    reason = forms.CharField(
        label=_("Motif"), required=False, max_length=200, help_text=_("Le membre le lit, et l’appel le dit.")
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        is_agreed = data.get("treatment") == DuesTreatment.AGREED
        if is_agreed and data.get("amount") is None and "amount" not in self.errors:
            self.add_error("amount", gettext("Dites le montant convenu."))
        if not is_agreed and data.get("amount") is not None:
            self.add_error("amount", gettext("Laissez vide, ou choisissez «\u00a0un montant convenu\u00a0»."))
        if not data.get("reason") and (data.get("treatment") != DuesTreatment.SCALE or data.get("joined_on")):
            self.add_error("reason", gettext("Dites pourquoi."))
        return data
