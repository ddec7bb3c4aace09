from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

MOST_DAYS = 365
MOST_STEPS = 6


class DaysField(forms.CharField):
    """« 30, 7 » as [30, 7]; empty is no step at all."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=60, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(str(days) for days in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[int]:
        words = str(super().clean(value)).replace(";", ",").replace(",", " ").split()
        if len(words) > MOST_STEPS or not all(word.isdecimal() and int(word) <= MOST_DAYS for word in words):
            raise forms.ValidationError(
                gettext(
                    "Écrivez des nombres de jours séparés par des virgules, six au plus, comme «\u00a030, 7\u00a0»."
                )
            )
        return [int(word) for word in words]


class RenewalPolicyForm(forms.Form):
    is_on = forms.BooleanField(
        label=_("Envoyer les rappels chaque matin"),
        required=False,
        help_text=_("Jamais un dimanche ni un jour férié, ni à qui a payé l’année suivante ou est parti."),
    )
    days_before = DaysField(label=_("Jours avant la fin de l’adhésion"), help_text=_("Par exemple\u00a0: 30, 7"))
    days_after = DaysField(label=_("Jours après"), help_text=_("Par exemple\u00a0: 15"))
