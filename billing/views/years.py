"""The years of the books: where they are stopped, how they close, and the files that leave."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import actions, queries
from billing.books import checks, columns
from billing.forms import NewYearForm, ReasonForm, StopForm
from billing.models import BooksArchive, BooksYear, Issuer, JournalLine, LockDate
from billing.rules import accounts
from billing.views.books import tabs
from documents.downloads import attachment
from documents.downloads import download as download_file
from hubs import french
from hubs.exports import MAX_ROWS, download
from hubs.refusals import Refusal
from hubs.rules import open_to

FORM = ["GET", "HEAD", "POST"]
PLAIN = {"debit-credit": columns.two_sides, "montant-sens": columns.one_amount}


def _year(year_id: int) -> BooksYear:
    return get_object_or_404(BooksYear.objects.select_related("issuer"), pk=year_id)


def _issuer() -> Issuer | None:
    """Who keeps the books today, or last did."""
    return Issuer.objects.live(timezone.localdate()).first() or Issuer.objects.order_by("-starts_on", "-pk").first()


@require_safe
@open_to(accounts)
def years(request: HttpRequest) -> HttpResponse:
    """Every year, and how far the books are stopped."""
    locks = LockDate.objects.select_related("issuer").order_by("-pk")
    context = {
        "tabs": tabs("years"),
        "years": BooksYear.objects.select_related("issuer").order_by("-starts_on", "-pk"),
        "issuer": _issuer(),
        "lock": locks.first(),
        "locks": locks[:20],
        "today": timezone.localdate(),
    }
    return render(request, "billing/years.html", context)


@require_http_methods(FORM)
@open_to(accounts)
def open_year(request: HttpRequest) -> HttpResponse:
    """Say when a year begins and ends."""
    issuer = _issuer()
    if issuer is None:
        return _no_issuer(request)
    form = NewYearForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.open_year(issuer=issuer, by=request.actor, **form.cleaned_data)
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("L’exercice %s est ouvert.") % made)
            return redirect("billing:year", made.pk)
    context = {"tabs": tabs("years"), "form": form, "issuer": issuer}
    return render(request, "billing/open_year.html", context, status=422 if form.errors else 200)


def _no_issuer(request: HttpRequest) -> HttpResponse:
    messages.warning(request, _("Dites d’abord quel organisme émet les factures\u00a0: ce sont ses comptes."))
    return redirect("billing:issuer")


@require_http_methods(FORM)
@open_to(accounts)
def stop_books(request: HttpRequest) -> HttpResponse:
    """The consequence, then the day on and before which nothing is dated any more."""
    issuer, today = _issuer(), timezone.localdate()
    if issuer is None:
        return _no_issuer(request)
    form = StopForm(request.POST if request.method == "POST" else None, initial={"until": StopForm.proposed(today)})
    if request.method == "POST" and form.is_valid():
        try:
            lock = actions.stop_books(issuer=issuer, by=request.actor, today=today, **form.cleaned_data)
        except Refusal as refusal:
            refusal.tell(form)
        else:
            day = french.day(lock.until, weekday=False, year=True)
            messages.success(request, _("Les comptes sont arrêtés au %s.") % day)
            return redirect("billing:years")
    context = {"tabs": tabs("years"), "form": form, "lock": queries.lock_on(today, issuer)}
    return render(request, "billing/stop_books.html", context, status=422 if form.errors else 200)


@require_safe
@open_to(accounts)
def year(request: HttpRequest, year_id: int) -> HttpResponse:
    """One year: what is in the way of closing it, and its files."""
    return _show(request, _year(year_id))


def _show(request: HttpRequest, found: BooksYear, *, faults: list[str] | None = None) -> HttpResponse:
    context: dict[str, Any] = {
        "tabs": tabs("years"),
        "year": found,
        "lines": JournalLine.objects.filter(entry__year=found).count(),
        "obstacles": [] if found.closed_at else queries.obstacles(found),
        "faults": faults,
        "file_name": columns.file_name(found),
        "archives": BooksArchive.objects.filter(year=found).select_related("file").order_by("-pk")[:10],
        "is_over": found.ends_on <= timezone.localdate(),
    }
    return render(request, "billing/year.html", context, status=422 if faults else 200)


@require_http_methods(FORM)
@open_to(accounts)
def close_year(request: HttpRequest, year_id: int) -> HttpResponse:
    """What closing does, then the click."""
    found = _year(year_id)
    refusal = None
    if request.method == "POST":
        try:
            actions.close_year(year=found, by=request.actor, today=timezone.localdate(), now=timezone.now())
        except Refusal as error:
            refusal = error
        else:
            messages.success(request, _("L’exercice %s est clos.") % found)
            return redirect("billing:year", found.pk)
    context = {"tabs": tabs("years"), "year": found, "refusal": refusal, "obstacles": queries.obstacles(found)}
    return render(request, "billing/close_year.html", context, status=422 if refusal else 200)


@require_http_methods(FORM)
@open_to(accounts)
def reopen_year(request: HttpRequest, year_id: int) -> HttpResponse:
    """Why, then the click; the log keeps both."""
    found = _year(year_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.reopen_year(year=found, by=request.actor, reason=form.cleaned_data["reason"])
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("L’exercice %s est rouvert.") % found)
            return redirect("billing:year", found.pk)
    context = {"tabs": tabs("years"), "year": found, "form": form}
    return render(request, "billing/reopen_year.html", context, status=422 if form.errors else 200)


@require_POST
@open_to(accounts)
def export_year(request: HttpRequest, year_id: int, kind: str) -> HttpResponse:
    """The entries of a year as a file, once those that were missing are written. A long year comes as an archive."""
    found = _year(year_id)
    if kind not in ("18-colonnes", *PLAIN):
        raise Http404
    actions.post_entries(by=request.actor)
    if JournalLine.objects.filter(entry__year=found).count() > MAX_ROWS:
        messages.info(request, _("Cet exercice est long\u00a0: ses fichiers se préparent en une archive."))
        return ask_archive(request, year_id=found.pk)
    lines = queries.lines_of_year(found)
    if kind in PLAIN:
        return download(f"ecritures-{found}-{kind}", "csv", *PLAIN[kind](lines))
    name, content = columns.file_name(found), columns.eighteen_columns(lines)
    if faults := checks.faults(name, content, found.starts_on, found.last_day):
        return _show(request, found, faults=faults)
    return download_file(name=name, content_type="text/plain; charset=utf-8", content=content)


@require_POST
@open_to(accounts)
def ask_archive(request: HttpRequest, year_id: int) -> HttpResponse:
    """Start making the year's one file; the run shows how far it is."""
    archive = actions.ask_archive(year=_year(year_id), by=request.actor)
    return redirect("hubs:run", archive.run_id)


@require_safe
@open_to(accounts)
def archive(request: HttpRequest, archive_id: int) -> HttpResponse:
    """The file; 404 before it is made and after its thirty days."""
    found = get_object_or_404(BooksArchive.objects.select_related("file").filter(file__isnull=False), pk=archive_id)
    return attachment(found.file)
