"""Mon espace: the quotes for the accounts one sees, and the answer that one gives."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from billing import actions, queries
from billing.enums import QuoteDecision, QuoteState
from billing.forms import AnswerForm
from billing.models import Quote
from billing.quote_papers import quote_title
from billing.rules import may_sign, sees_account
from billing.views.papers import quote_lines_of, quote_pdf_of
from hubs.refusals import Refusal
from hubs.rules import open_to, person_of_hub


@require_safe
@open_to(person_of_hub)
def my_quotes(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    sent = Quote.objects.sent().filter(account__in=queries.accounts_of(request.actor))
    found = sent.select_related("account__organisation", "account__person").in_order()
    return render(request, "billing/my_quotes.html", {"quotes": [(each, each.state(today)) for each in found]})


def _my_quote(request: HttpRequest, quote_id: int) -> Quote:
    sent = Quote.objects.sent().select_related("account__organisation", "account__person")
    found = get_object_or_404(sent, pk=quote_id)
    if not sees_account(request.actor, found.account):
        raise Http404
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(person_of_hub)
def my_quote(request: HttpRequest, quote_id: int) -> HttpResponse:
    """One quote, and its answer: the button pressed is the decision."""
    found = _my_quote(request, quote_id)
    today = timezone.localdate()
    if request.method == "POST" and not may_sign(request.actor, found.account):
        raise PermissionDenied
    decision = request.POST.get("decision", "")
    form = AnswerForm(request.POST or None, decision=decision, initial={"name": request.actor.name})
    if request.method == "POST" and form.is_valid() and decision in QuoteDecision.values:
        values = {name: form.cleaned_data[name] for name in ("name", "order_number", "note")}
        try:
            actions.answer_quote(
                quote=found, decision=QuoteDecision(decision), by=request.actor, on=today, today=today, **values
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            thanks = _("C’est noté, merci\u00a0: le pôle est prévenu.")
            messages.success(request, thanks)
            return redirect("billing:my_quote", found.pk)
    context = {
        "quote": found,
        "title": quote_title(found),
        "state": found.state(today),
        "may_answer": found.state(today) == QuoteState.SENT and may_sign(request.actor, found.account),
        "form": form,
        **quote_lines_of(found),
    }
    return render(request, "billing/my_quote.html", context, status=422 if request.method == "POST" else 200)


@require_safe
@open_to(person_of_hub)
def my_quote_pdf(request: HttpRequest, quote_id: int) -> HttpResponse:
    return quote_pdf_of(request, _my_quote(request, quote_id), back="billing:my_quote")
