"""What the bank's lines are, and how far they are matched."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256

from django.db.models import Count, Max, Min
from django.utils.translation import gettext as _

from billing.bank.base import ReadLine, ReadStatement
from billing.enums import PaymentMethod
from billing.models import BankAccount, BankLine, BankStatement, Match, Payment, SlipCheque
from billing.models.payment import PaymentQuerySet
from hubs import french
from parties.imports.values import plain


@dataclass(frozen=True)
class Fate:
    """What becomes of a line of a file: added, or known already."""

    line: ReadLine
    key: str
    is_new: bool
    why: str = ""


@dataclass(frozen=True)
class ImportPlan:
    bank_account: BankAccount
    read: ReadStatement
    fates: list[Fate]
    twin: BankStatement | None
    warnings: list[str] = field(default_factory=list)

    @property
    def new(self) -> list[Fate]:
        return [fate for fate in self.fates if fate.is_new]

    @property
    def known(self) -> list[Fate]:
        return [fate for fate in self.fates if not fate.is_new]

    @property
    def may_import(self) -> bool:
        return bool(self.fates) and not self.read.stopping and self.twin is None


def import_plan(bank_account: BankAccount, read: ReadStatement, digest: str) -> ImportPlan:
    """The fate of each line of a statement, oldest first. Writes nothing."""
    return ImportPlan(
        bank_account=bank_account,
        read=read,
        fates=_fates(bank_account, read),
        twin=BankStatement.objects.select_related("bank_account").filter(sha256=digest).first(),
        warnings=_warnings(bank_account, read),
    )


def _said_by(on: dt.date, amount: Decimal, label: str, reference: str, end_to_end: str) -> str:
    """What tells a line from another: what the bank calls it, or else its words."""
    said = reference or f"{plain(label)}|{end_to_end}"
    return sha256(f"{on:%Y%m%d}|{amount}|{said}".encode()).hexdigest()[:56]


def _fates(bank_account: BankAccount, read: ReadStatement) -> list[Fate]:
    """A line is known when the account has its twin; one read in another format is known by its day and amount.

    Two lines that say the same on one day are two: they are counted, in the file and in the account.
    """
    if not read.lines:
        return []
    held = BankLine.objects.filter(bank_account=bank_account, on__range=(read.first_day, read.last_day))
    exact: dict[str, int] = defaultdict(int)
    # Of other formats only: within one, other words are another line.
    other: dict[tuple[dt.date, Decimal], int] = defaultdict(int)
    for key, on, amount, kind in held.values_list("key", "on", "amount", "statement__format"):
        exact[key.rpartition("-")[0]] += 1
        if kind != read.format:
            other[on, amount] += 1
    fates: list[Fate] = []
    ranks: dict[str, int] = defaultdict(int)
    unmet: list[int] = []
    for line in sorted(read.lines, key=lambda line: (line.on, line.place)):
        said = _said_by(line.on, line.amount, line.label, line.bank_reference, line.end_to_end_id)
        ranks[said] += 1
        key = f"{said}-{ranks[said]}"
        is_new = ranks[said] > exact[said]
        fates.append(Fate(line=line, key=key, is_new=is_new, why="" if is_new else _("déjà importée")))
        if is_new:
            unmet.append(len(fates) - 1)
        elif other[line.on, line.amount]:
            other[line.on, line.amount] -= 1
    for place in unmet:
        line = fates[place].line
        if other[line.on, line.amount]:
            other[line.on, line.amount] -= 1
            why = _("déjà importée d’un fichier d’un autre format")
            fates[place] = Fate(line=line, key=fates[place].key, is_new=False, why=why)
    return fates


def _warnings(bank_account: BankAccount, read: ReadStatement) -> list[str]:
    """A hole between this statement and the one before it."""
    if not read.lines:
        return []
    before = (
        BankStatement.objects.filter(bank_account=bank_account, last_on__lt=read.first_day)
        .order_by("-last_on", "-pk")
        .first()
    )
    if before is None or before.closing is None or read.opening is None or before.closing == read.opening:
        return []
    return [
        _(
            "Le relevé précédent finit le %(day)s à %(closing)s, celui-ci part de %(opening)s\u00a0: il manque sans "
            "doute des lignes entre les deux."
        )
        % {
            "day": french.day(before.last_on, year=True, weekday=False),
            "closing": french.euros(before.closing),
            "opening": french.euros(read.opening),
        }
    ]


@dataclass(frozen=True)
class Progress:
    """How far an account is matched: every line up to `matched_to` is, `waiting` are not."""

    bank_account: BankAccount
    last_on: dt.date | None
    waiting: int
    oldest: dt.date | None

    @property
    def matched_to(self) -> dt.date | None:
        return self.oldest - dt.timedelta(days=1) if self.oldest else self.last_on


def bank_progress() -> list[Progress]:
    """Each bank account, by name; three queries."""
    waits = {
        row["bank_account"]: row
        for row in BankLine.objects.waiting()
        .order_by()
        .values("bank_account")
        .annotate(waiting=Count("pk"), oldest=Min("on"))
    }
    lasts = dict(
        BankStatement.objects.order_by()
        .values("bank_account")
        .annotate(last=Max("last_on"))
        .values_list("bank_account", "last")
    )
    return [
        Progress(
            bank_account=each,
            last_on=lasts.get(each.pk),
            waiting=waits.get(each.pk, {}).get("waiting", 0),
            oldest=waits.get(each.pk, {}).get("oldest"),
        )
        for each in BankAccount.objects.select_related("issuer").order_by("label", "pk")
    ]


def unmatched(payments: PaymentQuerySet) -> PaymentQuerySet:
    """Those kept, and on no line of the bank."""
    return payments.kept().exclude(pk__in=Match.objects.live().filter(payment__isnull=False).values("payment"))


def cheques_in_hand() -> PaymentQuerySet:
    """Cheques received, on no slip and no statement, oldest first."""
    return (
        unmatched(Payment.objects.filter(method=PaymentMethod.CHEQUE))
        .exclude(pk__in=SlipCheque.objects.live().values("payment"))
        .select_related("account__organisation", "account__person")
        .order_by("received_on", "pk")
    )
