"""/gestion/reglages/: the colleges and the fiscal years, each from a day on."""

import datetime as dt
from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hubs.models import HubSettings
from hubs.refusals import Refusal
from hubs.rules import open_to
from members import actions
from members.forms.memberships import AdmissionForm, CollegeDayForm, CollegeForm, CollegeNextForm, YearForm
from members.models import College, FiscalYear
from members.rules import keeps_memberships

FORM = ["GET", "HEAD", "POST"]


@require_safe
@open_to(keeps_memberships)
def colleges(request: HttpRequest) -> HttpResponse:
    """The colleges with their days, and what those that ended became."""
    context = {"colleges": College.objects.select_related("successor").by_rank(), "today": timezone.localdate()}
    return render(request, "members/colleges.html", context)


@require_http_methods(FORM)
@open_to(keeps_memberships)
def college_add(request: HttpRequest) -> HttpResponse:
    form = CollegeForm(
        _posted(request), initial={"rank": College.objects.count() + 1, "starts_on": timezone.localdate()}
    )

    def write() -> str:
        made = actions.open_college(by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        return _("Le collège «\u00a0%s\u00a0» est noté.") % made

    return _college_page(request, form, write, _("Ouvrir un collège"), _("Ouvrir le collège"))


@require_http_methods(FORM)
@open_to(keeps_memberships)
def college_end(request: HttpRequest, college_id: int) -> HttpResponse:
    college = get_object_or_404(College, pk=college_id)
    form = CollegeDayForm(_posted(request))

    def write() -> str:
        actions.end_college(college=college, on=form.cleaned_data["starts_on"], by=request.actor)  # type: ignore[attr-defined]
        return _("Le collège «\u00a0%s\u00a0» prend fin.") % college

    return _college_page(request, form, write, _("Mettre fin à un collège"), _("Mettre fin à ce collège"), college)


@require_http_methods(FORM)
@open_to(keeps_memberships)
def college_replace(request: HttpRequest, college_id: int) -> HttpResponse:
    """Rename a college from a day, or put another in its place."""
    college = get_object_or_404(College, pk=college_id)
    form = CollegeNextForm(_posted(request), initial={"name": college.name})

    def write() -> str:
        data = form.cleaned_data
        made = actions.replace_college(college=college, name=data["name"], on=data["starts_on"], by=request.actor)  # type: ignore[attr-defined]
        given = {"old": college, "new": made}
        return _("«\u00a0%(old)s\u00a0» devient «\u00a0%(new)s\u00a0». Les exercices d’avant gardent l’ancien.") % given

    return _college_page(
        request, form, write, _("Renommer ou remplacer un collège"), _("Remplacer ce collège"), college
    )


@require_http_methods(FORM)
@open_to(keeps_memberships)
def college_admission(request: HttpRequest, college_id: int) -> HttpResponse:
    """Who the college takes, whether they vote, and the steps of an application."""
    college = get_object_or_404(College, pk=college_id)
    names = ("takes_structures", "takes_people", "votes", "path")
    form = AdmissionForm(_posted(request), initial={name: getattr(college, name) for name in names})

    def write() -> str:
        actions.set_admission(college=college, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        return _("L’admission au collège «\u00a0%s\u00a0» est réglée.") % college

    return _college_page(request, form, write, _("Régler l’admission"), _("Enregistrer l’admission"), college)


def _posted(request: HttpRequest) -> dict | None:
    return request.POST if request.method == "POST" else None


def _college_page(
    request: HttpRequest,
    form: forms.Form,
    write: Callable[[], str],
    title: str,
    button: str,
    college: College | None = None,
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            words = write()
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, words)
            return redirect("members:colleges")
    context = {"form": form, "title": title, "button_label": button, "college": college}
    return render(request, "members/college_form.html", context, status=422 if form.errors else 200)


@require_safe
@open_to(keeps_memberships)
def years(request: HttpRequest) -> HttpResponse:
    """The fiscal years; each keeps its days, whatever the statutes say since."""
    context = {"years": FiscalYear.objects.by_date(), "today": timezone.localdate()}
    return render(request, "members/years.html", context)


@require_http_methods(FORM)
@open_to(keeps_memberships)
def open_year(request: HttpRequest) -> HttpResponse:
    """Open the year that follows, and carry its members."""
    last = FiscalYear.objects.by_date().first()
    starts_on = last.ends_on if last else dt.date(timezone.localdate().year, 1, 1)
    last_day = _last_day(starts_on)
    label = str(starts_on.year) if last_day.year == starts_on.year else f"{starts_on.year}-{last_day.year}"
    initial = {"label": label, "starts_on": starts_on, "last_day": last_day, "renewing": last is not None}
    form = YearForm(_posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            year = actions.open_fiscal_year(
                label=form.cleaned_data["label"],
                starts_on=form.cleaned_data["starts_on"],
                ends_on=form.cleaned_data["last_day"] + dt.timedelta(days=1),
                renewing=form.cleaned_data["renewing"],
                by=request.actor,  # type: ignore[attr-defined]
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("L’exercice %s est ouvert.") % year.label)
            return redirect("members:years")
    return render(request, "members/year_form.html", {"form": form}, status=422 if form.errors else 200)


def _last_day(starts_on: dt.date) -> dt.date:
    """The day before the first month of the year, as the status in force that day has it: a year that changes its
    month is shorter."""
    status = HubSettings.objects.live(starts_on).first()
    month = status.fiscal_year_starts_month if status else starts_on.month
    next_start = dt.date(starts_on.year, month, 1)
    if next_start <= starts_on:
        next_start = dt.date(starts_on.year + 1, month, 1)
    return next_start - dt.timedelta(days=1)
