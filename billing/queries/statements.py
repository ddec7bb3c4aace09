"""A statement of account for someone to keep: a period with its balances, or what is open today."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from billing.enums import OWED
from billing.models import Account, Instalment, Invoice
from billing.money import ZERO
from billing.penalties import Penalty, penalty_of, penalty_rates
from billing.queries.accounts import Movement, statement
from billing.queries.ageing import Ageing, ageing, slice_labels, slice_of


@dataclass(frozen=True)
class OpenPart:
    """What is still to be paid of an invoice on one of its dates."""

    invoice: Invoice
    due_on: dt.date
    left: Decimal
    days_late: int
    slice: str
    penalty: Penalty


@dataclass(frozen=True)
class AccountStatement:
    """`first` is None on a statement of what is open: it has no movements, and its balances are today's."""

    account: Account
    first: dt.date | None
    last: dt.date
    opening: Decimal
    closing: Decimal
    movements: list[Movement]
    open: list[OpenPart]
    ageing: Ageing

    @property
    def debits(self) -> Decimal:
        return sum((movement.debit for movement in self.movements), ZERO)

    @property
    def credits(self) -> Decimal:
        return sum((movement.credit for movement in self.movements), ZERO)

    @property
    def interest(self) -> Decimal:
        return sum((part.penalty.interest for part in self.open), ZERO)

    @property
    def indemnity(self) -> Decimal:
        """Forty euros for each late invoice, whatever the number of its dates."""
        return sum({part.invoice.pk: part.penalty.indemnity for part in self.open if part.days_late}.values(), ZERO)


def account_statement(
    account: Account, *, today: dt.date, first: dt.date | None = None, last: dt.date | None = None
) -> AccountStatement:
    """From `first` to `last`, both in; without `first`, what is open. What is open is always that of `today`."""
    last = last or today
    movements = statement(account).movements[::-1]
    before = [each for each in movements if first and each.on < first]
    until = [each for each in movements if each.on <= last]
    return AccountStatement(
        account=account,
        first=first,
        last=last,
        opening=before[-1].balance if before else ZERO,
        closing=until[-1].balance if until else ZERO,
        movements=[each for each in until if first and each.on >= first],
        open=open_parts(account, today),
        ageing=ageing(today, account),
    )


def open_parts(account: Account, today: dt.date) -> list[OpenPart]:
    """What is to be paid, date by date, the oldest first."""
    rates = penalty_rates()
    labels = slice_labels()
    parts = Invoice.objects.issued().in_parts().filter(account=account, kind__in=OWED)
    return [
        OpenPart(
            invoice=part,
            due_on=part.part_on,
            left=part.part_left,
            days_late=max((today - part.part_on).days, 0),
            slice=labels[slice_of(part.part_on, today)],
            penalty=penalty_of(part.part_left, due_on=part.part_on, on=today, rates=rates, is_person=account.is_person),
        )
        for part in parts.order_by("part_on", "pk")
    ]


def parts_by_invoice(account: Account, today: dt.date) -> dict[int, list[OpenPart]]:
    """What is still to be paid of each invoice, date by date, by the invoice's id."""
    found: dict[int, list[OpenPart]] = defaultdict(list)
    for part in open_parts(account, today):
        found[part.invoice.pk].append(part)
    return found


def parts_of(invoice: Any) -> list[Instalment]:
    """The dates agreed for an invoice `with_due`, each with what is `left` of it; none where it has its own alone."""
    parts = Instalment.objects.filter(schedule__invoice=invoice, schedule__ended_at=None).order_by("position")
    paid = invoice.total_incl - invoice.due
    found: list[Any] = list(parts)
    for part in found:
        part.left = max(ZERO, min(part.amount, part.up_to - paid))
    return found


def is_late(invoice: Invoice, today: dt.date) -> bool:
    """Whether one of its dates is past and not paid."""
    return Invoice.objects.in_parts().filter(pk=invoice.pk, part_on__lt=today).exists()
