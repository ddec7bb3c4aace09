"""The electronic form of invoices, for those who keep the accounts."""

import datetime as dt

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import actions, queries
from billing.einvoice.platforms import current_platform
from billing.forms import BuyerForm, HandInForm
from billing.models import Account, Invoice
from billing.rules import accounts
from billing.views.papers import xml_of
from hubs import french
from hubs.refusals import Refusal
from hubs.rules import open_to

PER_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(accounts)
def buyer(request: HttpRequest, account_id: int) -> HttpResponse:
    """What one structure asks to read on its invoices."""
    structures = Account.objects.with_holders().filter(organisation__isnull=False)
    account = get_object_or_404(structures, pk=account_id)
    held = queries.buyer_of_account(account)
    form = BuyerForm(request.POST if request.method == "POST" else None, instance=held)
    if request.method == "POST" and form.is_valid():
        try:
            actions.describe_buyer(account=account, values=form.cleaned_data, by=request.actor)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(
                request, _("C’est noté pour les prochaines factures. Celles qui sont émises ne changent pas.")
            )
            return redirect("billing:account", account.pk)
    context = {
        "account": account, "structure": account.organisation, "form": form, "has_platform": bool(current_platform().name),
    }  # fmt: skip
    return render(request, "billing/buyer.html", context, status=422 if form.errors else 200)


@require_safe
@open_to(accounts)
def checks(request: HttpRequest, month: dt.date) -> HttpResponse:
    """How far the check of the drafts is: the preview asks until it is done."""
    context = {"plan": queries.month_plan(month), "month": month, "is_checking": queries.checks_under_way()}
    return render(request, "billing/month_preview.html#checks", context)


@require_safe
@open_to(accounts)
def invoice_xml(request: HttpRequest, invoice_id: int) -> HttpResponse:
    return xml_of(get_object_or_404(Invoice, pk=invoice_id))


@require_safe
@open_to(accounts)
def chorus(request: HttpRequest) -> HttpResponse:
    """Invoices to public bodies: the PDF to hand in, and the day it was."""
    return _chorus(request)


def _chorus(request: HttpRequest, *, wrong: HandInForm | None = None, of: int = 0) -> HttpResponse:
    page = Paginator(queries.chorus_invoices(), PER_PAGE).get_page(request.GET.get("page"))
    for invoice in page:
        initial = {"deposited_on": timezone.localdate()}
        blank = HandInForm(initial=initial, prefix=str(invoice.pk))
        invoice.form = wrong if wrong and invoice.pk == of else blank
    return render(request, "billing/chorus.html", {"page": page}, status=422 if wrong else 200)


@require_POST
@open_to(accounts)
def note_handed_in(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """Note that an invoice was handed in on Chorus Pro."""
    found = get_object_or_404(Invoice.objects.issued().select_related("account__organisation"), pk=invoice_id)
    form = HandInForm(request.POST, prefix=str(found.pk))
    if form.is_valid():
        try:
            deposit = actions.note_handed_in(
                invoice=found, by=request.actor, today=timezone.localdate(), **form.cleaned_data
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            given = {"number": found.number, "day": french.day(deposit.deposited_on, weekday=False)}
            messages.success(request, _("%(number)s déposée le %(day)s\u00a0: c’est noté.") % given)
            return redirect("billing:chorus")
    return _chorus(request, wrong=form, of=found.pk)
