"""Assemblies, prepared and led from one state to the next by staff under /gestion/."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from documents.queries import document_of
from governance import actions
from governance.actions.attendance import HELD
from governance.actions.notices import NOTICE
from governance.enums import STATE_AFTER, AssemblyState
from governance.forms.assemblies import AssemblyForm
from governance.models import Assembly
from governance.queries import proof_counts, roll_of, statutes_on
from governance.rules import keeps_desk, runs_assemblies
from governance.views.asked import FORM, assembly_at, page_of, posted
from hubs.refusals import Refusal
from hubs.rules import open_to

NEXT = (AssemblyState.FROZEN, AssemblyState.OPEN, AssemblyState.CLOSED)
GIVEN = ("kind", "title", "starts_at", "place", "remote_url", "roll_on")


@require_safe
@open_to(keeps_desk)
def assemblies(request: HttpRequest) -> HttpResponse:
    """The assemblies, the last first."""
    context = {
        "assemblies": page_of(request, Assembly.objects.order_by("-starts_at", "-pk")),
        "may_prepare": runs_assemblies(request.actor),  # type: ignore[attr-defined]
    }
    return render(request, "governance/assemblies.html", context)


@require_http_methods(FORM)
@open_to(runs_assemblies)
def prepare(request: HttpRequest) -> HttpResponse:
    """A new assembly, with the rules of the statutes in force."""
    today = timezone.localdate()
    form = AssemblyForm(posted(request), initial={"roll_on": today, **statutes_on(today).rules})
    if request.method == "POST" and form.is_valid():
        made = actions.prepare_assembly(by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        return redirect("governance:agenda", made.public_id)
    return render(request, "governance/prepare.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(FORM)
@open_to(runs_assemblies)
def change(request: HttpRequest, public_id: str) -> HttpResponse:
    """Change a draft: its day, its place, its rules."""
    found = assembly_at(public_id)
    initial = {name: getattr(found, name) for name in GIVEN} | found.rules
    form = AssemblyForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_assembly(assembly=found, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("L’assemblée est changée."))
            return redirect("governance:assembly", found.public_id)
    context = {"form": form, "assembly": found}
    return render(request, "governance/prepare.html", context, status=422 if form.errors else 200)


@require_safe
@open_to(keeps_desk)
def assembly(request: HttpRequest, public_id: str) -> HttpResponse:
    """One assembly: where it stands, what its members are called to, its roll."""
    found = assembly_at(public_id)
    context = {
        "assembly": found,
        "agenda": found.agenda.order_by("rank"),
        "papers": found.papers.order_by("added_at", "pk"),
        "roll": page_of(request, roll_of(found)),
        "proofs": proof_counts(found) if found.convened_on else None,
        "notice": document_of(found, NOTICE),
        "contests": found.contests.unanswered().count(),
        "next": next((to for to in NEXT if to in STATE_AFTER[found.state]), None),
        "may_prepare": runs_assemblies(request.actor),  # type: ignore[attr-defined]
        "may_call_off": AssemblyState.CANCELLED in STATE_AFTER[found.state],
        "is_draft": found.state == AssemblyState.DRAFT,
        "is_convened": found.state == AssemblyState.CONVENED,
        "is_held": found.state in HELD,
        "is_open": found.state == AssemblyState.OPEN,
        "may_be_contested": found.may_be_contested(timezone.localdate()),
        "lacks_minutes": found.state == AssemblyState.CLOSED
        and not found.minutes.filter(published_at__isnull=False).exists(),
        "takes_papers": found.state not in (AssemblyState.CLOSED, AssemblyState.CANCELLED),
    }
    return render(request, "governance/assembly.html", context)


@require_POST
@open_to(runs_assemblies)
def move(request: HttpRequest, public_id: str) -> HttpResponse:
    """To the next state."""
    found, actor = assembly_at(public_id), request.actor  # type: ignore[attr-defined]
    try:
        if (to := request.POST.get("to", "")) not in AssemblyState.values:
            raise actions.WrongState
        if to == AssemblyState.FROZEN:
            actions.freeze_roll(assembly=found, by=actor, now=timezone.now())
        else:
            actions.move_assembly(assembly=found, to=AssemblyState(to), by=actor)
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
    return redirect("governance:assembly", found.public_id)


@require_POST
@open_to(runs_assemblies)
def redraw(request: HttpRequest, public_id: str) -> HttpResponse:
    """Bring the roll up to date, and call who was not."""
    found, actor, now = assembly_at(public_id), request.actor, timezone.now()  # type: ignore[attr-defined]
    try:
        added = actions.draw_roll(assembly=found, by=actor, now=now)
        actions.call_members(assembly=found, by=actor, now=now)
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("La liste est à jour. Membres ajoutés et convoqués\u00a0: %s.") % added)
    return redirect("governance:assembly", found.public_id)
