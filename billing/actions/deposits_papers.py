"""The papers of a deposit: made by a worker, kept, mailed. Each state of a deposit has its own, made once."""

import datetime as dt

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from billing.actions.invoices import NoRecipient
from billing.models import Deposit, DepositMove
from billing.papers_deposits import deposit_paper, title_of_paper
from billing.queries.accounts import recipients
from billing.rules import require_accounts
from documents.actions import attach_document, store_file
from documents.models import Document
from hubs import languages
from hubs.actions import add_item, name_of, record, send_mail, start_run
from hubs.actors import Actor
from hubs.models import Run
from hubs.queries import absolute
from hubs.scope import current_hub


def version_of(deposit: Deposit) -> int:
    """Grows with each move and each cancellation: one paper for each state of the deposit."""
    moves = DepositMove.objects.filter(deposit=deposit)
    return 1 + moves.count() + moves.filter(cancelled_at__isnull=False).count()


@transaction.atomic
def send_deposit_paper(*, deposit: Deposit, kind: str, by: Actor, today: dt.date) -> Run | None:
    """Have the paper of today's state made and mailed by a worker; made already, it is mailed again.

    Raises NoRecipient when it is made already and there is nowhere to send it.
    """
    require_accounts(by)
    deposit = Deposit.objects.select_for_update(of=("self",), no_key=True).get(pk=deposit.pk)
    version = version_of(deposit)
    record(by=by, verb="billing.deposit_paper_sent", thing=deposit, after={"kind": kind}, concerns=deposit.account)
    if paper := _paper(deposit, kind, version):
        if not _mail(deposit, paper, today):
            raise NoRecipient
        return None
    title = title_of_paper(deposit, kind)
    run = start_run(title=f"{title}, {deposit.account}"[:200], by=by, about=deposit)
    add_item(
        run=run, job="billing.render_deposit_paper", label=title, deposit_id=deposit.pk, kind=kind, version=version,
        today=today,
    )  # fmt: skip
    return run


def _paper(deposit: Deposit, kind: str, version: int) -> Document | None:
    papers = Document.objects.select_related("file").filter(source=name_of(deposit), kind=kind, version=version)
    return papers.first()


@transaction.atomic
def render_deposit_paper(*, deposit: Deposit, kind: str, version: int, today: dt.date) -> None:
    """Make the PDF, keep it and mail it; once made, it is never made again."""
    Deposit.objects.select_for_update(of=("self",), no_key=True).get(pk=deposit.pk)
    if _paper(deposit, kind, version):
        return
    # WeasyPrint is slow to import, and web processes do not need it.
    from documents.rendering import render_pdf

    title = title_of_paper(deposit, kind)
    pdf = render_pdf(
        template="billing/deposit_pdf.html",
        context=deposit_paper(deposit, kind, today),
        issued_at=timezone.now(),
        title=f"{title} {deposit.reference}",
        author=deposit.issuer.legal_name,
    )
    name = f"{title} {deposit.reference}.pdf"
    file = store_file(name=name, content_type="application/pdf", content=pdf.content)
    _mail(deposit, attach_document(about=deposit, kind=kind, file=file, version=version), today)


def _mail(deposit: Deposit, paper: Document, today: dt.date) -> bool:
    """Send the paper to where the account's invoices go; False when there is nowhere."""
    to = recipients([deposit.account], today)[deposit.account_id]
    if not to:
        return False
    with languages.of_hub():
        title = title_of_paper(deposit, paper.kind)
        context = deposit_paper(deposit, paper.kind, today) | {
            "hub": current_hub(),
            "url": absolute(reverse("billing:my_account")),
        }
        text = render_to_string("billing/mail/deposit.txt", context)
    send_mail(
        to=to,
        subject=f"{title} – {deposit.issuer.legal_name}",
        text=text,
        attachments=[{"name": paper.file.name, "type": "application/pdf", "key": paper.file.key}],
        about=deposit,
    )
    return True
