import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import ReminderLevel
from billing.money import split
from billing.queries.details import Details
from billing.reminders import PLACEHOLDERS
from hubs.forms import DayField

MOST_DATES = 12


class LevelForm(forms.Form):
    """One level of the reminders, from today on."""

    is_human = forms.BooleanField(label=_("Un appel de l’équipe, plutôt qu’un courriel"), required=False)
    days = forms.IntegerField(label=_("Jours après l’échéance"), min_value=1, max_value=365)
    title = forms.CharField(label=_("Objet du courriel, ou nom de l’appel"), max_length=120)
    text = forms.CharField(
        label=_("Texte du courriel"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Le portail y ajoute les factures, leur total, l’IBAN et le lien vers le compte."),
    )
    attach_statement = forms.BooleanField(label=_("Joindre le relevé de compte en PDF"), required=False)
    says_penalties = forms.BooleanField(
        label=_("Demander aux structures les pénalités de retard et l’indemnité de 40\u00a0€"), required=False
    )

    @property
    def placeholders(self) -> dict[str, Any]:
        return {f"{{{name}}}": meaning for name, meaning in PLACEHOLDERS.items()}

    @staticmethod
    def of(level: ReminderLevel) -> dict[str, Any]:
        return {name: getattr(level, name) for name in LevelForm.base_fields}


class PolicyForm(forms.Form):
    is_on = forms.BooleanField(label=_("Envoyer les relances chaque matin, sans qu’on y pense"), required=False)
    digest = forms.BooleanField(
        label=_("Envoyer chaque lundi le point de la semaine à qui tient les comptes"), required=False
    )


class PenaltyRateForm(forms.Form):
    rate = forms.DecimalField(
        label=_("Taux annuel"), max_digits=5, decimal_places=2, min_value=Decimal("0.01"), max_value=100, localize=True,
        help_text=_("Celui de la Banque centrale européenne au 1er janvier ou au 1er juillet, plus 10 points."),
    )  # fmt: skip
    starts_on = DayField(label=_("À partir du"))


class ExceptionForm(forms.Form):
    """Why an account is left in peace, and until when."""

    until = DayField(
        label=_("Jusqu’au, inclus"), required=False, help_text=_("Vide\u00a0: jusqu’à ce que vous repreniez.")
    )
    reason = forms.CharField(label=_("Motif"), max_length=300)


class CallForm(forms.Form):
    note = forms.CharField(label=_("Ce qui s’est dit"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class DisputeForm(forms.Form):
    reason = forms.CharField(
        label=_("Ce qui ne va pas"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("La ligne, la date, le montant\u00a0: ce qui aide à vous répondre."),
    )


class DisputeAnswerForm(forms.Form):
    answer = forms.CharField(
        label=_("Votre réponse"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Elle part par courriel à qui a contesté, et à l’adresse des factures."),
    )


class ScheduleForm(forms.Form):
    """The dates and amounts agreed for an invoice or an account: `part_1` to `part_12`, the empty ones left out."""

    reason = forms.CharField(label=_("Ce qui est convenu"), max_length=300, help_text=_("Avec qui, quand, pourquoi."))

    def __init__(self, *args: Any, parts: list[tuple[dt.date, Decimal]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(1, MOST_DATES + 1):
            day, amount = parts[number - 1] if number <= len(parts) else (None, None)
            self.fields[f"day_{number}"] = DayField(label=_("Date %(n)s") % {"n": number}, required=False, initial=day)
            self.fields[f"amount_{number}"] = forms.DecimalField(
                label=_("Montant %(n)s") % {"n": number}, required=False, initial=amount, max_digits=12,
                decimal_places=2, min_value=Decimal("0.01"), localize=True,
            )  # fmt: skip
        self.rows_shown = max(len(parts), 3)

    @property
    def pairs(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Fields two by two; those that hold something, or are asked for, are shown."""
        filled = [n for n in range(1, MOST_DATES + 1) if self.is_bound and self.data.get(f"day_{n}")]
        last = max([self.rows_shown, *filled])
        return [(self[f"day_{n}"], self[f"amount_{n}"]) for n in range(1, min(last, MOST_DATES) + 1)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for number in range(1, MOST_DATES + 1):
            day, amount = data.get(f"day_{number}"), data.get(f"amount_{number}")
            if (day is None) != (amount is None) and not self.errors:
                missing = "amount" if day else "day"
                self.add_error(f"{missing}_{number}", _("Une échéance a une date et un montant."))
        return data

    @property
    def parts(self) -> list[tuple[dt.date, Decimal]]:
        data = self.cleaned_data
        numbers = [n for n in range(1, MOST_DATES + 1) if data.get(f"day_{n}")]
        return [(data[f"day_{n}"], data[f"amount_{n}"]) for n in numbers]


class EqualPartsForm(forms.Form):
    """How many equal parts to propose, a month apart."""

    count = forms.IntegerField(label=_("En combien de fois"), min_value=2, max_value=MOST_DATES, initial=3)
    first = DayField(label=_("La première le"))

    def parts_of(self, total: Decimal) -> list[tuple[dt.date, Decimal]]:
        first, count = self.cleaned_data["first"], self.cleaned_data["count"]
        return [(_months_after(first, n), amount) for n, amount in enumerate(split(total, [1] * count))]


def _months_after(first: dt.date, count: int) -> dt.date:
    """The same day of a later month, or its last one: counted from the first date, so that the 31st comes back."""
    year, month = divmod(first.year * 12 + first.month - 1 + count, 12)
    following = dt.date(year + month // 11, (month + 1) % 12 + 1, 1)
    last = following - dt.timedelta(days=1)
    return last.replace(day=min(first.day, last.day))


class StatementPeriodForm(forms.Form):
    """A statement: of a period, or of what is open when no first day is given."""

    first = DayField(label=_("Du"), required=False, help_text=_("Vide\u00a0: ce qui reste à payer aujourd’hui."))
    last = DayField(label=_("Au, inclus"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("first"), data.get("last")
        if first and last and last < first:
            self.add_error("last", _("La fin vient après le début."))
        return data


class DetailForm(forms.Form):
    """What is shown of an account: its choices are what it holds."""

    kind = forms.ChoiceField(label=_("Nature"), required=False)
    year = forms.TypedChoiceField(label=_("Année"), required=False, coerce=int, empty_value=None)

    def offer(self, details: Details) -> None:
        kind, year = self.fields["kind"], self.fields["year"]
        kind.choices = [("", _("Toutes")), *details.kinds]  # type: ignore[attr-defined]
        year.choices = [("", _("Toutes")), *((each, str(each)) for each in details.years)]  # type: ignore[attr-defined]
