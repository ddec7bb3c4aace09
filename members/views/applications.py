"""Applications: /rejoindre/ for anyone, the link that follows one, and the staff's inbox."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubs.exports import MAX_ROWS, TYPES, download
from hubs.limits import PUBLIC_FORM, SECRET_LINK, check, client_address
from hubs.lists import export_links
from hubs.refusals import Refusal
from hubs.rules import anyone, open_to
from hubs.trail import trail_of
from members import actions
from members.enums import ApplicationState, Step
from members.filters import ApplicationFilter
from members.forms.applications import ApplyForm, AskForm, CompleteForm, DecideForm
from members.models import Application, ApplicationQuerySet
from members.queries.register import inbox
from members.rules import keeps_memberships

FORM = ["GET", "HEAD", "POST"]
PER_PAGE = 50


@require_http_methods(FORM)
@open_to(anyone)
def apply(request: HttpRequest) -> HttpResponse:
    """« Nous rejoindre »: no account needed. What follows leaves by mail, to whoever reads that address."""
    form = ApplyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if form.is_from_a_machine:
            return redirect("members:applied")
        now = timezone.now()
        check(PUBLIC_FORM, address=client_address(request), mail=form.cleaned_data["email"], now=now)
        try:
            actions.apply(now=now, **form.told)
        except Refusal as refusal:
            refusal.tell(form)
        else:
            return redirect("members:applied")
    return render(request, "members/apply.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@open_to(anyone)
def applied(request: HttpRequest) -> HttpResponse:
    return render(request, "members/applied.html")


def followed(request: HttpRequest, token: str) -> Application:
    tries = check(SECRET_LINK, address=client_address(request), now=timezone.now())
    found = actions.find_application(token)
    if found is None:
        raise Http404
    tries.give_back()
    return found


@never_cache
@require_http_methods(FORM)
@open_to(anyone)
def follow(request: HttpRequest, token: str) -> HttpResponse:
    """Where one's application has come, and what may still be added to it."""
    application = followed(request, token)
    names = ("siren", "headcount", "phone", "town", "why")
    form = CompleteForm(
        request.POST if request.method == "POST" else None, initial={name: getattr(application, name) for name in names}
    )
    if not application.structure_name:
        form.without_structure()
    if request.method == "POST" and form.is_valid():
        try:
            actions.complete_application(application=application, **form.cleaned_data)
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("Votre candidature est complétée."))
            return redirect("members:application_follow", token)
    context = {
        "application": application,
        "form": form,
        "token": token,
        "states": ApplicationState,
        "letters": application.letters.filter(emptied_on=None).latest_first(),
    }
    return render(request, "members/application_follow.html", context, status=422 if form.errors else 200)


@never_cache
@require_POST
@open_to(anyone)
def withdraw(request: HttpRequest, token: str) -> HttpResponse:
    application = followed(request, token)
    try:
        actions.withdraw_application(application=application, on=timezone.localdate())
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("Votre candidature est retirée."))
    return redirect("members:application_follow", token)


@require_safe
@open_to(keeps_memberships)
def applications(request: HttpRequest) -> HttpResponse:
    """The inbox: those in flight, the oldest first, unless filtered; `?export=csv` or `xlsx` is the list as a file."""
    filtered = ApplicationFilter(request.GET, queryset=inbox(), request=request)
    if (kind := request.GET.get("export")) in TYPES:
        return _export(request, kind, filtered.qs)
    context = {
        "page": Paginator(filtered.qs, PER_PAGE).get_page(request.GET.get("page")),
        "filter": filtered,
        "exports": export_links(request),
    }
    return render(request, "members/applications.html", context)


def _export(request: HttpRequest, kind: str, found: ApplicationQuerySet) -> HttpResponse:
    rows = list(found[: MAX_ROWS + 1])
    if len(rows) > MAX_ROWS:
        messages.warning(request, _("Plus de 5 000 candidatures\u00a0: filtrez la liste, puis exportez-la."))
        return redirect("members:applications")
    header = [
        _("Structure"), _("Par"), _("Courriel"), _("Commune"), _("Collège"), _("Reçue le"), _("Situation"),
        _("Étape à décider"), _("Close le"),
    ]  # fmt: skip
    lines = [
        [
            each.structure_name,
            each.applicant,
            each.email,
            each.town,
            each.college.name,
            timezone.localdate(each.created_at),
            each.get_state_display(),
            str(step.label) if each.is_in_flight and (step := each.next_step()) else "",
            each.closed_on,
        ]
        for each in rows
    ]
    return download("candidatures", kind, header, lines)


@require_http_methods(FORM)
@open_to(keeps_memberships)
def application(request: HttpRequest, public_id: str) -> HttpResponse:
    """One application: what it says, what was decided, and the next step to decide."""
    shown = _one(public_id)
    posted = request.POST if request.method == "POST" else None
    today = timezone.localdate()
    form = DecideForm(posted, application=shown, today=today, initial={"on": today}) if shown.is_in_flight else None
    if posted is not None and form is not None and form.is_valid():
        step = Step(shown.next_step() or "")
        data = {name: value for name, value in form.cleaned_data.items() if value not in (None, "")}
        try:
            kept = actions.decide(application=shown, step=step, by=request.actor, today=today, **data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("C’est noté\u00a0: candidature %s.") % kept.get_state_display())
            return redirect("members:application", public_id)
    return _page(request, shown, form, AskForm())


@require_POST
@open_to(keeps_memberships)
def ask(request: HttpRequest, public_id: str) -> HttpResponse:
    shown = _one(public_id)
    form = AskForm(request.POST)
    if form.is_valid():
        try:
            actions.ask_missing(application=shown, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("La demande est partie à %s.") % shown.email)
            return redirect("members:application", public_id)
    today = timezone.localdate()
    decide = DecideForm(application=shown, today=today, initial={"on": today}) if shown.is_in_flight else None
    return _page(request, shown, decide, form)


def _one(public_id: str) -> Application:
    rows = Application.objects.for_display().prefetch_related("decisions")
    return get_object_or_404(rows, public_id=public_id)


def _page(request: HttpRequest, shown: Application, form: Any, asking: AskForm) -> HttpResponse:
    step = shown.next_step() if shown.is_in_flight else None
    context = {
        "application": shown,
        "decisions": sorted(shown.decisions.all(), key=lambda each: shown.path.index(each.step)),
        "step": step,
        "form": form,
        "letters": shown.letters.latest_first(),
        "asking": asking if shown.state == ApplicationState.OPEN else None,
        "trail": trail_of(shown, actor=request.actor),  # type: ignore[attr-defined]
    }
    wrong = asking.errors or (form is not None and form.errors)
    return render(request, "members/application.html", context, status=422 if wrong else 200)
