"""/gestion/suivi/travaux/: how far long work has come."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hubs.enums import ItemState
from hubs.models import Run
from hubs.parts import hub_apps
from hubs.queries import run_with_progress
from hubs.rules import open_to, staff


@require_safe
@open_to(staff)
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """How far a run has come; htmx asks for the named partial until it is done."""
    try:
        current = run_with_progress(run_id)
    except Run.DoesNotExist as error:
        raise Http404 from error
    finished = current.done + current.failed == current.total
    links = [link for app in hub_apps(request.hub) if (link := app.run_link(current))]
    wrong = current.items.exclude(error="").order_by("state", "pk")[:50]
    template = "hubs/run.html#progress" if request.htmx else "hubs/run.html"
    context = {
        "run": current,
        "finished": finished,
        "link": links[0] if links else "",
        "failures": [item for item in wrong if item.state == ItemState.FAILED],
        "waiting": [item for item in wrong if item.state == ItemState.TODO],
    }
    return render(request, template, context)
