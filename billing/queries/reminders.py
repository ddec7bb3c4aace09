"""Who is to be reminded of what, and why some are not: computed when it is sent, never kept."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.calendar import working_days_after
from billing.enums import OWED
from billing.models import (
    Account,
    Debit,
    Dispute,
    Invoice,
    Payment,
    PenaltyRate,
    Reminder,
    ReminderException,
    ReminderLevel,
    ReminderPolicy,
)
from billing.money import ZERO
from billing.penalties import Penalty, penalty_of, penalty_rates, total_of
from billing.queries.accounts import recipients
from billing.queries.arrangements import kept_invoices
from hubs import french
from hubs.leaves import calendar

# After money came in, and between two mails to one account.
QUIET_WORKING_DAYS = 3
QUIET_DAYS = 7
# Three working days never take longer, Easter and Christmas included.
LONGEST_QUIET = dt.timedelta(days=14)


@dataclass(frozen=True)
class LateInvoice:
    """What is late of one invoice: `due_on` is the oldest date missed, `level` what is due to be said now, if any.

    `kept_back` says why it is not told of: it is contested, being collected, or paid on dates that are kept.
    """

    invoice: Invoice
    due_on: dt.date
    amount: Decimal
    days: int
    penalty: Penalty
    level: ReminderLevel | None = None
    last: Reminder | None = None
    kept_back: str = ""


@dataclass(frozen=True)
class AccountReminder:
    """One account: what would be told to it on the day of the plan, or why nothing is (`hold`)."""

    account: Account
    level: ReminderLevel
    late: list[LateInvoice]
    to: list[str] = field(default_factory=list)
    hold: str = ""

    @property
    def told(self) -> list[LateInvoice]:
        """The invoices that the reminder tells of."""
        return [each for each in self.late if not each.kept_back]

    @property
    def due(self) -> list[LateInvoice]:
        """Those among them that have reached a level of this kind: each is noted at its own."""
        return [each for each in self.told if each.level and each.level.is_human == self.level.is_human]

    @property
    def total(self) -> Decimal:
        return sum((each.amount for each in self.told), ZERO)

    @property
    def since(self) -> dt.date:
        return min(each.due_on for each in self.late)

    @property
    def penalty(self) -> Penalty:
        return total_of(each.penalty for each in self.told)


@dataclass(frozen=True)
class ReminderPlan:
    """What would happen on `day`: mails, calls to make, and who is left in peace with the reason."""

    day: dt.date
    mails: list[AccountReminder]
    calls: list[AccountReminder]
    held: list[AccountReminder]

    @property
    def total(self) -> Decimal:
        return sum((each.total for each in self.mails), ZERO)


def being_collected(invoices: Iterable[Invoice]) -> set[int]:
    """The invoices, by id, whose money is on its way by a debit that the hub has asked for: nobody is chased for them."""
    expected = Debit.objects.expected().filter(invoice__in=invoices)
    return set(expected.values_list("invoice_id", flat=True))


def reminder_policy() -> ReminderPolicy:
    """The hub's, or the one it begins with."""
    return ReminderPolicy.objects.first() or ReminderPolicy()


def late_invoices(on: dt.date, account: Account | None = None) -> list[LateInvoice]:
    """What is past due on that day, the oldest first, whether anyone may be reminded of it or not. Two queries."""
    parts = Invoice.objects.issued().in_parts().filter(kind__in=OWED, part_on__lt=on)
    if account is not None:
        parts = parts.filter(account=account)
    rates = penalty_rates()
    found: dict[int, LateInvoice] = {}
    for part in parts.select_related("account__organisation", "account__person").order_by("part_on", "pk"):
        before = found.get(part.pk)
        penalty = _penalty(part, on, rates)
        if before is None:
            days = (on - part.part_on).days
            found[part.pk] = LateInvoice(part, part.part_on, part.part_left, days, penalty)
        else:
            # Forty euros are due once for an invoice, whatever the number of its dates.
            both = Penalty(before.penalty.interest + penalty.interest, before.penalty.indemnity)
            found[part.pk] = replace(before, amount=before.amount + part.part_left, penalty=both)
    return list(found.values())


def _penalty(part: Any, on: dt.date, rates: list[PenaltyRate]) -> Penalty:
    return penalty_of(part.part_left, due_on=part.part_on, on=on, rates=rates, is_person=part.account.is_person)


def reminder_plan(on: dt.date, account: Account | None = None) -> ReminderPlan:
    """Who is reminded on that day. A number of queries that does not grow with accounts. Writes nothing.

    Levels are climbed one at a time: nobody is first told in formal words.
    """
    levels = list(ReminderLevel.objects.live(on).order_by("rank"))
    late = late_invoices(on, account) if levels else []
    if not late:
        return ReminderPlan(day=on, mails=[], calls=[], held=[])
    by_account: dict[int, list[LateInvoice]] = defaultdict(list)
    for each in _with_levels(late, levels, on):
        by_account[each.invoice.account_id].append(each)
    found = [entry for held in by_account.values() for entry in _entries(held)]
    holds = _holds(on, [entry.account for entry in found])
    addresses = recipients({entry.account.pk: entry.account for entry in found}.values(), on)
    told = [_settled(entry, holds, addresses) for entry in found]
    told.sort(key=lambda entry: (str(entry.account).casefold(), entry.account.pk))
    free = [entry for entry in told if not entry.hold]
    return ReminderPlan(
        day=on,
        mails=[entry for entry in free if not entry.level.is_human],
        calls=[entry for entry in free if entry.level.is_human],
        held=[entry for entry in told if entry.hold],
    )


def _with_levels(late: list[LateInvoice], levels: list[ReminderLevel], on: dt.date) -> list[LateInvoice]:
    """Each late invoice with the next level it has reached, and what keeps it back.

    The delay of a level stands still while the hub is closed; what the law counts goes on.
    """
    closed = calendar()
    ids = [each.invoice.pk for each in late]
    last: dict[tuple[int, dt.date], Reminder] = {}
    for reminder in Reminder.objects.filter(invoice__in=ids).order_by("rank", "pk"):
        last[reminder.invoice_id, reminder.due_on] = reminder
    disputed = set(Dispute.objects.pending().filter(invoice__in=ids).values_list("invoice", flat=True))
    collected = being_collected([each.invoice for each in late])
    arranged = kept_invoices(ids, on)
    found = []
    for each in late:
        said = last.get((each.invoice.pk, each.due_on))
        following = (level for level in levels if said is None or level.rank > said.rank)
        level = next(following, None)
        waited = each.days - closed.closed_days(each.due_on, on)
        reached = level if level is not None and level.days <= waited else None
        kept_back = ""
        if each.invoice.pk in disputed:
            kept_back = _("contestée")
        elif each.invoice.pk in collected:
            kept_back = _("en cours de prélèvement")
        elif each.invoice.pk in arranged:
            kept_back = _("échéancier tenu")
        # Told of with the others once the first words are due, or were said.
        if said is not None or reached is not None:
            found.append(replace(each, level=reached, last=said, kept_back=kept_back))
    return found


def _entries(late: list[LateInvoice]) -> list[AccountReminder]:
    """A mail at the highest level due, and a call if one is due as well."""
    account = late[0].invoice.account
    due = [each.level for each in late if each.level]
    entries = []
    for is_human in (False, True):
        if levels := [level for level in due if level.is_human == is_human]:
            level = max(levels, key=lambda level: level.rank)
            entries.append(AccountReminder(account=account, level=level, late=late))
    return entries


def _settled(entry: AccountReminder, holds: dict[int, str], addresses: dict[int, list[str]]) -> AccountReminder:
    to = addresses[entry.account.pk]
    hold = holds.get(entry.account.pk, "")
    if not hold and not entry.due:
        why = sorted({each.kept_back for each in entry.late if each.level})
        numbers = ", ".join(str(each.invoice) for each in entry.late if each.kept_back)
        hold = _("%(invoices)s\u00a0: %(why)s.") % {"invoices": numbers, "why": ", ".join(why)}
    if not hold and not to and not entry.level.is_human:
        hold = _("Aucune adresse électronique\u00a0: complétez la fiche, ou appelez.")
    return replace(entry, to=to, hold=hold)


def _holds(on: dt.date, accounts: list[Account]) -> dict[int, str]:
    """Why these accounts are left in peace on that day, by id. Three queries."""
    ids = {account.pk for account in accounts}
    holds: dict[int, str] = {}
    spoken = Reminder.objects.filter(account__in=ids).values_list("account").annotate(Max("sent_on")).order_by()
    for account_id, sent_on in spoken:
        again = sent_on + dt.timedelta(days=QUIET_DAYS)
        if on < again:
            holds[account_id] = _("Relancé le %(day)s\u00a0: pas deux fois en une semaine.") % {"day": _day(sent_on)}
    payments = Payment.objects.kept().filter(account__in=ids, recorded_at__date__gt=on - LONGEST_QUIET)
    paid = payments.values_list("account").annotate(Max("received_on"), Max("recorded_at")).order_by()
    for account_id, received_on, recorded_at in paid:
        # A transfer of last week is news on the day its bank statement is read.
        until = working_days_after(max(received_on, timezone.localdate(recorded_at)), QUIET_WORKING_DAYS)
        if on <= until:
            holds[account_id] = _("Un paiement vient d’arriver\u00a0: rien avant le %(day)s.") % {
                "day": _day(until + dt.timedelta(days=1))
            }
    for exception in ReminderException.objects.live(on).filter(account__in=ids).order_by("pk"):
        holds[exception.account_id] = told_of(exception)
    return holds


def told_of(exception: ReminderException) -> str:
    """« Sans relance jusqu’au 4 mars inclus : accord de la direction »"""
    given = {"reason": exception.reason}
    if exception.ends_on is None:
        return _("Sans relance\u00a0: %(reason)s") % given
    last = _day(exception.ends_on - dt.timedelta(days=1))
    return _("Sans relance jusqu’au %(day)s inclus\u00a0: %(reason)s") % (given | {"day": last})


def _day(day: dt.date) -> str:
    return french.day(day, weekday=False)
