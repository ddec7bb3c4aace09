"""De minimis aid in rents: the decisions, the market price, the certificates of a year, and those in Mon espace."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import actions, queries
from billing.forms import day_after
from billing.forms.minimis import AidForm, EndMinimisForm, MarketForm, MinimisForm
from billing.models import Account, DeclaredAid, MinimisCertificate, MinimisRegime, RecurringCharge
from billing.queries.minimis import CEILING
from billing.rules import accounts, may_sign, sees_account
from documents.downloads import attachment
from documents.queries import document_of
from hubs.refusals import Refusal
from hubs.rules import open_to, person_of_hub

FORM = ["GET", "HEAD", "POST"]


def _done(request: HttpRequest, form: forms.Form, act: Any, told: str) -> bool:
    """Do it if the form is right, and say so; what refuses says it on the form."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        act()
    except Refusal as refusal:
        refusal.tell(form)
        return False
    messages.success(request, told)
    return True


@require_http_methods(FORM)
@open_to(accounts)
def minimis(request: HttpRequest) -> HttpResponse:
    """Who says that these rents are de minimis aid; nobody, until it is noted."""
    form = MinimisForm(request.POST or None)
    if _done(request, form, lambda: actions.set_minimis(by=request.actor, **form.values), _("La décision est notée.")):
        return redirect("billing:minimis")
    regimes = MinimisRegime.objects.order_by("-starts_on")
    context = {"form": form, "regimes": regimes, "year": timezone.localdate().year - 1}
    return render(request, "billing/minimis.html", context, status=422 if form.errors else 200)


@require_http_methods(FORM)
@open_to(accounts)
def end_minimis(request: HttpRequest, regime_id: int) -> HttpResponse:
    """The last day of a decision; without one, rents of the days after are no aid any more."""
    regime = get_object_or_404(MinimisRegime, pk=regime_id)
    form = EndMinimisForm(request.POST or None, initial={"last_day": regime.last_day})

    def act() -> None:
        actions.end_minimis(regime=regime, ends_on=day_after(form.cleaned_data["last_day"]), by=request.actor)

    if _done(request, form, act, _("La fin de la décision est notée.")):
        return redirect("billing:minimis")
    context = {"form": form, "regime": regime}
    return render(request, "billing/end_minimis.html", context, status=422 if form.errors else 200)


@require_http_methods(FORM)
@open_to(accounts)
def market_price(request: HttpRequest, recurring_id: int) -> HttpResponse:
    """What a period of a rent would cost at the market."""
    recurring = get_object_or_404(RecurringCharge, pk=recurring_id)
    form = MarketForm(request.POST or None, rhythm=recurring.rhythm, initial={"starts_on": recurring.starts_on})

    def act() -> None:
        actions.set_market_price(recurring=recurring, by=request.actor, **form.cleaned_data)

    if _done(request, form, act, _("Le prix du marché est noté.")):
        return redirect("billing:recurring", recurring.pk)
    prices = recurring.market_prices.order_by("-starts_on")
    context = {"form": form, "recurring": recurring, "prices": prices}
    return render(request, "billing/market_price.html", context, status=422 if form.errors else 200)


@require_http_methods(FORM)
@open_to(accounts)
def minimis_year(request: HttpRequest, year: int) -> HttpResponse:
    """Whom a year concerns and what it granted them; a POST establishes the certificates that lack or changed."""
    now, today = timezone.now(), timezone.localdate()
    rows = queries.minimis_year(year, today)
    to_do = [row.account for row in rows if row.is_waiting]
    if request.method == "POST":
        try:
            for account in to_do:
                actions.certify_minimis(account=account, year=year, by=request.actor, today=today, now=now)
        except Refusal as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, _("Les attestations sont établies\u00a0: leurs PDF partent par mail."))
        return redirect("billing:minimis_year", year)
    context = {
        "page": Paginator(rows, 50).get_page(request.GET.get("page")),
        "to_do": to_do,
        "year": year,
        "years": range(today.year, today.year - 4, -1),
        "is_over": year < today.year,
        "ceiling": CEILING,
    }
    return render(request, "billing/minimis_year.html", context)


@require_safe
@open_to(person_of_hub)
def minimis_pdf(request: HttpRequest, certificate_id: int) -> HttpResponse:
    """The PDF as it was made, for those who keep the accounts and those who see this one."""
    certificate = get_object_or_404(MinimisCertificate.objects.select_related("account"), pk=certificate_id)
    if not (accounts(request.actor) or sees_account(request.actor, certificate.account)):
        raise Http404
    document = document_of(certificate, "minimis")
    if document is None:
        messages.info(request, _("Le PDF est en préparation. Revenez dans une minute."))
        if accounts(request.actor):
            return redirect("billing:minimis_year", certificate.year)
        return redirect("billing:my_account")
    return attachment(document.file, f"{certificate.number}.pdf")


def _account_to_declare(request: HttpRequest, account_id: int) -> Account:
    account = get_object_or_404(Account.objects.with_holders(), pk=account_id)
    if not may_sign(request.actor, account):
        raise Http404
    return account


@require_http_methods(FORM)
@open_to(person_of_hub)
def aids(request: HttpRequest, account_id: int) -> HttpResponse:
    """The de minimis aid of an account over three years: ours, and what others granted, said here."""
    account = _account_to_declare(request, account_id)
    now, today = timezone.now(), timezone.localdate()
    form = AidForm(request.POST or None)

    def act() -> None:
        actions.declare_aid(account=account, by=request.actor, now=now, today=today, **form.cleaned_data)

    if _done(request, form, act, _("L’aide est déclarée.")):
        return redirect("billing:aids", account.pk)
    (found,) = queries.minimis_of([account], today)
    context = {
        "account": account,
        "form": form,
        "declared": found.declared[::-1],
        "rolling": found.rolling(today),
        "ceiling": CEILING,
        "layout": "layouts/staff.html" if accounts(request.actor) else "layouts/member.html",
    }
    return render(request, "billing/aids.html", context, status=422 if form.errors else 200)


@require_POST
@open_to(person_of_hub)
def withdraw_aid(request: HttpRequest, account_id: int, aid_id: int) -> HttpResponse:
    account = _account_to_declare(request, account_id)
    aid = get_object_or_404(DeclaredAid, pk=aid_id, account=account)
    actions.withdraw_aid(aid=aid, by=request.actor, now=timezone.now())
    messages.success(request, _("La déclaration est retirée."))
    return redirect("billing:aids", account.pk)
