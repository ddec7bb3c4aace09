"""Dues in several dates: what a member asks from mon espace, and what the team answers."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing.models import Invoice
from billing.rules import is_signatory
from hubs.refusals import Refusal
from hubs.rules import open_to, person_of_hub
from members import actions
from members.forms.dates import AnswerDatesForm, AskDatesForm
from members.models import DatesRequest, DuesCall
from members.rules import keeps_memberships


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(person_of_hub)
def ask_dates(request: HttpRequest, call_id: int) -> HttpResponse:
    """« Payer en plusieurs fois »: of one's own dues; anyone else's are a 404."""
    found = DuesCall.objects.select_related(
        "invoice__account__organisation", "invoice__account__person", "membership__organisation",
        "membership__person", "membership__fiscal_year",
    )  # fmt: skip
    call = get_object_or_404(found, pk=call_id, invoice__isnull=False)
    if call.invoice is None or not is_signatory(request.actor, call.invoice.account):  # type: ignore[attr-defined]
        raise Http404
    form = AskDatesForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_dates(call=call, by=request.actor, now=timezone.now(), **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("Votre demande est partie\u00a0: l’équipe vous répond par courriel."))
            return redirect("members:my_dues")
    invoice = Invoice.objects.with_due().get(pk=call.invoice_id)
    context = {"call": call, "invoice": invoice, "form": form}
    return render(request, "members/ask_dates.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(keeps_memberships)
def answer_dates(request: HttpRequest, request_id: int) -> HttpResponse:
    """The dates that granting agrees, and the two buttons: `reponse` is « oui » or « non »."""
    asked = get_object_or_404(
        DatesRequest.objects.select_related(
            "call__membership__organisation", "call__membership__person", "call__membership__fiscal_year",
            "call__invoice", "asked_by", "answered_by",
        ),
        pk=request_id,
    )  # fmt: skip
    today = timezone.localdate()
    form = AnswerDatesForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        is_granted = request.POST.get("reponse") == "oui"
        try:
            actions.answer_dates(
                request=asked, is_granted=is_granted, by=request.actor, now=timezone.now(), today=today,  # type: ignore[attr-defined]
                **form.cleaned_data,
            )  # fmt: skip
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("C’est répondu, et le membre est prévenu."))
            return redirect("members:dues")
    invoice = Invoice.objects.with_due().get(pk=asked.call.invoice_id)
    context = {"asked": asked, "invoice": invoice, "form": form, "dates": actions.dates_of(asked, invoice, today)}
    return render(request, "members/answer_dates.html", context, status=422 if form.errors else 200)
