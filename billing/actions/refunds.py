"""Money given back of what an account holds in advance."""

import datetime as dt
import uuid
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.actions.payments import AmountNotPositive, lock_account, settle
from billing.actions.years import within_books
from billing.banking import masked
from billing.enums import PaymentMethod
from billing.models import Account, Match, Refund
from billing.money import to_cents
from billing.queries.accounts import held
from billing.rules import require_accounts
from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import Refusal, refusing


class RefundInFuture(Refusal):
    message = _("Un remboursement se note le jour où il part, ou après.")
    field = "paid_on"


class MoreThanAdvance(Refusal):
    message = _("C’est plus que ce que le compte a d’avance. Vérifiez le montant.")
    field = "amount"


class RefundCancelled(Refusal):
    message = _("Ce remboursement est déjà annulé.")


class RefundOnStatement(Refusal):
    message = _("Ce remboursement est sur un relevé de la banque. Défaites d’abord le rapprochement de sa ligne.")


@transaction.atomic
def record_refund(
    *,
    account: Account,
    paid_on: dt.date,
    amount: Decimal,
    method: PaymentMethod | str,
    reason: str,
    by: Actor,
    today: dt.date,
    reference: str = "",
    paid_to: str = "",
    token: uuid.UUID | None = None,
) -> Refund:
    """Note money given back; `paid_to` is an IBAN, of which only the ends are kept.

    The same token twice gives the first refund. Raises RefundInFuture, AmountNotPositive, MoreThanAdvance.
    """
    require_accounts(by)
    if paid_on > today:
        raise RefundInFuture
    if (amount := to_cents(amount)) <= 0:
        raise AmountNotPositive
    lock_account(account.pk)
    if token and (known := Refund.objects.filter(token=token).first()):
        return known
    if amount > held(account.pk):
        raise MoreThanAdvance
    with (
        within_books(paid_on, gettext("ce remboursement"), field="paid_on"),
        refusing({"billing_refund_within_held": MoreThanAdvance}),
    ):
        made = Refund.objects.create(
            account=account,
            paid_on=paid_on,
            amount=amount,
            method=method,
            reference=reference,
            paid_to=masked(paid_to),
            reason=reason,
            token=token or uuid.uuid4(),
        )
    after = {"account": str(account), "amount": amount, "paid_on": paid_on, "method": made.method}
    record(by=by, verb="billing.refunded", thing=made, after=after, reason=reason, concerns=account)
    return made


@transaction.atomic
def cancel_refund(*, refund: Refund, by: Actor, reason: str, today: dt.date) -> Refund:
    """Undo a refund that never left: the money is on the account again. Raises RefundCancelled, RefundOnStatement."""
    require_accounts(by)
    account = lock_account(refund.account_id)
    refund = Refund.objects.select_for_update(of=("self",), no_key=True).get(pk=refund.pk)
    if refund.cancelled_at is not None:
        raise RefundCancelled
    if Match.objects.live().filter(refund=refund).exists():
        raise RefundOnStatement
    refund.cancelled_at, refund.cancelled_on, refund.cancel_reason = timezone.now(), today, reason
    with within_books(today, gettext("cette annulation")):
        refund.save(update_fields=["cancelled_at", "cancelled_on", "cancel_reason"])
    settle(refund.account_id)
    before = {"amount": refund.amount}
    record(by=by, verb="billing.refund_cancelled", thing=refund, before=before, reason=reason, concerns=account)
    return refund
