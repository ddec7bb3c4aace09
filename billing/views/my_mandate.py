"""Mon espace, the account, « Prélèvement »: sign a mandate, read it, end it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from billing import actions, queries
from billing.forms import ReasonForm, SignMandateForm
from billing.models import Account, Issuer, Mandate
from billing.rules import is_signatory, sees_account
from billing.views.mandates import send_paper
from hubs.refusals import Refusal
from hubs.rules import open_to, person_of_hub

FORM = ["GET", "HEAD", "POST"]


def _account(request: HttpRequest, account_id: int) -> Account:
    """404 for what is none of theirs, 403 for those who work there and do not administer."""
    found = get_object_or_404(Account.objects.with_holders(), pk=account_id)
    if is_signatory(request.actor, found):
        return found
    if sees_account(request.actor, found):
        raise PermissionDenied
    raise Http404


def _signed(account: Account) -> Mandate | None:
    return Mandate.objects.signed().for_display().filter(account=account).order_by("-pk").first()


@require_http_methods(FORM)
@open_to(person_of_hub)
def my_mandate(request: HttpRequest, account_id: int) -> HttpResponse:
    """The mandate that runs, or the one to sign, with the words of the law and those who debit."""
    account = _account(request, account_id)
    today = timezone.localdate()
    issuer = Issuer.objects.live(today).first()
    signed = _signed(account)
    form = SignMandateForm(
        request.POST if request.method == "POST" else None, initial={"debtor_name": str(account)[:70]}
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.sign_mandate(
                account=account,
                by=request.actor,
                now=timezone.now(),
                **form.cleaned_data,
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("Le mandat %s est signé. Sa copie vous arrive par courriel.") % made.rum)
            return redirect("billing:my_mandate", account.pk)
    context = {
        "account": account,
        "issuer": issuer if issuer and issuer.ics else None,
        "signed": signed,
        "state": queries.mandate_state(signed, today) if signed else None,
        "invited": Mandate.objects.invited().filter(account=account, issuer=issuer).first(),
        "form": form,
        "changing": "banque" in request.GET or bool(form.errors),
    }
    return render(request, "billing/my_mandate.html", context, status=422 if form.errors else 200)


@require_safe
@open_to(person_of_hub)
def my_mandate_paper(request: HttpRequest, account_id: int) -> HttpResponse:
    signed = _signed(_account(request, account_id))
    if signed is None:
        raise Http404
    return send_paper(request, signed, "billing:my_mandate", account_id)


@require_http_methods(FORM)
@open_to(person_of_hub)
def end_my_mandate(request: HttpRequest, account_id: int) -> HttpResponse:
    """End the mandate that runs: what it stops, then the click."""
    account = _account(request, account_id)
    signed = _signed(account)
    if signed is None:
        raise Http404
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.revoke_mandate(
                mandate=signed,
                by=request.actor,
                reason=form.cleaned_data["reason"],
                today=timezone.localdate(),
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("Le mandat est révoqué\u00a0: vos factures se paient de nouveau par virement."))
            return redirect("billing:my_mandate", account.pk)
    context = {"account": account, "mandate": signed, "form": form}
    return render(request, "billing/end_my_mandate.html", context, status=422 if form.errors else 200)
