"""Quotes for those who keep the accounts: the list, one quote, and what is done with it."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import actions
from billing.enums import QuoteState
from billing.filters import QuoteFilter
from billing.forms import ChargeQuoteForm, DepositInvoiceForm, QuoteForm, StaffAnswerForm
from billing.forms.quotes import LINES, QuoteLineFormSet, line_values, typed_lines, who_of
from billing.models import Account, Issuer, Quote
from billing.models.invoice import holder_of_invoice
from billing.papers import vat_groups
from billing.quote_papers import pro_forma_of_quote, quote_title
from billing.rules import accounts
from billing.tables import QuoteTable
from billing.views.invoices import without_paging
from billing.views.papers import pro_forma_pdf, quote_lines_of, quote_pdf_of
from hubs.exports import MAX_ROWS, TYPES, download
from hubs.lists import show_page
from hubs.refusals import Refusal
from hubs.rules import open_to

FORM = ["GET", "HEAD", "POST"]


@require_safe
@open_to(accounts)
def quotes(request: HttpRequest) -> HttpResponse:
    """Every quote; `?export=csv` gives the list as it is filtered."""
    everything = Quote.objects.with_state(timezone.localdate()).annotate(holder=holder_of_invoice())
    filters = QuoteFilter(request.GET or None, queryset=everything)
    if (kind := request.GET.get("export")) in TYPES:
        return _export(filters.qs.in_order(), kind)
    table = QuoteTable(filters.qs.in_order())
    show_page(request, table)
    context = {"filters": filters, "table": table, "export_query": without_paging(request)}
    return render(request, "billing/quotes.html", context)


def _export(found: QuerySet, kind: str) -> HttpResponse:
    header = [
        _("Numéro"), _("Pour"), _("Objet"), _("Date"), _("Valable jusqu’au"), _("HT"), _("TVA"), _("TTC"), _("État"),
        _("Répondu le"), _("Par"), _("Commande"),
    ]  # fmt: skip
    rows = [
        (
            row.number or "", row.holder, row.title, row.sent_on, row.valid_until, row.total_excl, row.total_vat,
            row.total_incl, QuoteState(row.state_now).label, row.decided_on, row.decided_by, row.order_number,
        )
        for row in found[:MAX_ROWS]
    ]  # fmt: skip
    return download("devis", kind, header, rows)


def _quote(quote_id: int) -> Quote:
    return get_object_or_404(
        Quote.objects.select_related("account__organisation", "account__person", "issuer"), pk=quote_id
    )


@require_http_methods(FORM)
@open_to(accounts)
def new_quote(request: HttpRequest) -> HttpResponse:
    """A quote to write; `?compte=12` is for that account."""
    account = None
    if request.GET.get("compte", "").isdecimal():
        account = Account.objects.filter(pk=int(request.GET["compte"][:18])).first()
    return _write(request, None, {"who": who_of(account)} if account else {}, [{}, {}])


@require_http_methods(FORM)
@open_to(accounts)
def edit_quote(request: HttpRequest, quote_id: int) -> HttpResponse:
    found = _quote(quote_id)
    if found.is_sent:
        messages.warning(request, actions.QuoteSent.message)
        return redirect("billing:quote", found.pk)
    initial = {
        "who": who_of(found.account), "title": found.title, "valid_until": found.valid_until, "note": found.note,
    }  # fmt: skip
    return _write(request, found, initial, line_values(found))


def _write(
    request: HttpRequest, found: Quote | None, initial: dict[str, Any], lines: list[dict[str, Any]]
) -> HttpResponse:
    """The form of a quote. « Ajouter une ligne » and « Retirer » show it again, and write nothing."""
    post = request.POST
    if request.method == "POST" and ("add" in post or "remove" in post):
        typed = typed_lines(post)
        if "add" in post:
            typed.append({})
        elif (rank := post["remove"]).isdecimal() and len(rank) < 3 and int(rank) < len(typed):
            del typed[int(rank)]
        form = QuoteForm(initial={name: post.get(name, "") for name in QuoteForm.base_fields})
        return _show_form(request, found, form, _lines_form(typed or [{}]))
    form = QuoteForm(post if request.method == "POST" else None, initial=initial)
    if request.method != "POST":
        return _show_form(request, found, form, _lines_form(lines))
    formset = QuoteLineFormSet(post, prefix=LINES)
    for each in formset:
        each.empty_permitted, each.use_required_attribute = True, False
    if form.is_valid() and formset.is_valid():
        values = {name: form.cleaned_data[name] for name in ("title", "valid_until", "note")}
        typed = [each.cleaned_data for each in formset if each.has_changed()]
        try:
            made = actions.write_quote(
                account=form.account(), lines=typed, by=request.actor, today=timezone.localdate(), quote=found, **values
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("Le brouillon est gardé. Relisez-le, puis envoyez-le."))
            return redirect("billing:quote", made.pk)
    return _show_form(request, found, form, formset, status=422)


def _lines_form(lines: list[dict[str, Any]]) -> Any:
    return QuoteLineFormSet(prefix=LINES, initial=[{"quantity": 1} | line for line in lines])


def _show_form(
    request: HttpRequest, found: Quote | None, form: QuoteForm, formset: Any, *, status: int = 200
) -> HttpResponse:
    context = {"quote": found, "form": form, "formset": formset}
    return render(request, "billing/quote_form.html", context, status=status)


@require_safe
@open_to(accounts)
def quote(request: HttpRequest, quote_id: int) -> HttpResponse:
    """One quote: its lines, its answer, its deposits, and what comes next."""
    found = _quote(quote_id)
    context = {
        "quote": found,
        "title": quote_title(found),
        "state": found.state(timezone.localdate()),
        "deposits": found.deposits.issued().with_due().order_by("sequence"),
        **quote_lines_of(found),
    }
    return render(request, "billing/quote.html", context)


@require_POST
@open_to(accounts)
def send_quote(request: HttpRequest, quote_id: int) -> HttpResponse:
    found = _quote(quote_id)
    try:
        sent = actions.send_quote(quote=found, by=request.actor, today=timezone.localdate())
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Le devis %(number)s part par courriel.") % {"number": sent.number})
    return redirect("billing:quote", found.pk)


@require_POST
@open_to(accounts)
def drop_quote(request: HttpRequest, quote_id: int) -> HttpResponse:
    found = _quote(quote_id)
    try:
        actions.drop_quote(quote=found, by=request.actor)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("billing:quote", found.pk)
    messages.success(request, _("Le brouillon est supprimé."))
    return redirect("billing:quotes")


@require_http_methods(FORM)
@open_to(accounts)
def answer_quote(request: HttpRequest, quote_id: int) -> HttpResponse:
    """Note an answer that came on paper or by mail."""
    found = _quote(quote_id)
    form = StaffAnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.answer_quote(quote=found, by=request.actor, today=timezone.localdate(), **form.cleaned_data)
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("La réponse est notée."))
            return redirect("billing:quote", found.pk)
    context = {"quote": found, "title": quote_title(found), "form": form}
    return render(request, "billing/quote_answer.html", context, status=422 if form.errors else 200)


@require_http_methods(FORM)
@open_to(accounts)
def ask_deposit(request: HttpRequest, quote_id: int) -> HttpResponse:
    """A deposit invoice on an accepted quote: `preview` counts it, the other button issues it."""
    found = _quote(quote_id)
    form = DepositInvoiceForm(request.POST or None, initial={"percent": 30})
    plan = None
    today = timezone.localdate()
    if request.method == "POST" and form.is_valid():
        try:
            if "preview" in request.POST:
                plan = actions.plan_deposit(quote=found, today=today, **form.cleaned_data)
            else:
                made = actions.issue_deposit_invoice(quote=found, by=request.actor, today=today, **form.cleaned_data)
                messages.success(request, _("La facture d’acompte %(number)s est émise.") % {"number": made.number})
                return redirect("billing:invoice", made.pk)
        except Refusal as refusal:
            refusal.tell(form)
    context = {
        "quote": found,
        "title": quote_title(found),
        "form": form,
        "plan": plan,
        "vat_groups": vat_groups(plan.totals) if plan else [],
        "deposits": found.deposits.issued().with_due().order_by("sequence"),
    }
    return render(request, "billing/quote_deposit.html", context, status=422 if form.errors else 200)


@require_http_methods(FORM)
@open_to(accounts)
def charge_quote(request: HttpRequest, quote_id: int) -> HttpResponse:
    """The consequence, the day of the service, then the click that puts the quote on its account."""
    found = _quote(quote_id)
    form = ChargeQuoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.charge_quote(quote=found, by=request.actor, on=form.cleaned_data["on"])
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("Le devis est au compte\u00a0: la prochaine facture le portera."))
            return redirect("billing:account", found.account_id)
    context = {
        "quote": found,
        "title": quote_title(found),
        "form": form,
        "deposits": found.deposits.issued().with_due().order_by("sequence"),
    }
    return render(request, "billing/quote_charge.html", context, status=422 if form.errors else 200)


@require_safe
@open_to(accounts)
def quote_pdf(request: HttpRequest, quote_id: int) -> HttpResponse:
    return quote_pdf_of(request, _quote(quote_id), back="billing:quote")


@require_safe
@open_to(accounts)
def quote_pro_forma(request: HttpRequest, quote_id: int) -> HttpResponse:
    """A pro forma invoice: made when it is asked, numbered and kept nowhere."""
    found = _quote(quote_id)
    today = timezone.localdate()
    issuer = found.issuer or Issuer.objects.live(today).first()
    if issuer is None:
        messages.error(request, actions.NoIssuer.message)
        return redirect("billing:quote", found.pk)
    if found.state(today) == QuoteState.REFUSED:
        raise Http404
    return pro_forma_pdf(pro_forma_of_quote(found, issuer, today), today)
