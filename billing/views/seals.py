"""Whether what was frozen is as it was sealed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from billing import actions, queries
from billing.rules import accounts
from billing.views.books import tabs
from hubs.rules import open_to


@require_safe
@open_to(accounts)
def integrity(request: HttpRequest) -> HttpResponse:
    """The last seal, and what the last reading of the chain found."""
    context = {"tabs": tabs("integrity"), "integrity": queries.integrity(), "today": timezone.localdate()}
    return render(request, "billing/integrity.html", context)


@require_POST
@open_to(accounts)
def check(request: HttpRequest) -> HttpResponse:
    """Start reading the chain; the run shows how far it is."""
    return redirect("hubs:run", actions.check_seals(by=request.actor).pk)
