"""A meeting as the invited read it: in mon espace with an account, by a link of their own without one."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from governance.models import Invitee, Meeting, Minutes
from governance.queries import invitee_at, meetings_of
from governance.views.asked import page_of
from governance.views.meetings import paper_of, report_of
from hubs.limits import SECRET_LINK, check, client_address
from hubs.rules import anyone, open_to, person_of_hub
from members.rules import sees_totals


def _read(meeting: Meeting, *, paper: str, report: str, key: str) -> dict[str, object]:
    """What every invited person reads; `paper` and `report` name the pages of its files, which `key` opens."""
    kept = Minutes.objects.filter(meeting=meeting, published_at__isnull=False).first()
    papers = meeting.papers.order_by("added_at", "pk")
    return {
        "meeting": meeting,
        "papers": [(each.title, reverse(paper, args=[key, each.public_id])) for each in papers],
        "report": kept,
        "report_url": reverse(report, args=[key]) if kept else "",
    }


@require_safe
@open_to(person_of_hub)
def my_meetings(request: HttpRequest) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    context = {"meetings": page_of(request, meetings_of(actor)), "sees_totals": sees_totals(actor)}
    return render(request, "governance/my_meetings.html", context)


def _mine(request: HttpRequest, public_id: str) -> Meeting:
    """404 for a meeting to which one was not invited."""
    return get_object_or_404(meetings_of(request.actor), public_id=public_id)  # type: ignore[attr-defined]


@require_safe
@open_to(person_of_hub)
def my_meeting(request: HttpRequest, public_id: str) -> HttpResponse:
    found = _mine(request, public_id)
    context = _read(found, paper="governance:my_meeting_paper", report="governance:my_report_pdf", key=public_id)
    context["sees_totals"] = sees_totals(request.actor)  # type: ignore[attr-defined]
    return render(request, "governance/my_meeting.html", context)


@require_safe
@open_to(person_of_hub)
def my_paper(request: HttpRequest, public_id: str, paper: str) -> HttpResponse:
    return paper_of(_mine(request, public_id), paper)


@require_safe
@open_to(person_of_hub)
def my_report_pdf(request: HttpRequest, public_id: str) -> HttpResponse:
    return report_of(request, _mine(request, public_id), "governance:my_meeting", public_id)


def _linked(request: HttpRequest, token: str) -> Invitee:
    now = timezone.now()
    tries = check(SECRET_LINK, address=client_address(request), now=now)
    found = invitee_at(token, now)
    if found is None:
        raise Http404
    tries.give_back()
    return found


@never_cache
@require_safe
@open_to(anyone)
def linked_meeting(request: HttpRequest, token: str) -> HttpResponse:
    """The agenda, the papers and the report; the figures of the hub ask for an account."""
    invitee = _linked(request, token)
    context = _read(
        invitee.meeting, paper="governance:linked_meeting_paper", report="governance:linked_report_pdf", key=token
    )
    return render(request, "governance/linked_meeting.html", context | {"invitee": invitee})


@never_cache
@require_safe
@open_to(anyone)
def linked_paper(request: HttpRequest, token: str, paper: str) -> HttpResponse:
    return paper_of(_linked(request, token).meeting, paper)


@never_cache
@require_safe
@open_to(anyone)
def linked_report_pdf(request: HttpRequest, token: str) -> HttpResponse:
    return report_of(request, _linked(request, token).meeting, "governance:linked_meeting", token)
