import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.actions import account_for
from billing.enums import VatCategory
from billing.models import Account, Quote, VatRule
from hubs.forms import DayField
from parties.models import Organisation, Person

VALID_DAYS = 30


def who_choices() -> list[tuple[Any, Any]]:
    """Structures, then the people who have an account here."""
    structures = Organisation.objects.live(timezone.localdate()).by_name()
    people = Person.objects.known().filter(user__isnull=False).by_name()
    return [
        ("", _("Choisir…")),
        (_("Structures"), [(f"structure-{each.pk}", str(each)) for each in structures]),
        (_("Personnes"), [(f"personne-{each.pk}", str(each)) for each in people]),
    ]


def who_of(account: Account) -> str:
    """The choice of the form that stands for an account."""
    return f"structure-{account.organisation_id}" if account.organisation_id else f"personne-{account.person_id}"


class HolderForm(forms.Form):
    """Whose account."""

    who = forms.ChoiceField(label=_("Pour qui\u00a0?"), choices=who_choices)

    @property
    def holder(self) -> dict[str, Any]:
        """What `account_for` and `open_account` are told."""
        kind, pk = self.cleaned_data["who"].split("-")
        if kind == "structure":
            return {"organisation": Organisation.objects.get(pk=pk)}
        return {"person": Person.objects.get(pk=pk)}


class QuoteForm(HolderForm):
    """For whom, what for, until when; its lines stand in a `QuoteLineFormSet`."""

    title = forms.CharField(label=_("Objet"), max_length=160, help_text=_("Ce que le devis propose, en une ligne."))
    valid_until = DayField(label=_("Valable jusqu’au"))
    note = forms.CharField(
        label=_("Conditions"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Elles figurent sur le devis."),
    )  # fmt: skip

    def __init__(self, *args: Any, initial: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        proposed = {"valid_until": timezone.localdate() + dt.timedelta(days=VALID_DAYS)}
        super().__init__(*args, initial=proposed | dict(initial or {}), **kwargs)

    def account(self) -> Account:
        """The account of whom was chosen, opened if need be."""
        return account_for(**self.holder)


def _vat_choices() -> list[tuple[str, str]]:
    rules = VatRule.objects.live(timezone.localdate()).exclude(category=VatCategory.OUT_OF_SCOPE)
    return [(rule.code, rule.label) for rule in rules.order_by("-rate", "code")]


class QuoteLineForm(forms.Form):
    description = forms.CharField(label=_("Désignation"), max_length=200)
    quantity = forms.DecimalField(
        label=_("Quantité"), max_digits=12, decimal_places=4, localize=True, initial=1,
    )  # fmt: skip
    unit_label = forms.CharField(label=_("Unité"), max_length=30, required=False)
    unit_price_excl = forms.DecimalField(
        label=_("Prix unitaire HT"), min_value=Decimal(0), max_digits=12, decimal_places=4, localize=True
    )
    vat_code = forms.ChoiceField(label=_("TVA"), choices=_vat_choices)

    def has_changed(self) -> bool:
        """A line with no words and no price was not begun."""
        return bool({"description", "unit_price_excl"} & set(self.changed_data))


MOST_LINES = 60
QuoteLineFormSet = forms.formset_factory(QuoteLineForm, extra=0, max_num=MOST_LINES, validate_max=True)
LINES = "lignes"


def line_values(quote: Quote) -> list[dict[str, Any]]:
    """The lines of a quote as the forms show them."""
    names = ("description", "quantity", "unit_label", "unit_price_excl")
    lines = quote.lines.select_related("vat_rule").order_by("position")
    return [{name: _plain(getattr(line, name)) for name in names} | {"vat_code": line.vat_rule.code} for line in lines]


def _plain(value: Any) -> Any:
    """1.0000 is written 1."""
    return value.normalize() + 0 if isinstance(value, Decimal) else value


def typed_lines(post: Mapping[str, str]) -> list[dict[str, str]]:
    """What was typed in each line, right or wrong."""
    said = post.get(f"{LINES}-TOTAL_FORMS", "")
    total = min(int(said), MOST_LINES) if said.isdecimal() and len(said) < 19 else 0
    names = list(QuoteLineForm.base_fields)
    return [{name: post.get(f"{LINES}-{rank}-{name}", "") for name in names} for rank in range(total)]


class AnswerForm(forms.Form):
    """The answer to a quote. `decision` is the button that was pressed."""

    agreed = forms.BooleanField(label=_("Bon pour accord"), required=False)
    name = forms.CharField(label=_("Votre nom et votre fonction"), max_length=120)
    order_number = forms.CharField(
        label=_("Numéro de commande"), max_length=50, required=False, help_text=_("S’il doit figurer au dossier.")
    )
    note = forms.CharField(label=_("Un mot"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, decision: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.decision = decision

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.decision == "accepted" and not data.get("agreed"):
            self.add_error("agreed", _("Cochez «\u00a0Bon pour accord\u00a0» pour accepter."))
        return data


class StaffAnswerForm(forms.Form):
    """An answer that came on paper or by mail, noted by the staff."""

    decision = forms.ChoiceField(
        label=_("Réponse"),
        choices=[("accepted", _("Accepté")), ("refused", _("Refusé"))],
        widget=forms.RadioSelect,
        initial="accepted",
    )
    on = DayField(label=_("Le"))
    name = forms.CharField(label=_("Par qui"), max_length=120, help_text=_("Le nom et la fonction de qui a signé."))
    order_number = forms.CharField(label=_("Numéro de commande"), max_length=50, required=False)
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"on": timezone.localdate()}, **kwargs)


class DepositInvoiceForm(forms.Form):
    """A part of a quote to ask before the work: in percent, or an amount with tax."""

    percent = forms.DecimalField(
        label=_("Pourcentage du devis"), min_value=Decimal("0.01"), max_value=100, max_digits=5, decimal_places=2,
        required=False, localize=True,
    )  # fmt: skip
    amount = forms.DecimalField(
        label=_("ou montant TTC"), min_value=Decimal("0.01"), max_digits=12, decimal_places=2, required=False,
        localize=True,
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.errors and (data.get("percent") is None) == (data.get("amount") is None):
            self.add_error("percent", _("Indiquez un pourcentage ou un montant, l’un des deux."))
        return data


class ChargeQuoteForm(forms.Form):
    on = DayField(
        label=_("Fait le"), help_text=_("Le mois de ce jour-là le facture, ou le suivant s’il est déjà clos.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"on": timezone.localdate()}, **kwargs)
