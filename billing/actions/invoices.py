"""One invoice at a time: its number and its paper."""

import datetime as dt

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.actions.debits import note_announced, plan_debit
from billing.actions.deposits import kept_for, pay_with_kept
from billing.actions.einvoice import require_sound, require_valid
from billing.actions.numbers import take_number
from billing.actions.payments import lock_account, settle
from billing.actions.years import within_books
from billing.einvoice.facts import facts_of
from billing.enums import SERIES, InvoiceKind
from billing.models import BuyerProfile, Debit, Invoice
from billing.money import ZERO
from billing.papers import agreed_parts, buyer_of, paper_of, profiles_of, seller_of, title_of
from billing.queries.accounts import held, recipients
from billing.rules import require_accounts
from documents.actions import attach_document, store_file
from documents.models import StoredFile
from documents.queries import document_of
from hubs import languages
from hubs.actions import add_item, record, send_mail, start_run
from hubs.actors import Actor, system
from hubs.models import Mail, Run
from hubs.queries import absolute
from hubs.refusals import Refusal
from hubs.scope import current_hub, current_hub_id

LINE_FIELDS = (
    "on", "description", "detail", "quantity", "unit_label", "unit_price_excl", "vat_rule_id", "vat_category",
    "vat_rate", "exemption_text", "exemption_code", "amount_excl",
)  # fmt: skip


class NoRecipient(Refusal):
    message = _("Aucune adresse électronique\u00a0: renseignez celle de la structure, puis renvoyez.")


@transaction.atomic
def issue_invoice(*, invoice: Invoice, run: Run, today: dt.date) -> Invoice:
    """Give a draft its number and freeze it; twice changes nothing. Its paper becomes an item of `run`.

    Raises DraftFaulty, CheckerSilent: it keeps its place in the month, without a number.
    """
    # The account before the invoice, as payments do.
    account = lock_account(invoice.account_id)
    invoice = Invoice.objects.select_for_update(of=("self",)).select_related("issuer").get(pk=invoice.pk)
    if invoice.is_issued:
        return invoice
    invoice.account = account
    profile = profiles_of([account]).get(account.pk)
    require_valid(invoice, profile)
    kept = kept_for(invoice)
    invoice.paid_on_issue = min(held(account.pk) + sum((move.amount for move in kept), ZERO), invoice.total_incl)
    _freeze(invoice, today, profile)
    pay_with_kept(invoice, kept, by=system(current_hub_id()))
    settle(account.pk)
    plan_debit(invoice=invoice, today=today)
    after = {"total_incl": invoice.total_incl}
    record(by=system(current_hub_id()), verb="billing.issued", thing=invoice, after=after, concerns=account)
    add_item(run=run, job="billing.render_invoice", label=title_of(invoice), invoice_id=invoice.pk)
    return invoice


def _freeze(invoice: Invoice, today: dt.date, profile: BuyerProfile | None) -> None:
    """Number and date, seller and buyer as they are today; a credit note has those of what it corrects. Raises BooksStopped."""
    series = SERIES[InvoiceKind(invoice.kind)]
    taken = take_number(invoice.issuer, series, today)
    invoice.series, invoice.year, invoice.sequence = series, taken.year, taken.sequence
    invoice.number, invoice.issue_date = taken.number, taken.on
    if not invoice.is_credit_note:
        invoice.due_date = taken.on + dt.timedelta(days=invoice.issuer.payment_days)
    if invoice.corrects:
        invoice.seller, invoice.buyer = invoice.corrects.frozen
    else:
        invoice.seller, invoice.buyer = seller_of(invoice.issuer), buyer_of(invoice.account, profile)
    invoice.issued_at = timezone.now()
    with within_books(taken.on, gettext("ce document"), issuer=invoice.issuer):
        invoice.save()


def issue_alone(invoice: Invoice, *, by: Actor, today: dt.date) -> None:
    """Number and freeze what is issued outside of a month, in a run of its own that makes its paper.

    Raises DraftFaulty, CheckerSilent.
    """
    _freeze(invoice, today, profiles_of([invoice.account]).get(invoice.account_id))
    require_sound(invoice)
    with languages.of_hub():
        title = title_of(invoice)
    run = start_run(title=title, by=by, about=invoice)
    add_item(run=run, job="billing.render_invoice", label=title, invoice_id=invoice.pk)


@transaction.atomic
def render_invoice(*, invoice: Invoice, today: dt.date) -> None:
    """Make the PDF of an issued invoice, keep it and mail it; once made, it is never made again."""
    Invoice.objects.select_for_update(of=("self",), no_key=True).get(pk=invoice.pk)
    if document_of(invoice, "invoice") is not None:
        return
    # WeasyPrint and factur-x are slow to import, and web processes do not need them.
    from billing.einvoice.cii import FACTUR_X, FILE_NAME, cii_xml
    from documents.rendering import Attachment, render_pdf

    seller, _buyer = invoice.frozen
    xml = cii_xml(facts_of(invoice))
    pdf = render_pdf(
        template="billing/invoice_pdf.html",
        context=paper_of(invoice),
        issued_at=invoice.issued_at,  # type: ignore[arg-type]
        title=title_of(invoice),
        author=seller["name"],
        attachments=[Attachment(FILE_NAME, xml, "Factur-X")],
        schemas=[FACTUR_X],
    )
    # The larger first: where there is no room, nothing of it is left.
    file = store_file(name=f"{invoice.number}.pdf", content_type="application/pdf", content=pdf.content)
    attach_document(about=invoice, kind="invoice", file=file)
    data = store_file(name=f"{invoice.number}.xml", content_type="application/xml", content=xml)
    attach_document(about=invoice, kind="einvoice", file=data)
    if _mail(invoice, file, today) is not None:
        note_announced(invoice=invoice, today=today)


@transaction.atomic
def send_invoice_again(*, invoice: Invoice, by: Actor, today: dt.date) -> Mail:
    """Mail the PDF once more, to the address of today. Raises NoRecipient."""
    require_accounts(by)
    document = document_of(invoice, "invoice")
    mail = _mail(invoice, document.file, today) if document else None
    if mail is None:
        raise NoRecipient
    record(by=by, verb="billing.sent_again", thing=invoice, after={"to": mail.to}, concerns=invoice.account)
    return mail


def _mail(invoice: Invoice, file: StoredFile, today: dt.date) -> Mail | None:
    to = recipients([invoice.account], today)[invoice.account_id]
    if not to:
        return None
    seller, _buyer = invoice.frozen
    context = {
        "invoice": invoice,
        "title": title_of(invoice),
        "due": invoice.total_incl - invoice.paid_on_issue,
        "debit": Debit.objects.expected().filter(invoice=invoice).first(),
        "parts": agreed_parts(invoice),
        "hub": current_hub(),
        "url": absolute(reverse("billing:my_account")),
    }
    with languages.of_hub():
        subject = f"{title_of(invoice)} – {seller['name']}"
        text = render_to_string("billing/mail/invoice.txt", context)
    return send_mail(
        to=to,
        subject=subject,
        text=text,
        attachments=[{"name": f"{invoice.number}.pdf", "type": "application/pdf", "key": file.key}],
        about=invoice,
    )
