"""/gestion/suivi/travaux/: how far long work has come, cancelling it, and starting again what failed."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, Value, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from hubs import actions
from hubs.enums import ItemState
from hubs.lists import PER_PAGE
from hubs.models import Run
from hubs.parts import hub_apps, may_cancel
from hubs.queries import run_with_progress
from hubs.refusals import Refusal
from hubs.rules import follows_up, open_to
from hubs.views.todos import back_to_todos

# What failed is read first, then what is left, what was cancelled, what is done.
READ_IN_ORDER = (ItemState.FAILED, ItemState.TODO, ItemState.CANCELLED, ItemState.DONE)


@require_safe
@open_to(follows_up)
def runs(request: HttpRequest) -> HttpResponse:
    """The runs, the last first, each with its progress."""
    page = Paginator(Run.objects.order_by("-pk"), PER_PAGE).get_page(request.GET.get("page"))
    # Counted for the page alone: a year of months has more items than one cares to count for fifty lines.
    lines = Run.objects.with_progress().filter(pk__in=[run.pk for run in page]).order_by("-pk")
    return render(request, "hubs/runs.html", {"page": page, "lines": lines})


@require_safe
@open_to(follows_up)
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """How far a run has come, item by item; htmx asks for the named partial until it is done."""
    try:
        current = run_with_progress(run_id)
    except Run.DoesNotExist as error:
        raise Http404 from error
    links = [link for app in hub_apps(request.hub) if (link := app.run_link(current))]
    rank = Case(
        *(When(state=state, then=Value(rank)) for rank, state in enumerate(READ_IN_ORDER)), output_field=IntegerField()
    )
    items = current.items.annotate(rank=rank).order_by("rank", "pk")
    unfinished = current.items.filter(state__in=(ItemState.TODO, ItemState.FAILED))
    finished = current.left == 0
    jobs = set() if current.cancelled_at or (finished and not current.failed) else set(_jobs(unfinished))
    context = {
        "run": current,
        "finished": finished,
        "link": links[0] if links else "",
        "page": Paginator(items, PER_PAGE).get_page(request.GET.get("page")),
        "may_cancel": may_cancel(jobs),
    }
    return render(request, "hubs/run.html#progress" if request.htmx else "hubs/run.html", context)


def _jobs(items) -> list[str]:
    return list(items.order_by().values_list("job", flat=True).distinct())


@require_POST
@open_to(follows_up)
def cancel(request: HttpRequest, run_id: int) -> HttpResponse:
    found = get_object_or_404(Run, pk=run_id)
    try:
        count = actions.cancel_run(run=found, by=request.actor, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
    else:
        words = ngettext("%(n)s élément ne sera pas fait.", "%(n)s éléments ne seront pas faits.", count)
        messages.success(request, words % {"n": count})
    return redirect("hubs:run", found.pk)


@require_POST
@open_to(follows_up)
def retry(request: HttpRequest, run_id: int) -> HttpResponse:
    found = get_object_or_404(Run, pk=run_id)
    try:
        count = actions.retry_failed(run=found, by=request.actor, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
    else:
        words = ngettext("%(n)s élément est relancé.", "%(n)s éléments sont relancés.", count)
        messages.success(request, words % {"n": count})
    return _back(request, found)


def _back(request: HttpRequest, found: Run) -> HttpResponseRedirect:
    """Where the click was made: à faire, or the run."""
    return back_to_todos(request) if request.POST.get("retour") == "a-faire" else redirect("hubs:run", found.pk)
