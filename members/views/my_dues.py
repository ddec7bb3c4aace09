"""/mon-espace/cotisation/: what each member owes, why, how to pay it, and the years before."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from hubs.rules import open_to, person_of_hub
from members.queries import own_dues
from parties.rules import works_somewhere


@require_safe
@open_to(person_of_hub)
def my_dues(request: HttpRequest) -> HttpResponse:
    """Of the structures that one administers, and of oneself; anyone else's are not here."""
    actor = request.actor  # type: ignore[attr-defined]
    context = {"members": own_dues(actor, timezone.localdate()), "may_join": not works_somewhere(actor)}
    return render(request, "members/my_dues.html", context)
