"""What credit notes have taken back of an invoice, and what is left."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from django.db.models import Sum

from billing.models import Invoice, InvoiceLine
from billing.money import ZERO, Taxed, Totals, VatGroup, line_amount, totals, vat_of


class Credited(Taxed, Protocol):
    """A line of a credit note, kept or to be."""

    quantity: Decimal
    unit_price_excl: Decimal


@dataclass(frozen=True)
class LineLeft:
    """A line of an issued invoice. `left_quantity` is None once a part of it was credited as an amount."""

    line: InvoiceLine
    times: int
    credited_excl: Decimal
    left_excl: Decimal
    left_quantity: Decimal | None

    @property
    def is_over(self) -> bool:
        """Credited in full; a line of nothing is, once a note has taken it."""
        return bool(self.times) and not self.left_excl


@dataclass(frozen=True)
class CreditLeft:
    """An invoice against its credit notes; `left_incl` is what may still be credited, tax included."""

    invoice: Invoice
    lines: list[LineLeft]
    credited_lines: list[InvoiceLine]
    left_incl: Decimal


def credit_left(invoice: Invoice) -> CreditLeft:
    """Three queries, whatever the lines."""
    done = list(
        InvoiceLine.objects.filter(corrects__invoice=invoice, invoice__issued_at__isnull=False).order_by(
            "invoice", "position"
        )
    )
    credited = Invoice.objects.issued().filter(corrects=invoice).aggregate(sum=Sum("total_incl"))["sum"] or ZERO
    return CreditLeft(
        invoice=invoice,
        lines=[
            _line_left(line, [part for part in done if part.corrects_id == line.pk])
            for line in invoice.lines.order_by("position")
        ],
        credited_lines=done,
        left_incl=invoice.total_incl - credited,
    )


def _line_left(line: InvoiceLine, done: list[InvoiceLine]) -> LineLeft:
    credited = sum((part.amount_excl for part in done), ZERO)
    by_quantity = all(part.unit_price_excl == line.unit_price_excl for part in done)
    left = line.quantity - sum((part.quantity for part in done), Decimal(0))
    return LineLeft(
        line=line,
        times=len(done),
        credited_excl=credited,
        left_excl=line.amount_excl - credited,
        left_quantity=left if by_quantity else None,
    )


def totals_after(before: Iterable[Taxed], lines: Iterable[Taxed]) -> Totals:
    """What a credit note of these lines comes to, after the lines credited `before` it on the same invoice.

    Tax is the difference of what is credited in all: notes that make up an invoice make up its tax to the cent,
    where each rounded alone would leave one (EN 16931 allows the cent: BR-CO-17).
    """
    already = {(group.category, group.rate, group.exemption_text): group.base for group in totals(before).groups}
    groups = []
    for group in totals(lines).groups:
        base = already.get((group.category, group.rate, group.exemption_text), ZERO)
        vat = vat_of(base + group.base, group.rate) - vat_of(base, group.rate)
        groups.append(VatGroup(group.category, group.rate, group.exemption_text, base=group.base, amount=vat))
    excl = sum((group.base for group in groups), ZERO)
    vat = sum((group.amount for group in groups), ZERO)
    return Totals(excl=excl, vat=vat, incl=excl + vat, groups=tuple(groups))


def totals_of(invoice: Invoice, lines: Iterable[InvoiceLine] | None = None) -> Totals:
    """The sums of an invoice with its tax by rate; those of a credit note count what came before it."""
    if lines is None:
        lines = invoice.lines.all()
    if not invoice.is_credit_note:
        return totals(lines)
    before = InvoiceLine.objects.filter(
        invoice__corrects=invoice.corrects_id, invoice__issued_at__isnull=False
    ).exclude(invoice=invoice)
    if invoice.is_issued:
        before = before.filter(invoice__pk__lt=invoice.pk)
    return totals_after(before, lines)


def rest_of(left: LineLeft) -> tuple[Decimal, Decimal]:
    """The quantity and the unit price that credit all that is left of a line, to the cent."""
    price = left.line.unit_price_excl
    if left.left_quantity is not None and line_amount(left.left_quantity, price) == left.left_excl:
        return left.left_quantity, price
    return amount_as_line(left.left_excl)


def amount_as_line(amount: Decimal) -> tuple[Decimal, Decimal]:
    """An amount as a quantity and a unit price: a price is never negative (EN 16931 BR-27)."""
    return Decimal(-1 if amount < 0 else 1), abs(amount)
