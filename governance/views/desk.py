"""On the day: who came and left, the quorum as it stands, and the sheet that those in the room sign."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from documents.downloads import download
from governance import actions
from governance.actions.attendance import HELD
from governance.enums import Presence
from governance.models import RollEntry
from governance.papers import attendance_paper
from governance.queries import counts_of, roll_of
from governance.rules import keeps_desk
from governance.views.asked import FORM, assembly_at, page_of, pk_in
from hubs import languages
from hubs.refusals import Refusal
from hubs.rules import open_to
from hubs.scope import current_hub


@require_http_methods(FORM)
@open_to(keeps_desk)
def desk(request: HttpRequest, public_id: str) -> HttpResponse:
    """The arrivals: search a name, one tap, another to undo or to note a departure."""
    found = assembly_at(public_id)
    if request.method == "POST":
        entry = get_object_or_404(RollEntry, pk=pk_in(request.POST.get("entry", "")), assembly=found)
        actor, now = request.actor, timezone.now()  # type: ignore[attr-defined]
        try:
            if request.POST.get("undo"):
                actions.undo_arrival(entry=entry, by=actor)
            elif request.POST.get("leave"):
                actions.leave(entry=entry, by=actor, now=now)
            else:
                mode = Presence.REMOTE if request.POST.get("remote") else Presence.ROOM
                actions.arrive(entry=entry, by=actor, now=now, mode=mode)
        except Refusal as refusal:
            messages.error(request, str(refusal.message))
        # The same page of the list, or the same search: the next tap is near.
        return redirect(request.get_full_path())
    words = request.GET.get("q", "").strip()[:80]
    roll = roll_of(found).filter(votes=True)
    context = {
        "assembly": found,
        "is_held": found.state in HELD,
        "words": words,
        "roll": page_of(request, roll.named_like(words) if words else roll),
    }
    return render(request, "governance/desk.html", context)


@require_safe
@open_to(keeps_desk)
def live(request: HttpRequest, public_id: str) -> HttpResponse:
    """The quorum as it stands, read from the back of the room; htmx asks for the figures alone."""
    found = assembly_at(public_id)
    counts = [(count, count.missing(found.quorum_percent)) for count in counts_of(found)]
    template = "governance/_counts.html" if request.htmx else "governance/live.html"  # type: ignore[attr-defined]
    return render(request, template, {"assembly": found, "counts": counts})


@require_safe
@open_to(keeps_desk)
def sheet(request: HttpRequest, public_id: str) -> HttpResponse:
    """The attendance sheet as a PDF, with the proxies as they stand now."""
    # WeasyPrint is slow to import: only the process that is asked for one pays for it.
    from documents.rendering import render_pdf

    found = assembly_at(public_id)
    with languages.of_hub():
        pdf = render_pdf(
            template="governance/attendance_pdf.html",
            context=attendance_paper(found),
            issued_at=timezone.now(),
            title=f"{found}",
            author=current_hub().name,
        )
    return download(name=f"emargement-{found.day:%Y-%m-%d}.pdf", content_type="application/pdf", content=pdf.content)
