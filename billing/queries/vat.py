"""Tax by rate in a period, by both options: on what is invoiced, and on what is received."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q
from django.utils import timezone

from billing.credits import totals_of
from billing.models import Allocation, Invoice, Issuer
from billing.money import ZERO, to_cents
from billing.papers import rate_label

Rate = tuple[str, Decimal | None]
Sums = dict[Rate, tuple[Decimal, Decimal]]


@dataclass(frozen=True)
class VatRow:
    """One rate: base and tax of what was invoiced, then of what was paid."""

    label: str
    base_invoiced: Decimal
    vat_invoiced: Decimal
    base_received: Decimal
    vat_received: Decimal


def vat_figures(issuer: Issuer, first: dt.date, last: dt.date) -> list[VatRow]:
    """The rates met from `first` to `last`, both in, the highest first; credit notes are taken off.

    What is received counts in proportion of each payment, when it pays an invoice: the day it came, or the day of
    the invoice if it came before.
    """
    invoiced, received = _invoiced(issuer, first, last), _received(issuer, first, last)
    rates = sorted({*invoiced, *received}, key=lambda rate: (-(rate[1] or 0), rate[0]))
    nothing = (ZERO, ZERO)
    return [
        VatRow(rate_label(*rate), *invoiced.get(rate, nothing), *received.get(rate, nothing))
        for rate in rates
        if any((*invoiced.get(rate, nothing), *received.get(rate, nothing)))
    ]


def _invoiced(issuer: Issuer, first: dt.date, last: dt.date) -> Sums:
    invoices = Invoice.objects.issued().filter(
        is_opening=False, issuer=issuer, issue_date__gte=first, issue_date__lte=last
    )
    kinds = {invoice.pk: -1 if invoice.is_credit_note else 1 for invoice in invoices.only("kind")}
    sums: Sums = {}
    for invoice_id, groups in _groups_of(kinds).items():
        for rate, (base, vat) in groups.items():
            _add(sums, rate, kinds[invoice_id] * base, kinds[invoice_id] * vat)
    return sums


def _received(issuer: Issuer, first: dt.date, last: dt.date) -> Sums:
    within = Q()
    for column in ("payment__received_on", "invoice__issue_date", "released_at__date"):
        within |= Q(**{f"{column}__gte": first, f"{column}__lte": last})
    touched = (
        Allocation.objects.filter(invoice__issuer=issuer, invoice__is_opening=False).filter(within).values("invoice")
    )
    events: dict[int, list[tuple[dt.date, int, Decimal]]] = defaultdict(list)
    totals: dict[int, Decimal] = {}
    for part in Allocation.objects.filter(invoice__in=touched).select_related("payment", "invoice"):
        issued_on: dt.date = part.invoice.issue_date  # type: ignore[assignment]
        totals[part.invoice_id] = part.invoice.total_incl
        events[part.invoice_id].append((max(part.payment.received_on, issued_on), part.pk, part.amount))
        if part.released_at:
            events[part.invoice_id].append((timezone.localdate(part.released_at), part.pk, -part.amount))
    groups_of = _groups_of(events)
    sums: Sums = {}
    for invoice_id, of_invoice in events.items():
        paid = ZERO
        for day, _pk, amount in sorted(of_invoice, key=lambda event: (event[0], event[1], -event[2])):
            before, paid = paid, paid + amount
            if first <= day <= last:
                for rate, (base, vat) in groups_of[invoice_id].items():
                    _add(
                        sums, rate, _share(base, before, paid, totals[invoice_id]),
                        _share(vat, before, paid, totals[invoice_id]),
                    )  # fmt: skip
    return sums


def _share(whole: Decimal, before: Decimal, paid: Decimal, total: Decimal) -> Decimal:
    """What one payment adds: the parts of an invoice paid in full sum to the whole."""
    return to_cents(whole * paid / total) - to_cents(whole * before / total)


def _add(sums: Sums, rate: Rate, base: Decimal, vat: Decimal) -> None:
    have = sums.get(rate, (ZERO, ZERO))
    sums[rate] = (have[0] + base, have[1] + vat)


def _groups_of(invoice_ids: Collection[int]) -> dict[int, Sums]:
    """Base and tax by rate of each invoice, as it counted them."""
    found: dict[int, Sums] = {}
    for invoice in Invoice.objects.filter(pk__in=list(invoice_ids)).prefetch_related("lines"):
        found[invoice.pk] = {}
        for group in totals_of(invoice, list(invoice.lines.all())).groups:
            _add(found[invoice.pk], (group.category, group.rate), group.base, group.amount)
    return found
