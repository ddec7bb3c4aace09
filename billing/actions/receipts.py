"""A receipt for what is paid by hand."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.actions.numbers import take_number
from billing.actions.payments import PaymentCancelled, lock_account
from billing.enums import RECEIPT_SERIES
from billing.models import Issuer, Payment, Receipt
from billing.papers import buyer_of, seller_of
from billing.papers_bank import receipt_paper
from billing.rules import require_accounts
from documents.actions import attach_document, store_file
from documents.queries import document_of
from hubs.actions import add_item, record, start_run
from hubs.actors import Actor
from hubs.refusals import Refusal


class NotByHand(Refusal):
    message = _("Un reçu se donne pour des espèces ou un chèque\u00a0; le relevé de la banque prouve le reste.")


class NobodyReceives(Refusal):
    message = _("Aucun organisme n’encaisse pour le pôle. Renseignez d’abord l’émetteur des factures.")


@transaction.atomic
def give_receipt(*, payment: Payment, by: Actor, today: dt.date, now: dt.datetime) -> Receipt:
    """The receipt of a payment, with its number; asked twice, it is the same one.

    Raises NotByHand, PaymentCancelled, NobodyReceives.
    """
    require_accounts(by)
    account = lock_account(payment.account_id)
    payment = Payment.objects.select_for_update(of=("self",), no_key=True).get(pk=payment.pk)
    given = Receipt.objects.filter(payment=payment).first()
    if given is not None:
        return given
    if not payment.is_by_hand:
        raise NotByHand
    if payment.cancelled_at is not None:
        raise PaymentCancelled
    issuer = Issuer.objects.live(today).first()
    if issuer is None:
        raise NobodyReceives
    taken = take_number(issuer, RECEIPT_SERIES, today)
    receipt = Receipt.objects.create(
        payment=payment,
        issuer=issuer,
        year=taken.year,
        sequence=taken.sequence,
        number=taken.number,
        issue_date=taken.on,
        issued_at=now,
        seller=seller_of(issuer),
        payer=buyer_of(account),
    )
    run = start_run(title=f"Reçu {receipt.number}", by=by, about=receipt)
    add_item(run=run, job="billing.render_receipt", label=receipt.number, receipt_id=receipt.pk)
    record(by=by, verb="billing.receipt_given", thing=receipt, after={"amount": payment.amount}, concerns=account)
    return receipt


@transaction.atomic
def render_receipt(*, receipt: Receipt) -> None:
    """Make the PDF of a receipt; once made, it is never made again."""
    Receipt.objects.select_for_update(of=("self",), no_key=True).get(pk=receipt.pk)
    if document_of(receipt, "receipt") is not None:
        return
    from documents.rendering import render_pdf

    pdf = render_pdf(
        template="billing/receipt_pdf.html",
        context=receipt_paper(receipt),
        issued_at=receipt.issued_at,
        title=f"Reçu {receipt.number}",
        author=receipt.seller["name"],
    )
    file = store_file(name=f"{receipt.number}.pdf", content_type="application/pdf", content=pdf.content)
    attach_document(about=receipt, kind="receipt", file=file)
