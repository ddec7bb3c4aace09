"""A line of the bank becomes the payments that it is: once, whole, and not for ever."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.actions.debits import collect_batch
from billing.actions.payments import cancel_payment, lock_account, record_payment
from billing.enums import AsideKind, LineState, MatchKind, PaymentMethod
from billing.models import BankLine, ChequeSlip, Debit, DepositMove, Match, Payment, Payout, Refund
from billing.money import ZERO
from billing.queries.candidates import Books, Part, Proposal
from billing.queries.proposals import proposals_for
from billing.queries.proposals_debits import parts_of_batch
from billing.rules import require_accounts
from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import Refusal, refusing


class LineNotWaiting(Refusal):
    message = gettext_lazy("Cette ligne est déjà rapprochée ou mise de côté. Rien n’a changé.")


class LineNotMatched(Refusal):
    message = gettext_lazy("Cette ligne n’est ni rapprochée ni mise de côté.")


class ProposalGone(Refusal):
    message = gettext_lazy("Cette proposition ne tient plus\u00a0: le compte a changé depuis. Relisez la ligne.")


class PartsDoNotSum(Refusal):
    message = gettext_lazy("Les parts ne font pas le montant de la ligne.")


class PaymentMatched(Refusal):
    message = gettext_lazy("Ce paiement est déjà rapproché d’une autre ligne.")


class PaymentUnfit(Refusal):
    message = gettext_lazy("Ce paiement est annulé ou d’un autre montant. Relisez la ligne.")


class MoneyMatched(Refusal):
    message = gettext_lazy("Cette somme est déjà rapprochée d’une autre ligne.")


class MoneyUnfit(Refusal):
    message = gettext_lazy("Cette somme est annulée ou d’un autre montant. Relisez la ligne.")


class ReturnStays(Refusal):
    message = gettext_lazy("Un rejet ne se défait pas. Si l’argent est là, notez de nouveau le paiement.")


_REFUSALS = {
    "billing_match_payment_once": PaymentMatched,
    "billing_match_refund_once": MoneyMatched,
    "billing_match_move_once": MoneyMatched,
    "billing_match_whole_money": MoneyUnfit,
    "billing_match_sums": PartsDoNotSum,
    "billing_match_whole_payment": PaymentUnfit,
}


def _lock_line(line: BankLine) -> BankLine:
    """The line before its accounts, always in that order."""
    return BankLine.objects.select_for_update(of=("self",), no_key=True).get(pk=line.pk)


@transaction.atomic
def match_line(
    *,
    line: BankLine,
    parts: Sequence[Part],
    by: Actor,
    today: dt.date,
    now: dt.datetime,
    because: str = "",
    slip: ChequeSlip | None = None,
    payout: Payout | None = None,
) -> list[Match]:
    """Say what a line is: money noted already, or payments that are noted now; its parts sum to it.

    Raises LineNotWaiting, PartsDoNotSum, PaymentMatched, PaymentUnfit, MoneyMatched, MoneyUnfit, PaymentInFuture.
    """
    require_accounts(by)
    line = _lock_line(line)
    if line.state != LineState.TO_MATCH:
        raise LineNotWaiting
    if not parts or sum((part.amount for part in parts), ZERO) != line.amount:
        raise PartsDoNotSum
    for account_id in sorted({part.account.pk for part in parts if part.account}):
        lock_account(account_id)
    _hold_money(parts)
    made = [
        Match(
            line=line,
            kind=part.kind,
            payment=_payment_of(part, line, by=by, today=today),
            refund=part.refund,
            move=part.move,
            slip=slip,
            payout=payout,
            amount=part.amount,
            is_ours=part.noted is None and part.account is not None,
            because=because[:300],
            matched_at=now,
            matched_by=by.name[:160],
        )
        for part in parts
    ]
    with refusing(_REFUSALS):
        Match.objects.bulk_create(made)
    line.state = LineState.MATCHED
    line.save(update_fields=["state"])
    for part in parts:
        if part.kind == MatchKind.RETURN and part.payment is not None and part.payment.cancelled_at is None:
            reason = _("Rejeté par la banque le %s") % f"{line.on:%d/%m/%Y}"
            cancel_payment(
                payment=part.payment,
                by=by,
                reason=reason,
                today=max(line.on, part.payment.received_on),
                is_returned=True,
            )
    accounts = sorted({str(part.account) for part in parts if part.account})
    after = {"amount": line.amount, "accounts": ", ".join(accounts)[:300], "because": because}
    concerns = next((part.account for part in parts if part.account), None)
    record(by=by, verb="billing.line_matched", thing=line, after=after, concerns=concerns)
    return made


def _payment_of(part: Part, line: BankLine, *, by: Actor, today: dt.date) -> Payment | None:
    """The payment of a part: held if it was there, noted if not."""
    if part.payment is not None:
        held = Payment.objects.select_for_update(of=("self",), no_key=True).get(pk=part.payment.pk)
        # A debit given back is undone when the bank tells it, before the line that shows it.
        is_told = part.kind == MatchKind.RETURN and held.method == PaymentMethod.DEBIT
        if held.amount != abs(part.amount) or (held.cancelled_at is not None and not is_told):
            raise PaymentUnfit
        return held
    if part.account is None or part.noted is not None:
        return None
    return record_payment(
        account=part.account,
        received_on=part.received_on or line.on,
        amount=part.amount,
        method=part.method,
        reference=part.reference or line.label[:80],
        invoice=part.invoice,
        by=by,
        today=today,
    )


def _hold_money(parts: Sequence[Part]) -> None:
    """What left or came, held until the commit: it is not cancelled meanwhile. Raises MoneyUnfit."""
    refunds = Refund.objects.filter(pk__in=[part.refund.pk for part in parts if part.refund])
    moves = DepositMove.objects.filter(pk__in=[part.move.pk for part in parts if part.move])
    for rows in (refunds, moves):
        held = rows.order_by("pk").select_for_update(of=("self",), no_key=True)
        if any(cancelled_at for cancelled_at in held.values_list("cancelled_at", flat=True)):
            raise MoneyUnfit


@transaction.atomic
def accept_proposal(*, line: BankLine, key: str, by: Actor, today: dt.date, now: dt.datetime) -> Proposal:
    """Do what was proposed, if it is proposed still. Raises LineNotWaiting, ProposalGone."""
    require_accounts(by)
    line = _lock_line(line)
    if line.state != LineState.TO_MATCH:
        raise LineNotWaiting
    found = next((each for each in proposals_for(line, Books([line])) if each.key == key), None)
    if found is None:
        raise ProposalGone
    _do(line, found, by=by, today=today, now=now)
    return found


def _do(line: BankLine, proposal: Proposal, *, by: Actor, today: dt.date, now: dt.datetime) -> None:
    if proposal.aside is not None:
        set_aside(line=line, aside=proposal.aside, by=by)
        return
    parts = proposal.parts
    if proposal.collects is not None:
        collect_batch(batch=proposal.collects, by=by, today=today)
        collected = Debit.objects.for_display().filter(batch=proposal.collects, payment__isnull=False)
        parts = parts_of_batch(collected.select_related("payment").order_by("pk"))
    match_line(
        line=line,
        parts=parts,
        because=proposal.reason,
        slip=proposal.slip,
        payout=proposal.payout,
        by=by,
        today=today,
        now=now,
    )


@transaction.atomic
def accept_sure(*, by: Actor, today: dt.date, now: dt.datetime) -> int:
    """Do all that is sure; says how many lines. What touches one account is done one line at a time, read anew."""
    require_accounts(by)
    done = 0
    while True:
        lines = list(BankLine.objects.waiting().oldest_first().select_for_update(of=("self",), no_key=True))
        books = Books(lines)
        touched: set[int] = set()
        before = done
        for line in lines:
            sure = next((each for each in proposals_for(line, books) if each.is_sure), None)
            if sure is None or touched & sure.account_ids or line.on > today:
                continue
            touched |= sure.account_ids
            _do(line, sure, by=by, today=today, now=now)
            done += 1
        if done == before:
            return done


@transaction.atomic
def set_aside(*, line: BankLine, aside: AsideKind, by: Actor, note: str = "") -> BankLine:
    """Say that a line moves no account of the portal, and why. Raises LineNotWaiting."""
    require_accounts(by)
    line = _lock_line(line)
    if line.state != LineState.TO_MATCH:
        raise LineNotWaiting
    line.state, line.aside, line.aside_note = LineState.ASIDE, aside, note
    line.save(update_fields=["state", "aside", "aside_note"])
    record(by=by, verb="billing.line_set_aside", thing=line, after={"aside": aside, "amount": line.amount}, reason=note)
    return line


@transaction.atomic
def undo_line(*, line: BankLine, reason: str, by: Actor, today: dt.date, now: dt.datetime) -> BankLine:
    """Put a line back among those that wait. The payments that it had noted are cancelled, the others stay.

    Raises LineNotMatched, ReturnStays.
    """
    require_accounts(by)
    line = _lock_line(line)
    if line.state == LineState.TO_MATCH:
        raise LineNotMatched
    matches = list(
        Match.objects.live()
        .filter(line=line)
        .select_related("payment__account", "refund__account", "move__deposit__account")
        .order_by("pk")
    )
    if any(match.kind == MatchKind.RETURN for match in matches):
        raise ReturnStays
    for account_id in sorted({match.account.pk for match in matches if match.account}):
        lock_account(account_id)
    Match.objects.filter(pk__in=[match.pk for match in matches]).update(
        undone_at=now, undone_by=by.name[:160], undo_reason=reason
    )
    before = {"aside": line.aside} if line.aside else {"amount": line.amount}
    line.state, line.aside, line.aside_note = LineState.TO_MATCH, "", ""
    line.save(update_fields=["state", "aside", "aside_note"])
    for match in matches:
        if match.is_ours and match.payment is not None and match.payment.cancelled_at is None:
            cancel_payment(payment=match.payment, by=by, reason=reason, today=today)
    record(by=by, verb="billing.line_undone", thing=line, before=before, reason=reason)
    return line
