"""What comes back on the accounts: the list, one of them, its price, its end; and a sum added by hand."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import actions, queries
from billing.filters import RecurringFilter
from billing.forms import ChargeForm, EndForm, PriceForm, ReasonForm, RecurringForm, day_after
from billing.models import Account, Charge, RecurringCharge, RecurringPrice, RecurringSkip
from billing.rules import accounts
from billing.tables import RecurringTable
from billing.views.invoices import without_paging
from hubs.exports import MAX_ROWS, TYPES, download
from hubs.lists import show_page
from hubs.refusals import Refusal
from hubs.rules import open_to

FORM = ["GET", "HEAD", "POST"]


@require_safe
@open_to(accounts)
def every(request: HttpRequest) -> HttpResponse:
    """All that comes back, with what each kind brings in a month; `?export=csv` gives the list as it is filtered."""
    today = timezone.localdate()
    filters = RecurringFilter(request.GET or None, queryset=queries.recurring_list(today))
    if (kind := request.GET.get("export")) in TYPES:
        return _export(filters.qs.order_by("holder", "label", "pk")[:MAX_ROWS], kind)
    table = RecurringTable(filters.qs, order_by="holder")
    table.today = today
    show_page(request, table)
    context = {
        "filters": filters,
        "table": table,
        "export_query": without_paging(request),
        "monthly": queries.monthly_by_kind(today),
    }
    return render(request, "billing/every_recurring.html", context)


def _export(found: Any, kind: str) -> HttpResponse:
    header = [
        _("Compte"), _("Nature"), _("Libellé"), _("Référence"), _("Rythme"), _("Prix HT"), _("Règle de TVA"),
        _("Premier jour"), _("Dernier jour"),
    ]  # fmt: skip
    rows = [
        (
            each.holder, each.get_kind_display(), each.label, each.reference, each.get_rhythm_display(), each.price,
            each.vat_code, each.starts_on, each.last_day,
        )
        for each in found
    ]  # fmt: skip
    return download("sommes-regulieres", kind, header, rows)


def _recurring(recurring_id: int) -> RecurringCharge:
    rows = queries.with_price(RecurringCharge.objects.all(), timezone.localdate())
    return get_object_or_404(rows.select_related("account__organisation", "account__person"), pk=recurring_id)


@require_safe
@open_to(accounts)
def recurring(request: HttpRequest, recurring_id: int) -> HttpResponse:
    """One of them: its prices, what it has charged, the periods left out."""
    found = _recurring(recurring_id)
    context = {
        "recurring": found,
        "prices": RecurringPrice.objects.held().filter(recurring=found).order_by("-starts_on", "-pk"),
        "skips": [
            (skip, found.period(found.index_of(skip.period_starts_on)))
            for skip in RecurringSkip.objects.live().filter(recurring=found).order_by("-period_starts_on", "-pk")
        ],
        "charges": Charge.objects.live().filter(source=found.charge_source).order_by("-on", "-pk")[:24],
        "today": timezone.localdate(),
    }
    return render(request, "billing/recurring.html", context)


@require_http_methods(FORM)
@open_to(accounts)
def begin(request: HttpRequest, account_id: int) -> HttpResponse:
    """Something new that comes back on an account."""
    account = get_object_or_404(Account.objects.with_holders(), pk=account_id)
    form = RecurringForm(request.POST or None)
    return _decide(
        request,
        form,
        act=lambda: actions.begin_recurring(
            account=account, by=request.actor, today=timezone.localdate(), **form.values
        ),
        about=lambda: form.cleaned_data["starts_on"],
        done=_("C’est noté\u00a0: elle ira sur les factures toute seule."),
        template="billing/begin_recurring.html",
        context={"account": account},
    )


@require_http_methods(FORM)
@open_to(accounts)
def change_price(request: HttpRequest, recurring_id: int) -> HttpResponse:
    """Another price from a day on; what is charged already follows."""
    found = _recurring(recurring_id)
    form = PriceForm(request.POST or None)

    def act() -> RecurringCharge:
        actions.change_price(recurring=found, by=request.actor, **form.cleaned_data)
        return found

    return _decide(
        request,
        form,
        act=act,
        about=lambda: form.cleaned_data["starts_on"],
        done=_("Le nouveau prix est noté."),
        template="billing/change_price.html",
        context={"recurring": found},
    )


@require_http_methods(FORM)
@open_to(accounts)
def end(request: HttpRequest, recurring_id: int) -> HttpResponse:
    """Its last day, or none; what is charged already follows."""
    found = _recurring(recurring_id)
    form = EndForm(request.POST or None, initial={"last_day": found.last_day})

    def act() -> RecurringCharge:
        return actions.end_recurring(
            recurring=found, ends_on=day_after(form.cleaned_data["last_day"]), by=request.actor
        )

    return _decide(
        request,
        form,
        act=act,
        about=lambda: form.cleaned_data["last_day"] or timezone.localdate(),
        done=_("La fin est notée."),
        template="billing/end_recurring.html",
        context={"recurring": found},
    )


def _decide(
    request: HttpRequest,
    form: forms.Form,
    *,
    act: Callable[[], RecurringCharge],
    about: Callable[[], dt.date],
    done: str,
    template: str,
    context: dict[str, Any],
) -> HttpResponse:
    """Show what the act would do; do it once that very consequence was read. `seen` says which one was."""
    rehearsal = None
    if request.method == "POST" and form.is_valid():
        try:
            rehearsal = actions.rehearse(act=act, about=about())
            context["seal"] = rehearsal.seal(sorted(form.cleaned_data.items()))
            if request.POST.get("seen") == context["seal"]:
                recurring = act()
                messages.success(request, done)
                return redirect("billing:recurring", recurring.pk)
        except Refusal as refusal:
            refusal.tell(form)
            rehearsal = None
    context |= {"form": form, "rehearsal": rehearsal}
    return render(request, template, context, status=422 if form.errors else 200)


@require_POST
@open_to(accounts)
def charge_skipped(request: HttpRequest, skip_id: int) -> HttpResponse:
    """Charge a period that was left out."""
    skip = get_object_or_404(RecurringSkip.objects.select_related("recurring"), pk=skip_id)
    actions.charge_skipped(skip=skip, by=request.actor)
    messages.success(request, _("Cette période ira sur la prochaine facture."))
    return redirect("billing:recurring", skip.recurring_id)


@require_http_methods(FORM)
@open_to(accounts)
def add_charge(request: HttpRequest, account_id: int) -> HttpResponse:
    """A sum added by hand."""
    account = get_object_or_404(Account.objects.with_holders(), pk=account_id)
    form = ChargeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.charge_by_hand(account=account, by=request.actor, **form.cleaned_data)
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("La somme est sur le compte."))
            return redirect("billing:account", account.pk)
    context = {"account": account, "form": form}
    return render(request, "billing/add_charge.html", context, status=422 if form.errors else 200)


@require_http_methods(FORM)
@open_to(accounts)
def cancel_charge(request: HttpRequest, charge_id: int) -> HttpResponse:
    """Take back a sum before its invoice, with the reason."""
    charge = get_object_or_404(Charge.objects.select_related("account__organisation", "account__person"), pk=charge_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.cancel_charge(charge=charge, by=request.actor, reason=form.cleaned_data["reason"])
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("La somme est annulée."))
            return redirect("billing:account", charge.account_id)
    context = {"charge": charge, "form": form, "recurring": queries.recurring_of(charge)}
    return render(request, "billing/cancel_charge.html", context, status=422 if form.errors else 200)
