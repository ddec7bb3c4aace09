"""What may meet lines of the bank, read once for a page of them."""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from functools import cached_property, lru_cache
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q

from billing.enums import (
    OWED,
    SERIES,
    AsideKind,
    DebitState,
    DepositMoveKind,
    LineState,
    MatchKind,
    PaymentMethod,
)
from billing.models import (
    Account,
    BankLine,
    ChequeSlip,
    Debit,
    DebitBatch,
    DepositMove,
    Invoice,
    Match,
    Payment,
    Payout,
    Refund,
    SlipCheque,
)
from billing.queries.bank import unmatched
from parties.imports.values import plain

# A payment typed by hand and its line of the bank are no further apart.
APART = dt.timedelta(days=60)
NUMBER = re.compile(rf"({'|'.join(sorted({SERIES[kind] for kind in OWED}))})\W*(20\d\d)\W*0*(\d{{1,6}})(?!\d)")
RETURNED = re.compile(r"\b(REJET|REJETE|IMPAYE|RETOUR|RETOURNE|SANS PROVISION)\b")
# Words that many names have.
COMMON = frozenset(
    [
        "association",
        "asso",
        "compagnie",
        "cie",
        "sarl",
        "sas",
        "scop",
        "scic",
        "eurl",
        "sci",
        "les",
        "des",
        "une",
        "aux",
        "pour",
        "vir",
        "virement",
    ]
)


@dataclass(frozen=True)
class Part:
    """A part of a line: what is noted already (`payment`, `refund`, `move`), or a payment to note on `account`, or
    neither."""

    amount: Decimal
    account: Account | None = None
    invoice: Invoice | None = None
    payment: Payment | None = None
    refund: Refund | None = None
    move: DepositMove | None = None
    kind: MatchKind = MatchKind.PAYMENT
    method: PaymentMethod = PaymentMethod.TRANSFER
    received_on: dt.date | None = None
    reference: str = ""

    @property
    def noted(self) -> Payment | Refund | DepositMove | None:
        return self.payment or self.refund or self.move


@dataclass(frozen=True)
class Moved:
    """Money that a line of the bank may be, above zero when it came in: a refund, or a move of a deposit."""

    part: Part
    account: Account
    on: dt.date
    references: tuple[str, ...]
    paid_to: str

    @property
    def amount(self) -> Decimal:
        return self.part.amount


@dataclass(frozen=True)
class Proposal:
    """`key` names it for the click; `label` says what it does, `reason` why it is proposed."""

    key: str
    label: str
    reason: str
    parts: tuple[Part, ...] = ()
    is_sure: bool = False
    slip: ChequeSlip | None = None
    payout: Payout | None = None
    aside: AsideKind | None = None
    # Its collection is noted first; the parts are those payments.
    collects: DebitBatch | None = None

    @property
    def effect(self) -> tuple[Any, ...]:
        """Two proposals of one effect are one."""
        if self.aside:
            return (self.aside,)
        return tuple(
            (part.noted.pk, part.kind) if part.noted else (part.account and part.account.pk, part.amount)
            for part in sorted(self.parts, key=lambda part: (part.account.pk if part.account else 0, part.amount))
        )

    @property
    def account_ids(self) -> set[int]:
        return {part.account.pk for part in self.parts if part.account}


class Books:
    """What may meet lines of the bank, read once for a page of them."""

    def __init__(self, lines: Sequence[BankLine]) -> None:
        self.lines = lines
        self.texts = {line.pk: text_of(line) for line in lines}

    @cached_property
    def due(self) -> list[Any]:
        """Oldest first, each with its account."""
        found = Invoice.objects.issued().filter(kind__in=OWED).with_due().filter(due__gt=0)
        return list(found.select_related("account__organisation", "account__person").order_by("due_date", "pk"))

    @cached_property
    def due_by_account(self) -> dict[int, list[Any]]:
        found: dict[int, list[Any]] = defaultdict(list)
        for invoice in self.due:
            found[invoice.account_id].append(invoice)
        return found

    @cached_property
    def accounts(self) -> dict[int, Account]:
        return {account.pk: account for account in Account.objects.with_holders()}

    @cached_property
    def named(self) -> dict[str, Any]:
        """The invoices that the lines cite, paid or not, by number."""
        numbers = {number for text in self.texts.values() for number in numbers_in(text)}
        found = Invoice.objects.issued().filter(number__in=numbers, kind__in=OWED).with_due()
        return {
            str(invoice.number): invoice
            for invoice in (found.select_related("account__organisation", "account__person") if numbers else ())
        }

    @cached_property
    def payments(self) -> list[Payment]:
        """Noted by hand, on no line and no slip."""
        if not self.lines:
            return []
        days = [line.on for line in self.lines]
        return list(
            unmatched(Payment.objects.filter(received_on__range=(min(days) - APART, max(days) + APART)))
            .exclude(pk__in=SlipCheque.objects.live().values("payment"))
            .select_related("account__organisation", "account__person")
            .order_by("received_on", "pk")
        )

    @cached_property
    def moved(self) -> list[Moved]:
        """Refunds, and money of deposits, that no line shows yet, the oldest first."""
        if not self.lines:
            return []
        days = [line.on for line in self.lines]
        within = (min(days) - APART, max(days) + APART)
        left = any(line.amount < 0 for line in self.lines)
        found = [*(_refunds(within) if left else ()), *_deposit_moves(within)]
        return sorted(found, key=lambda each: each.on)

    @cached_property
    def slips(self) -> list[ChequeSlip]:
        return list(
            ChequeSlip.objects.waiting()
            .prefetch_related("cheques__payment__account__organisation", "cheques__payment__account__person")
            .order_by("on", "pk")
        )

    @cached_property
    def batches(self) -> list[Any]:
        """The files of debits that the bank has, of which no line shows anything yet; `paid` are what it collected,
        or is to."""
        days = [line.on for line in self.lines]
        near = DebitBatch.objects.filter(
            deposited_on__isnull=False, collect_on__range=(min(days) - APART, max(days) + APART)
        )
        came_in = Debit.objects.for_display().filter(Q(payment__isnull=False) | Q(state=DebitState.IN_FILE))
        came_in = came_in.select_related("payment").order_by("pk")
        seen = Match.objects.live().filter(payment__debits__batch=OuterRef("pk"), amount__gt=0)
        unseen = near.exclude(Exists(seen)).prefetch_related(Prefetch("debits", came_in, to_attr="paid"))
        return list(unseen.order_by("collect_on", "pk"))

    @cached_property
    def returned_debits(self) -> list[Any]:
        """Those that the bank gave back and whose line has not come, the last first."""
        seen = Match.objects.live().filter(kind=MatchKind.RETURN).values("payment")
        amounts = {-line.amount for line in self.lines if line.amount < 0}
        found = Debit.objects.for_display().filter(state=DebitState.RETURNED, amount__in=amounts)
        return list(found.exclude(payment__in=seen).select_related("payment").order_by("-collect_on", "-pk"))

    @cached_property
    def payouts(self) -> list[Payout]:
        return list(
            Payout.objects.waiting()
            .prefetch_related("payments__account__organisation", "payments__account__person")
            .order_by("on", "pk")
        )

    @cached_property
    def by_iban(self) -> dict[str, set[int]]:
        """The accounts that each IBAN has paid for."""
        ibans = {line.counterparty_iban for line in self.lines if line.counterparty_iban and line.amount > 0}
        found: dict[str, set[int]] = defaultdict(set)
        matches = Match.objects.live().filter(kind=MatchKind.PAYMENT, line__counterparty_iban__in=ibans)
        pairs = matches.order_by().values_list("line__counterparty_iban", "payment__account").distinct()
        for iban, account_id in pairs if ibans else ():
            found[iban].add(account_id)
        return found

    @cached_property
    def returnable(self) -> list[Match]:
        """Payments that came in by a line, and that the bank may take back."""
        taken = {-line.amount for line in self.lines if line.amount < 0}
        if not taken:
            return []
        matches = Match.objects.live().filter(kind=MatchKind.PAYMENT, amount__in=taken, payment__cancelled_at=None)
        wanted = matches.select_related("line", "payment__account__organisation", "payment__account__person")
        return list(wanted.order_by("-line__on", "-pk"))

    @cached_property
    def habits(self) -> dict[str, BankLine]:
        """The last line of the same words that was set aside."""
        labels = {plain(line.label) for line in self.lines}
        recent = BankLine.objects.filter(state=LineState.ASIDE).order_by("-on", "-pk")[:500]
        found: dict[str, BankLine] = {}
        for line in recent:
            if plain(line.label) in labels:
                found.setdefault(plain(line.label), line)
        return found

    def noted(self, account_id: int, amount: Decimal, on: dt.date) -> Payment | None:
        """The payment typed by hand that this line is, the nearest in time."""
        near = [
            payment
            for payment in self.payments
            if payment.account_id == account_id and payment.amount == amount and abs(payment.received_on - on) <= APART
        ]
        return min(near, key=lambda payment: (abs(payment.received_on - on), payment.pk), default=None)

    def part(self, line: BankLine, invoice: Invoice, amount: Decimal) -> Part:
        """The payment of an invoice: the one that was typed by hand, if there is one."""
        noted = self.noted(invoice.account_id, amount, line.on)
        return Part(
            amount=amount,
            account=invoice.account,
            invoice=None if noted else invoice,
            payment=noted,
            reference=str(invoice.number),
        )


# What no line of the bank shows.
ELSEWHERE = (PaymentMethod.CASH, PaymentMethod.DEPOSIT, PaymentMethod.OPENING)


def _refunds(within: tuple[dt.date, dt.date]) -> list[Moved]:
    refunds = Refund.objects.kept().exclude(method__in=ELSEWHERE).filter(paid_on__range=within)
    unseen = refunds.exclude(pk__in=Match.objects.live().filter(refund__isnull=False).values("refund"))
    return [
        Moved(
            part=Part(amount=-refund.amount, account=refund.account, refund=refund, kind=MatchKind.REFUND),
            account=refund.account,
            on=refund.paid_on,
            references=(refund.reference,),
            paid_to=refund.paid_to,
        )
        for refund in unseen.select_related("account__organisation", "account__person").order_by("paid_on", "pk")
    ]


def _deposit_moves(within: tuple[dt.date, dt.date]) -> list[Moved]:
    moves = DepositMove.objects.live().filter(
        kind__in=(DepositMoveKind.RECEIVED, DepositMoveKind.REFUNDED), on__range=within
    )
    unseen = moves.exclude(method__in=ELSEWHERE).exclude(
        pk__in=Match.objects.live().filter(move__isnull=False).values("move")
    )
    wanted = unseen.select_related("deposit__account__organisation", "deposit__account__person").order_by("on", "pk")
    return [
        Moved(
            part=Part(amount=move.signed, account=move.deposit.account, move=move, kind=MatchKind.DEPOSIT),
            account=move.deposit.account,
            on=move.on,
            references=(move.reference, move.deposit.reference),
            paid_to=move.paid_to,
        )
        for move in wanted
    ]


def text_of(line: BankLine) -> str:
    """All that the line says, in capitals without accents."""
    return plain(f"{line.end_to_end_id} {line.bank_reference} {line.label} {line.counterparty}").upper()


def numbers_in(text: str) -> list[str]:
    """The invoice numbers of a text, their separators lost or not: « FA 2026 42 » is FA-2026-00042."""
    found = [f"{series}-{year}-{int(rank):05d}" for series, year, rank in NUMBER.findall(text)]
    return list(dict.fromkeys(found))


def resembles(name: str, text: str) -> float:
    """How much of a name a text says, from 0 to 1: its words weighed by their length."""
    words = _words(name)
    said = frozenset(text.lower().split())
    whole = sum(map(len, words))
    if not whole:
        return 0.0
    return sum(len(word) for word in words if word in said or _almost(word, said)) / whole


@lru_cache(maxsize=4096)
def _words(name: str) -> tuple[str, ...]:
    words = plain(name).split()
    kept = tuple(word for word in words if len(word) > 2 and word not in COMMON)
    return kept or tuple(word for word in words if len(word) > 2)


def _almost(word: str, said: Iterable[str]) -> bool:
    """A word cut by the bank, or with a letter lost."""
    if len(word) < 5:
        return False
    return any(
        len(other) >= 5 and (word.startswith(other) or SequenceMatcher(None, word, other).ratio() >= 0.85)
        for other in said
    )
