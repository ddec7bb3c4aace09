"""Mandates for those who keep the accounts: who signed, who is asked to, what is noted from paper."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import actions, queries
from billing.filters import MandateFilter
from billing.forms import PaperMandateForm, ReasonForm
from billing.models import Account, Debit, Issuer, Mandate
from billing.models.invoice import holder_of_invoice
from billing.rules import accounts
from billing.tables import MandateTable
from documents.downloads import attachment
from documents.models import StoredFile
from documents.queries import document_of
from hubs.lists import show_page
from hubs.refusals import Refusal
from hubs.rules import open_to


@require_safe
@open_to(accounts)
def mandates(request: HttpRequest) -> HttpResponse:
    """Every mandate, the last first."""
    found = Mandate.objects.with_last_collection().annotate(holder_name=holder_of_invoice())
    filters = MandateFilter(request.GET or None, queryset=found)
    table = MandateTable(filters.qs, order_by="-signed_on")
    show_page(request, table)
    today = timezone.localdate()
    for mandate in table.paginated_rows.data:
        mandate.state = queries.mandate_state(mandate, today)
    context = {"filters": filters, "table": table, "issuer": Issuer.objects.live(today).first()}
    return render(request, "billing/mandates.html", context)


def _mandate(mandate_id: int) -> Mandate:
    return get_object_or_404(Mandate.objects.for_display(), pk=mandate_id)


def paper_of_mandate(mandate: Mandate) -> StoredFile | None:
    """The scan of the paper, or the PDF of what was signed here."""
    if mandate.scan is not None:
        return mandate.scan
    document = document_of(mandate, "mandate")
    return document.file if document else None


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(accounts)
def mandate(request: HttpRequest, mandate_id: int) -> HttpResponse:
    """One mandate, what was collected under it; a POST revokes it, with its reason."""
    found = _mandate(mandate_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.revoke_mandate(
                mandate=found, by=request.actor, reason=form.cleaned_data["reason"], today=timezone.localdate()
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("Le mandat est révoqué\u00a0: plus rien ne sera prélevé sous lui."))
            return redirect("billing:mandate", found.pk)
    context = {
        "mandate": found,
        "state": queries.mandate_state(found, timezone.localdate()),
        "paper": paper_of_mandate(found),
        "debits": Debit.objects.for_display().filter(mandate=found).order_by("-collect_on", "-pk")[:50],
        "form": form,
    }
    return render(request, "billing/mandate.html", context, status=422 if form.errors else 200)


@require_safe
@open_to(accounts)
def mandate_paper(request: HttpRequest, mandate_id: int) -> HttpResponse:
    return send_paper(request, _mandate(mandate_id), "billing:mandate", mandate_id)


def send_paper(request: HttpRequest, found: Mandate, back: str, back_id: int) -> HttpResponse:
    """The signed mandate; while its PDF is being made, the page with a word."""
    if not found.is_signed:
        raise Http404
    paper = paper_of_mandate(found)
    if paper is None:
        messages.info(request, _("Le PDF est en préparation. Revenez dans une minute."))
        return redirect(back, back_id)
    return attachment(paper, paper.name)


@require_POST
@open_to(accounts)
def resume_mandate(request: HttpRequest, mandate_id: int) -> HttpResponse:
    found = _mandate(mandate_id)
    try:
        actions.resume_mandate(mandate=found, by=request.actor)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Les prélèvements reprennent sous ce mandat."))
    return redirect("billing:mandate", found.pk)


def _account(account_id: int) -> Account:
    return get_object_or_404(Account.objects.with_holders(), pk=account_id)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(accounts)
def account_mandate(request: HttpRequest, account_id: int) -> HttpResponse:
    """The mandates of one account; a POST asks those who administer it to sign one."""
    found = _account(account_id)
    if request.method == "POST":
        try:
            asked = actions.invite_to_sign(account=found, by=request.actor, today=timezone.localdate())
        except Refusal as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, _("L’invitation à signer le mandat %s est partie.") % asked.rum)
        return redirect("billing:account_mandate", found.pk)
    today = timezone.localdate()
    told = [(each, queries.mandate_state(each, today)) for each in queries.mandates_of(found)]
    context = {
        "account": found,
        "mandates": told,
        "waiting": any(not each.is_signed and not each.is_over for each, _state in told),
        "issuer": Issuer.objects.live(today).first(),
        "to": queries.signatories(found, today),
    }
    return render(request, "billing/account_mandate.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(accounts)
def paper_mandate(request: HttpRequest, account_id: int) -> HttpResponse:
    """A mandate signed on paper."""
    found = _account(account_id)
    posted = request.method == "POST"
    initial = {"debtor_name": str(found)[:70], "signed_on": timezone.localdate()}
    form = PaperMandateForm(request.POST if posted else None, request.FILES if posted else None, initial=initial)
    if posted and form.is_valid():
        try:
            noted = actions.note_paper_mandate(
                account=found, by=request.actor, today=timezone.localdate(), **form.cleaned_data
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("Le mandat %s est noté.") % noted.rum)
            return redirect("billing:mandate", noted.pk)
    context = {"account": found, "form": form}
    return render(request, "billing/paper_mandate.html", context, status=422 if form.errors else 200)
