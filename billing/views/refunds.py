"""Money given back of what an account holds in advance."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing import actions, queries
from billing.forms import ReasonForm, RefundForm
from billing.models import Account, Refund
from billing.rules import accounts
from hubs import french
from hubs.refusals import Refusal
from hubs.rules import open_to

FORM = ["GET", "HEAD", "POST"]


@require_http_methods(FORM)
@open_to(accounts)
def record_refund(request: HttpRequest, account_id: int) -> HttpResponse:
    """Note what was given back."""
    account = get_object_or_404(Account.objects.with_holders(), pk=account_id)
    available = queries.held(account.pk)
    form = RefundForm(request.POST or None, amount=available)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.record_refund(
                account=account, by=request.actor, today=timezone.localdate(), **form.cleaned_data
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            words = _("%(amount)s rendus le %(day)s\u00a0: c’est noté.") % {
                "amount": french.euros(made.amount),
                "day": french.day(made.paid_on, weekday=False),
            }
            messages.success(request, words)
            return redirect("billing:account", account.pk)
    context = {"account": account, "form": form, "available": available}
    return render(request, "billing/refund.html", context, status=422 if form.errors else 200)


@require_http_methods(FORM)
@open_to(accounts)
def cancel_refund(request: HttpRequest, refund_id: int) -> HttpResponse:
    """Undo a refund noted by mistake, with its reason."""
    refund = get_object_or_404(Refund.objects.select_related("account__organisation", "account__person"), pk=refund_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.cancel_refund(
                refund=refund, by=request.actor, reason=form.cleaned_data["reason"], today=timezone.localdate()
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("Le remboursement est annulé."))
            return redirect("billing:account", refund.account_id)
    context = {"refund": refund, "form": form}
    return render(request, "billing/cancel_refund.html", context, status=422 if form.errors else 200)
