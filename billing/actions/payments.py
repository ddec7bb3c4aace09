"""Money received, and how it pays what is due: the invoice named first, then the oldest."""

import datetime as dt
import uuid
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.actions.years import within_books
from billing.enums import PaymentMethod
from billing.models import Account, Allocation, Invoice, Match, Payment, SlipCheque
from billing.money import ZERO, to_cents
from billing.queries.accounts import refunded
from billing.rules import require_accounts
from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import Refusal


class PaymentInFuture(Refusal):
    message = _("Un paiement se saisit le jour où il est reçu, ou après.")
    field = "received_on"


class AmountNotPositive(Refusal):
    message = _("Indiquez un montant d’au moins un centime.")
    field = "amount"


class PaymentCancelled(Refusal):
    message = _("Ce paiement est déjà annulé.")


class PaymentOnStatement(Refusal):
    message = _("Ce paiement est sur un relevé de la banque. Défaites d’abord le rapprochement de sa ligne.")


class PaymentOnSlip(Refusal):
    message = _("Ce chèque est sur une remise. Défaites d’abord la remise.")


class PaidByDeposit(Refusal):
    message = _("Ce paiement vient d’un dépôt\u00a0: annulez le mouvement sur la page du dépôt.")


def lock_account(account_id: int) -> Account:
    """Whatever moves money on an account holds it first: invoices and payments meet one at a time."""
    return Account.objects.select_for_update(of=("self",), no_key=True).get(pk=account_id)


@transaction.atomic
def record_payment(
    *,
    account: Account,
    received_on: dt.date,
    amount: Decimal,
    method: PaymentMethod | str,
    by: Actor,
    today: dt.date,
    reference: str = "",
    note: str = "",
    invoice: Invoice | None = None,
    token: uuid.UUID | None = None,
) -> Payment:
    """Add money received to an account; it pays `invoice`, then the oldest invoices, and the rest waits.

    The same token twice gives the first payment. Raises PaymentInFuture, AmountNotPositive, BooksStopped.
    """
    require_accounts(by)
    if received_on > today:
        raise PaymentInFuture
    if to_cents(amount) <= 0:
        raise AmountNotPositive
    lock_account(account.pk)
    with within_books(received_on, gettext("ce paiement"), field="received_on"):
        payment, is_new = Payment.objects.get_or_create(
            token=token or uuid.uuid4(),
            defaults={
                "account": account,
                "received_on": received_on,
                "amount": to_cents(amount),
                "method": method,
                "reference": reference,
                "note": note,
            },
        )
    if is_new:
        settle(account.pk, first=invoice)
        after = {"account": str(account), "amount": payment.amount, "received_on": received_on, "method": method}
        record(by=by, verb="billing.payment_recorded", thing=payment, after=after, concerns=account)
    return payment


@transaction.atomic
def cancel_payment(*, payment: Payment, by: Actor, reason: str, today: dt.date, is_returned: bool = False) -> Payment:
    """Undo a payment that was never received: what it paid is due again.

    One that the bank has shown is only undone by the bank (`is_returned`), or with its line.
    Raises PaymentCancelled, PaidByDeposit, PaymentOnStatement, PaymentOnSlip, BooksStopped.
    """
    require_accounts(by)
    if payment.method == PaymentMethod.DEPOSIT:
        raise PaidByDeposit
    return undo_payment(payment, by=by, reason=reason, today=today, is_returned=is_returned)


def undo_payment(payment: Payment, *, by: Actor, reason: str, today: dt.date, is_returned: bool = False) -> Payment:
    """What `cancel_payment` does, whatever the money came from, inside the caller's transaction."""
    account = lock_account(payment.account_id)
    payment = Payment.objects.select_for_update(of=("self",), no_key=True).get(pk=payment.pk)
    if payment.cancelled_at is not None:
        raise PaymentCancelled
    if not is_returned:
        _require_unseen(payment)
    now = timezone.now()
    Allocation.objects.live().filter(payment=payment).update(released_at=now)
    payment.cancelled_at, payment.cancelled_on, payment.cancel_reason = now, today, reason
    with within_books(today, gettext("cette annulation")):
        payment.save(update_fields=["cancelled_at", "cancelled_on", "cancel_reason"])
    settle(payment.account_id)
    record(
        by=by,
        verb="billing.payment_cancelled",
        thing=payment,
        before={"amount": payment.amount},
        reason=reason,
        concerns=account,
    )
    return payment


def _require_unseen(payment: Payment) -> None:
    """Raises PaymentOnStatement, PaymentOnSlip."""
    if Match.objects.live().filter(payment=payment).exists():
        raise PaymentOnStatement
    if SlipCheque.objects.live().filter(payment=payment).exists():
        raise PaymentOnSlip


def settle(account_id: int, *, first: Invoice | None = None) -> None:
    """Let the money held pay what is due, oldest money and oldest invoices first. The account is locked."""
    money = list(
        Payment.objects.kept()
        .filter(account=account_id)
        .annotate(used=Coalesce(Sum("allocations__amount", filter=Q(allocations__released_at=None)), ZERO))
        .filter(amount__gt=F("used"))
        .order_by("received_on", "pk")
    )
    if not money:
        return
    due = list(Invoice.objects.issued().filter(account=account_id).with_due().filter(due__gt=0))
    due.sort(key=lambda invoice: (first is None or invoice.pk != first.pk, invoice.due_date, invoice.pk))
    left = {payment.pk: payment.amount - payment.used for payment in money}
    # Money given back pays nothing: it is taken off what came first.
    given = refunded(account_id)
    for payment in money:
        gone = min(given, left[payment.pk])
        left[payment.pk] -= gone
        given -= gone
    for invoice in due:
        for payment in money:
            part = min(invoice.due, left[payment.pk])
            if part > 0:
                Allocation.objects.create(payment=payment, invoice=invoice, amount=part)
                invoice.due -= part
                left[payment.pk] -= part
