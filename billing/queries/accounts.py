"""An account as a bank shows it."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from billing.models import Account, Allocation, Charge, Deposit, Invoice, Payment, Refund
from billing.money import ZERO, totals
from billing.papers import title_of
from hubs import french
from hubs.actors import Actor
from parties.enums import LinkRole
from parties.models import Link
from parties.rules import workplaces


@dataclass(frozen=True)
class Movement:
    """A line of the account. `debit` is what the holder owes more, `credit` what they owe less."""

    on: dt.date
    label: str
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    balance: Decimal = ZERO
    invoice: Invoice | None = None
    payment: Payment | None = None
    refund: Refund | None = None

    @property
    def rank(self) -> int:
        """On one day: what is owed, what is paid, what is undone."""
        return 1 if self.credit else 2 if self.payment or self.refund else 0


@dataclass(frozen=True)
class Statement:
    """An account: what is owed (`balance`, below zero when the hub owes), why, and what will come."""

    account: Account
    balance: Decimal
    movements: list[Movement]
    due: list[Invoice]
    upcoming: list[Charge]
    upcoming_total: Decimal
    invoices: list[Invoice] = field(default_factory=list)
    # Beside the balance and no part of it.
    deposits: list[Deposit] = field(default_factory=list)

    @property
    def available(self) -> Decimal:
        """What the hub holds for the account beyond what is due."""
        return max(-self.balance, ZERO)

    @property
    def papers(self) -> list[Invoice]:
        """The invoices whose PDF is here."""
        return [invoice for invoice in self.invoices if not invoice.is_opening]

    @property
    def deposited(self) -> Decimal:
        """What the hub holds in deposits."""
        return sum((deposit.held for deposit in self.deposits), ZERO)


def statement(account: Account) -> Statement:
    """The whole account, newest movement first; five queries."""
    invoices = list(Invoice.objects.issued().filter(account=account).with_due().select_related("corrects"))
    payments = list(Payment.objects.filter(account=account).prefetch_related("receipts"))
    upcoming = list(
        Charge.objects.live()
        .filter(account=account)
        .exclude(lines__invoice__issued_at__isnull=False)
        .select_related("vat_rule")
        .in_order()
    )
    movements = [_movement_of(invoice) for invoice in invoices]
    for payment in payments:
        label = _("Paiement par %s") % payment.get_method_display()
        if payment.reference:
            label += f", {payment.reference}"
        movements.append(Movement(on=payment.received_on, label=label, credit=payment.amount, payment=payment))
        if payment.cancelled_on:
            movements.append(
                Movement(
                    on=payment.cancelled_on,
                    label=_("Annulation\u00a0: %s") % payment.cancel_reason,
                    debit=payment.amount,
                    payment=payment,
                )
            )
    movements += _refunds(account)
    movements = _with_balances(movements)
    return Statement(
        account=account,
        balance=movements[-1].balance if movements else ZERO,
        movements=movements[::-1],
        due=sorted(
            (invoice for invoice in invoices if invoice.due), key=lambda invoice: (invoice.due_date, invoice.pk)
        ),
        upcoming=upcoming,
        upcoming_total=totals(upcoming).incl,
        invoices=sorted(invoices, key=lambda invoice: (invoice.issue_date, invoice.pk), reverse=True),
        deposits=list(Deposit.objects.live().filter(account=account).with_held().order_by("-asked_on", "-pk")),
    )


def _refunds(account: Account) -> list[Movement]:
    movements = []
    for refund in Refund.objects.filter(account=account).with_seen_on():
        label = _("Remboursement par %s") % refund.get_method_display()
        if refund.reference:
            label += f", {refund.reference}"
        if refund.seen_on:
            label += _(", parti le %s") % french.day(refund.seen_on, year=True, weekday=False)
        movements.append(Movement(on=refund.paid_on, label=label, debit=refund.amount, refund=refund))
        if refund.cancelled_on:
            label = _("Annulation\u00a0: %s") % refund.cancel_reason
            movements.append(Movement(on=refund.cancelled_on, label=label, credit=refund.amount, refund=refund))
    return movements


def _movement_of(invoice: Invoice) -> Movement:
    on = invoice.issue_date or invoice.period
    if invoice.corrects is not None:
        given = {"number": invoice.number, "invoice": invoice.corrects.number}
        label = _("Avoir %(number)s sur %(invoice)s") % given
        return Movement(on=on, label=label, credit=invoice.total_incl, invoice=invoice)
    return Movement(on=on, label=title_of(invoice), debit=invoice.total_incl, invoice=invoice)


def _with_balances(movements: Iterable[Movement]) -> list[Movement]:
    """Oldest first, each with what is owed after it."""
    balance, told = ZERO, []
    for movement in sorted(movements, key=lambda movement: (movement.on, movement.rank)):
        balance += movement.debit - movement.credit
        told.append(replace(movement, balance=balance))
    return told


def held(account_id: int) -> Decimal:
    """What the account has paid that pays no invoice yet, and was not given back; never below zero."""
    paid = _sum(Payment.objects.kept().filter(account=account_id))
    used = _sum(Allocation.objects.live().filter(payment__account=account_id))
    return max(paid - used - refunded(account_id), ZERO)


def refunded(account_id: int) -> Decimal:
    """What was given back of what the account had paid."""
    return _sum(Refund.objects.kept().filter(account=account_id))


def _sum(rows: QuerySet[Any]) -> Decimal:
    return rows.aggregate(sum=Coalesce(Sum("amount"), ZERO))["sum"]


def accounts_of(actor: Actor) -> list[Account]:
    """The accounts that the actor may see as a member: their structures', and their own."""
    mine = Q(organisation__in=workplaces(actor))
    if not actor.is_guest:
        mine |= Q(person_id=actor.person_id, person__isnull=False)
    return list(Account.objects.with_holders().filter(mine).by_name())


def recipients(accounts: Iterable[Account], on: dt.date) -> dict[int, list[str]]:
    """Where the invoices of these accounts go: the billing address, or else those who administer; by account id."""
    found: dict[int, list[str]] = {}
    by_structure: dict[int, int] = {}
    for account in accounts:
        organisation, person = account.organisation, account.person
        mail = organisation.billing_email if organisation else person.email if person else ""
        found[account.pk] = [mail] if mail else []
        if organisation and not mail:
            by_structure[organisation.pk] = account.pk
    if by_structure:
        links = (
            Link.objects.live(on)
            .filter(organisation__in=by_structure, role=LinkRole.ADMINISTRATOR)
            .exclude(person__email="")
            .order_by("person_id")
        )
        for organisation_id, email in links.values_list("organisation_id", "person__email"):
            found[by_structure[organisation_id]].append(email)
    return found
