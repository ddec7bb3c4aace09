"""/gestion/membres/arrivees/: the lists of those who arrive and leave, walked by the team."""

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubs.refusals import Refusal
from hubs.rules import open_to
from members import actions
from members.enums import CheckKind, Way
from members.forms.checklists import BeginForm, InsuranceForm, PaperForm, PlanForm
from members.models import Checklist, ChecklistItem
from members.queries import charter_in_force, lines_of, steps_in_force
from members.rules import follows_arrivals, keeps_memberships
from parties.models import Organisation

FORM = ["GET", "HEAD", "POST"]
PER_PAGE = 50


@require_safe
@open_to(follows_arrivals)
def checklists(request: HttpRequest) -> HttpResponse:
    """Those under way, by day; `?etat=finies` shows the others, the last finished first."""
    today = timezone.localdate()
    over = request.GET.get("etat") == "finies"
    lists = Checklist.objects.with_progress(today)
    if over:
        found = lists.exclude(closed_on=None).order_by("-closed_on", "-pk")
    else:
        found = lists.under_way().order_by("day", "pk")
    context = {
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "over": over,
        "may_keep": keeps_memberships(request.actor),  # type: ignore[attr-defined]
        "has_steps": bool(steps_in_force()),
    }
    return render(request, "members/checklists.html", context)


@require_http_methods(FORM)
@open_to(keeps_memberships)
def begin(request: HttpRequest, public_id: str) -> HttpResponse:
    """From the sheet of a structure: it arrives, or it leaves."""
    organisation = get_object_or_404(Organisation, public_id=public_id)
    today = timezone.localdate()
    asked = request.GET.get("sens", "")
    initial = {"way": asked if asked in Way.values else Way.ARRIVAL, "day": today}
    form = BeginForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.begin_list(
                organisation=organisation,
                by=request.actor,  # type: ignore[attr-defined]
                now=timezone.now(),
                **form.cleaned_data,
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("La liste est commencée\u00a0; la structure la voit dans son espace."))
            return redirect("members:checklist", made.public_id)
    context = {"form": form, "organisation": organisation, "has_steps": bool(steps_in_force())}
    return render(request, "members/checklist_begin.html", context, status=422 if form.errors else 200)


@require_safe
@open_to(follows_arrivals)
def checklist(request: HttpRequest, public_id: str) -> HttpResponse:
    """One list: what is done, by whom and when, and what is left."""
    today = timezone.localdate()
    found = get_object_or_404(Checklist.objects.with_progress(today), public_id=public_id)
    context = {
        "checklist": found,
        "lines": lines_of(found, request.actor, today),  # type: ignore[attr-defined]
        "is_theirs": False,
    }
    return render(request, "members/checklist.html", context)


def _item(public_id: str, item_id: int) -> ChecklistItem:
    items = ChecklistItem.objects.select_related("checklist__organisation", "checklist__template", "step", "owner")
    return get_object_or_404(items, checklist__public_id=public_id, pk=item_id)


@require_http_methods(FORM)
@open_to(follows_arrivals)
def step(request: HttpRequest, public_id: str, item_id: int) -> HttpResponse:
    """Plan a step; and note what a plain tick does not: the end of an insurance, a charter signed on paper."""
    item = _item(public_id, item_id)
    gesture = request.POST.get("geste", "")
    today = timezone.localdate()
    open_kind = item.kind if item.done_on is None else ""
    plan = PlanForm(
        request.POST if gesture == "prevoir" else None,
        initial={"due_on": item.due_on, "owner": item.owner and item.owner.public_id},
        prefix="plan",
    )
    charter = charter_in_force() if open_kind == CheckKind.CHARTER else None
    insurance = paper = None
    if open_kind == CheckKind.INSURANCE:
        insurance = InsuranceForm(request.POST if gesture == "assurance" else None, prefix="assurance")
    elif charter is not None:
        paper = PaperForm(
            request.POST if gesture == "papier" else None,
            organisation=item.checklist.organisation,
            initial={"on": today},
            prefix="papier",
        )
    form = {"prevoir": plan, "assurance": insurance, "papier": paper}.get(gesture)
    if form is not None and form.is_valid():
        by, given = request.actor, form.cleaned_data  # type: ignore[attr-defined]
        try:
            if form is plan:
                actions.plan_step(item=item, by=by, **given)
            elif form is insurance:
                actions.do_step(item=item, by=by, today=today, **given)
            elif charter is not None:
                actions.accept_charter(item=item, number=charter.number, by=by, today=today, **given)
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("C’est noté."))
            return redirect("members:checklist", public_id)
    context = {
        "item": item,
        "checklist": item.checklist,
        "label": item.step.label(item.checklist.way),
        "plan": plan,
        "insurance": insurance,
        "paper": paper,
        "charter": charter,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "members/checklist_step.html", context, status=status)


def _act(request: HttpRequest, public_id: str, act: Callable[[], object], words: str) -> HttpResponse:
    try:
        act()
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, words)
    return redirect("members:checklist", public_id)


@require_POST
@open_to(follows_arrivals)
def do(request: HttpRequest, public_id: str, item_id: int) -> HttpResponse:
    item, by = _item(public_id, item_id), request.actor  # type: ignore[attr-defined]
    return _act(
        request,
        public_id,
        lambda: actions.do_step(item=item, by=by, today=timezone.localdate()),
        _("«\u00a0%s\u00a0» est fait.") % item.step.label(item.checklist.way),
    )


@require_POST
@open_to(follows_arrivals)
def undo(request: HttpRequest, public_id: str, item_id: int) -> HttpResponse:
    item, by = _item(public_id, item_id), request.actor  # type: ignore[attr-defined]
    return _act(
        request,
        public_id,
        lambda: actions.undo_step(item=item, by=by),
        _("«\u00a0%s\u00a0» est de nouveau à faire.") % item.step.label(item.checklist.way),
    )


@require_POST
@open_to(follows_arrivals)
def waive(request: HttpRequest, public_id: str, item_id: int) -> HttpResponse:
    item, by = _item(public_id, item_id), request.actor  # type: ignore[attr-defined]
    return _act(
        request,
        public_id,
        lambda: actions.waive_step(item=item, by=by, today=timezone.localdate()),
        _("«\u00a0%s\u00a0» est sans objet ici.") % item.step.label(item.checklist.way),
    )


@require_POST
@open_to(follows_arrivals)
def close(request: HttpRequest, public_id: str) -> HttpResponse:
    found, by = get_object_or_404(Checklist, public_id=public_id), request.actor  # type: ignore[attr-defined]
    return _act(
        request,
        public_id,
        lambda: actions.close_list(checklist=found, by=by, today=timezone.localdate()),
        _("La liste est finie."),
    )
