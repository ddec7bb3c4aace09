"""The dates agreed for an invoice."""

import datetime as dt
from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from billing import actions
from billing.forms import EqualPartsForm, ScheduleForm
from billing.models import Invoice
from billing.rules import accounts
from hubs.refusals import Refusal
from hubs.rules import open_to


def _invoice(invoice_id: int) -> Invoice:
    issued = Invoice.objects.issued().with_due().select_related("account__organisation", "account__person")
    return get_object_or_404(issued, pk=invoice_id)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(accounts)
def schedule(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """Dates and amounts; `?count=3&first=…` proposes equal parts, and nothing is agreed before the last click."""
    invoice = _invoice(invoice_id)
    equal = EqualPartsForm(request.GET if "count" in request.GET else None, initial={"first": invoice.due_date})
    parts = equal.parts_of(invoice.total_incl) if equal.is_bound and equal.is_valid() else _agreed(invoice)
    form = ScheduleForm(request.POST if request.method == "POST" else None, parts=parts)
    if request.method == "POST" and form.is_valid():
        try:
            actions.agree_schedule(
                invoice=invoice,
                parts=form.parts,
                reason=form.cleaned_data["reason"],
                by=request.actor,
                now=timezone.now(),
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("L’échéancier est noté\u00a0: relances et compte suivent ces dates."))
            return redirect("billing:invoice", invoice.pk)
    context = {
        "invoice": invoice,
        "form": form,
        "equal": equal,
        "has_one": invoice.schedules.current().exists(),
    }
    status = 422 if form.errors or equal.errors else 200
    return render(request, "billing/schedule.html", context, status=status)


def _agreed(invoice: Invoice) -> list[tuple[dt.date, Decimal]]:
    """The dates of today's schedule, to be changed."""
    current = invoice.schedules.current().first()
    return list(current.instalments.order_by("position").values_list("due_on", "amount")) if current else []


@require_POST
@open_to(accounts)
def end_schedule(request: HttpRequest, invoice_id: int) -> HttpResponse:
    invoice = _invoice(invoice_id)
    try:
        actions.end_schedule(invoice=invoice, by=request.actor, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("La facture est due à sa date d’origine."))
    return redirect("billing:invoice", invoice.pk)
