"""« Banque »: the lines that wait, what they may be, and one click for each."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import formset_factory
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import actions, queries
from billing.enums import LineState
from billing.filters import BankLineFilter
from billing.forms import AsideForm, PartForm, ReasonForm
from billing.models import Account, BankLine, Invoice
from billing.money import ZERO
from billing.rules import accounts
from billing.tables import BankLineTable
from billing.views.invoices import without_paging
from hubs import french
from hubs.exports import MAX_ROWS, TYPES, download
from hubs.lists import show_page
from hubs.pieces import NavItem
from hubs.refusals import Refusal
from hubs.rules import open_to

PER_PAGE = 20
FORM = ["GET", "HEAD", "POST"]
PARTS = 3
MOST_PARTS = 40


def bank_tabs(here: str) -> list[list[NavItem]]:
    """The pages of « Banque », each showing the others."""
    pages = (
        ("billing:bank", _("À rapprocher")),
        ("billing:bank_lines", _("Lignes")),
        ("billing:statements", _("Relevés")),
        ("billing:slips", _("Remises de chèques")),
        ("billing:payouts", _("HelloAsso")),
        ("billing:bank_accounts", _("Comptes bancaires")),
    )
    return [[NavItem(str(label), reverse(name), active=name == here) for name, label in pages]]


@require_safe
@open_to(accounts)
def bank(request: HttpRequest) -> HttpResponse:
    """How far each bank account is matched, and the lines that wait, oldest first."""
    waiting = BankLine.objects.waiting().select_related("bank_account").oldest_first()
    page = Paginator(waiting, PER_PAGE).get_page(request.GET.get("page"))
    told = queries.proposed(list(page.object_list))
    context = {
        "tabs": bank_tabs("billing:bank"),
        "progress": queries.bank_progress(),
        "page": page,
        "proposed": told,
        "sure": sum(any(each.is_sure for each in one.proposals) for one in told),
    }
    return render(request, "billing/bank.html", context)


@require_POST
@open_to(accounts)
def accept(request: HttpRequest, line_id: int) -> HttpResponse:
    """Do what was proposed for a line."""
    line = get_object_or_404(BankLine, pk=line_id)
    try:
        done = actions.accept_proposal(
            line=line,
            key=request.POST.get("proposal", ""),
            by=request.actor,  # type: ignore[attr-defined]
            today=timezone.localdate(),
            now=timezone.now(),
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(
            request, _("%(amount)s\u00a0: %(what)s.") % {"amount": french.euros(line.amount), "what": done.label}
        )
    return redirect("billing:bank")


@require_POST
@open_to(accounts)
def accept_all(request: HttpRequest) -> HttpResponse:
    """Do all that is sure."""
    try:
        done = actions.accept_sure(by=request.actor, today=timezone.localdate(), now=timezone.now())  # type: ignore[attr-defined]
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        words = ngettext("%(n)s ligne est rapprochée.", "%(n)s lignes sont rapprochées.", done) % {"n": done}
        messages.success(request, words)
    return redirect("billing:bank")


def _line(line_id: int) -> BankLine:
    return get_object_or_404(BankLine.objects.select_related("bank_account", "statement"), pk=line_id)


@require_http_methods(FORM)
@open_to(accounts)
def bank_line(request: HttpRequest, line_id: int) -> HttpResponse:
    """One line: what it may be, an account to look for, or several parts; matched, what it is."""
    line = _line(line_id)
    parts = _parts(request, line)
    status = 200
    if request.method == "POST" and "more" not in request.POST:
        status = 422
        if parts.is_valid():
            try:
                _match_by_hand(request, line, parts)
            except Refusal as refusal:
                messages.error(request, refusal.message)
            else:
                messages.success(request, _("La ligne est rapprochée."))
                return redirect("billing:bank")
    is_waiting = line.state == LineState.TO_MATCH
    context = {
        "tabs": bank_tabs("billing:bank_lines"),
        "line": line,
        "is_waiting": is_waiting,
        "proposals": queries.proposed([line])[0].proposals if is_waiting else [],
        "matches": queries.matched_parts(line),
        "parts": parts,
        "asked": request.GET.get("compte", "")[:80],
        "found": queries.find_accounts(request.GET.get("compte", "")[:80]) if is_waiting else [],
        "may_split": is_waiting and line.amount > 0,
    }
    return render(request, "billing/bank_line.html", context, status=status)


def _parts(request: HttpRequest, line: BankLine) -> Any:
    """The form of the parts; « Ajouter une part » shows it again with one more, all that was typed kept."""
    forms = formset_factory(PartForm, extra=PARTS, max_num=MOST_PARTS, absolute_max=MOST_PARTS, validate_max=True)
    kwargs = {"targets": queries.split_targets() if line.state == LineState.TO_MATCH and line.amount > 0 else []}
    if request.method != "POST":
        account = request.GET.get("pour", "")
        initial = [{"target": f"a{account}", "amount": line.amount}] if account.isdecimal() else None
        return forms(form_kwargs=kwargs, prefix="part", initial=initial)
    data = request.POST.copy()
    total = data.get("part-TOTAL_FORMS", "")
    if "more" in data and total.isdecimal() and len(total) < 19:
        data["part-TOTAL_FORMS"] = str(min(int(total) + 1, MOST_PARTS))
    return forms(data, form_kwargs=kwargs, prefix="part")


def _match_by_hand(request: HttpRequest, line: BankLine, forms: Any) -> None:
    """Raises Refusal. A payment typed by hand before is recognised, not doubled."""
    chosen = [form.cleaned_data for form in forms if form.cleaned_data.get("target")]
    total = sum((each["amount"] for each in chosen), ZERO)
    if total != line.amount:
        given = {"total": french.euros(total), "amount": french.euros(line.amount)}
        raise actions.PartsDoNotSum(_("Les parts font %(total)s, la ligne %(amount)s. Ajustez-les.") % given)
    books = queries.Books([line])
    parts = []
    for each in chosen:
        kind, pk = each["target"][0], int(each["target"][1:])
        invoice = get_object_or_404(Invoice, pk=pk) if kind == "i" else None
        account = get_object_or_404(Account.objects.with_holders(), pk=invoice.account_id if invoice else pk)
        noted = books.noted(account.pk, each["amount"], line.on)
        if noted and any(part.payment == noted for part in parts):
            noted = None
        parts.append(
            queries.Part(amount=each["amount"], account=account, invoice=None if noted else invoice, payment=noted)
        )
    actions.match_line(
        line=line,
        parts=parts,
        because=_("par vous"),
        by=request.actor,  # type: ignore[attr-defined]
        today=timezone.localdate(),
        now=timezone.now(),
    )


@require_http_methods(FORM)
@open_to(accounts)
def aside(request: HttpRequest, line_id: int) -> HttpResponse:
    """Put a line aside, with what it is."""
    line = _line(line_id)
    form = AsideForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_aside(line=line, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("La ligne est mise de côté."))
            return redirect("billing:bank")
    context = {"tabs": bank_tabs("billing:bank_lines"), "line": line, "form": form}
    return render(request, "billing/bank_aside.html", context, status=422 if form.errors else 200)


@require_http_methods(FORM)
@open_to(accounts)
def undo(request: HttpRequest, line_id: int) -> HttpResponse:
    """Put a line back among those that wait."""
    line = _line(line_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.undo_line(
                line=line,
                reason=form.cleaned_data["reason"],
                by=request.actor,  # type: ignore[attr-defined]
                today=timezone.localdate(),
                now=timezone.now(),
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("La ligne attend de nouveau."))
            return redirect("billing:bank_line", line.pk)
    context = {
        "tabs": bank_tabs("billing:bank_lines"),
        "line": line,
        "form": form,
        "matches": queries.matched_parts(line),
    }
    return render(request, "billing/bank_undo.html", context, status=422 if form.errors else 200)


@require_safe
@open_to(accounts)
def bank_lines(request: HttpRequest) -> HttpResponse:
    """Every line, matched or not; `?export=csv` gives the list as it is filtered."""
    filters = BankLineFilter(request.GET or None, queryset=BankLine.objects.select_related("bank_account"))
    if (kind := request.GET.get("export")) in TYPES:
        return _export(request, filters.qs, kind)
    table = BankLineTable(filters.qs, order_by="-on")
    show_page(request, table)
    context = {
        "tabs": bank_tabs("billing:bank_lines"),
        "filters": filters,
        "table": table,
        "export_query": without_paging(request),
    }
    return render(request, "billing/bank_lines.html", context)


def _export(request: HttpRequest, found: Any, kind: str) -> HttpResponse:
    rows = list(found.order_by("on", "pk")[: MAX_ROWS + 1])
    if len(rows) > MAX_ROWS:
        messages.warning(request, _("L’export s’arrête à 5 000 lignes\u00a0: choisissez des dates plus proches."))
        return redirect("billing:bank_lines")
    header = [
        _("Compte bancaire"), _("Date"), _("Date de valeur"), _("Libellé"), _("Autre partie"), _("Montant"), _("État"),
        _("Mise de côté comme"), _("Précision"),
    ]  # fmt: skip
    lines = [
        (
            str(row.bank_account), row.on, row.value_on, row.label, row.counterparty, row.amount,
            row.get_state_display(), row.get_aside_display(), row.aside_note,
        )
        for row in rows
    ]  # fmt: skip
    return download("lignes-de-banque", kind, header, lines)
