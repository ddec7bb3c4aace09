"""/gestion/reglages/: who issues the invoices, and which tax things bear, each from a day on."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from billing import actions
from billing.forms import FirstIssuerForm, IssuerForm, SuccessorForm, VatRuleForm
from billing.models import Issuer, VatRule
from billing.rules import accounts
from hubs.refusals import Refusal
from hubs.rules import open_to

FORM = ["GET", "HEAD", "POST"]


@require_http_methods(FORM)
@open_to(accounts)
def issuer(request: HttpRequest) -> HttpResponse:
    """Who issues the invoices; with nobody, why none leaves, and what to fill in."""
    today = timezone.localdate()
    return _describe(request, Issuer.objects.live(today).first(), planned=None)


@require_http_methods(FORM)
@open_to(accounts)
def planned_issuer(request: HttpRequest, issuer_id: int) -> HttpResponse:
    """Mend who will issue, before they do."""
    planned = get_object_or_404(Issuer.objects.filter(starts_on__gt=timezone.localdate()), pk=issuer_id)
    return _describe(request, planned, planned=planned)


def _describe(request: HttpRequest, shown: Issuer | None, *, planned: Issuer | None) -> HttpResponse:
    today = timezone.localdate()
    data = request.POST if request.method == "POST" else None
    if shown is None:
        form: IssuerForm = FirstIssuerForm(data, initial={"starts_on": _first_day(today)})
    else:
        form = IssuerForm(data, instance=shown)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        starts_on = values.pop("starts_on", None)
        try:
            actions.describe_issuer(values=values, by=request.actor, today=today, planned=planned, starts_on=starts_on)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("C’est noté. Les factures déjà émises gardent ce qu’elles montraient."))
            return redirect("billing:issuer")
    others = Issuer.objects.order_by("-starts_on", "-pk")
    context = {
        "issuer": shown,
        "planned": planned,
        "form": form,
        "others": others.exclude(pk=shown.pk) if shown and shown.pk else others,
        "today": today,
    }
    return render(request, "billing/issuer.html", context, status=422 if form.errors else 200)


def _first_day(today: dt.date) -> dt.date:
    """What is proposed where nobody issues: the first of January, or the day after the last who did."""
    first = dt.date(today.year, 1, 1)
    last = Issuer.objects.filter(ends_on__gt=first).order_by("-ends_on", "-pk").first()
    return last.ends_on if last and last.ends_on else first


@require_http_methods(FORM)
@open_to(accounts)
def next_issuer(request: HttpRequest) -> HttpResponse:
    """Another legal body takes over from a day."""
    form = SuccessorForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.succeed_issuer(
                values=form.values, starts_on=form.cleaned_data["starts_on"], by=request.actor
            )  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("%s prend la suite. L’autre garde ses factures et leurs numéros.") % made)
            return redirect("billing:issuer")
    return render(request, "billing/next_issuer.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@open_to(accounts)
def vat_rules(request: HttpRequest) -> HttpResponse:
    """Every rule of VAT with its days: in force, to come, before."""
    today = timezone.localdate()
    rules = VatRule.objects.order_by("code", "-starts_on", "-pk")
    return render(request, "billing/vat_rules.html", {"rules": rules, "today": today})


@require_http_methods(FORM)
@open_to(accounts)
def set_vat_rule(request: HttpRequest) -> HttpResponse:
    """A rule from a day on. `?code=` proposes the one in force, to be changed."""
    form = VatRuleForm(
        request.POST if request.method == "POST" else None, initial=_in_force(request.GET.get("code", ""))
    )
    if request.method == "POST" and form.is_valid():
        try:
            rule = actions.set_vat_rule(by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("«\u00a0%s\u00a0» est notée. Ce qui est vendu avant garde l’ancienne.") % rule)
            return redirect("billing:vat_rules")
    return render(request, "billing/vat_rule_form.html", {"form": form}, status=422 if form.errors else 200)


def _in_force(code: str) -> dict[str, Any]:
    today = timezone.localdate()
    rule = VatRule.objects.live(today).filter(code=code[:40]).first()
    names = ("code", "label", "category", "rate", "exemption_text", "exemption_code")
    return {name: getattr(rule, name) for name in names} if rule else {}
