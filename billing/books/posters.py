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
from billing.credits import totals_of
from billing.enums import DepositMoveKind, Journal, LedgerUse, PaymentMethod
from billing.models import Account, Allocation, DepositMove, Invoice, JournalEntry, LedgerRule, Payment, Refund
from billing.money import ZERO
from billing.papers import title_of

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
        .prefetch_related("lines__charge", "lines__corrects__charge")
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
    """Sales by account and analytic code, tax by rate, and the whole on the member's account; a credit note reversed.

    One that was brought in is no sale of these books: it comes against the sums to identify, for the opening entries.
    """
    on: dt.date = invoice.issue_date  # type: ignore[assignment]
    sign = -1 if invoice.is_credit_note else 1
    _seller, buyer = invoice.frozen
    sides = [Side(ledger.rule(LedgerUse.MEMBERS, on), sign * invoice.total_incl, invoice.account, buyer["name"])]
    if invoice.is_opening:
        sides.append(Side(ledger.rule(LedgerUse.WAITING, on), -invoice.total_incl))
    else:
        sides += [Side(rule, -sign * amount) for rule, amount in _sales(invoice, ledger, on)]
        sides += [Side(rule, -sign * amount) for rule, amount in _tax(invoice, ledger, on)]
    return Posting(
        source=invoice_name(invoice.pk),
        issuer=invoice.issuer,
        journal=Journal.MISC if invoice.is_opening else Journal.SALES,
        on=on,
        piece_ref=str(invoice.number),
        piece_date=on,
        label=f"{title_of(invoice)}, {buyer['name']}",
        sides=tuple(sides),
    )


def _sales(invoice: Invoice, ledger: Ledger, on: dt.date) -> list[tuple[LedgerRule, Decimal]]:
    """A line of a credit note is of what was sold by the line that it corrects."""
    sums: dict[tuple[str, str], tuple[LedgerRule, Decimal]] = {}
    for line in sorted(invoice.lines.all(), key=lambda line: line.position):
        charge = line.charge or (line.corrects.charge if line.corrects else None)
        rule = ledger.dues(on) if charge is None and _is_of_dues(invoice) else ledger.sale(charge, on)
        key = (rule.ledger_account.number, rule.analytic)
        sums[key] = (sums.get(key, (rule, ZERO))[0], sums.get(key, (rule, ZERO))[1] + line.amount_excl)
    return [sums[key] for key in sorted(sums)]


def _is_of_dues(invoice: Invoice) -> bool:
    """Whether it calls dues, or gives back some that were called."""
    return (invoice.corrects or invoice).is_dues


def _tax(invoice: Invoice, ledger: Ledger, on: dt.date) -> list[tuple[LedgerRule, Decimal]]:
    return [
        (ledger.rule(LedgerUse.VAT, on, f"{group.rate:.2f}"), group.amount)
        for group in totals_of(invoice, list(invoice.lines.all())).groups
        if group.amount and group.rate is not None
    ]


def of_payment(payment: Payment, ledger: Ledger) -> Posting:
    return _money(payment, ledger, payment.received_on, sign=1)


def of_cancellation(payment: Payment, ledger: Ledger) -> Posting:
    """The same the other way round, on the day of the cancellation."""
    return _money(payment, ledger, payment.cancelled_on, sign=-1)  # type: ignore[arg-type]


# What moves no money today: it was held as a deposit, or received before these books.
AGAINST = {PaymentMethod.DEPOSIT: LedgerUse.DEPOSIT, PaymentMethod.OPENING: LedgerUse.WAITING}


def _journal(method: str) -> Journal:
    if method in AGAINST:
        return Journal.MISC
    return Journal.CASH if method == PaymentMethod.CASH else Journal.BANK


def _place(method: str, ledger: Ledger, on: dt.date) -> LedgerRule:
    """Where money of this kind is, on the day it came."""
    if method in AGAINST:
        return ledger.rule(AGAINST[PaymentMethod(method)], on)
    return ledger.rule(LedgerUse.PAYMENT, on, method)


def _money(payment: Payment, ledger: Ledger, on: dt.date, *, sign: int) -> Posting:
    name = name_of_holder(payment.account)
    words = _("Paiement, %(name)s") if sign > 0 else _("Paiement annulé, %(name)s")
    return Posting(
        source=payment_name(payment.pk) + ("" if sign > 0 else CANCELLED),
        issuer=ledger.issuer_on(on),
        journal=_journal(payment.method),
        on=on,
        piece_ref=payment.reference or f"P{payment.pk:06d}",
        piece_date=payment.received_on,
        label=words % {"name": name},
        sides=(
            # Where it was received is where it is taken back, whatever the rules say since.
            Side(_place(payment.method, ledger, payment.received_on), sign * payment.amount),
            Side(ledger.rule(LedgerUse.MEMBERS, on), -sign * payment.amount, payment.account, name),
        ),
    )


def _refunds() -> QuerySet:
    return Refund.objects.select_related("account__organisation", "account__person")


def _cancelled_refunds() -> QuerySet:
    return _refunds().filter(cancelled_at__isnull=False)


def of_refund(refund: Refund, ledger: Ledger) -> Posting:
    return _given_back(refund, ledger, refund.paid_on, sign=1)


def of_cancelled_refund(refund: Refund, ledger: Ledger) -> Posting:
    return _given_back(refund, ledger, refund.cancelled_on, sign=-1)  # type: ignore[arg-type]


def _given_back(refund: Refund, ledger: Ledger, on: dt.date, *, sign: int) -> Posting:
    name = name_of_holder(refund.account)
    words = _("Remboursement, %(name)s") if sign > 0 else _("Remboursement annulé, %(name)s")
    return Posting(
        source=f"billing.refund:{refund.pk}" + ("" if sign > 0 else CANCELLED),
        issuer=ledger.issuer_on(on),
        journal=_journal(refund.method),
        on=on,
        piece_ref=refund.reference or f"R{refund.pk:06d}",
        piece_date=refund.paid_on,
        label=words % {"name": name},
        sides=(
            Side(ledger.rule(LedgerUse.MEMBERS, on), sign * refund.amount, refund.account, name),
            Side(_place(refund.method, ledger, refund.paid_on), -sign * refund.amount),
        ),
    )


def _deposit_moves() -> QuerySet:
    """Money that came or left. What is kept or set against an invoice makes a payment, which has its own entry."""
    moved = (DepositMoveKind.RECEIVED, DepositMoveKind.REFUNDED)
    return DepositMove.objects.filter(kind__in=moved).select_related(
        "deposit__account__organisation", "deposit__account__person"
    )


def _cancelled_moves() -> QuerySet:
    return _deposit_moves().filter(cancelled_at__isnull=False)


def of_deposit_move(move: DepositMove, ledger: Ledger) -> Posting:
    return _held(move, ledger, move.on, sign=1)


def of_cancelled_move(move: DepositMove, ledger: Ledger) -> Posting:
    return _held(move, ledger, move.cancelled_on, sign=-1)  # type: ignore[arg-type]


def _held(move: DepositMove, ledger: Ledger, on: dt.date, *, sign: int) -> Posting:
    """A debt of the hub, on no account of a member."""
    name = name_of_holder(move.deposit.account)
    is_received = move.kind == DepositMoveKind.RECEIVED
    words = _("Dépôt reçu, %(name)s") if is_received else _("Dépôt rendu, %(name)s")
    amount = move.amount if is_received == (sign > 0) else -move.amount
    return Posting(
        source=f"billing.depositmove:{move.pk}" + ("" if sign > 0 else CANCELLED),
        issuer=ledger.issuer_on(on),
        journal=_journal(move.method),
        on=on,
        piece_ref=move.reference or f"D{move.pk:06d}",
        piece_date=move.on,
        label=words % {"name": name},
        sides=(
            Side(_place(move.method, ledger, move.on), amount),
            Side(ledger.rule(LedgerUse.DEPOSIT, on), -amount),
        ),
    )


def no_ties(accounts: Collection[int]) -> Iterable[Tie]:
    """What settles nothing."""
    return ()


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
    Poster(gettext_lazy("remboursements"), _refunds, "recorded_at", "paid_on", of_refund, no_ties),
    Poster(
        gettext_lazy("remboursements annulés"), _cancelled_refunds, "cancelled_at", "cancelled_on",
        of_cancelled_refund, no_ties, CANCELLED,
    ),
    Poster(gettext_lazy("dépôts reçus et rendus"), _deposit_moves, "recorded_at", "on", of_deposit_move, no_ties),
    Poster(
        gettext_lazy("mouvements de dépôt annulés"), _cancelled_moves, "cancelled_at", "cancelled_on",
        of_cancelled_move, no_ties, CANCELLED,
    ),
)  # fmt: skip
