"""Deposits: asked for, received, kept in part, given back, or set against an invoice. What is held is locked first."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.actions.charges import charge, reverse
from billing.actions.payments import AmountNotPositive, lock_account, settle, undo_payment
from billing.actions.years import within_books
from billing.banking import masked
from billing.enums import DepositMoveKind, DepositNature, PaymentMethod
from billing.models import Account, Allocation, Deposit, DepositMove, Invoice, Issuer, Match, Payment, VatRule
from billing.money import CENT, to_cents, with_tax
from billing.rules import require_accounts
from hubs import languages
from hubs.actions import name_of, record
from hubs.actors import Actor
from hubs.refusals import Refusal, refusing


class NobodyHolds(Refusal):
    message = _(
        "Un dépôt se confie à un organisme qui existe en droit, et le pôle n’en a pas encore. "
        "Renseignez d’abord l’émetteur des factures."
    )


class AlreadyAsked(Refusal):
    message = _("Un dépôt est déjà demandé pour cela.")


class MoveInFuture(Refusal):
    message = _("Ce jour n’est pas encore passé.")
    field = "on"


class MoreThanHeld(Refusal):
    message = _("C’est plus que ce qui est détenu. Vérifiez le montant.")
    field = "amount"


class MoreThanAgreed(Refusal):
    message = _("C’est plus que le montant convenu. Vérifiez le montant.")
    field = "amount"


class MoreThanDue(Refusal):
    message = _("C’est plus que ce que cette facture doit encore. Rendez le reste.")
    field = "amount"


class NothingDue(Refusal):
    message = _("Cette facture n’attend plus de paiement. Choisissez-en une autre.")
    field = "invoice"


class MoneyPassed(Refusal):
    message = _("De l’argent est passé par ce dépôt\u00a0: annulez d’abord ses mouvements.")


class MoneyGone(Refusal):
    message = _("Cet argent est déjà rendu, retenu ou imputé\u00a0: annulez d’abord ce mouvement-là.")


class DepositCancelled(Refusal):
    message = _("Ce dépôt est annulé.")


class MoveCancelled(Refusal):
    message = _("Ce mouvement est déjà annulé.")


class MoveOnStatement(Refusal):
    message = _("Ce mouvement est sur un relevé de la banque. Défaites d’abord le rapprochement de sa ligne.")


_VERBS = {
    DepositMoveKind.RECEIVED: "billing.deposit_received",
    DepositMoveKind.KEPT: "billing.deposit_kept",
    DepositMoveKind.REFUNDED: "billing.deposit_refunded",
    DepositMoveKind.SET_AGAINST: "billing.deposit_set_against",
}
_REFUSALS = {
    "billing_depositmove_within_held": MoreThanHeld,
    "billing_depositmove_within_agreed": MoreThanAgreed,
    "billing_deposit_cancelled_empty": MoneyPassed,
}


@transaction.atomic
def ask_deposit(
    *,
    account: Account,
    label: str,
    amount: Decimal,
    by: Actor,
    today: dt.date,
    nature: DepositNature | str = DepositNature.SECURITY,
    source: str = "",
    token: uuid.UUID | None = None,
) -> Deposit:
    """Agree on a deposit, to be held by the legal body in force today; `source` names what it secures.

    The same token twice gives the first deposit. Raises NobodyHolds, AmountNotPositive, AlreadyAsked.
    """
    require_accounts(by)
    issuer = Issuer.objects.live(today).first()
    if issuer is None:
        raise NobodyHolds
    if to_cents(amount) <= 0:
        raise AmountNotPositive
    lock_account(account.pk)
    with refusing({"billing_deposit_source_once": AlreadyAsked}):
        deposit, is_new = Deposit.objects.get_or_create(
            token=token or uuid.uuid4(),
            defaults={
                "account": account,
                "issuer": issuer,
                "nature": nature,
                "label": label,
                "source": source,
                "amount": to_cents(amount),
                "asked_on": today,
            },
        )
    if is_new:
        after = {"account": str(account), "amount": deposit.amount, "nature": deposit.nature}
        record(by=by, verb="billing.deposit_asked", thing=deposit, after=after, concerns=account)
    return deposit


@transaction.atomic
def cancel_deposit(*, deposit: Deposit, by: Actor, reason: str, today: dt.date) -> Deposit:
    """Take back a deposit asked by mistake. Raises MoneyPassed, DepositCancelled."""
    require_accounts(by)
    deposit = _held(deposit)
    deposit.cancelled_at, deposit.cancelled_on, deposit.cancel_reason = timezone.now(), today, reason
    with refusing(_REFUSALS):
        deposit.save(update_fields=["cancelled_at", "cancelled_on", "cancel_reason"])
    before = {"amount": deposit.amount}
    record(
        by=by, verb="billing.deposit_cancelled", thing=deposit, before=before, reason=reason, concerns=deposit.account
    )
    return deposit


def _held(deposit: Deposit) -> Deposit:
    """The account, then the deposit, held until the commit. Raises DepositCancelled."""
    lock_account(deposit.account_id)
    wanted = Deposit.objects.select_related("account__organisation", "account__person")
    held = wanted.select_for_update(of=("self",), no_key=True).get(pk=deposit.pk)
    if held.cancelled_at is not None:
        raise DepositCancelled
    return held


def _known(token: uuid.UUID | None) -> DepositMove | None:
    return DepositMove.objects.filter(token=token).first() if token else None


def _move(deposit: Deposit, *, by: Actor, token: uuid.UUID | None, **values: Any) -> DepositMove:
    """Write a move of a deposit that is held, and its line of the log."""
    with within_books(values["on"], gettext("ce mouvement"), field="on"), refusing(_REFUSALS):
        move = DepositMove.objects.create(deposit=deposit, token=token or uuid.uuid4(), **values)
    record(
        by=by,
        verb=_VERBS[DepositMoveKind(move.kind)],
        thing=deposit,
        after={"account": str(deposit.account), "amount": move.amount, "on": move.on},
        reason=move.reason,
        concerns=deposit.account,
    )
    return move


def _check(amount: Decimal, on: dt.date, today: dt.date) -> Decimal:
    if on > today:
        raise MoveInFuture
    if to_cents(amount) <= 0:
        raise AmountNotPositive
    return to_cents(amount)


@transaction.atomic
def receive_deposit(
    *,
    deposit: Deposit,
    amount: Decimal,
    on: dt.date,
    method: PaymentMethod | str,
    by: Actor,
    today: dt.date,
    reference: str = "",
    token: uuid.UUID | None = None,
) -> DepositMove:
    """Note money received for a deposit. Raises MoveInFuture, AmountNotPositive, MoreThanAgreed, DepositCancelled."""
    require_accounts(by)
    amount = _check(amount, on, today)
    held = _held(deposit)
    return _known(token) or _move(
        held, by=by, token=token, kind=DepositMoveKind.RECEIVED, amount=amount, on=on, method=method,
        reference=reference,
    )  # fmt: skip


@transaction.atomic
def refund_deposit(
    *,
    deposit: Deposit,
    amount: Decimal,
    on: dt.date,
    method: PaymentMethod | str,
    by: Actor,
    today: dt.date,
    reference: str = "",
    paid_to: str = "",
    token: uuid.UUID | None = None,
) -> DepositMove:
    """Note money given back; `paid_to` is an IBAN, of which only the ends are kept.

    Raises MoveInFuture, AmountNotPositive, MoreThanHeld, DepositCancelled.
    """
    require_accounts(by)
    amount = _check(amount, on, today)
    held = _held(deposit)
    return _known(token) or _move(
        held, by=by, token=token, kind=DepositMoveKind.REFUNDED, amount=amount, on=on, method=method,
        reference=reference, paid_to=masked(paid_to),
    )  # fmt: skip


@transaction.atomic
def keep_deposit(
    *,
    deposit: Deposit,
    amount: Decimal,
    on: dt.date,
    vat_code: str,
    reason: str,
    by: Actor,
    today: dt.date,
    token: uuid.UUID | None = None,
) -> DepositMove:
    """Keep a part, tax included: it is charged to the account under `vat_code`, and pays the invoice that says so.

    Where no price without tax comes to the amount exactly, the cent left is in advance on the account.
    Raises MoveInFuture, AmountNotPositive, MoreThanHeld, UnknownVatRule, DepositCancelled.
    """
    require_accounts(by)
    amount = _check(amount, on, today)
    held = _held(deposit)
    if known := _known(token):
        return known
    rule = VatRule.objects.live(on).filter(code=vat_code).first()
    token = token or uuid.uuid4()
    with languages.of_hub():
        description = str(_("Retenue sur le dépôt, %s") % held.label)
    sold = charge(
        by=by,
        account=held.account,
        source=name_of(held),
        kind=f"kept-{token.hex[:12]}",
        period=on,
        on=on,
        description=description,
        detail=reason,
        unit_price_excl=_excluding(amount, rule.rate if rule else None),
        vat_code=vat_code,
    )
    return _move(held, by=by, token=token, kind=DepositMoveKind.KEPT, amount=amount, on=on, reason=reason, charge=sold)


def _excluding(amount: Decimal, rate: Decimal | None) -> Decimal:
    """The largest price of whole cents that with its tax is not above the amount."""
    price = to_cents(amount * 100 / (100 + (rate or 0)))
    return price if with_tax(price, rate) <= amount else price - CENT


@transaction.atomic
def set_deposit_against(
    *,
    deposit: Deposit,
    invoice: Invoice,
    amount: Decimal,
    on: dt.date,
    by: Actor,
    today: dt.date,
    token: uuid.UUID | None = None,
) -> DepositMove:
    """Pay an invoice of the account with what is held.

    Raises MoveInFuture, AmountNotPositive, NothingDue, MoreThanDue, MoreThanHeld, DepositCancelled.
    """
    require_accounts(by)
    amount = _check(amount, on, today)
    held = _held(deposit)
    if known := _known(token):
        return known
    due = Invoice.objects.issued().filter(account=held.account_id, pk=invoice.pk).with_due().first()
    if due is None or due.due <= 0:
        raise NothingDue
    if amount > due.due:
        raise MoreThanDue
    payment = _pay(held, amount, on, by=by, token=uuid.uuid4())
    move = _move(
        held, by=by, token=token, kind=DepositMoveKind.SET_AGAINST, amount=amount, on=on, payment=payment,
        reference=due.number or "",
    )  # fmt: skip
    settle(held.account_id, first=due)
    return move


def _pay(deposit: Deposit, amount: Decimal, on: dt.date, *, by: Actor, token: uuid.UUID) -> Payment:
    """Bring a part of the deposit onto the account."""
    payment = Payment.objects.create(
        account=deposit.account,
        received_on=on,
        amount=amount,
        method=PaymentMethod.DEPOSIT,
        reference=deposit.reference,
        token=token,
    )
    after = {"account": str(deposit.account), "amount": amount, "method": payment.method}
    record(by=by, verb="billing.payment_recorded", thing=payment, after=after, concerns=deposit.account)
    return payment


def kept_for(invoice: Invoice) -> list[DepositMove]:
    """What was kept of deposits for things that are on this invoice, and has not paid it yet."""
    kept = DepositMove.objects.live().filter(kind=DepositMoveKind.KEPT, charge__lines__invoice=invoice)
    paid = Payment.objects.filter(token=OuterRef("token"))
    return list(kept.exclude(Exists(paid)).select_related("deposit__account").in_order())


def pay_with_kept(invoice: Invoice, kept: list[DepositMove], *, by: Actor) -> None:
    """Let what was kept pay the invoice that says so, just issued, before any other money. The account is locked."""
    left = invoice.total_incl
    for move in kept:
        payment = _pay(move.deposit, move.amount, move.on, by=by, token=move.token)
        if (part := min(left, move.amount)) > 0:
            Allocation.objects.create(payment=payment, invoice=invoice, amount=part)
            left -= part


@transaction.atomic
def cancel_deposit_move(*, move: DepositMove, by: Actor, reason: str, today: dt.date) -> DepositMove:
    """Undo a move noted by mistake, with the payment or the charge that it made.

    Raises MoveCancelled, MoveOnStatement, MoneyGone, or AlreadyInvoiced when what was kept is on an invoice.
    """
    require_accounts(by)
    deposit = _held(move.deposit)
    move = DepositMove.objects.select_for_update(of=("self",), no_key=True).get(pk=move.pk)
    if move.cancelled_at is not None:
        raise MoveCancelled
    if Match.objects.live().filter(move=move).exists():
        raise MoveOnStatement
    if move.charge is not None:
        reverse(by=by, source=move.charge.source, kind=move.charge.kind, reason=reason)
    move.cancelled_at, move.cancelled_on, move.cancel_reason = timezone.now(), today, reason
    with within_books(today, gettext("cette annulation")), refusing({"billing_depositmove_within_held": MoneyGone}):
        move.save(update_fields=["cancelled_at", "cancelled_on", "cancel_reason"])
    if move.payment is not None:
        undo_payment(move.payment, by=by, reason=reason, today=today)
    record(
        by=by,
        verb="billing.deposit_move_cancelled",
        thing=deposit,
        before={"amount": move.amount, "kind": move.kind},
        reason=reason,
        concerns=deposit.account,
    )
    return move
