"""Assemblies: prepared and followed by staff under /gestion/, joined by members under /mon-espace/."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance import actions
from governance.enums import STATE_AFTER, AssemblyState, Presence
from governance.forms.assemblies import AssemblyForm, ProxyForm
from governance.models import Assembly, Proxy, RollEntry
from governance.queries import counts_of, roll_of
from governance.rules import keeps_desk, runs_assemblies, speaks_for
from hubs.refusals import NotAllowed, Refusal
from hubs.rules import open_to, person_of_hub

FORM = ["GET", "HEAD", "POST"]
NEXT = (AssemblyState.CONVENED, AssemblyState.FROZEN, AssemblyState.OPEN, AssemblyState.CLOSED)


def _assembly(public_id: str) -> Assembly:
    return get_object_or_404(Assembly, public_id=public_id)


@require_safe
@open_to(keeps_desk)
def assemblies(request: HttpRequest) -> HttpResponse:
    """The assemblies, the last first."""
    context = {
        "assemblies": Assembly.objects.order_by("-starts_at")[:100],
        "may_prepare": runs_assemblies(request.actor),
    }  # type: ignore[attr-defined]
    return render(request, "governance/assemblies.html", context)


@require_http_methods(FORM)
@open_to(runs_assemblies)
def prepare(request: HttpRequest) -> HttpResponse:
    form = AssemblyForm(request.POST or None, initial={"roll_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        made = actions.prepare_assembly(by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        return redirect("governance:assembly", made.public_id)
    return render(request, "governance/prepare.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@open_to(keeps_desk)
def assembly(request: HttpRequest, public_id: str) -> HttpResponse:
    """One assembly: where it stands, its roll, its quorum."""
    found = _assembly(public_id)
    context = {
        "assembly": found,
        "roll": roll_of(found),
        "next": next((to for to in NEXT if to in STATE_AFTER[found.state]), None),
        "may_prepare": runs_assemblies(request.actor),  # type: ignore[attr-defined]
    }
    return render(request, "governance/assembly.html", context)


@require_POST
@open_to(runs_assemblies)
def move(request: HttpRequest, public_id: str) -> HttpResponse:
    """To the next state."""
    found = _assembly(public_id)
    try:
        if (to := request.POST.get("to", "")) not in AssemblyState.values:
            raise actions.WrongState
        actions.move_assembly(assembly=found, to=AssemblyState(to), by=request.actor)  # type: ignore[attr-defined]
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
    return redirect("governance:assembly", found.public_id)


@require_http_methods(FORM)
@open_to(keeps_desk)
def desk(request: HttpRequest, public_id: str) -> HttpResponse:
    """The arrivals: search a name, one tap, another to undo."""
    found = _assembly(public_id)
    if request.method == "POST":
        asked = request.POST.get("entry", "")
        wanted = int(asked) if asked.isdecimal() and len(asked) < 19 else 0
        entry = get_object_or_404(RollEntry, pk=wanted, assembly=found)
        try:
            if request.POST.get("undo"):
                actions.undo_arrival(entry=entry, by=request.actor)  # type: ignore[attr-defined]
            else:
                mode = Presence.REMOTE if request.POST.get("mode") == Presence.REMOTE else Presence.ROOM
                actions.arrive(entry=entry, by=request.actor, now=timezone.now(), mode=mode)  # type: ignore[attr-defined]
        except Refusal as refusal:
            messages.error(request, str(refusal.message))
        return redirect("governance:desk", found.public_id)
    words = request.GET.get("q", "").strip()[:80]
    roll = roll_of(found).filter(votes=True)
    context = {
        "assembly": found,
        "words": words,
        "roll": roll.named_like(words) if words else roll,
    }
    return render(request, "governance/desk.html", context)


@require_safe
@open_to(keeps_desk)
def live(request: HttpRequest, public_id: str) -> HttpResponse:
    """The quorum as it stands, read from the back of the room; htmx asks for the figures alone."""
    found = _assembly(public_id)
    counts = [(count, count.missing(found.quorum_percent)) for count in counts_of(found)]
    template = "governance/_counts.html" if request.htmx else "governance/live.html"  # type: ignore[attr-defined]
    return render(request, template, {"assembly": found, "counts": counts})


@require_safe
@open_to(person_of_hub)
def my_assemblies(request: HttpRequest) -> HttpResponse:
    shown = Assembly.objects.exclude(state__in=[AssemblyState.DRAFT, AssemblyState.CANCELLED])
    return render(request, "governance/my_assemblies.html", {"assemblies": shown.order_by("-starts_at")[:50]})


@require_http_methods(FORM)
@open_to(person_of_hub)
def my_assembly(request: HttpRequest, public_id: str) -> HttpResponse:
    """Give one's proxy, or take it back."""
    found = get_object_or_404(Assembly.objects.exclude(state=AssemblyState.DRAFT), public_id=public_id)
    actor = request.actor  # type: ignore[attr-defined]
    roll = RollEntry.objects.filter(assembly=found, votes=True).select_related("membership").order_by("name")
    mine = [e for e in roll if speaks_for(actor, e.membership.organisation_id, e.membership.person_id)]
    asked, status, lines = request.POST.get("giver", ""), 200, []
    for entry in mine:
        is_asked = request.method == "POST" and asked == str(entry.pk)
        proxy = Proxy.objects.live().filter(giver=entry).select_related("giver__membership", "holder").first()
        form = ProxyForm(request.POST if is_asked else None, giver=entry)
        try:
            if is_asked and proxy is not None and request.POST.get("revoke"):
                actions.revoke_proxy(proxy=proxy, by=actor, now=timezone.now())
                messages.success(request, _("Le pouvoir est révoqué."))
                return redirect("governance:my_assembly", found.public_id)
            if is_asked and form.is_valid():
                actions.give_proxy(giver=entry, by=actor, now=timezone.now(), **form.cleaned_data)
                messages.success(request, _("Le pouvoir est donné. Vous pouvez le révoquer jusqu’à l’ouverture."))
                return redirect("governance:my_assembly", found.public_id)
        except NotAllowed:
            raise
        except Refusal as refusal:
            if form.is_bound and form.is_valid():
                refusal.tell(form)
            else:
                messages.error(request, str(refusal.message))
        status = 422 if is_asked else status
        lines.append({"entry": entry, "proxy": proxy, "form": form})
    is_open = found.state in (AssemblyState.CONVENED, AssemblyState.FROZEN)
    context = {"assembly": found, "lines": lines, "is_open": is_open}
    return render(request, "governance/my_assembly.html", context, status=status)
