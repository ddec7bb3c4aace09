"""Closing a month in three steps: what stands in the way, what will be invoiced, the issue."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import actions, queries
from billing.forms import ReasonForm
from billing.models import Account
from billing.papers import month_name, rate_label
from billing.quote_papers import pro_forma_of_lines
from billing.rules import accounts
from billing.views.papers import pro_forma_pdf
from hubs.exports import download
from hubs.refusals import Refusal
from hubs.rules import open_to


def _common(month: dt.date, step: int) -> dict[str, Any]:
    steps = [
        (_("À vérifier"), reverse("billing:month", args=[month])),
        (_("Aperçu"), reverse("billing:month_preview", args=[month])),
        _("Émission"),
    ]
    return {
        "month": month,
        "month_name": month_name(month),
        "previous": (month - dt.timedelta(days=1)).replace(day=1),
        "next": (month + dt.timedelta(days=32)).replace(day=1),
        "steps": steps,
        "step": step,
        "is_over": (month + dt.timedelta(days=32)).replace(day=1) <= timezone.localdate(),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(accounts)
def month(request: HttpRequest, month: dt.date) -> HttpResponse:
    """Step 1: the anomalies. The button writes the drafts."""
    if queries.month_progress(month).is_issued:
        return redirect("billing:month_result", month)
    if request.method == "POST":
        try:
            actions.preview_month(month=month, by=request.actor)
        except Refusal as refusal:
            messages.error(request, refusal.message)
            return redirect("billing:month", month)
        return redirect("billing:month_preview", month)
    context = _common(month, 1) | {"plan": queries.month_plan(month)}
    return render(request, "billing/month.html", context)


@require_safe
@open_to(accounts)
def preview(request: HttpRequest, month: dt.date) -> HttpResponse:
    """Step 2: each invoice with its lines, as it would leave."""
    if queries.month_progress(month).is_issued:
        return redirect("billing:month_result", month)
    plan = queries.month_plan(month)
    drafts = [
        {"plan": draft, "lines": [(line, rate_label(line.vat_category, line.vat_rate)) for line in draft.charges]}
        for draft in plan.drafts
    ]
    context = _common(month, 2) | {"plan": plan, "drafts": drafts, "is_checking": queries.checks_under_way()}
    return render(request, "billing/month_preview.html", context)


@require_safe
@open_to(accounts)
def pro_forma(request: HttpRequest, month: dt.date, account_id: int, issuer_id: int) -> HttpResponse:
    """What the month would invoice to an account, as a pro forma invoice that is kept nowhere."""
    for draft in queries.month_plan(month).drafts:
        if (draft.account.pk, draft.issuer.pk) == (account_id, issuer_id):
            today = timezone.localdate()
            paper = pro_forma_of_lines(
                draft.account, draft.issuer, draft.charges, month_name(month).capitalize(), today
            )
            return pro_forma_pdf(paper, today)
    raise Http404


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(accounts)
def issue(request: HttpRequest, month: dt.date) -> HttpResponse:
    """Step 3: the consequence, then the click that starts the issue."""
    if request.method == "POST":
        try:
            actions.issue_month(
                month=month, by=request.actor, today=timezone.localdate(), seen=request.POST.get("seen", "")
            )
        except actions.MonthAlreadyIssued as refusal:
            messages.warning(request, refusal.message)
        except Refusal as refusal:
            return _show_issue(request, month, refusal=refusal, status=422)
        return redirect("billing:month_result", month)
    if queries.month_progress(month).is_issued:
        return redirect("billing:month_result", month)
    return _show_issue(request, month)


def _show_issue(
    request: HttpRequest, month: dt.date, *, refusal: Refusal | None = None, status: int = 200
) -> HttpResponse:
    plan = queries.month_plan(month)
    today = timezone.localdate()
    mails = queries.recipients((draft.account for draft in plan.drafts), today)
    context = _common(month, 3) | {
        "plan": plan,
        # What was read on the preview; opened directly, what is shown here.
        "seen": request.GET.get("vu") or plan.fingerprint,
        "refusal": refusal,
        "today": today,
        "mail_count": sum(1 for to in mails.values() if to),
    }
    return render(request, "billing/month_issue.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(accounts)
def hold_back(request: HttpRequest, month: dt.date, account_id: int) -> HttpResponse:
    """What holding an invoice back does, its reason, then the click."""
    account = get_object_or_404(Account.objects.with_holders(), pk=account_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.hold_back(account=account, month=month, reason=form.cleaned_data["reason"], by=request.actor)
        except Refusal as refusal:
            refusal.tell(form)
        else:
            words = _("%(account)s\u00a0: la facture attend le mois suivant.") % {"account": account}
            messages.success(request, words)
            return redirect("billing:month_preview", month)
    context = _common(month, 2) | {"account": account, "form": form}
    context["next_name"] = month_name(context["next"])
    return render(request, "billing/hold_back.html", context, status=422 if form.errors else 200)


@require_POST
@open_to(accounts)
def let_go(request: HttpRequest, month: dt.date, account_id: int) -> HttpResponse:
    """Put a held invoice back into the month."""
    account = get_object_or_404(Account.objects.with_holders(), pk=account_id)
    try:
        actions.let_go(account=account, month=month, by=request.actor)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("%(account)s\u00a0: la facture part avec ce mois.") % {"account": account})
    return redirect("billing:month_preview", month)


@require_safe
@open_to(accounts)
def result(request: HttpRequest, month: dt.date) -> HttpResponse:
    """What was issued, with the progress while it lasts; htmx asks for the named partial."""
    progress = queries.month_progress(month)
    if not progress.is_issued:
        return redirect("billing:month", month)
    context = _common(month, 3) | {"progress": progress, "results": queries.month_results(month)}
    template = "billing/month_result.html#progress" if request.htmx else "billing/month_result.html"
    return render(request, template, context)


@require_safe
@open_to(accounts)
def result_csv(request: HttpRequest, month: dt.date) -> HttpResponse:
    """The month for the accountant: one line per invoice."""
    header = [
        _("Numéro"), _("Date"), _("Échéance"), _("Structure"), _("SIREN"), _("HT"), _("TVA"), _("TTC"),
    ]  # fmt: skip
    rows = [
        (
            found.invoice.number,
            found.invoice.issue_date,
            found.invoice.due_date,
            found.invoice.buyer["name"],
            found.invoice.buyer["siren"],
            found.invoice.total_excl,
            found.invoice.total_vat,
            found.invoice.total_incl,
        )
        for found in queries.month_results(month)
        if found.invoice.is_issued
    ]
    return download(f"factures-{month:%Y-%m}", "csv", header, rows)


@require_POST
@open_to(accounts)
def resume(request: HttpRequest, month: dt.date) -> HttpResponse:
    """Start again what failed."""
    count = actions.resume_month(month=month, by=request.actor)
    text = ngettext("%(n)s élément est relancé.", "%(n)s éléments sont relancés.", count) % {"n": count}
    messages.success(request, text)
    return redirect("billing:month_result", month)
