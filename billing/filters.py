from collections.abc import Callable

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Concat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, DateFilter, FilterSet, ModelChoiceFilter

from billing.enums import (
    DepositNature,
    InvoiceKind,
    Journal,
    LineState,
    MandateState,
    RecurringKind,
    SupplierState,
)
from billing.models import (
    Account,
    BankAccount,
    BankLine,
    Deposit,
    Invoice,
    JournalLine,
    Mandate,
    Quote,
    RecurringCharge,
    SupplierInvoice,
)
from billing.papers import month_name
from parties.models import PlainText


def months() -> list[tuple[str, str]]:
    """Months that have invoices, last first."""
    found = Invoice.objects.issued().order_by("-period").values_list("period", flat=True).distinct()
    return [(f"{month:%Y-%m}", month_name(month)) for month in found]


def resembling(column: str) -> Callable[[QuerySet, str, str], QuerySet]:
    """Keeps the rows where what is typed stands in `column`, accents and capitals aside."""

    def kept(queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.annotate(plain=PlainText(F(column))).filter(plain__contains=PlainText(Value(value)))

    return kept


class InvoiceFilter(FilterSet):
    month = ChoiceFilter(label=_("Mois"), choices=months, method="in_month", empty_label=_("Tous"))
    who = CharFilter(label=_("Structure ou personne"), method=resembling("holder"))
    state = ChoiceFilter(
        label=_("État"),
        method="in_state",
        empty_label=_("Toutes"),
        choices=[
            ("unpaid", _("À payer")),
            ("late", _("En retard")),
            ("paid", _("Payées")),
            ("dues", _("Appels de cotisation")),
            ("credit", _("Avoirs")),
        ],
    )

    class Meta:
        model = Invoice
        fields: tuple[str, ...] = ()

    def in_month(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        year, month = value.split("-")
        return queryset.filter(period__year=int(year), period__month=int(month))

    def in_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        invoices = queryset.payable()
        late = Invoice.objects.issued().in_parts().filter(part_on__lt=timezone.localdate()).values("pk")
        return {
            "unpaid": invoices.filter(due__gt=0),
            "late": invoices.filter(pk__in=late),
            "paid": invoices.filter(due=0),
            "dues": queryset.filter(kind=InvoiceKind.DUES),
            "credit": queryset.filter(kind=InvoiceKind.CREDIT_NOTE),
        }[value]


class QuoteFilter(FilterSet):
    who = CharFilter(label=_("Structure ou personne"), method=resembling("holder"))
    state = ChoiceFilter(
        label=_("État"),
        method="in_state",
        empty_label=_("Tous"),
        choices=[
            ("draft", _("Brouillons")),
            ("sent", _("En attente de réponse")),
            ("to_charge", _("Acceptés, à facturer")),
            ("accepted", _("Acceptés")),
            ("refused", _("Refusés")),
            ("expired", _("Expirés")),
        ],
    )

    class Meta:
        model = Quote
        fields: tuple[str, ...] = ()

    def in_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        if value == "to_charge":
            return queryset.accepted().filter(charged_at=None)
        return queryset.filter(state_now=value)


class AccountFilter(FilterSet):
    who = CharFilter(label=_("Structure ou personne"), method=resembling("holder_name"))
    state = ChoiceFilter(
        label=_("Solde"),
        method="in_state",
        empty_label=_("Tous"),
        choices=[("owes", _("Doit au pôle")), ("ahead", _("En avance")), ("even", _("À jour"))],
    )

    class Meta:
        model = Account
        fields: tuple[str, ...] = ()

    def in_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        wanted = {"owes": Q(balance__gt=0), "ahead": Q(balance__lt=0), "even": Q(balance=0)}
        return queryset.filter(wanted[value])


class SupplierInvoiceFilter(FilterSet):
    who = CharFilter(label=_("Fournisseur"), method=resembling("seller_name"))
    state = ChoiceFilter(label=_("État"), choices=SupplierState.choices, empty_label=_("Toutes"))

    class Meta:
        model = SupplierInvoice
        fields: tuple[str, ...] = ()


class RecurringFilter(FilterSet):
    who = CharFilter(label=_("Structure ou personne"), method=resembling("holder"))
    kind = ChoiceFilter(label=_("Nature"), choices=RecurringKind.choices, empty_label=_("Toutes"))
    state = ChoiceFilter(
        label=_("État"),
        method="in_state",
        empty_label=_("Toutes"),
        choices=[("running", _("En cours")), ("coming", _("À venir")), ("over", _("Finies"))],
    )

    class Meta:
        model = RecurringCharge
        fields: tuple[str, ...] = ()

    def in_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        today = timezone.localdate()
        wanted = {
            "running": Q(starts_on__lte=today) & (Q(ends_on=None) | Q(ends_on__gt=today)),
            "coming": Q(starts_on__gt=today),
            "over": Q(ends_on__lte=today),
        }
        return queryset.filter(wanted[value])


class DepositFilter(FilterSet):
    # The queryset is already as of that day.
    on = DateFilter(label=_("Détenu au"), method="as_it_is")
    who = CharFilter(label=_("Structure ou personne"), method=resembling("holder"))
    nature = ChoiceFilter(label=_("Nature"), choices=DepositNature.choices, empty_label=_("Toutes"))
    state = ChoiceFilter(
        label=_("État"),
        method="in_state",
        empty_label=_("Tous"),
        choices=[("held", _("Détenus")), ("awaited", _("Attendus")), ("settled", _("Soldés"))],
    )

    class Meta:
        model = Deposit
        fields: tuple[str, ...] = ()

    def as_it_is(self, queryset: QuerySet, name: str, value: object) -> QuerySet:
        return queryset

    def in_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        wanted = {
            "held": Q(held__gt=0),
            "awaited": Q(received__lt=F("amount"), held=F("received")),
            "settled": Q(received__gt=0, held=0),
        }
        return queryset.filter(wanted[value])


class LineFilter(FilterSet):
    journal = ChoiceFilter(
        label=_("Journal"), choices=Journal.choices, field_name="entry__journal", empty_label=_("Tous")
    )
    first = DateFilter(label=_("Du"), field_name="entry__on", lookup_expr="gte")
    last = DateFilter(label=_("Au"), field_name="entry__on", lookup_expr="lte")
    account = CharFilter(label=_("Compte, tiers ou pièce"), method="named_like")

    class Meta:
        model = JournalLine
        fields: tuple[str, ...] = ()

    def named_like(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        plain = PlainText(Concat(F("aux_label"), Value(" "), F("entry__piece_ref")))
        return queryset.annotate(plain=plain).filter(
            Q(plain__contains=PlainText(Value(value))) | Q(ledger_account__number__startswith=value)
        )


def bank_accounts(request: object) -> QuerySet:
    return BankAccount.objects.order_by("label", "pk")


class BankLineFilter(FilterSet):
    state = ChoiceFilter(label=_("État"), choices=LineState.choices, empty_label=_("Toutes"))
    bank_account = ModelChoiceFilter(label=_("Compte bancaire"), queryset=bank_accounts, empty_label=_("Tous"))
    since = DateFilter(label=_("Depuis le"), field_name="on", lookup_expr="gte")
    until = DateFilter(label=_("Jusqu’au"), field_name="on", lookup_expr="lte")
    words = CharFilter(label=_("Libellé ou nom"), method="saying")

    class Meta:
        model = BankLine
        fields: tuple[str, ...] = ()

    def saying(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        wanted = PlainText(Value(value))
        said = queryset.annotate(said=PlainText(F("label")), who=PlainText(F("counterparty")))
        return said.filter(Q(said__contains=wanted) | Q(who__contains=wanted))


class MandateFilter(FilterSet):
    who = CharFilter(label=_("Structure ou personne"), method=resembling("holder_name"))
    state = ChoiceFilter(
        label=_("État"),
        method="in_state",
        empty_label=_("Tous"),
        choices=[
            (state.value, state.label)
            for state in (MandateState.INVITED, MandateState.ACTIVE, MandateState.SUSPENDED, MandateState.REVOKED)
        ],
    )

    class Meta:
        model = Mandate
        fields: tuple[str, ...] = ()

    def in_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return {
            MandateState.INVITED: queryset.invited(),
            MandateState.ACTIVE: queryset.signed().filter(suspended_on=None),
            MandateState.SUSPENDED: queryset.signed().filter(suspended_on__isnull=False),
            MandateState.REVOKED: queryset.filter(revoked_on__isnull=False),
        }[MandateState(value)]
