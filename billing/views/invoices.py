"""Invoices for those who keep the accounts: the list, one invoice, its credit note."""

import datetime as dt

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import actions, queries
from billing.credits import credit_left
from billing.filters import InvoiceFilter
from billing.forms import CreditForm, PaymentForm
from billing.models import Invoice, Payment
from billing.models.invoice import holder_of_invoice
from billing.papers import month_name, title_of, vat_groups
from billing.rules import accounts
from billing.tables import InvoiceTable
from billing.views.papers import has_xml, lines_of, pdf_of
from hubs import french
from hubs.exports import MAX_ROWS, TYPES, download
from hubs.lists import show_page
from hubs.refusals import Refusal
from hubs.rules import open_to


@require_safe
@open_to(accounts)
def invoices(request: HttpRequest) -> HttpResponse:
    """Every invoice and credit note; `?export=csv` gives the list as it is filtered."""
    issued = Invoice.objects.issued().with_due().annotate(holder=holder_of_invoice())
    filters = InvoiceFilter(request.GET or None, queryset=issued)
    if (kind := request.GET.get("export")) in TYPES:
        return _export(request, filters.qs.in_order(), kind)
    today = timezone.localdate()
    table = InvoiceTable(filters.qs, order_by="-number")
    table.today = today
    show_page(request, table)
    context = {
        "filters": filters,
        "table": table,
        "to_close": queries.month_to_close(today),
        "last_month": (today.replace(day=1) - dt.timedelta(days=1)).replace(day=1),
        "export_query": without_paging(request),
        "chorus_count": queries.waiting_for_chorus(),
    }
    if context["to_close"]:
        context["to_close_name"] = month_name(context["to_close"])
    return render(request, "billing/invoices.html", context)


def without_paging(request: HttpRequest) -> str:
    query = request.GET.copy()
    for name in ("page", "sort", "export"):
        query.pop(name, None)
    return query.urlencode()


def _export(request: HttpRequest, found: QuerySet, kind: str) -> HttpResponse:
    rows = list(found[: MAX_ROWS + 1])
    if len(rows) > MAX_ROWS:
        messages.warning(request, _("L’export s’arrête à 5 000 lignes\u00a0: choisissez un mois ou une structure."))
        return redirect("billing:invoices")
    header = [
        _("Numéro"), _("Nature"), _("Pour"), _("Date"), _("Échéance"), _("HT"), _("TVA"), _("TTC"), _("Reste à payer"),
    ]  # fmt: skip
    # What a credit note takes back is below zero: a column sums to what is asked in all.
    signs = [-1 if row.is_credit_note else 1 for row in rows]
    lines = [
        (
            row.number, row.get_kind_display(), row.holder, row.issue_date, row.due_date, sign * row.total_excl,
            sign * row.total_vat, sign * row.total_incl, row.due,
        )
        for row, sign in zip(rows, signs, strict=True)
    ]  # fmt: skip
    return download("factures", kind, header, lines)


def _invoice(invoice_id: int) -> Invoice:
    wanted = Invoice.objects.with_due().select_related(
        "account__organisation", "account__person", "issuer", "corrects", "quote"
    )
    return get_object_or_404(wanted, pk=invoice_id)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(accounts)
def invoice(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """One invoice: why this amount, what was paid, and a payment to record."""
    found = _invoice(invoice_id)
    form = PaymentForm(request.POST or None, amount=found.due)
    if request.method == "POST" and form.is_valid():
        try:
            payment = actions.record_payment(
                account=found.account, invoice=found, by=request.actor, today=timezone.localdate(), **form.cleaned_data
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, received(payment))
            return redirect("billing:invoice", found.pk)
    (result,) = queries.results_of([found])
    context = {
        "invoice": found,
        "title": title_of(found),
        "result": result,
        "form": form,
        "credit_notes": found.corrections.order_by("pk"),
        "allocations": found.allocations.live().select_related("payment").order_by("pk"),
        "parts": queries.parts_of(found),
        "is_late": queries.is_late(found, timezone.localdate()),
        "disputes": found.disputes.select_related("opened_by", "closed_by").order_by("-opened_at", "-pk"),
        "is_disputed": found.disputes.pending().exists(),
        "reminders": found.reminders.select_related("level").order_by("-sent_on", "-pk"),
        "month_name": month_name(found.period),
        "has_xml": has_xml(found),
        "debits": found.debits.select_related("mandate", "batch").order_by("-pk"),
        **queries.on_platform(found),
        **lines_of(found),
    }
    return render(request, "billing/invoice.html", context, status=422 if form.errors else 200)


def received(payment: Payment) -> str:
    return _("%(amount)s reçus le %(day)s\u00a0: c’est noté.") % {
        "amount": french.euros(payment.amount),
        "day": french.day(payment.received_on, weekday=False),
    }


@require_safe
@open_to(accounts)
def invoice_pdf(request: HttpRequest, invoice_id: int) -> HttpResponse:
    return pdf_of(request, _invoice(invoice_id), back="billing:invoice")


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(accounts)
def credit(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """What is left to credit and what the note will be, its reason, then the click. `preview` only counts."""
    found = _invoice(invoice_id)
    left = credit_left(found)
    form = CreditForm(request.POST or None, left=left)
    plan = None
    if request.method == "POST" and form.is_valid():
        try:
            if "preview" in request.POST:
                plan = actions.plan_credit(invoice=found, parts=form.parts)
            else:
                note = actions.credit_invoice(
                    invoice=found, by=request.actor, reason=form.cleaned_data["reason"], today=timezone.localdate(),
                    parts=form.parts,
                )  # fmt: skip
                messages.success(request, _("L’avoir %(number)s est établi.") % {"number": note.number})
                return redirect("billing:invoice", note.pk)
        except Refusal as refusal:
            refusal.tell(form)
    context = {
        "invoice": found,
        "form": form,
        "left": left,
        "plan": plan,
        "vat_groups": vat_groups(plan.totals) if plan else [],
    }
    return render(request, "billing/credit.html", context, status=422 if form.errors else 200)


@require_POST
@open_to(accounts)
def send_again(request: HttpRequest, invoice_id: int) -> HttpResponse:
    found = _invoice(invoice_id)
    try:
        mail = actions.send_invoice_again(invoice=found, by=request.actor, today=timezone.localdate())
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Elle repart à %(to)s.") % {"to": ", ".join(mail.to)})
    return redirect("billing:invoice", found.pk)
