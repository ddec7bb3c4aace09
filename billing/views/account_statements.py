"""What leaves with someone: the statement of an account, a year of its papers, and how old all debts are."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing import actions, queries
from billing.forms import StatementPeriodForm
from billing.models import Account
from billing.rules import accounts as keeps_accounts
from billing.rules import sees_account
from billing.statements import NobodyIssues, name_of_statement, statement_pdf, statement_rows
from billing.tables import AgeingTable
from documents.downloads import attachment, download
from documents.queries import document_of
from hubs import exports
from hubs.lists import show_page
from hubs.refusals import Refusal
from hubs.rules import open_to, person_of_hub


def _mine(request: HttpRequest, account_id: int) -> Account:
    account = get_object_or_404(Account.objects.with_holders(), pk=account_id)
    if not sees_account(request.actor, account):
        raise Http404
    return account


@require_safe
@open_to(keeps_accounts)
def account_statement(request: HttpRequest, account_id: int) -> HttpResponse:
    """`?first=&last=` is the period, none what is open; `?as=pdf` or `?as=csv` is the file."""
    account = get_object_or_404(Account.objects.with_holders(), pk=account_id)
    return _statement(request, account, staff=True)


@require_safe
@open_to(person_of_hub)
def my_statement(request: HttpRequest, account_id: int) -> HttpResponse:
    return _statement(request, _mine(request, account_id), staff=False)


def _statement(request: HttpRequest, account: Account, *, staff: bool) -> HttpResponse:
    today = timezone.localdate()
    form = StatementPeriodForm(request.GET or None)
    period = form.cleaned_data if form.is_bound and form.is_valid() else {}
    told = queries.account_statement(account, today=today, first=period.get("first"), last=period.get("last"))
    kind = request.GET.get("as", "")
    if kind == "csv" and not form.errors:
        content = exports.as_csv(*statement_rows(told))
        return download(name=name_of_statement(told, "csv"), content_type="text/csv", content=content)
    if kind == "pdf" and not form.errors:
        try:
            content = statement_pdf(account, today=today, first=told.first, last=told.last)
        except NobodyIssues as refusal:
            messages.error(request, refusal.message)
        else:
            return download(name=name_of_statement(told, "pdf"), content_type="application/pdf", content=content)
    context = {
        "account": account,
        "statement": told,
        "form": form,
        "staff": staff,
        "layout": "layouts/staff.html" if staff else "layouts/member.html",
        "today": today,
        "query": request.GET.urlencode(),
    }
    return render(request, "billing/statement.html", context, status=422 if form.errors else 200)


# --- A year of papers ----------------------------------------------------------------------------


@require_POST
@open_to(keeps_accounts)
def prepare_year(request: HttpRequest, account_id: int, year: int) -> HttpResponse:
    account = get_object_or_404(Account.objects.with_holders(), pk=account_id)
    _prepare(request, account, year)
    return redirect("billing:account", account.pk)


@require_POST
@open_to(person_of_hub)
def prepare_my_year(request: HttpRequest, account_id: int, year: int) -> HttpResponse:
    account = _mine(request, account_id)
    _prepare(request, account, year)
    if account.organisation is None:
        return redirect("billing:personal_account")
    return redirect("billing:structure_account", account.organisation.public_id)


def _prepare(request: HttpRequest, account: Account, year: int) -> None:
    try:
        actions.prepare_year(account=account, year=year, by=request.actor)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Le fichier se prépare. Rechargez la page dans une minute."))


@require_safe
@open_to(keeps_accounts)
def year_zip(request: HttpRequest, account_id: int, year: int) -> HttpResponse:
    return _zip(get_object_or_404(Account, pk=account_id), year)


@require_safe
@open_to(person_of_hub)
def my_year_zip(request: HttpRequest, account_id: int, year: int) -> HttpResponse:
    return _zip(_mine(request, account_id), year)


def _zip(account: Account, year: int) -> HttpResponse:
    document = document_of(account, actions.archive_kind(year))
    if document is None:
        raise Http404
    return attachment(document.file, f"factures-{year}.zip")


# --- How old debts are ---------------------------------------------------------------------------


@require_safe
@open_to(keeps_accounts)
def aged(request: HttpRequest) -> HttpResponse:
    """Each account that owes, by the age of what it owes; `?export=csv` or xlsx is the same list."""
    today = timezone.localdate()
    rows = queries.aged_accounts(today)
    if (kind := request.GET.get("export")) in exports.TYPES:
        header = [_("Compte"), *queries.slice_labels().values(), _("Total")]
        names = ("holder", *queries.slice_labels(), "total")
        lines = rows.order_by("holder", "account_id").values_list(*names)[: exports.MAX_ROWS]
        return exports.download("balance-agee", kind, header, lines)
    table = AgeingTable(rows, order_by="-total")
    show_page(request, table)
    told = queries.ageing(today)
    context = {"table": table, "ageing": told, "chart": queries.ageing_chart(told), "today": today}
    return render(request, "billing/aged.html", context)
