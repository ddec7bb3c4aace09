from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing import actions
from billing.forms import IssuerForm
from billing.models import Issuer, VatRule
from billing.rules import accounts
from hubs.refusals import Refusal
from hubs.rules import open_to


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(accounts)
def issuer(request: HttpRequest) -> HttpResponse:
    """Who issues the invoices; with nobody, why none leaves, and what to fill in."""
    today = timezone.localdate()
    current = Issuer.objects.live(today).first()
    form = IssuerForm(request.POST or None, instance=current)
    if request.method == "POST" and form.is_valid():
        try:
            actions.describe_issuer(values=form.cleaned_data, by=request.actor, today=today)
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("C’est noté. Les factures déjà émises gardent ce qu’elles montraient."))
            return redirect("billing:issuer")
    context = {"issuer": current, "form": form, "rules": VatRule.objects.live(today).order_by("code")}
    return render(request, "billing/issuer.html", context, status=422 if form.errors else 200)
