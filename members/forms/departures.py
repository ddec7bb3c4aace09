"""The forms of a departure: a resignation, the steps of a strike-off, and the hub's rules."""

import datetime as dt

from django import forms
from django.utils.translation import gettext_lazy as _

from hubs.forms import DayField
from members.enums import DecidingBody, ResignationEffect, StrikeCause


class MyResignForm(forms.Form):
    reason = forms.CharField(
        label=_("Pourquoi"), max_length=300, required=False, help_text=_("L’équipe seule le lit."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    sure = forms.BooleanField(label=_("Je mets fin à cette adhésion"))


class ResignForm(forms.Form):
    letter_on = DayField(label=_("Date de la lettre"))
    reason = forms.CharField(
        label=_("Pourquoi"), max_length=300, required=False, help_text=_("L’équipe seule le lit."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


class StrikeForm(forms.Form):
    cause = forms.TypedChoiceField(
        label=_("Motif"), choices=StrikeCause.choices, coerce=StrikeCause, widget=forms.RadioSelect
    )
    grounds = forms.CharField(
        label=_("Faits reprochés"), max_length=3_000, required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Pour un autre motif que la cotisation\u00a0: écrit tel quel dans la mise en demeure."),
    )  # fmt: skip


class HearForm(forms.Form):
    heard_on = DayField(label=_("Entendu le"))
    heard = forms.CharField(
        label=_("Ce que le membre a répondu"), max_length=3_000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Ou qu’il n’a pas répondu. L’équipe seule le lit."),
    )  # fmt: skip


class DecideStrikeForm(forms.Form):
    on = DayField(label=_("Décidée le"))
    decided_by = forms.TypedChoiceField(
        label=_("Décidée par"), choices=DecidingBody.choices, coerce=DecidingBody, widget=forms.RadioSelect
    )
    reference = forms.CharField(
        label=_("Référence de la décision"),
        max_length=120,
        help_text=_("Par exemple «\u00a0compte rendu du 3 mars, point 4\u00a0»."),
    )
    last_day = DayField(label=_("Dernier jour de l’adhésion"))

    @property
    def effect_on(self) -> dt.date:
        return self.cleaned_data["last_day"] + dt.timedelta(days=1)


class StopForm(forms.Form):
    reason = forms.CharField(
        label=_("Pourquoi la procédure s’arrête"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )


class DepartureTermsForm(forms.Form):
    effect = forms.TypedChoiceField(
        label=_("Une démission prend effet"),
        choices=ResignationEffect.choices,
        coerce=ResignationEffect,
        widget=forms.RadioSelect,
    )
    notice_days = forms.IntegerField(
        label=_("Jours de préavis"), min_value=0, max_value=730, required=False,
        help_text=_("Seulement pour un préavis."),
    )  # fmt: skip
    answer_days = forms.IntegerField(label=_("Jours pour répondre à une mise en demeure"), min_value=1, max_value=365)
    starts_on = DayField(label=_("À partir du"))

    def clean_notice_days(self) -> int:
        return self.cleaned_data["notice_days"] or 0
