"""Accounts for those who keep them: who owes, and each account as a bank shows it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from billing import actions, queries
from billing.filters import AccountFilter
from billing.forms import HolderForm, PaymentForm, ReasonForm
from billing.models import Account, Payment
from billing.models.account import holder_name
from billing.rules import accounts as keeps_accounts
from billing.rules import sees_account, sees_debts
from billing.tables import AccountTable
from billing.views.invoices import received, without_paging
from billing.views.papers import details_of
from hubs.actions import name_of, note_reading
from hubs.exports import MAX_ROWS, TYPES, download
from hubs.lists import show_page
from hubs.refusals import Refusal
from hubs.rules import open_to


@require_safe
@open_to(sees_debts)
def accounts(request: HttpRequest) -> HttpResponse:
    """What each account owes. The treasurer reads this and opens none of them."""
    everyone = Account.objects.with_balance().annotate(holder_name=holder_name())
    filters = AccountFilter(request.GET or None, queryset=everyone)
    if (kind := request.GET.get("export")) in TYPES:
        rows = filters.qs.by_name().values_list("holder_name", "balance")[:MAX_ROWS]
        return download("comptes", kind, [_("Compte"), _("Solde")], rows)
    table = AccountTable(filters.qs, order_by="-balance")
    table.may_open = keeps_accounts(request.actor)
    show_page(request, table)
    context = {
        "filters": filters,
        "table": table,
        "export_query": without_paging(request),
    }
    return render(request, "billing/accounts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(keeps_accounts)
def open_account(request: HttpRequest) -> HttpResponse:
    """For whom; an account that is there already is shown."""
    form = HolderForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        found = actions.open_account(by=request.actor, **form.holder)
        return redirect("billing:account", found.pk)
    return render(request, "billing/open_account.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(keeps_accounts)
def account(request: HttpRequest, account_id: int) -> HttpResponse:
    """One account, and a payment to record on it."""
    found = get_object_or_404(Account.objects.with_holders(), pk=account_id)
    told = queries.statement(found)
    form = PaymentForm(request.POST or None, amount=max(told.balance, 0))
    if request.method == "POST" and form.is_valid():
        try:
            payment = actions.record_payment(
                account=found, by=request.actor, today=timezone.localdate(), **form.cleaned_data
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, received(payment))
            return redirect("billing:account", found.pk)
    today = timezone.localdate()
    if not sees_account(request.actor, found):
        note_reading(what="billing.account_seen", things=[name_of(found.holder)], by=request.actor, today=today)
    context = {
        "account": found,
        "statement": told,
        "form": form,
        "today": today,
        "agreed": queries.agreed_on_account(found, today),
        "recurring": queries.recurring_on(found, today),
        "cancellable": actions.cancellable(told.upcoming),
        **details_of(request, found, told),
    }
    return render(request, "billing/account.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(keeps_accounts)
def cancel_payment(request: HttpRequest, payment_id: int) -> HttpResponse:
    """Undo a payment noted by mistake, with its reason."""
    payment = get_object_or_404(
        Payment.objects.select_related("account__organisation", "account__person"), pk=payment_id
    )
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.cancel_payment(
                payment=payment, by=request.actor, reason=form.cleaned_data["reason"], today=timezone.localdate()
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("Le paiement est annulé."))
            return redirect("billing:account", payment.account_id)
    context = {"payment": payment, "form": form}
    return render(request, "billing/cancel_payment.html", context, status=422 if form.errors else 200)
