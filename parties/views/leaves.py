"""/gestion/absences/: who of the team is away and who stands in, and the days on which the hub is closed."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubs import actions
from hubs.models import HubClosure, Leave
from hubs.refusals import Refusal
from hubs.rules import coordinator, open_to, staff
from parties.leave_forms import ClosureForm, LeaveForm
from parties.queries import roles_missing

FORM = ["GET", "HEAD", "POST"]
REMEMBERED = 20


@require_safe
@open_to(staff)
def leaves(request: HttpRequest) -> HttpResponse:
    """Those of today and to come, then the last ones; the closures are for all to see."""
    today, actor = timezone.localdate(), request.actor  # type: ignore[attr-defined]
    past = Leave.objects.filter(ends_on__lte=today).exclude(ends_on__lte=F("starts_on"))
    context = {
        "leaves": [
            {
                "leave": leave,
                "is_now": leave.starts_on <= today,
                "may_end": actions.may_write_leave(actor, leave.user_id),
            }
            for leave in Leave.objects.unended(today).order_by("starts_on", "pk")
        ],
        "past": past.order_by("-ends_on", "-pk")[:REMEMBERED],
        "closures": [
            {"closure": closure, "is_now": closure.starts_on <= today}
            for closure in HubClosure.objects.unended(today).order_by("starts_on", "pk")
        ],
        "may_close": coordinator(actor),
    }
    return render(request, "parties/leaves.html", context)


@require_http_methods(FORM)
@open_to(staff)
def leave_add(request: HttpRequest) -> HttpResponse:
    today, actor = timezone.localdate(), request.actor  # type: ignore[attr-defined]
    form = LeaveForm(
        request.POST if request.method == "POST" else None,
        only=None if coordinator(actor) else actor.person_id,
        initial={"starts_on": today, "last_day": today},
    )
    if request.method == "POST" and form.is_valid():
        person, colleague = form.cleaned_data["user"], form.cleaned_data["colleague"]
        try:
            actions.take_leave(
                user=person.user,
                who=str(person),
                colleague=colleague and colleague.user,
                colleague_name=str(colleague or ""),
                by=actor,
                **form.period,
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("L’absence de %s est notée.") % person)
            if colleague and (missing := roles_missing(person, colleague, form.period["starts_on"])):
                given = {"colleague": colleague, "roles": ", ".join(missing)}
                messages.warning(
                    request,
                    _("%(colleague)s n’a pas le rôle\u00a0: %(roles)s. Ce que ce rôle seul ouvre attendra, sauf si la "
                      "coordination le lui donne pour ce temps.") % given,
                )  # fmt: skip
            return redirect("parties:leaves")
    return render(request, "parties/leave_add.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@open_to(staff)
def leave_end(request: HttpRequest, leave_id: int) -> HttpResponse:
    leave = get_object_or_404(Leave, pk=leave_id)
    if not actions.may_write_leave(request.actor, leave.user_id):  # type: ignore[attr-defined]
        raise PermissionDenied
    try:
        actions.end_leave(leave=leave, by=request.actor, today=timezone.localdate())  # type: ignore[attr-defined]
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("L’absence de %s est terminée.") % leave.who)
    return redirect("parties:leaves")


@require_http_methods(FORM)
@open_to(coordinator)
def closure_add(request: HttpRequest) -> HttpResponse:
    form = ClosureForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.close_hub(reason=form.cleaned_data["reason"], by=request.actor, **form.period)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("La fermeture est notée\u00a0: les délais et les relances s’y déplacent."))
            return redirect("parties:leaves")
    return render(request, "parties/closure_add.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@open_to(coordinator)
def closure_end(request: HttpRequest, closure_id: int) -> HttpResponse:
    closure = get_object_or_404(HubClosure, pk=closure_id)
    try:
        actions.end_closure(closure=closure, by=request.actor, today=timezone.localdate())  # type: ignore[attr-defined]
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("La fermeture est terminée."))
    return redirect("parties:leaves")
