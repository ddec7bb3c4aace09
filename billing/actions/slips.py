"""Cheques taken to the bank together."""

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.actions.numbers import take_number
from billing.actions.payments import lock_account
from billing.enums import SLIP_SERIES
from billing.models import BankAccount, ChequeSlip, Match, Payment, SlipCheque
from billing.money import ZERO
from billing.papers_bank import slip_paper
from billing.queries.bank import cheques_in_hand
from billing.rules import require_accounts
from documents.actions import attach_document, store_file
from documents.queries import document_of
from hubs.actions import add_item, record, start_run
from hubs.actors import Actor
from hubs.refusals import Refusal, refusing


class NoCheque(Refusal):
    message = _("Cochez au moins un chèque.")
    field = "cheques"


class ChequeTaken(Refusal):
    message = _("Un de ces chèques est déjà remis ou annulé. Relisez la liste.")
    field = "cheques"


class SlipInFuture(Refusal):
    message = _("Une remise se fait le jour même, ou avant.")
    field = "on"


class SlipOnStatement(Refusal):
    message = _("Cette remise est sur un relevé de la banque. Défaites d’abord le rapprochement de sa ligne.")


class SlipCancelled(Refusal):
    message = _("Cette remise est déjà défaite.")


@transaction.atomic
def make_slip(
    *, bank_account: BankAccount, cheques: Collection[int], on: dt.date, by: Actor, today: dt.date, now: dt.datetime
) -> ChequeSlip:
    """A numbered slip of these payments by cheque, and its paper to come. Raises NoCheque, ChequeTaken, SlipInFuture."""
    require_accounts(by)
    if not cheques:
        raise NoCheque
    if on > today:
        raise SlipInFuture
    wanted = set(cheques)
    for account_id in (
        Payment.objects.filter(pk__in=wanted).order_by("account").values_list("account", flat=True).distinct()
    ):
        lock_account(account_id)
    payments = list(cheques_in_hand().filter(pk__in=wanted))
    if len(payments) != len(wanted):
        raise ChequeTaken
    taken = take_number(bank_account.issuer, SLIP_SERIES, on)
    total = sum((payment.amount for payment in payments), ZERO)
    slip = ChequeSlip.objects.create(
        bank_account=bank_account,
        year=taken.year,
        sequence=taken.sequence,
        number=taken.number,
        on=on,
        total=total,
        made_at=now,
    )
    with refusing({"billing_slipcheque_once": ChequeTaken, "billing_slipcheque_sums": ChequeTaken}):
        SlipCheque.objects.bulk_create(SlipCheque(slip=slip, payment=payment) for payment in payments)
    run = start_run(title=f"Remise de chèques {slip.number}", by=by, about=slip)
    add_item(run=run, job="billing.render_slip", label=slip.number, slip_id=slip.pk)
    record(by=by, verb="billing.slip_made", thing=slip, after={"cheques": len(payments), "total": total})
    return slip


@transaction.atomic
def cancel_slip(*, slip: ChequeSlip, reason: str, by: Actor, now: dt.datetime) -> ChequeSlip:
    """Take the cheques back: they wait for another slip. Raises SlipCancelled, SlipOnStatement."""
    require_accounts(by)
    slip = ChequeSlip.objects.select_for_update(of=("self",), no_key=True).get(pk=slip.pk)
    if slip.cancelled_at is not None:
        raise SlipCancelled
    if Match.objects.live().filter(slip=slip).exists():
        raise SlipOnStatement
    SlipCheque.objects.live().filter(slip=slip).update(released_at=now)
    slip.cancelled_at, slip.cancel_reason = now, reason
    slip.save(update_fields=["cancelled_at", "cancel_reason"])
    record(by=by, verb="billing.slip_cancelled", thing=slip, before={"total": slip.total}, reason=reason)
    return slip


@transaction.atomic
def render_slip(*, slip: ChequeSlip) -> None:
    """The paper that goes to the bank with the cheques; once made, it is never made again."""
    ChequeSlip.objects.select_for_update(of=("self",), no_key=True).get(pk=slip.pk)
    if document_of(slip, "slip") is not None:
        return
    from documents.rendering import render_pdf

    pdf = render_pdf(
        template="billing/slip_pdf.html",
        context=slip_paper(slip),
        issued_at=slip.made_at,
        title=f"Remise de chèques {slip.number}",
        author=slip.bank_account.issuer.legal_name,
    )
    file = store_file(name=f"{slip.number}.pdf", content_type="application/pdf", content=pdf.content)
    attach_document(about=slip, kind="slip", file=file)
