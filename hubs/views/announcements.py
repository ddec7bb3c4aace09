"""/gestion/reglages/annonces/: what everybody is told at the top of the pages; and putting it away."""

import datetime as dt

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from hubs import actions
from hubs.context import PUT_AWAY
from hubs.enums import AnnouncementKind, Audience
from hubs.forms import AnnouncementForm
from hubs.lists import PER_PAGE
from hubs.models import Announcement
from hubs.refusals import Refusal
from hubs.rules import anyone, coordinator, open_to


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(coordinator)
def announcements(request: HttpRequest) -> HttpResponse:
    """Write one; those of today and to come, then the past ones."""
    today = timezone.localdate()
    form = AnnouncementForm(
        request.POST if request.method == "POST" else None,
        initial={
            "starts_on": today,
            "last_day": today + dt.timedelta(days=7),
            "kind": AnnouncementKind.INFORMATION,
            "audience": Audience.EVERYONE,
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.announce(by=request.actor, **form.given)
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("L’annonce est écrite."))
            return redirect("hubs:announcements")
    context = {
        "form": form,
        "today": today,
        "current": Announcement.objects.filter(ends_on__gt=today).order_by("starts_on", "pk"),
        "past": Paginator(
            Announcement.objects.filter(ends_on__lte=today).order_by("-ends_on", "-pk"), PER_PAGE
        ).get_page(request.GET.get("page")),
    }
    return render(request, "hubs/announcements.html", context, status=422 if form.errors else 200)


@require_POST
@open_to(coordinator)
def end(request: HttpRequest, announcement_id: int) -> HttpResponse:
    found = get_object_or_404(Announcement, pk=announcement_id)
    try:
        actions.end_announcement(announcement=found, by=request.actor, today=timezone.localdate())
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("L’annonce est terminée."))
    return redirect("hubs:announcements")


@require_POST
@open_to(anyone)
def put_away(request: HttpRequest) -> HttpResponse:
    """No longer in this browser, until the session ends. Only what is told there is kept in the session."""
    asked = request.POST.get("annonce", "")
    told = Announcement.objects.live(timezone.localdate())
    if asked.isdecimal() and len(asked) < 19 and told.filter(pk=asked).exists():
        kept = request.session.get(PUT_AWAY, [])
        request.session[PUT_AWAY] = [*kept[-20:], int(asked)]
    return HttpResponse() if request.htmx else _back(request)


def _back(request: HttpRequest) -> HttpResponseRedirect:
    page = request.POST.get("page", "")
    known = page.startswith("/") and url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()})
    return HttpResponseRedirect(page if known else "/")
