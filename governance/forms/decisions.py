from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.enums import PollAdvice
from hubs.forms import DayField, MomentField


class MinutesForm(forms.Form):
    """What nobody but a person can write of a meeting, and who signs it: a draft may wait for them."""

    words = forms.CharField(
        label=_("Déroulé"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=_("Les débats, en quelques paragraphes. Les présences, les votes et les résultats s’ajoutent seuls."),
    )
    chair = forms.CharField(
        label=_("Président·e de séance"), max_length=120, required=False, help_text=_("Nécessaire pour publier.")
    )
    secretary = forms.CharField(
        label=_("Secrétaire de séance"), max_length=120, required=False, help_text=_("Nécessaire pour publier.")
    )


class DecisionForm(forms.Form):
    """A decision of a meeting that no resolution carried."""

    title = forms.CharField(label=_("Décision"), max_length=160)
    text = forms.CharField(label=_("Texte"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))
    who = forms.CharField(label=_("Confiée à"), max_length=120, required=False)
    due_on = DayField(label=_("Pour le"), required=False)


class EntrustForm(forms.Form):
    """Who sees to a decision, and until when."""

    who = forms.CharField(label=_("Confiée à"), max_length=120, required=False)
    due_on = DayField(label=_("Pour le"), required=False)


class PollForm(forms.Form):
    """A question to the members, with its deadline."""

    title = forms.CharField(label=_("Question"), max_length=160)
    text = forms.CharField(
        label=_("De quoi il s’agit, et ce que vous proposez"), max_length=4000, widget=forms.Textarea(attrs={"rows": 5})
    )
    closes_at = MomentField(label=_("Réponses jusqu’au"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))


class AnswerForm(forms.Form):
    """What a member thinks of it, and why."""

    advice = forms.TypedChoiceField(
        label=_("Votre avis"), choices=PollAdvice.choices, coerce=PollAdvice, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=_("Pourquoi"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Nécessaire si vous n’êtes pas d’accord."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("advice") == PollAdvice.AGAINST and not data.get("reason"):
            self.add_error("reason", _("Dites pourquoi vous n’êtes pas d’accord."))
        return data


class DecideForm(forms.Form):
    """What is decided after a consultation, and why."""

    decision = forms.CharField(label=_("Ce qui est décidé"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    reasons = forms.CharField(label=_("Pourquoi"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
