from django import forms
from django.utils.translation import gettext_lazy as _


class AskDatesForm(forms.Form):
    parts = forms.IntegerField(
        label=_("En combien de fois"),
        min_value=2,
        max_value=12,
        initial=3,
        help_text=_("De 2 à 12, un mois entre deux."),
        error_messages=dict.fromkeys(("min_value", "max_value", "invalid"), _("Écrivez un nombre de 2 à 12.")),
    )
    reason = forms.CharField(
        label=_("Pourquoi"), required=False, max_length=300, help_text=_("Pour que l’équipe comprenne.")
    )


class AnswerDatesForm(forms.Form):
    """« Accorder » or « Refuser »: the button says which."""

    answer = forms.CharField(
        label=_("Un mot au membre"),
        required=False,
        max_length=300,
        help_text=_("Il le lit\u00a0; nécessaire pour refuser."),
    )
