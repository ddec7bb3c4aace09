"""What suppliers send: dropped on the page, checked, then approved and paid, or refused."""

from django.contrib import messages
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import actions, queries
from billing.enums import SupplierState
from billing.filters import SupplierInvoiceFilter
from billing.forms import PaidForm, ReasonForm, SupplierFileForm
from billing.models import SupplierInvoice
from billing.papers import supplier_rate
from billing.rules import accounts
from billing.tables import SupplierInvoiceTable
from billing.views.invoices import without_paging
from documents.downloads import attachment
from hubs.exports import MAX_ROWS, TYPES, download
from hubs.lists import show_page
from hubs.refusals import Refusal
from hubs.rules import open_to


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(accounts)
def supplier_invoices(request: HttpRequest) -> HttpResponse:
    """The list, and the file to drop."""
    form = SupplierFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            invoice = actions.receive_supplier_invoice(
                name=file.name, content=file.read(), by=request.actor, now=timezone.now()
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("La facture est lue. Vérifiez-la, puis dites si elle est à payer."))
            return redirect("billing:supplier_invoice", invoice.pk)
    filters = SupplierInvoiceFilter(request.GET or None, queryset=SupplierInvoice.objects.all())
    if (kind := request.GET.get("export")) in TYPES:
        return _export(filters.qs, kind)
    table = SupplierInvoiceTable(filters.qs, order_by="-issue_date")
    table.today = timezone.localdate()
    show_page(request, table)
    to_pay = SupplierInvoice.objects.filter(state=SupplierState.APPROVED).aggregate(sum=Sum("to_pay"))["sum"]
    context = {
        "form": form,
        "filters": filters,
        "table": table,
        "to_pay": to_pay,
        "arrivals": list(queries.faulty_arrivals()),
        "export_query": without_paging(request),
    }
    return render(request, "billing/supplier_invoices.html", context, status=422 if form.errors else 200)


def _export(found: QuerySet, kind: str) -> HttpResponse:
    header = [
        _("Fournisseur"), _("Numéro"), _("Nature"), _("Date"), _("Échéance"), _("HT"), _("TVA"), _("TTC"), _("État"),
        _("Payée le"),
    ]  # fmt: skip
    rows = [
        (
            row.seller_name, row.number, row.get_kind_display(), row.issue_date, row.due_date, row.total_excl,
            row.total_vat, row.total_incl, row.get_state_display(), row.paid_on,
        )
        for row in found.order_by("-issue_date", "-pk")[:MAX_ROWS]
    ]  # fmt: skip
    return download("factures-fournisseurs", kind, header, rows)


def _invoice(invoice_id: int) -> SupplierInvoice:
    return get_object_or_404(SupplierInvoice.objects.select_related("issuer", "supplier", "file"), pk=invoice_id)


@require_safe
@open_to(accounts)
def supplier_invoice(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """What it says, what to look at, and the decision that it waits for."""
    return _show(request, _invoice(invoice_id))


def _show(
    request: HttpRequest,
    invoice: SupplierInvoice,
    *,
    refuse_form: ReasonForm | None = None,
    paid_form: PaidForm | None = None,
    status: int = 200,
) -> HttpResponse:
    lines, taxes = list(invoice.lines.order_by("position")), list(invoice.taxes.order_by("-rate", "pk"))
    for line in lines:
        line.rate_label, line.unit_label = supplier_rate(line.vat_category, line.vat_rate), ""
    context = {
        "invoice": invoice,
        "lines": lines,
        "vat_groups": [
            {
                "label": supplier_rate(tax.category, tax.rate),
                "base": tax.base,
                "amount": tax.amount,
                "exemption_text": "",
            }
            for tax in taxes
        ],
        "remarks": queries.remarks_on(invoice, lines, taxes),
        "refuse_form": refuse_form or ReasonForm(),
        "paid_form": paid_form or PaidForm(),
        "today": timezone.localdate(),
    }
    return render(request, "billing/supplier_invoice.html", context, status=status)


@require_safe
@open_to(accounts)
def supplier_file(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """The bytes that the supplier sent."""
    return attachment(_invoice(invoice_id).file)


@require_POST
@open_to(accounts)
def approve_supplier(request: HttpRequest, invoice_id: int) -> HttpResponse:
    invoice = _invoice(invoice_id)
    try:
        actions.approve_supplier_invoice(invoice=invoice, by=request.actor, now=timezone.now())
    except Refusal as refusal:
        messages.warning(request, refusal.message)
    else:
        messages.success(request, _("Elle est à payer."))
    return redirect("billing:supplier_invoice", invoice.pk)


@require_POST
@open_to(accounts)
def refuse_supplier(request: HttpRequest, invoice_id: int) -> HttpResponse:
    invoice = _invoice(invoice_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _show(request, invoice, refuse_form=form, status=422)
    try:
        actions.refuse_supplier_invoice(
            invoice=invoice, by=request.actor, reason=form.cleaned_data["reason"], now=timezone.now()
        )
    except Refusal as refusal:
        messages.warning(request, refusal.message)
    else:
        messages.success(request, _("Elle est refusée. Dites-le au fournisseur, avec le motif."))
    return redirect("billing:supplier_invoice", invoice.pk)


@require_POST
@open_to(accounts)
def pay_supplier(request: HttpRequest, invoice_id: int) -> HttpResponse:
    invoice = _invoice(invoice_id)
    form = PaidForm(request.POST)
    if form.is_valid():
        try:
            actions.pay_supplier_invoice(
                invoice=invoice, by=request.actor, paid_on=form.cleaned_data["paid_on"], today=timezone.localdate()
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("Le paiement est noté."))
            return redirect("billing:supplier_invoice", invoice.pk)
    return _show(request, invoice, paid_form=form, status=422)
