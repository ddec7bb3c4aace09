"""What the books say: balances, what ties, what is left to write."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum
from django.utils.functional import Promise

from billing.books.posters import POSTERS
from billing.models import Account, BooksYear, JournalLine, LockDate
from billing.money import ZERO


@dataclass(frozen=True)
class BalanceRow:
    number: str
    label: str
    debit: Decimal
    credit: Decimal

    @property
    def balance(self) -> Decimal:
        return self.debit - self.credit


@dataclass(frozen=True)
class Gap:
    """An account whose ledger does not say what its statement says."""

    account: Account
    owed: Decimal
    written: Decimal


@dataclass(frozen=True)
class Tie:
    """The members' accounts against the ledger, since the beginning."""

    owed: Decimal
    written: Decimal
    gaps: list[Gap]

    @property
    def holds(self) -> bool:
        return not self.gaps


@dataclass(frozen=True)
class Waiting:
    """Frozen rows that have no entry yet."""

    label: str | Promise
    count: int


def locks_in_force() -> dict[int, dt.date]:
    """How far the books of each issuer are stopped, by its id; nothing where they never were."""
    return dict(LockDate.objects.order_by("pk").values_list("issuer_id", "until"))


def trial_balance(year: BooksYear) -> list[BalanceRow]:
    """Each account of the ledger with what it was debited and credited in the year, by number."""
    sums = (
        JournalLine.objects.filter(entry__year=year)
        .order_by("ledger_account__number")
        .values_list("ledger_account__number", "ledger_account__label")
        .annotate(debits=Sum("debit"), credits=Sum("credit"))
    )
    return [BalanceRow(*row) for row in sums]


def auxiliary_balance(year: BooksYear) -> list[BalanceRow]:
    """The same for each member's account."""
    sums = (
        JournalLine.objects.filter(entry__year=year, account__isnull=False)
        .order_by("account")
        .values_list("account")
        .annotate(debits=Sum("debit"), credits=Sum("credit"))
    )
    found = {account: sides for account, *sides in sums}
    return [
        BalanceRow(f"C{account.pk:06d}", str(account), *found[account.pk])
        for account in Account.objects.with_holders().filter(pk__in=found).order_by("pk")
    ]


def tie() -> Tie:
    """To the cent: what the accounts owe, and what the ledger has written on them."""
    lines = JournalLine.objects.filter(account__isnull=False).order_by().values_list("account")
    written = dict(lines.annotate(sum=Sum("debit") - Sum("credit")))
    owed = dict(Account.objects.with_balance().order_by("pk").values_list("pk", "balance"))
    wrong = [pk for pk, balance in owed.items() if balance != written.get(pk, ZERO)]
    return Tie(
        owed=sum(owed.values(), ZERO),
        written=sum(written.values(), ZERO),
        gaps=[
            Gap(account, owed[account.pk], written.get(account.pk, ZERO))
            for account in Account.objects.with_holders().filter(pk__in=wrong).order_by("pk")
        ],
    )


def unwritten(first: dt.date | None = None, end: dt.date | None = None) -> list[Waiting]:
    """What is frozen and has no entry, by kind, from `first` to `end`, the end left out."""
    found = []
    for poster in POSTERS:
        rows = poster.unposted()
        if first is not None:
            rows = rows.filter(**{f"{poster.day}__gte": first})
        if end is not None:
            rows = rows.filter(**{f"{poster.day}__lt": end})
        if count := rows.count():
            found.append(Waiting(poster.label, count))
    return found


def lines_of_year(year: BooksYear) -> Iterable[JournalLine]:
    """Every line of the year in the order in which entries were written."""
    lines = JournalLine.objects.filter(entry__year=year).select_related("entry", "ledger_account")
    return lines.order_by("entry_id", "rank").iterator(chunk_size=2000)
