"""/gestion/facturation/prelevements/: what can be collected, the files for the bank, what became of them."""

import datetime as dt

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import actions, queries
from billing.enums import DebitState
from billing.forms import AnnounceForm, BatchDepositForm, FailForm, ReasonForm
from billing.models import Debit, DebitBatch, Issuer
from billing.rules import accounts
from billing.tables import DebitBatchTable
from documents.downloads import attachment
from hubs.lists import show_page
from hubs.refusals import Refusal
from hubs.rules import open_to

FORM = ["GET", "HEAD", "POST"]


@require_http_methods(FORM)
@open_to(accounts)
def debits(request: HttpRequest) -> HttpResponse:
    """What is due and can be collected, what cannot and why, the files to make; a POST announces what is ticked."""
    today = timezone.localdate()
    proposals = queries.debit_proposals(today)
    form = AnnounceForm(
        request.POST if request.method == "POST" else None,
        choices=[proposal.invoice.pk for proposal in proposals.ready],
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.announce_debits(
                invoices=form.cleaned_data["invoices"],
                by=request.actor,
                today=today,
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            words = ngettext("%(n)s prélèvement est annoncé.", "%(n)s prélèvements sont annoncés.", len(made))
            messages.success(request, words % {"n": len(made)})
            return redirect("billing:debits")
    issuer = Issuer.objects.live(today).first()
    context = {
        "proposals": proposals,
        "ticked": _ticked(request, proposals),
        "rounds": queries.debit_rounds(today),
        "failed": queries.failed_debits(),
        "form": form,
        "issuer": issuer,
        "may_collect": bool(issuer and issuer.ics and issuer.iban),
        "batches": DebitBatch.objects.order_by("-collect_on", "-pk")[:5],
    }
    return render(request, "billing/debits.html", context, status=422 if form.errors else 200)


def _ticked(request: HttpRequest, proposals: queries.Proposals) -> set[int]:
    """What stays ticked after a refusal; at first, all that can be collected."""
    ready = {proposal.invoice.pk for proposal in proposals.ready}
    if request.method != "POST":
        return ready
    return {pk for pk in ready if str(pk) in request.POST.getlist("invoices")}


@require_safe
@open_to(accounts)
def batches(request: HttpRequest) -> HttpResponse:
    """Every file of debits, last first."""
    table = DebitBatchTable(DebitBatch.objects.all(), order_by="-collect_on")
    show_page(request, table)
    return render(request, "billing/batches.html", {"table": table})


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise Http404 from error


@require_http_methods(FORM)
@open_to(accounts)
def make_file(request: HttpRequest, issuer_id: int, day: str) -> HttpResponse:
    """What the file of a day would hold, and what stays out; a POST writes it."""
    issuer, collect_on, today = get_object_or_404(Issuer, pk=issuer_id), _day(day), timezone.localdate()
    refused = ""
    if request.method == "POST":
        try:
            batch = actions.make_debit_file(
                issuer=issuer,
                collect_on=collect_on,
                by=request.actor,
                today=today,
            )
        except Refusal as refusal:
            refused = str(refusal.message)
        else:
            if batch is not None:
                messages.success(request, _("Le fichier est fait. Téléchargez-le, puis déposez-le à la banque."))
                return redirect("billing:batch", batch.pk)
            messages.warning(
                request, _("Rien ne part ce jour-là\u00a0: aucun de ces prélèvements n’est plus possible.")
            )
            return redirect("billing:debits")
    found = Debit.objects.announced().for_display().filter(mandate__issuer=issuer, collect_on=collect_on)
    told = list(found.order_by("invoice__number", "pk"))
    if not told and not refused:
        raise Http404
    context = {"round": queries.debit_round(issuer, collect_on, told, today), "refused": refused}
    return render(request, "billing/make_file.html", context, status=422 if refused else 200)


def _batch(batch_id: int) -> DebitBatch:
    return get_object_or_404(DebitBatch.objects.select_related("issuer", "file"), pk=batch_id)


@require_http_methods(FORM)
@open_to(accounts)
def batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """One file: what it holds, what the bank has to be told, where it stands; a POST says when it was deposited."""
    found = _batch(batch_id)
    form = BatchDepositForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.note_deposit(
                batch=found,
                by=request.actor,
                today=timezone.localdate(),
                **form.cleaned_data,
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("Le dépôt est noté."))
            return redirect("billing:batch", found.pk)
    lines = queries.batch_lines(found)
    in_file = [debit for debit in lines if debit.end_to_end]
    context = {
        "batch": found,
        "lines": in_file,
        "left_out": [debit for debit in lines if not debit.end_to_end],
        "revoked": [debit for debit in in_file if debit.state == DebitState.IN_FILE and debit.mandate.is_over],
        "waiting": [debit for debit in in_file if debit.state == DebitState.IN_FILE],
        "may_collect": found.collected_on is None and found.collect_on <= timezone.localdate(),
        "form": form,
    }
    return render(request, "billing/batch.html", context, status=422 if form.errors else 200)


@require_safe
@open_to(accounts)
def batch_file(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The file as it was made, each time the same bytes."""
    return attachment(_batch(batch_id).file)


@require_POST
@open_to(accounts)
def collect(request: HttpRequest, batch_id: int) -> HttpResponse:
    found = _batch(batch_id)
    try:
        count = actions.collect_batch(batch=found, by=request.actor, today=timezone.localdate())
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        words = ngettext("%(n)s paiement est noté.", "%(n)s paiements sont notés.", count)
        messages.success(request, words % {"n": count})
    return redirect("billing:batch", found.pk)


def _debit(debit_id: int) -> Debit:
    return get_object_or_404(Debit.objects.for_display(), pk=debit_id)


@require_http_methods(FORM)
@open_to(accounts)
def withdraw(request: HttpRequest, debit_id: int) -> HttpResponse:
    """Give up a debit that is in no file yet."""
    found = _debit(debit_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.withdraw_debit(
                debit=found,
                by=request.actor,
                reason=form.cleaned_data["reason"],
                today=timezone.localdate(),
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("Ce prélèvement ne partira pas."))
            return redirect("billing:debits")
    return render(
        request, "billing/withdraw_debit.html", {"debit": found, "form": form}, status=422 if form.errors else 200
    )


@require_http_methods(FORM)
@open_to(accounts)
def fail(request: HttpRequest, debit_id: int) -> HttpResponse:
    """Note by hand what the bank refused or took back."""
    found = _debit(debit_id)
    form = FailForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.fail_debit(
                debit=found,
                code=form.cleaned_data["code"],
                by=request.actor,
                today=timezone.localdate(),
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("Le rejet est noté\u00a0: la facture est due de nouveau."))
            return redirect("billing:batch", found.batch_id)
    return render(
        request, "billing/fail_debit.html", {"debit": found, "form": form}, status=422 if form.errors else 200
    )
