"""Collecting what is due: announced, put in a file once, deposited, received, or refused by the bank.

Whoever changes debits holds their accounts first, then the debits, both in the order of their ids.
"""

import datetime as dt
import uuid
from collections.abc import Iterable

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing import pain008
from billing.actions.mandates import suspend_mandate
from billing.actions.payments import cancel_payment, lock_account, record_payment
from billing.bank_returns import SUSPENDING, reason_of
from billing.enums import DebitState, PaymentMethod
from billing.models import Account, Debit, DebitBatch, Invoice, Issuer, Mandate
from billing.queries.accounts import recipients
from billing.queries.debits import DebitProposal, debit_proposals, debit_round, first_day, still_time
from billing.queries.mandates import active_mandate
from billing.rules import require_accounts
from documents.actions import store_file
from hubs import french, languages
from hubs.actions import record, send_mail
from hubs.actors import Actor
from hubs.queries import absolute
from hubs.refusals import Refusal, refusing
from hubs.scope import current_hub

# The payment of a debit is one, whoever notes it and however often.
PAYMENT_OF = uuid.UUID("5c5a6e0b-6a0e-4b0c-9f6f-3f1d1d6a7c11")


class NothingToAnnounce(Refusal):
    message = gettext_lazy("Rien à annoncer\u00a0: cochez au moins une facture que l’on peut prélever.")


class UnderWay(Refusal):
    message = gettext_lazy("Un prélèvement de cette facture est déjà en cours.")


class NothingToCollect(Refusal):
    message = gettext_lazy(
        "Aucun prélèvement n’attend de fichier pour ce jour\u00a0: quelqu’un vient peut-être de le faire."
    )


class TooLateForBank(Refusal):
    message = gettext_lazy(
        "La banque veut le fichier un jour ouvré avant\u00a0: annoncez ces prélèvements pour une autre date."
    )


class IssuerIncomplete(Refusal):
    message = gettext_lazy("Pour prélever, l’émetteur a besoin de son ICS et de son IBAN\u00a0: renseignez-les.")


class InFileAlready(Refusal):
    message = gettext_lazy("Ce prélèvement est déjà dans un fichier\u00a0: demandez à la banque de le retirer.")


class DepositInFuture(Refusal):
    message = gettext_lazy("Ce jour n’est pas encore passé.")
    field = "deposited_on"


class NotCollectedYet(Refusal):
    message = gettext_lazy("La date de prélèvement n’est pas encore passée.")


class CollectedAlready(Refusal):
    message = gettext_lazy("Ces prélèvements sont déjà encaissés.")


class NotWithBank(Refusal):
    message = gettext_lazy("Ce prélèvement n’est ni dans un fichier ni encaissé\u00a0: il n’y a rien à rejeter.")


def plan_debit(*, invoice: Invoice, today: dt.date) -> Debit | None:
    """As an invoice is issued: the debit that its paper announces, if its account has a mandate. The account is locked."""
    mandate = active_mandate(invoice.account, invoice.issuer, today)
    due = Invoice.objects.with_due().get(pk=invoice.pk).due
    if mandate is None or not due:
        return None
    _wanted, collect_on = first_day(invoice.due_date or today, invoice.issuer.debit_notice_days, today)
    return Debit.objects.create(invoice=invoice, mandate=mandate, amount=due, collect_on=collect_on)


def note_announced(*, invoice: Invoice, today: dt.date) -> None:
    """The mail of the invoice left: it announced the debit, if that is early enough."""
    notice = dt.timedelta(days=invoice.issuer.debit_notice_days)
    Debit.objects.filter(
        invoice=invoice, state=DebitState.PROPOSED, announced_on=None, collect_on__gte=today + notice
    ).update(announced_on=today)


def lock_accounts(account_ids: Iterable[int]) -> None:
    """Each account held, in the order of ids, so that two people never wait for each other."""
    for account_id in sorted(set(account_ids)):
        lock_account(account_id)


@transaction.atomic
def announce_debits(*, invoices: Iterable[int], by: Actor, today: dt.date) -> list[Debit]:
    """Confirm what can be collected of these invoices; who was not told by the invoice is told by mail.

    Those that cannot be are left aside. Raises NothingToAnnounce, UnderWay.
    """
    require_accounts(by)
    wanted = list(invoices)
    lock_accounts(Invoice.objects.filter(pk__in=wanted).values_list("account_id", flat=True))
    ready = debit_proposals(today, wanted).ready
    if not ready:
        raise NothingToAnnounce
    with refusing({"billing_debit_one_open": UnderWay}):
        return [_announce(proposal, by=by, today=today) for proposal in ready]


def _announce(proposal: DebitProposal, *, by: Actor, today: dt.date) -> Debit:
    debit = proposal.debit
    if debit is not None and proposal.is_announced:
        debit.state = DebitState.ANNOUNCED
        debit.save(update_fields=["state"])
    else:
        if debit is not None:
            with languages.of_hub():
                _end(debit, DebitState.CANCELLED, _("Annoncé de nouveau."), today)
        debit = Debit.objects.create(
            invoice=proposal.invoice,
            mandate=proposal.mandate,
            amount=proposal.amount,
            collect_on=proposal.collect_on,
            state=DebitState.ANNOUNCED,
            announced_on=today,
        )
        _tell("billing/mail/debit_announced.txt", gettext_lazy("Prélèvement du %s"), debit, proposal.to)
    account = proposal.invoice.account
    after = {"amount": debit.amount, "collect_on": debit.collect_on}
    record(by=by, verb="billing.debit_announced", thing=debit, after=after, concerns=account)
    return debit


def _tell(template: str, subject: str | Promise, debit: Debit, to: list[str]) -> None:
    if not to:
        return
    context = {
        "debit": debit,
        "invoice": debit.invoice,
        "mandate": debit.mandate,
        "seller": debit.invoice.frozen[0],
        "hub": current_hub(),
        "url": absolute(reverse("billing:my_invoice", args=[debit.invoice_id])),
    }
    with languages.of_hub():
        day = french.day(debit.collect_on, year=True, weekday=False)
        send_mail(to=to, subject=str(subject) % day, text=render_to_string(template, context), about=debit)


def _end(debit: Debit, state: DebitState, reason: str, today: dt.date, code: str = "") -> None:
    debit.state, debit.ended_on, debit.end_reason, debit.end_code = state, today, reason[:300], code
    debit.save(update_fields=["state", "ended_on", "end_reason", "end_code", "batch"])


@transaction.atomic
def withdraw_debit(*, debit: Debit, by: Actor, reason: str, today: dt.date) -> Debit:
    """Give up a debit that is in no file yet; its invoice is then paid otherwise. Raises InFileAlready."""
    require_accounts(by)
    account = lock_account(debit.invoice.account_id)
    debit = Debit.objects.select_for_update(of=("self",), no_key=True).get(pk=debit.pk)
    if debit.state not in (DebitState.PROPOSED, DebitState.ANNOUNCED):
        raise InFileAlready
    _end(debit, DebitState.CANCELLED, reason, today)
    record(by=by, verb="billing.debit_withdrawn", thing=debit, reason=reason, concerns=account)
    return debit


def _lock_round(issuer: Issuer, collect_on: dt.date) -> list[Debit]:
    """The debits announced for that day, held: the second of two people finds none."""
    announced = Debit.objects.announced().filter(mandate__issuer=issuer, collect_on=collect_on)
    lock_accounts(announced.values_list("invoice__account_id", flat=True))
    ids = list(announced.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk", flat=True))
    return list(Debit.objects.for_display().filter(pk__in=ids).order_by("pk"))


@transaction.atomic
def make_debit_file(*, issuer: Issuer, collect_on: dt.date, by: Actor, today: dt.date) -> DebitBatch | None:
    """Write the file of the debits announced for that day, once: whoever comes second finds nothing to collect.

    What changed since the announcement stays out, with its reason; None when nothing is left.
    Raises NothingToCollect, TooLateForBank, IssuerIncomplete.
    """
    require_accounts(by)
    if not (issuer.ics and issuer.iban):
        raise IssuerIncomplete
    if not still_time(collect_on, today):
        raise TooLateForBank
    debits = _lock_round(issuer, collect_on)
    if not debits:
        raise NothingToCollect
    checked = debit_round(issuer, collect_on, debits, today)
    batch = _write_batch(issuer, collect_on, checked.leaving, by) if checked.leaving else None
    for debit, reason in checked.staying:
        debit.batch = batch
        _end(debit, DebitState.CANCELLED, reason, today)
        record(by=by, verb="billing.debit_withdrawn", thing=debit, reason=reason, concerns=debit.invoice.account)
    return batch


def _write_batch(issuer: Issuer, collect_on: dt.date, debits: list[Debit], by: Actor) -> DebitBatch:
    tries: dict[int, int] = {}
    for invoice_id in (
        Debit.objects.asked()
        .filter(invoice__in=[debit.invoice_id for debit in debits])
        .values_list("invoice_id", flat=True)
    ):
        tries[invoice_id] = tries.get(invoice_id, 0) + 1
    for debit in debits:
        rank = tries.get(debit.invoice_id, 0) + 1
        debit.end_to_end = f"{debit.invoice.number}-{rank}" if rank > 1 else debit.invoice.number or ""
    message_id, content = pain008.write(
        pain008.Creditor(issuer.legal_name, issuer.iban, issuer.bic, issuer.ics),
        collect_on,
        [_transaction(debit) for debit in debits],
    )
    batch = DebitBatch.objects.create(
        issuer=issuer,
        collect_on=collect_on,
        message_id=message_id,
        file=store_file(
            name=f"prelevements-{collect_on:%Y-%m-%d}.xml", content_type="application/xml", content=content
        ),
        total=sum(debit.amount for debit in debits),
        count=len(debits),
        created_by=by.name,
    )
    for debit in debits:
        debit.batch, debit.state = batch, DebitState.IN_FILE
        debit.save(update_fields=["batch", "state", "end_to_end"])
    after = {"collect_on": collect_on, "debits": batch.count, "amount": batch.total}
    record(by=by, verb="billing.debit_file_made", thing=batch, after=after)
    return batch


def _transaction(debit: Debit) -> pain008.Collection:
    mandate = debit.mandate
    if mandate.signed_on is None:
        raise ValueError("A debit is made under a mandate that was signed.")
    with languages.of_hub():
        description = _("Facture %(number)s") % {"number": debit.invoice.number}
    return pain008.Collection(
        debtor_name=mandate.debtor_name,
        iban=mandate.iban,
        bic=mandate.bic,
        amount=debit.amount,
        rum=mandate.rum,
        signed_on=mandate.signed_on,
        end_to_end=debit.end_to_end,
        description=description,
    )


def _lock_batch(batch: DebitBatch) -> DebitBatch:
    return DebitBatch.objects.select_for_update(of=("self",), no_key=True).get(pk=batch.pk)


@transaction.atomic
def note_deposit(*, batch: DebitBatch, deposited_on: dt.date, by: Actor, today: dt.date) -> DebitBatch:
    """Say when the file went to the bank; said again, the day is corrected. Raises DepositInFuture."""
    require_accounts(by)
    if deposited_on > today:
        raise DepositInFuture
    batch = _lock_batch(batch)
    batch.deposited_on = deposited_on
    batch.save(update_fields=["deposited_on"])
    record(by=by, verb="billing.debit_file_deposited", thing=batch, after={"deposited_on": deposited_on})
    return batch


@transaction.atomic
def collect_batch(*, batch: DebitBatch, by: Actor, today: dt.date) -> int:
    """Note as paid what the bank collected: one payment for each debit it has not refused; says how many.

    Raises NotCollectedYet, CollectedAlready.
    """
    require_accounts(by)
    if batch.collect_on > today:
        raise NotCollectedYet
    lock_accounts(Debit.objects.filter(batch=batch).values_list("invoice__account_id", flat=True))
    batch = _lock_batch(batch)
    if batch.collected_on is not None:
        raise CollectedAlready
    in_file = Debit.objects.filter(batch=batch, state=DebitState.IN_FILE)
    ids = list(in_file.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk", flat=True))
    for debit in Debit.objects.for_display().filter(pk__in=ids).order_by("pk"):
        debit.payment = record_payment(
            account=debit.invoice.account,
            invoice=debit.invoice,
            received_on=batch.collect_on,
            amount=debit.amount,
            method=PaymentMethod.DEBIT,
            reference=f"{debit.mandate.rum}/{debit.end_to_end}",
            token=uuid.uuid5(PAYMENT_OF, f"{by.hub_id}/{debit.pk}"),
            by=by,
            today=today,
        )
        debit.state = DebitState.COLLECTED
        debit.save(update_fields=["payment", "state"])
    batch.collected_on = today
    batch.save(update_fields=["collected_on"])
    record(by=by, verb="billing.debits_collected", thing=batch, after={"debits": len(ids)})
    return len(ids)


@transaction.atomic
def fail_debit(*, debit: Debit, code: str, by: Actor, today: dt.date) -> Debit:
    """What the bank refused, or took back: the payment is undone, the invoice due again, the member told.

    Some codes suspend the mandate. Raises NotWithBank where it was noted already.
    """
    require_accounts(by)
    account = lock_account(debit.invoice.account_id)
    debit = Debit.objects.select_for_update(of=("self",), no_key=True).for_display().get(pk=debit.pk)
    with languages.of_hub():
        reason = _("Rejet %(code)s\u00a0: %(reason)s") % {"code": code or "?", "reason": reason_of(code)}
    if debit.state == DebitState.COLLECTED and debit.payment is not None:
        if debit.payment.cancelled_at is None:
            cancel_payment(payment=debit.payment, by=by, reason=reason, today=today, is_returned=True)
        _end(debit, DebitState.RETURNED, reason, today, code)
    elif debit.state == DebitState.IN_FILE:
        _end(debit, DebitState.REJECTED, reason, today, code)
    else:
        raise NotWithBank
    record(
        by=by,
        verb="billing.debit_failed",
        thing=debit,
        after={"amount": debit.amount, "end_code": code},
        reason=reason,
        concerns=account,
    )
    if code in SUSPENDING:
        held = Mandate.objects.select_for_update(of=("self",), no_key=True).get(pk=debit.mandate_id)
        suspend_mandate(held, reason=reason, by=by, today=today)
    holder: Account = debit.invoice.account
    to = recipients([holder], today)[holder.pk]
    _tell("billing/mail/debit_failed.txt", gettext_lazy("Le prélèvement du %s n’a pas abouti"), debit, to)
    return debit
