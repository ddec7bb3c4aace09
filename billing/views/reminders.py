"""Relances: who gets what next and why, who is left in peace, and how the hub chases."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import actions, queries
from billing.calendar import is_sending_day, next_sending_day
from billing.forms import CallForm, DisputeAnswerForm, ExceptionForm, LevelForm, PenaltyRateForm, PolicyForm, ReasonForm
from billing.models import Account, Dispute, Invoice, PenaltyRate, Reminder, ReminderException, ReminderLevel
from billing.rules import accounts
from billing.views.papers import lines_of
from hubs.leaves import calendar
from hubs.refusals import Refusal
from hubs.rules import open_to

FORM = ["GET", "HEAD", "POST"]
LAST_RANK = 9


@require_safe
@open_to(accounts)
def reminders(request: HttpRequest) -> HttpResponse:
    """What leaves at the next sending, what is held and why, the calls to make, the disputes to answer."""
    today, closed = timezone.localdate(), calendar()
    sends_today = is_sending_day(today) and not closed.is_closed(today)
    context = {
        "plan": queries.reminder_plan(next_sending_day(today, closed)),
        "today": today,
        "now": queries.reminder_plan(today) if sends_today else None,
        "policy": queries.reminder_policy(),
        "has_levels": ReminderLevel.objects.live(today).exists(),
        "disputes": _pending(),
    }
    return render(request, "billing/reminders.html", context)


def _pending() -> QuerySet:
    pending = Dispute.objects.pending().select_related("invoice__account__organisation", "invoice__account__person")
    return pending.order_by("opened_at", "pk")


@require_POST
@open_to(accounts)
def send_reminders(request: HttpRequest) -> HttpResponse:
    """Now, without waiting for the morning."""
    try:
        run = actions.start_reminders(by=request.actor, today=timezone.localdate())
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("billing:reminders")
    messages.success(request, _("Les relances partent."))
    return redirect("hubs:run", run.pk)


def _account(account_id: int) -> Account:
    return get_object_or_404(Account.objects.with_holders(), pk=account_id)


@require_http_methods(FORM)
@open_to(accounts)
def account_reminders(request: HttpRequest, account_id: int) -> HttpResponse:
    """What was said to one account, and the form that leaves it in peace for a time."""
    account, today = _account(account_id), timezone.localdate()
    form = ExceptionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.except_account(account=account, by=request.actor, today=today, **form.cleaned_data)
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("C’est noté\u00a0: ce compte n’est pas relancé."))
            return redirect("billing:account_reminders", account.pk)
    exception = ReminderException.objects.live(today).filter(account=account).first()
    said = Reminder.objects.filter(account=account).select_related("invoice", "level", "mail", "made_by")
    context = {
        "account": account,
        "form": form,
        "exception": queries.told_of(exception) if exception else "",
        "said": said.order_by("-sent_on", "-pk"),
        "late": queries.late_invoices(today, account),
        "call": next(iter(queries.reminder_plan(today, account).calls), None),
    }
    return render(request, "billing/account_reminders.html", context, status=422 if form.errors else 200)


@require_POST
@open_to(accounts)
def end_exception(request: HttpRequest, account_id: int) -> HttpResponse:
    try:
        actions.end_exception(account=_account(account_id), by=request.actor, today=timezone.localdate())
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Ce compte est relancé de nouveau."))
    return redirect("billing:account_reminders", account_id)


@require_http_methods(FORM)
@open_to(accounts)
def skip_once(request: HttpRequest, account_id: int) -> HttpResponse:
    """Not this time, with the reason."""
    account, today = _account(account_id), timezone.localdate()
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.skip_once(account=account, by=request.actor, today=today, reason=form.cleaned_data["reason"])
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("%s ne sera pas relancé cette fois.") % account)
            return redirect("billing:reminders")
    context = {"account": account, "form": form, "day": next_sending_day(today, calendar())}
    return render(request, "billing/skip_once.html", context, status=422 if form.errors else 200)


@require_http_methods(FORM)
@open_to(accounts)
def note_call(request: HttpRequest, account_id: int) -> HttpResponse:
    """What came of a call."""
    account, today = _account(account_id), timezone.localdate()
    form = CallForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.note_call(account=account, by=request.actor, today=today, note=form.cleaned_data["note"])
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("L’appel est noté."))
            return redirect("billing:account_reminders", account.pk)
    context = {"account": account, "form": form, "late": queries.late_invoices(today, account)}
    return render(request, "billing/note_call.html", context, status=422 if form.errors else 200)


@require_http_methods(FORM)
@open_to(accounts)
def close_dispute(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """What is contested, the lines of the invoice, and the answer."""
    invoice = get_object_or_404(
        Invoice.objects.issued().with_due().select_related("account__organisation", "account__person"), pk=invoice_id
    )
    form = DisputeAnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.close_dispute(
                invoice=invoice, by=request.actor, now=timezone.now(), answer=form.cleaned_data["answer"]
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("La réponse part. La facture est de nouveau relancée si elle reste due."))
            return redirect("billing:invoice", invoice.pk)
    context = {
        "invoice": invoice,
        "form": form,
        "disputes": invoice.disputes.select_related("opened_by", "closed_by").order_by("-opened_at", "-pk"),
        "pending": invoice.disputes.pending().exists(),
        **lines_of(invoice),
    }
    return render(request, "billing/close_dispute.html", context, status=422 if form.errors else 200)


# --- Settings ------------------------------------------------------------------------------------


@require_http_methods(FORM)
@open_to(accounts)
def reminder_settings(request: HttpRequest) -> HttpResponse:
    """The levels, the rate of penalties, and whether all this leaves by itself."""
    today, policy = timezone.localdate(), queries.reminder_policy()
    form = PolicyForm(
        request.POST if request.method == "POST" else None, initial={"is_on": policy.is_on, "digest": policy.digest}
    )
    if request.method == "POST" and form.is_valid():
        actions.set_reminder_policy(by=request.actor, **form.cleaned_data)
        messages.success(request, _("C’est enregistré."))
        return redirect("billing:reminder_settings")
    levels = list(ReminderLevel.objects.live(today).order_by("rank"))
    context = {
        "form": form,
        "levels": levels,
        "next_rank": max((level.rank for level in levels), default=0) + 1,
        "last_rank": LAST_RANK,
        "rates": PenaltyRate.objects.order_by("-starts_on", "-pk"),
        "today": today,
    }
    return render(request, "billing/reminder_settings.html", context, status=422 if form.errors else 200)


@require_http_methods(FORM)
@open_to(accounts)
def reminder_level(request: HttpRequest, rank: int) -> HttpResponse:
    """One level, from today on; a rank that nobody uses yet adds one."""
    today = timezone.localdate()
    level = ReminderLevel.objects.live(today).filter(rank=rank).first()
    shown = LevelForm.of(level) if level else {}
    form = LevelForm(request.POST if request.method == "POST" else None, initial=shown)
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_reminder_level(rank=rank, by=request.actor, today=today, **form.cleaned_data)
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("Le niveau %(rank)s est enregistré.") % {"rank": rank})
            return redirect("billing:reminder_settings")
    context = {"form": form, "level": level, "rank": rank}
    return render(request, "billing/reminder_level.html", context, status=422 if form.errors else 200)


@require_POST
@open_to(accounts)
def end_reminder_level(request: HttpRequest, rank: int) -> HttpResponse:
    try:
        actions.end_reminder_level(rank=rank, by=request.actor, today=timezone.localdate())
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Ce niveau est retiré. Ce qui a été envoyé reste noté."))
    return redirect("billing:reminder_settings")


@require_http_methods(FORM)
@open_to(accounts)
def penalty_rate(request: HttpRequest) -> HttpResponse:
    """The rate of late penalties, from a day on."""
    form = PenaltyRateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_penalty_rate(by=request.actor, **form.cleaned_data)
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("Le taux est noté."))
            return redirect("billing:reminder_settings")
    return render(request, "billing/penalty_rate.html", {"form": form}, status=422 if form.errors else 200)
