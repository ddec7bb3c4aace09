"""The dates agreed with a late payer for its account."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing import actions, queries
from billing.forms import EqualPartsForm, ReasonForm, ScheduleForm
from billing.models import Account
from billing.money import ZERO
from billing.rules import accounts
from hubs.refusals import Refusal
from hubs.rules import open_to

FORM = ["GET", "HEAD", "POST"]


def _account(account_id: int) -> Account:
    return get_object_or_404(Account.objects.with_holders(), pk=account_id)


@require_http_methods(FORM)
@open_to(accounts)
def arrangement(request: HttpRequest, account_id: int) -> HttpResponse:
    """What is agreed and how it is kept; `?count=3&first=…` proposes equal parts, and the last click agrees."""
    account, today = _account(account_id), timezone.localdate()
    late: list[Any] = actions.late_of(account, today)
    total = sum((invoice.due for invoice in late), ZERO)
    equal = EqualPartsForm(request.GET if "count" in request.GET else None, initial={"first": today})
    parts = equal.parts_of(total) if total and equal.is_bound and equal.is_valid() else []
    form = ScheduleForm(request.POST if request.method == "POST" else None, parts=parts)
    if request.method == "POST" and form.is_valid():
        try:
            actions.agree_arrangement(
                account=account,
                parts=form.parts,
                reason=form.cleaned_data["reason"],
                by=request.actor,  # type: ignore[attr-defined]
                today=today,
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("L’échéancier est noté\u00a0: les relances attendent tant qu’il est tenu."))
            return redirect("billing:arrangement", account.pk)
    context = {
        "account": account,
        "agreed": queries.agreed_on_account(account, today),
        "late": late,
        "total": total,
        "form": form,
        "equal": equal,
    }
    status = 422 if form.errors or equal.errors else 200
    return render(request, "billing/arrangement.html", context, status=status)


@require_http_methods(FORM)
@open_to(accounts)
def end_arrangement(request: HttpRequest, account_id: int) -> HttpResponse:
    account = _account(account_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_arrangement(
                account=account,
                reason=form.cleaned_data["reason"],
                by=request.actor,  # type: ignore[attr-defined]
                today=timezone.localdate(),
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("L’échéancier est arrêté\u00a0: ce compte est relancé comme les autres."))
            return redirect("billing:account_reminders", account.pk)
    context = {"account": account, "form": form}
    return render(request, "billing/end_arrangement.html", context, status=422 if form.errors else 200)
