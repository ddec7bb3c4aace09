"""One poster for each kind of frozen row that the books tell. Another kind is another line of POSTERS."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.books.ledger import Ledger, Posting, Side
from billing.enums import Journal, LedgerUse, PaymentMethod
from billing.models import Account, Allocation, Invoice, InvoiceLine, JournalEntry, LedgerRule, Payment
from billing.money import ZERO, vat_of

CANCELLED = "/cancelled"
Tie = tuple[str, str]


@dataclass(frozen=True)
class Poster:
    """How rows of one kind become entries.

    `rows` are all that are frozen, with what `build` reads; `moment` is the column of when they were, `day` that of
    the entry. `ties` are pairs of sources that settle one another on these accounts, for the lettering.
    """

    label: str | Promise
    rows: Callable[[], QuerySet]
    moment: str
    day: str
    build: Callable[[Any, Ledger], Posting]
    ties: Callable[[Collection[int]], Iterable[Tie]]
    suffix: str = ""

    def unposted(self) -> QuerySet:
        """The rows that have no entry yet."""
        rows = self.rows()
        name = Value(f"{rows.model._meta.label_lower}:")
        source = Concat(name, Cast("pk", CharField()), Value(self.suffix), output_field=CharField())
        return rows.annotate(source_name=source).exclude(
            Exists(JournalEntry.objects.filter(source=OuterRef("source_name")))
        )


def _invoices() -> QuerySet:
    return (
        Invoice.objects.issued()
        .select_related("account__organisation", "account__person", "issuer", "corrects")
        .prefetch_related("lines__charge", "corrects__lines__charge")
    )


def _payments() -> QuerySet:
    return Payment.objects.select_related("account__organisation", "account__person")


def _cancelled() -> QuerySet:
    return _payments().filter(cancelled_at__isnull=False)


def invoice_name(invoice_id: int) -> str:
    return f"billing.invoice:{invoice_id}"


def payment_name(payment_id: int) -> str:
    return f"billing.payment:{payment_id}"


def of_invoice(invoice: Invoice, ledger: Ledger) -> Posting:
    """Sales by account and analytic code, tax by rate, and the whole on the member's account; a credit note reversed."""
    on: dt.date = invoice.issue_date  # type: ignore[assignment]
    sign = -1 if invoice.is_credit_note else 1
    _seller, buyer = invoice.frozen
    members = ledger.rule(LedgerUse.MEMBERS, on)
    sides = [Side(members, sign * invoice.total_incl, invoice.account, buyer["name"])]
    sides += [Side(rule, -sign * amount) for rule, amount in _sales(invoice, ledger, on)]
    sides += [Side(rule, -sign * amount) for rule, amount in _tax(invoice, ledger, on)]
    words = _("Avoir %(number)s, %(name)s") if invoice.is_credit_note else _("Facture %(number)s, %(name)s")
    return Posting(
        source=invoice_name(invoice.pk),
        issuer=invoice.issuer,
        journal=Journal.SALES,
        on=on,
        piece_ref=str(invoice.number),
        piece_date=on,
        label=words % {"number": invoice.number, "name": buyer["name"]},
        sides=tuple(sides),
    )


def _sales(invoice: Invoice, ledger: Ledger, on: dt.date) -> list[tuple[LedgerRule, Decimal]]:
    """A credit note has the lines of its invoice, whose charges say what was sold."""
    charges = {line.position: line.charge for line in invoice.corrects.lines.all()} if invoice.corrects else {}
    sums: dict[tuple[str, str], tuple[LedgerRule, Decimal]] = {}
    for line in sorted(invoice.lines.all(), key=lambda line: line.position):
        rule = ledger.sale(line.charge or charges.get(line.position), on)
        key = (rule.ledger_account.number, rule.analytic)
        sums[key] = (sums.get(key, (rule, ZERO))[0], sums.get(key, (rule, ZERO))[1] + line.amount_excl)
    return [sums[key] for key in sorted(sums)]


def _tax(invoice: Invoice, ledger: Ledger, on: dt.date) -> list[tuple[LedgerRule, Decimal]]:
    return [
        (ledger.rule(LedgerUse.VAT, on, f"{rate:.2f}"), amount)
        for (_category, rate, _text), (_base, amount) in tax_groups(invoice.lines.all()).items()
        if amount and rate is not None
    ]


def tax_groups(lines: Iterable[InvoiceLine]) -> dict[tuple[str, Decimal | None, str], tuple[Decimal, Decimal]]:
    """Base and tax by category, rate and reason, as the invoice counted them; the highest rate first."""
    bases: dict[tuple[str, Decimal | None, str], Decimal] = {}
    for line in lines:
        key = (line.vat_category, line.vat_rate, line.exemption_text)
        bases[key] = bases.get(key, ZERO) + line.amount_excl
    order = sorted(bases, key=lambda key: (-(key[1] or 0), key[0], key[2]))
    return {key: (bases[key], vat_of(bases[key], key[1])) for key in order}


def of_payment(payment: Payment, ledger: Ledger) -> Posting:
    return _money(payment, ledger, payment.received_on, sign=1)


def of_cancellation(payment: Payment, ledger: Ledger) -> Posting:
    """The same the other way round, on the day of the cancellation."""
    return _money(payment, ledger, payment.cancelled_on, sign=-1)  # type: ignore[arg-type]


def _money(payment: Payment, ledger: Ledger, on: dt.date, *, sign: int) -> Posting:
    name = name_of_holder(payment.account)
    # Where it was received is where it is taken back, whatever the rules say since.
    received = ledger.rule(LedgerUse.PAYMENT, payment.received_on, payment.method)
    words = _("Paiement, %(name)s") if sign > 0 else _("Paiement annulé, %(name)s")
    return Posting(
        source=payment_name(payment.pk) + ("" if sign > 0 else CANCELLED),
        issuer=ledger.issuer_on(on),
        journal=Journal.CASH if payment.method == PaymentMethod.CASH else Journal.BANK,
        on=on,
        piece_ref=payment.reference or f"P{payment.pk:06d}",
        piece_date=payment.received_on,
        label=words % {"name": name},
        sides=(
            Side(received, sign * payment.amount),
            Side(ledger.rule(LedgerUse.MEMBERS, on), -sign * payment.amount, payment.account, name),
        ),
    )


def name_of_holder(account: Account) -> str:
    return str(account)[:200]


def credit_ties(accounts: Collection[int]) -> Iterable[Tie]:
    notes = Invoice.objects.issued().filter(account__in=accounts, corrects__isnull=False)
    return [(invoice_name(note), invoice_name(invoice)) for note, invoice in notes.values_list("pk", "corrects_id")]


def allocation_ties(accounts: Collection[int]) -> Iterable[Tie]:
    live = Allocation.objects.live().filter(payment__account__in=accounts).values_list("payment_id", "invoice_id")
    return [(payment_name(payment), invoice_name(invoice)) for payment, invoice in live]


def cancellation_ties(accounts: Collection[int]) -> Iterable[Tie]:
    gone = Payment.objects.filter(account__in=accounts, cancelled_at__isnull=False).values_list("pk", flat=True)
    return [(payment_name(pk), payment_name(pk) + CANCELLED) for pk in gone]


POSTERS: tuple[Poster, ...] = (
    Poster(gettext_lazy("factures et avoirs"), _invoices, "issued_at", "issue_date", of_invoice, credit_ties),
    Poster(gettext_lazy("paiements"), _payments, "recorded_at", "received_on", of_payment, allocation_ties),
    Poster(
        gettext_lazy("paiements annulés"), _cancelled, "cancelled_at", "cancelled_on", of_cancellation,
        cancellation_ties, CANCELLED,
    ),
)  # fmt: skip
