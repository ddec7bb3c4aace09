from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.actions import CreditPart
from billing.credits import CreditLeft, LineLeft


class CreditForm(forms.Form):
    """All that is left of an invoice, or a part of its lines: a quantity or an amount for each."""

    what = forms.ChoiceField(
        label=_("Que créditer\u00a0?"),
        choices=[("rest", _("Tout ce qui reste")), ("part", _("Une partie, ligne par ligne"))],
        widget=forms.RadioSelect,
        initial="rest",
    )
    reason = forms.CharField(label=_("Motif"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, left: CreditLeft, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.left = [each for each in left.lines if each.left_excl]
        for each in self.left:
            if each.left_quantity is not None and abs(each.line.quantity) != 1:
                self.fields[f"quantity_{each.line.pk}"] = _decimal(_("Quantité"), each, places=4)
            self.fields[f"amount_{each.line.pk}"] = _decimal(_("Montant HT"), each, places=2)

    @property
    def rows(self) -> list[tuple[LineLeft, Any, Any]]:
        """Each line that has something left, with its fields."""
        return [
            (
                each,
                self[name] if (name := f"quantity_{each.line.pk}") in self.fields else None,
                self[f"amount_{each.line.pk}"],
            )
            for each in self.left
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for each in self.left:
            if data.get(f"quantity_{each.line.pk}") and data.get(f"amount_{each.line.pk}"):
                self.add_error(f"amount_{each.line.pk}", _("Indiquez la quantité ou le montant, pas les deux."))
        return data

    @property
    def parts(self) -> list[CreditPart] | None:
        """What `credit_invoice` takes: None is all that is left."""
        if self.cleaned_data["what"] == "rest":
            return None
        return [
            CreditPart(
                line=each.line,
                quantity=self.cleaned_data.get(f"quantity_{each.line.pk}"),
                amount_excl=self.cleaned_data.get(f"amount_{each.line.pk}"),
            )
            for each in self.left
        ]


def _decimal(label: Any, left: LineLeft, *, places: int) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=Decimal(0),
        max_digits=12,
        decimal_places=places,
        localize=True,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "aria-label": f"{label}, {left.line.description}"}),
    )
