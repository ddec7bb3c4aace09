"""Everything on one account, read together: what was taken, of which kind, in which year, and what was paid."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import CharField, DateField, DecimalField, F, IntegerField, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast, ExtractYear
from django.utils.translation import gettext as _

from billing.enums import ChargeKind, PaymentMethod
from billing.models import Account, Charge, Invoice, Payment
from billing.money import ZERO, with_tax
from documents.models import Document
from hubs.actions import name_of
from hubs.enums import ItemState
from hubs.models import RunItem

PAYMENT = "payment"
PER_PAGE = 20
# Columns that a page can show side by side.
YEARS_SHOWN = 4


@dataclass(frozen=True)
class Entry:
    """A charge or a payment. `amount` is what the holder of the account compares: without tax for a structure."""

    on: dt.date
    kind: str
    label: str
    detail: str
    amount: Decimal | None
    received: Decimal | None
    number: str
    invoice_id: int | None


@dataclass(frozen=True)
class KindTotal:
    """A kind with its total of each year shown, in the order of `Details.shown`."""

    label: str
    amounts: list[Decimal]


@dataclass(frozen=True)
class Archive:
    """The papers of a year: how many, and their file if it was made."""

    year: int
    papers: int
    document: Document | None
    is_being_made: bool


@dataclass(frozen=True)
class Details:
    page: "Page[Any]"
    kinds: list[tuple[str, str]]
    years: list[int]
    shown: list[int]
    totals: list[KindTotal]
    paid: KindTotal
    archives: list[Archive]


def kind_label(kind: str) -> str:
    if kind == PAYMENT:
        return _("Paiement")
    return str(ChargeKind(kind).label if kind in ChargeKind.values else ChargeKind.OTHER.label)


def _family(kind: str) -> str:
    """The kind under which a charge is read."""
    return kind if kind in ChargeKind.values else str(ChargeKind.OTHER)


def account_details(
    account: Account, invoices: list[Invoice], *, kind: str = "", year: int | None = None, page: str | None = None
) -> Details:
    """`kind` is one of `ChargeKind` or PAYMENT; `invoices` are the account's. Six queries, whatever it holds."""
    sums, paid = _by_kind(account), _paid(account)
    years = sorted({year for by_year in sums.values() for year in by_year} | set(paid), reverse=True)
    shown = [year] if year in years else years[:YEARS_SHOWN]
    totals = [
        KindTotal(kind_label(name), [by_year.get(each, ZERO) for each in shown])
        for name, by_year in sorted(sums.items(), key=lambda item: ChargeKind.values.index(item[0]))
    ]
    kinds = [(name, kind_label(name)) for name in ChargeKind.values if name in sums]
    return Details(
        page=_page(account, kind, year, page),
        kinds=[*kinds, (PAYMENT, _("Paiements"))] if paid else kinds,
        years=years,
        shown=shown,
        totals=totals,
        paid=KindTotal(_("Payé"), [paid.get(each, ZERO) for each in shown]),
        archives=_archives(account, invoices),
    )


def _by_kind(account: Account) -> dict[str, dict[int, Decimal]]:
    """What was taken, by kind then year, as the holder compares prices."""
    charges = Charge.objects.live().filter(account=account).annotate(year=ExtractYear("on"))
    rows = charges.values_list("kind", "year", "vat_rate").annotate(sum=Sum("amount_excl")).order_by()
    found: dict[str, dict[int, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    for kind, year, rate, sum_excl in rows:
        found[_family(kind)][year] += with_tax(sum_excl, rate) if account.is_person else sum_excl
    return found


def _paid(account: Account) -> dict[int, Decimal]:
    kept = Payment.objects.kept().filter(account=account).annotate(year=ExtractYear("received_on"))
    return dict(kept.values_list("year").annotate(Sum("amount")).order_by())


_MONEY = DecimalField(max_digits=12, decimal_places=2)
_COLUMNS = ("day", "nature", "label", "more", "excl", "rate", "got", "paper", "paper_id", "row")


def _none(field: Any) -> Cast:
    return Cast(Value(None), field)


def _charges(account: Account, kind: str, year: int | None) -> "QuerySet[Any]":
    charges = Charge.objects.live().filter(account=account)
    if kind == ChargeKind.OTHER:
        charges = charges.exclude(kind__in=set(ChargeKind.values) - {kind})
    elif kind:
        charges = charges.filter(kind=kind)
    if year:
        charges = charges.filter(on__year=year)
    return charges.order_by().annotate(
        day=F("on"), nature=Cast("kind", CharField()), label=Cast("description", CharField()),
        more=Cast("detail", CharField()), excl=F("amount_excl"), rate=F("vat_rate"), got=_none(_MONEY),
        paper=Cast("lines__invoice__number", CharField()), paper_id=F("lines__invoice"), row=F("pk"),
    ).values_list(*_COLUMNS)  # fmt: skip


def _payments(account: Account, year: int | None) -> "QuerySet[Any]":
    payments = Payment.objects.kept().filter(account=account)
    if year:
        payments = payments.filter(received_on__year=year)
    return payments.order_by().annotate(
        day=Cast("received_on", DateField()), nature=Value(PAYMENT, CharField()), label=Cast("method", CharField()),
        more=Cast("reference", CharField()), excl=_none(_MONEY), rate=_none(_MONEY), got=F("amount"),
        paper=_none(CharField()), paper_id=_none(IntegerField()), row=F("pk"),
    ).values_list(*_COLUMNS)  # fmt: skip


def _page(account: Account, kind: str, year: int | None, number: str | None) -> "Page[Any]":
    """The newest first, paged by the database."""
    if kind == PAYMENT:
        rows = _payments(account, year).order_by("-received_on", "-pk")
    elif kind:
        rows = _charges(account, kind, year).order_by("-on", "-pk")
    else:
        both = _charges(account, "", year).union(_payments(account, year), all=True)
        rows = both.order_by("-day", "nature", "-row")
    page = Paginator(rows, PER_PAGE).get_page(number)
    page.object_list = [_entry(account, row) for row in page.object_list]
    return page


def _entry(account: Account, row: tuple[Any, ...]) -> Entry:
    day, nature, label, more, excl, rate, got, number, invoice_id, _row = row
    amount = excl
    if excl is not None and account.is_person:
        amount = with_tax(excl, rate)
    return Entry(
        on=day,
        kind=kind_label(nature),
        label=str(PaymentMethod(label).label) if nature == PAYMENT else label,
        detail=more,
        amount=amount,
        received=got,
        number=number or "",
        invoice_id=invoice_id if number else None,
    )


def _archives(account: Account, invoices: list[Invoice]) -> list[Archive]:
    """Each year that has papers, the last first. Two queries."""
    papers: dict[int, int] = defaultdict(int)
    for invoice in invoices:
        if invoice.issue_date:
            papers[invoice.issue_date.year] += 1
    about = name_of(account)
    kept = Document.objects.select_related("file").filter(source=about, kind__startswith="year-")
    documents = {document.kind: document for document in kept.order_by("version", "pk")}
    waiting = Q(run__about=about, job="billing.zip_year", state=ItemState.TODO)
    being_made = {kwargs["year"] for kwargs in RunItem.objects.filter(waiting).values_list("kwargs", flat=True)}
    return [
        Archive(year, count, documents.get(f"year-{year}"), year in being_made)
        for year, count in sorted(papers.items(), reverse=True)
    ]
