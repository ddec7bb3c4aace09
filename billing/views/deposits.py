"""Deposits for those who keep the accounts: the register at a date, one deposit, each of its moves."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import actions, queries
from billing.enums import DepositMoveKind
from billing.filters import DepositFilter
from billing.forms import DepositForm, GiveBackForm, KeepForm, ReasonForm, ReceiveForm, SetAgainstForm
from billing.models import Account, Deposit, DepositMove, Invoice, Issuer
from billing.papers_deposits import REQUEST, STATEMENT, words_of
from billing.rules import accounts, sees_account
from billing.tables import DepositTable
from billing.views.invoices import without_paging
from documents.downloads import attachment
from documents.queries import document_of
from hubs import french
from hubs.exports import MAX_ROWS, TYPES, download
from hubs.lists import show_page
from hubs.refusals import Refusal
from hubs.rules import open_to, person_of_hub

FORM = ["GET", "HEAD", "POST"]


def _day_asked(request: HttpRequest) -> dt.date:
    """The day of `?on=`, or today: a register is told at the end of a day."""
    try:
        return forms.DateField(localize=True).to_python(request.GET.get("on", "")) or timezone.localdate()
    except forms.ValidationError:
        return timezone.localdate()


@require_safe
@open_to(accounts)
def deposits(request: HttpRequest) -> HttpResponse:
    """What is held in deposits at a date, and for whom; `?export=csv` gives the list as it is filtered."""
    day = _day_asked(request)
    filters = DepositFilter(request.GET or None, queryset=queries.deposits_on(day))
    if (kind := request.GET.get("export")) in TYPES:
        return _export(filters, kind, day)
    table = DepositTable(filters.qs, order_by="-held")
    table.day, table.total = day, queries.held_in_all(filters.qs)
    show_page(request, table)
    context = {
        "filters": filters,
        "table": table,
        "export_query": without_paging(request),
        "has_issuer": Issuer.objects.live(timezone.localdate()).exists(),
    }
    return render(request, "billing/deposits.html", context)


def _export(filters: DepositFilter, kind: str, day: dt.date) -> HttpResponse:
    header = [
        _("Pour"), _("Nature"), _("Pour quoi"), _("Référence"), _("Demandé le"), _("Convenu"), _("Reçu"), _("Détenu"),
    ]  # fmt: skip
    rows = [
        (
            found.holder, found.get_nature_display(), found.label, found.reference, found.asked_on, found.amount,
            found.received, found.held,
        )
        for found in filters.qs.order_by("holder", "pk")[:MAX_ROWS]
    ]  # fmt: skip
    return download(f"depots-{day:%Y-%m-%d}", kind, header, rows)


@require_http_methods(FORM)
@open_to(accounts)
def ask_deposit(request: HttpRequest, account_id: int) -> HttpResponse:
    """Agree on a deposit, and send the request for it."""
    account = get_object_or_404(Account.objects.with_holders(), pk=account_id)
    today = timezone.localdate()
    form = DepositForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        send = given.pop("send")
        try:
            deposit = actions.ask_deposit(account=account, by=request.actor, today=today, **given)
            if send:
                actions.send_deposit_paper(deposit=deposit, kind=REQUEST, by=request.actor, today=today)
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("C’est noté. La demande part par courriel.") if send else _("C’est noté."))
            return redirect("billing:deposit", deposit.pk)
    context = {"account": account, "form": form, "has_issuer": Issuer.objects.live(today).exists()}
    return render(request, "billing/ask_deposit.html", context, status=422 if form.errors else 200)


def _deposit(deposit_id: int) -> Deposit:
    wanted = Deposit.objects.with_held().select_related("account__organisation", "account__person", "issuer")
    return get_object_or_404(wanted, pk=deposit_id)


@require_safe
@open_to(accounts)
def deposit(request: HttpRequest, deposit_id: int) -> HttpResponse:
    """One deposit: what is held, what has passed, what may be done next."""
    found = _deposit(deposit_id)
    moves = list(
        DepositMove.objects.filter(deposit=found).with_seen_on().select_related("charge", "payment").in_order()
    )
    context = {
        "deposit": found,
        "moves": [(move, words_of(move)) for move in moves],
        "to_receive": found.amount - found.received,
        "request_paper": document_of(found, REQUEST),
        "statement_paper": document_of(found, STATEMENT),
        "has_due": Invoice.objects.issued().filter(account=found.account_id).with_due().filter(due__gt=0).exists(),
    }
    return render(request, "billing/deposit.html", context)


@dataclass(frozen=True)
class Step:
    """One thing that is done to a deposit: its form, its action, its words."""

    form: type[forms.Form]
    act: Callable[..., DepositMove]
    title: str | Promise
    lead: str | Promise
    verb: str | Promise


STEPS = {
    DepositMoveKind.RECEIVED: Step(
        ReceiveForm,
        actions.receive_deposit,
        gettext_lazy("Noter ce qui est reçu"),
        gettext_lazy("La somme sera détenue pour la structure ou la personne\u00a0: elle ne paie aucune facture."),
        gettext_lazy("Noter la somme reçue"),
    ),
    DepositMoveKind.REFUNDED: Step(
        GiveBackForm,
        actions.refund_deposit,
        gettext_lazy("Rendre"),
        gettext_lazy(
            "Faites d’abord le virement ou remettez la somme, puis notez-le ici\u00a0: le portail ne paie pas."
        ),
        gettext_lazy("Noter la somme rendue"),
    ),
    DepositMoveKind.KEPT: Step(
        KeepForm,
        actions.keep_deposit,
        gettext_lazy("Retenir une partie"),
        gettext_lazy(
            "Le montant, TTC, sera sur la prochaine facture, que l’argent retenu paiera. "
            "Le reste du dépôt reste détenu."
        ),
        gettext_lazy("Retenir cette somme"),
    ),
    DepositMoveKind.SET_AGAINST: Step(
        SetAgainstForm,
        actions.set_deposit_against,
        gettext_lazy("Imputer sur une facture"),
        gettext_lazy("La facture est payée d’autant, et le dépôt baisse d’autant."),
        gettext_lazy("Imputer sur la facture"),
    ),
}


@require_http_methods(FORM)
@open_to(accounts)
def move_deposit(request: HttpRequest, deposit_id: int, kind: DepositMoveKind) -> HttpResponse:
    """Money in or out of a deposit, each way by its form."""
    found, step = _deposit(deposit_id), STEPS[kind]
    amount = found.amount - found.received if kind == DepositMoveKind.RECEIVED else found.held
    form = step.form(request.POST or None, deposit=found, amount=amount)
    if request.method == "POST" and form.is_valid():
        try:
            move = step.act(deposit=found, by=request.actor, today=timezone.localdate(), **form.cleaned_data)
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("%(what)s. C’est noté.") % {"what": move})
            return redirect("billing:deposit", found.pk)
    context = {"deposit": found, "form": form, "step": step, "asks_iban": "paid_to" in form.fields}
    return render(request, "billing/move_deposit.html", context, status=422 if form.errors else 200)


@require_http_methods(FORM)
@open_to(accounts)
def cancel_deposit(request: HttpRequest, deposit_id: int) -> HttpResponse:
    """Take back a deposit asked by mistake, with its reason."""
    found = _deposit(deposit_id)
    lead = _("Elle ne sera plus attendue. La structure ou la personne n’en est pas prévenue par le portail.")
    return _cancel(request, found, lead, lambda given: actions.cancel_deposit(deposit=found, **given))


@require_http_methods(FORM)
@open_to(accounts)
def cancel_deposit_move(request: HttpRequest, move_id: int) -> HttpResponse:
    """Undo a move noted by mistake, with its reason."""
    move = get_object_or_404(DepositMove.objects.select_related("deposit", "charge", "payment"), pk=move_id)
    lead = _("%(what)s, le %(day)s\u00a0: cette ligne ne comptera plus, ni ce qu’elle a porté au compte.") % {
        "what": move,
        "day": french.day(move.on, year=True, weekday=False),
    }
    return _cancel(
        request, _deposit(move.deposit_id), lead, lambda given: actions.cancel_deposit_move(move=move, **given)
    )


def _cancel(request: HttpRequest, found: Deposit, lead: str, act: Callable[[dict[str, Any]], object]) -> HttpResponse:
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            act({"by": request.actor, "today": timezone.localdate(), "reason": form.cleaned_data["reason"]})
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("C’est annulé."))
            return redirect("billing:deposit", found.pk)
    context = {"deposit": found, "form": form, "lead": lead}
    return render(request, "billing/cancel_deposit.html", context, status=422 if form.errors else 200)


@require_POST
@open_to(accounts)
def send_deposit_paper(request: HttpRequest, deposit_id: int, kind: str) -> HttpResponse:
    """Make the request or the final account of today, and mail it."""
    found = _deposit(deposit_id)
    try:
        run = actions.send_deposit_paper(deposit=found, kind=kind, by=request.actor, today=timezone.localdate())
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        words = _("Le PDF se prépare, puis part par courriel.") if run else _("Il repart par courriel.")
        messages.success(request, words)
    return redirect("billing:deposit", found.pk)


@require_safe
@open_to(accounts)
def deposit_paper(request: HttpRequest, deposit_id: int, kind: str) -> HttpResponse:
    return _paper(_deposit(deposit_id), kind)


@require_safe
@open_to(person_of_hub)
def my_deposit_paper(request: HttpRequest, deposit_id: int, kind: str) -> HttpResponse:
    found = _deposit(deposit_id)
    if not sees_account(request.actor, found.account):
        raise Http404
    return _paper(found, kind)


def _paper(found: Deposit, kind: str) -> HttpResponse:
    document = document_of(found, kind)
    if document is None:
        raise Http404
    return attachment(document.file, document.file.name)
