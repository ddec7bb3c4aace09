"""What staff and members see alike of an invoice: its lines, its sums, its PDF."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from billing import queries
from billing.credits import totals_of
from billing.enums import ChargeKind
from billing.forms import DetailForm
from billing.models import Account, Invoice, Quote
from billing.money import totals
from billing.papers import rate_label, vat_groups
from billing.queries.details import PAYMENT
from documents.downloads import attachment, download
from documents.queries import document_of


def lines_of(invoice: Invoice) -> dict[str, Any]:
    """The lines with their rate in words, and the tax by rate."""
    lines = sorted(invoice.lines.all(), key=lambda line: line.position)
    for line in lines:
        line.rate_label = rate_label(line.vat_category, line.vat_rate)
    return {"lines": lines, "vat_groups": vat_groups(totals_of(invoice, lines))}


def xml_of(invoice: Invoice) -> HttpResponse:
    """The electronic invoice, made with the PDF that carries it."""
    document = document_of(invoice, "einvoice") if invoice.is_issued else None
    if document is None:
        raise Http404
    return attachment(document.file, f"{invoice.number}.xml")


def has_xml(invoice: Invoice) -> bool:
    """Not of those issued before electronic invoices were, nor while the PDF is being made."""
    return invoice.is_issued and document_of(invoice, "einvoice") is not None


def quote_lines_of(quote: Quote) -> dict[str, Any]:
    """The lines of a quote with their rate in words, and the tax by rate; `invoice` is where the sums are read."""
    lines = list(quote.lines.order_by("position"))
    for line in lines:
        line.rate_label = rate_label(line.vat_category, line.vat_rate)
    return {"lines": lines, "vat_groups": vat_groups(totals(lines)), "invoice": quote}


def quote_pdf_of(request: HttpRequest, quote: Quote, *, back: str) -> HttpResponse:
    """The PDF as it was made; while it is being made, the page with a word."""
    if not quote.is_sent:
        raise Http404
    document = document_of(quote, "quote")
    if document is None:
        messages.info(request, _("Le PDF est en préparation. Revenez dans une minute."))
        return redirect(back, quote.pk)
    return attachment(document.file, f"{quote.number}.pdf")


def pro_forma_pdf(paper: dict[str, Any], today: dt.date) -> HttpResponse:
    """A pro forma invoice as a download, made on the spot."""
    # WeasyPrint is slow to import: only the process that is asked for one pays for it.
    from documents.rendering import render_pdf

    pdf = render_pdf(
        template="billing/quote_pdf.html",
        context=paper,
        issued_at=dt.datetime.combine(today, dt.time(), tzinfo=dt.UTC),
        title=paper["paper"]["heading"],
        author=paper["issuer"]["name"],
    )
    return download(name="pro-forma.pdf", content_type="application/pdf", content=pdf.content)


def pdf_of(request: HttpRequest, invoice: Invoice, *, back: str) -> HttpResponse:
    """The PDF as it was made; while it is being made, the page with a word."""
    if not invoice.is_issued:
        raise Http404
    document = document_of(invoice, "invoice")
    if invoice.is_opening:
        messages.info(request, _("Cette facture vient d’avant le portail\u00a0: son PDF est resté dans l’autre outil."))
        return redirect(back, invoice.pk)
    if document is None:
        messages.info(request, _("Le PDF est en préparation. Revenez dans une minute."))
        return redirect(back, invoice.pk)
    return attachment(document.file, f"{invoice.number}.pdf")


def details_of(request: HttpRequest, account: Account, told: queries.Statement) -> dict[str, Any]:
    """Everything on the account, as `?kind=&year=` asks; a kind or a year that is not there shows all."""
    kind, year = request.GET.get("kind", ""), request.GET.get("year", "")
    details = queries.account_details(
        account,
        told.invoices,
        kind=kind if kind in {*ChargeKind.values, PAYMENT} else "",
        year=int(year) if year.isdecimal() and len(year) == 4 else None,
        page=request.GET.get("page"),
    )
    form = DetailForm(request.GET or None)
    form.offer(details)
    return {"details": details, "detail_form": form}
