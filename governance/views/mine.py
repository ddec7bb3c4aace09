"""/mon-espace/assemblees/: what a member is called to, the proxy they give, the roll they contest."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from documents.downloads import attachment
from documents.queries import document_of
from governance import actions
from governance.actions.notices import NOTICE
from governance.enums import AssemblyState
from governance.forms.roll import ContestForm, ProxyForm
from governance.models import Assembly, Paper, RollEntry
from governance.queries import is_called, my_contests, speaks_as, voices_of
from governance.views.asked import FORM, page_of, pk_in, posted
from governance.views.notices import notice_of
from hubs.refusals import Refusal
from hubs.rules import open_to, person_of_hub

SHOWN = (AssemblyState.CONVENED, AssemblyState.FROZEN, AssemblyState.OPEN, AssemblyState.CLOSED)


def _shown(public_id: str) -> Assembly:
    return get_object_or_404(Assembly.objects.filter(state__in=SHOWN), public_id=public_id)


@require_safe
@open_to(person_of_hub)
def my_assemblies(request: HttpRequest) -> HttpResponse:
    shown = Assembly.objects.filter(state__in=SHOWN).order_by("-starts_at", "-pk")
    return render(request, "governance/my_assemblies.html", {"assemblies": page_of(request, shown)})


@require_http_methods(FORM)
@open_to(person_of_hub)
def my_assembly(request: HttpRequest, public_id: str) -> HttpResponse:
    """The agenda and the papers; one's proxy, given or taken back; whether one is there from afar."""
    found, actor = _shown(public_id), request.actor  # type: ignore[attr-defined]
    asked = pk_in(request.POST.get("giver", ""))
    status, lines = 200, []
    for voice in voices_of(found, actor):
        is_asked = voice.entry.pk == asked
        form = ProxyForm(request.POST if is_asked else None, giver=voice.entry)
        if is_asked:
            if words := _done(request, voice.entry, voice.proxy, form):
                messages.success(request, words)
                return redirect("governance:my_assembly", found.public_id)
            status = 422
        lines.append({"voice": voice, "form": form})
    today = timezone.localdate()
    called = is_called(found, actor)
    context = {
        "assembly": found,
        "lines": lines,
        "is_open": found.state in (AssemblyState.CONVENED, AssemblyState.FROZEN),
        "is_held": found.state in (AssemblyState.FROZEN, AssemblyState.OPEN),
        "agenda": found.agenda.order_by("rank"),
        "papers": found.papers.order_by("added_at", "pk") if called else [],
        "notice": document_of(found, NOTICE) if called else None,
        "is_called": called,
        "contests": my_contests(found, actor),
        "may_contest": found.may_be_contested(today) and bool(speaks_as(actor)),
    }
    return render(request, "governance/my_assembly.html", context, status=status)


def _done(request: HttpRequest, entry: RollEntry, proxy: Any, form: ProxyForm) -> str:
    """What was done, in words; empty when it was refused, which the form or a message says."""
    actor, now = request.actor, timezone.now()  # type: ignore[attr-defined]
    try:
        if request.POST.get("revoke"):
            if proxy is not None:
                actions.revoke_proxy(proxy=proxy, by=actor, now=now)
            return _("Le pouvoir est révoqué.")
        if request.POST.get("join"):
            actions.join_remotely(entry=entry, by=actor, now=now)
            return _("Vous êtes compté·e présent·e, à distance.")
        if request.POST.get("leave"):
            actions.leave(entry=entry, by=actor, now=now)
            return _("Votre départ est noté.")
        if form.is_valid():
            actions.give_proxy(giver=entry, by=actor, now=now, **form.cleaned_data)
            return _("Le pouvoir est donné. Vous pouvez le révoquer jusqu’à l’ouverture.")
    except Refusal as refusal:
        if form.is_valid():
            refusal.tell(form)
        else:
            messages.error(request, str(refusal.message))
    return ""


@require_http_methods(FORM)
@open_to(person_of_hub)
def contest(request: HttpRequest, public_id: str) -> HttpResponse:
    """Say that the roll is wrong about oneself or one's structure."""
    found, actor = _shown(public_id), request.actor  # type: ignore[attr-defined]
    members = speaks_as(actor)
    if not members:
        raise PermissionDenied
    form = ContestForm(posted(request), members=members)
    if request.method == "POST" and form.is_valid():
        try:
            actions.contest_roll(assembly=found, by=actor, now=timezone.now(), **form.cleaned_data)
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("Votre contestation est partie. La réponse se lira ici."))
            return redirect("governance:my_assembly", found.public_id)
    context = {"assembly": found, "form": form, "is_late": not found.may_be_contested(timezone.localdate())}
    return render(request, "governance/contest_form.html", context, status=422 if form.errors else 200)


@require_safe
@open_to(person_of_hub)
def my_paper(request: HttpRequest, public_id: str, paper: str) -> HttpResponse:
    """A paper, for those whose member is on the roll."""
    found = _shown(public_id)
    kept = get_object_or_404(Paper.objects.select_related("file"), assembly=found, public_id=paper)
    if not is_called(found, request.actor):  # type: ignore[attr-defined]
        raise PermissionDenied
    return attachment(kept.file)


@require_safe
@open_to(person_of_hub)
def my_notice(request: HttpRequest, public_id: str) -> HttpResponse:
    found = _shown(public_id)
    if not is_called(found, request.actor):  # type: ignore[attr-defined]
        raise PermissionDenied
    return notice_of(request, found, back="governance:my_assembly")
