"""/gestion/suivi/journal/: who did what to which thing, filtered, paged, and as a file."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hubs.exports import MAX_ROWS, TYPES, download
from hubs.forms import JournalForm
from hubs.lists import PER_PAGE
from hubs.models import AuditEntry
from hubs.parts import Thing, things_named
from hubs.rules import open_to, staff
from hubs.trail import about, log_for, tell


@require_safe
@open_to(staff)
def journal(request: HttpRequest) -> HttpResponse:
    """The log, the last first; `?sur=parties.organisation:3` is that of one thing."""
    name = request.GET.get("sur", "")[:80]
    thing = things_named({name}, request.hub, request.actor).get(name)
    form = JournalForm(request.GET or None, of_person=bool(thing and thing.user_id))
    asked = form.cleaned_data if form.is_valid() else {}
    entries = _narrowed(log_for(request.actor), name, thing, asked)
    if (kind := request.GET.get("export")) in TYPES:
        return _export(request, entries, kind)
    page = Paginator(entries, PER_PAGE).get_page(request.GET.get("page"))
    lines = tell(page.object_list, hub=request.hub, actor=request.actor)
    query = request.GET.copy()
    query.pop("page", None)
    query.pop("export", None)
    context = {
        "form": form,
        "page": page,
        "moments": [line.moment for line in lines],
        "thing": thing,
        # What is gone has no page any more; its last line still says what it was.
        "subject": thing.label if thing else page.object_list[0].label if name and page.object_list else "",
        "query": query.urlencode(),
    }
    return render(request, "hubs/journal.html", context, status=422 if form.errors else 200)


def _narrowed(
    entries: "QuerySet[AuditEntry]", name: str, thing: Thing | None, asked: dict[str, Any]
) -> "QuerySet[AuditEntry]":
    if name:
        entries = entries.filter(_of(name, thing, asked.get("sens", "")))
    if who := asked.get("qui"):
        entries = entries.filter(who__icontains=who)
    if family := asked.get("famille"):
        entries = entries.filter(verb__startswith=f"{family}.")
    if first := asked.get("du"):
        entries = entries.filter(at__gte=_midnight(first))
    if last := asked.get("au"):
        entries = entries.filter(at__lt=_midnight(last + dt.timedelta(days=1)))
    return entries


def _of(name: str, thing: Thing | None, side: str) -> Q:
    """What was done about it; of a person, what they did too."""
    if thing is None or thing.user_id is None:
        return about(name)
    done = Q(user_id=thing.user_id)
    return {"par": done, "sur": about(name, thing.user_id)}.get(side, done | about(name, thing.user_id))


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def _export(request: HttpRequest, entries: "QuerySet[AuditEntry]", kind: str) -> HttpResponse:
    rows = list(entries[: MAX_ROWS + 1])
    if len(rows) > MAX_ROWS:
        messages.warning(request, _("Plus de 5 000 lignes\u00a0: choisissez des dates ou une personne, puis exportez."))
        return redirect(f"{reverse('hubs:journal')}?{_without_export(request)}")
    header = [_("Date"), _("Heure"), _("Qui"), _("Quoi"), _("Sur"), _("Détail"), _("Motif")]
    lines = []
    for line in tell(rows, hub=request.hub, actor=request.actor):
        at = timezone.localtime(line.at)
        lines.append(
            (at.date(), f"{at:%H:%M}", line.who, line.what, line.on, "\u00a0; ".join(line.changes), line.reason)
        )
    return download("journal", kind, header, lines)


def _without_export(request: HttpRequest) -> str:
    query = request.GET.copy()
    query.pop("export", None)
    return query.urlencode()
