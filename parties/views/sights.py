"""/mon-espace/structure/qui-voit-quoi/: who reads what is held about the structure, and who looked."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from hubs.rules import open_to
from parties.queries import workplaces_of
from parties.rules import works_somewhere
from parties.sights import looks_at, names_by_role, sights_of


@require_safe
@open_to(works_somewhere)
def who_sees(request: HttpRequest) -> HttpResponse:
    """Of my structure; of the one chosen when there are several."""
    mine = workplaces_of(request.actor)  # type: ignore[attr-defined]
    asked = request.GET.get("structure", mine[0].public_id)
    organisation = next((each for each in mine if each.public_id == asked), None)
    if organisation is None:
        raise Http404
    context = {
        "organisation": organisation,
        "mine": mine,
        "sights": sights_of(organisation),
        "team": names_by_role(timezone.localdate()),
        "looks": looks_at(organisation),
    }
    return render(request, "parties/who_sees.html", context)
