"""/gestion/facturation/prelevements/retours/: drop a file of the bank, see the fate of each line, apply."""

from pathlib import PurePath

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from billing import actions, queries
from billing.forms import BankReturnForm
from billing.models import BankReturn
from billing.rules import accounts
from hubs.refusals import Refusal
from hubs.rules import open_to

FORM = ["GET", "HEAD", "POST"]


@require_http_methods(FORM)
@open_to(accounts)
def bank_returns(request: HttpRequest) -> HttpResponse:
    """The files already dropped; a POST drops another, and shows what it would do."""
    posted = request.method == "POST"
    form = BankReturnForm(request.POST if posted else None, request.FILES if posted else None)
    if posted and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            dropped = actions.drop_bank_return(
                name=PurePath(file.name).name,
                content=file.read(),
                by=request.actor,
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            if dropped.applied_on is not None:
                messages.info(request, _("Ce fichier a déjà été pris en compte\u00a0: il ne compte qu’une fois."))
            return redirect("billing:bank_return", dropped.pk)
    context = {"form": form, "dropped": BankReturn.objects.order_by("-dropped_at", "-pk")[:50]}
    return render(request, "billing/bank_returns.html", context, status=422 if form.errors else 200)


@require_http_methods(FORM)
@open_to(accounts)
def bank_return(request: HttpRequest, return_id: int) -> HttpResponse:
    """What the file does, line by line; a POST does it."""
    found = get_object_or_404(BankReturn.objects.select_related("file"), pk=return_id)
    if request.method == "POST":
        try:
            count = actions.apply_bank_return(bank_return=found, by=request.actor, today=timezone.localdate())
        except Refusal as refusal:
            messages.error(request, refusal.message)
        else:
            words = ngettext("%(n)s rejet est noté.", "%(n)s rejets sont notés.", count)
            messages.success(request, words % {"n": count})
        return redirect("billing:bank_return", found.pk)
    fates = queries.fates_of(found)
    context = {"bank_return": found, "fates": fates, "applying": sum(fate.applies for fate in fates)}
    return render(request, "billing/bank_return.html", context)
