"""/gestion/reglages/reprise/: accounts kept elsewhere, brought in file by file."""

from pathlib import PurePath
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from billing import actions
from billing.actions.openings_writes import SERIES as OPENING_SERIES
from billing.forms import LastNumberForm, OpeningColumnsForm, OpeningFileForm
from billing.models import Issuer, NumberSeries, OpeningMapping
from billing.openings import Importer, Outcome, importers
from billing.openings.files import PURPOSE, positions
from billing.rules import accounts
from hubs.actors import Actor
from hubs.exports import TYPES, download
from hubs.refusals import Refusal
from hubs.rules import open_to
from hubs.scope import current_hub
from parties.imports.sheets import MAX_BYTES, FileTooBig
from parties.models import ImportDraft

FORM = ["GET", "HEAD", "POST"]
PER_PAGE = 50


def _steps() -> list[str]:
    return [_("Déposer"), _("Dire les colonnes"), _("Vérifier"), _("Reprendre")]


def _importer(kind: str) -> Importer:
    try:
        return importers(current_hub())[kind]
    except KeyError:
        raise Http404 from None


def _draft(public_id: str, actor: Actor) -> tuple[ImportDraft, Importer]:
    """The actor's own file, less than a day old; 404 otherwise."""
    drafts = ImportDraft.objects.live(timezone.now()).filter(purpose=PURPOSE, owner=actor.person_id)
    draft = get_object_or_404(drafts, public_id=public_id)
    return draft, _importer(draft.options["importer"])


@require_http_methods(FORM)
@open_to(accounts)
def openings(request: HttpRequest) -> HttpResponse:
    """What can be brought in, and where the numbers go on."""
    today = timezone.localdate()
    issuer = Issuer.objects.live(today).first()
    form = LastNumberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            counter = actions.continue_numbers(by=request.actor, today=today, **form.cleaned_data)
        except Refusal as refusal:
            refusal.tell(form)
        else:
            given = {"number": f"{counter.series}-{counter.year}-{counter.last + 1:05d}"}
            messages.success(request, _("C’est noté. Le prochain numéro sera %(number)s.") % given)
            return redirect("billing:openings")
    context = {
        "importers": importers(current_hub()).values(),
        "form": form,
        "has_issuer": issuer is not None,
        "counters": NumberSeries.objects.filter(issuer=issuer)
        .exclude(series=OPENING_SERIES)
        .order_by("-year", "series", "pk"),
    }
    return render(request, "billing/openings.html", context, status=422 if form.errors else 200)


@require_http_methods(FORM)
@open_to(accounts)
def drop_opening(request: HttpRequest, kind: str) -> HttpResponse:
    """Keep the file, once it can be read as a table."""
    importer = _importer(kind)
    form = OpeningFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            if file.size > MAX_BYTES:
                raise FileTooBig
            draft = actions.drop_opening(
                importer=importer,
                name=PurePath(file.name).name,
                content=file.read(),
                by=request.actor,
                now=timezone.now(),
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            return redirect("billing:opening_columns", draft.public_id)
    context = {
        "form": form,
        "importer": importer,
        "steps": _steps(),
        "has_issuer": Issuer.objects.live(timezone.localdate()).exists(),
    }
    return render(request, "billing/opening_drop.html", context, status=422 if form.errors else 200)


@require_safe
@open_to(accounts)
def opening_template(request: HttpRequest, kind: str, extension: str) -> HttpResponse:
    """A table with the headers that are known at once, and one line as an example."""
    importer = _importer(kind)
    if extension not in TYPES:
        raise Http404
    header = [str(column.title) for column in importer.columns]
    return download(f"modele-{kind}", extension, header, [[column.example for column in importer.columns]])


@require_http_methods(FORM)
@open_to(accounts)
def opening_columns(request: HttpRequest, public_id: str) -> HttpResponse:
    """Which column of the file is which, on its own first lines."""
    draft, importer = _draft(public_id, request.actor)
    if draft.imported_at is not None:
        return redirect("billing:opening_result", draft.public_id)
    mapping = OpeningMapping.objects.filter(kind=importer.key).first()
    shown = positions(bytes(draft.content), draft.options["header"], importer, mapping.columns if mapping else {})
    form = OpeningColumnsForm(request.POST or None, importer=importer, positions=shown)
    if request.method == "POST" and form.is_valid():
        actions.say_columns(draft=draft, columns=form.columns, said=form.said, by=request.actor)
        return redirect("billing:opening", draft.public_id)
    context = {"draft": draft, "importer": importer, "form": form, "steps": _steps()}
    return render(request, "billing/opening_columns.html", context, status=422 if form.errors else 200)


@require_http_methods(FORM)
@open_to(accounts)
def opening(request: HttpRequest, public_id: str) -> HttpResponse:
    """The fate of every line; a POST brings them in."""
    draft, importer = _draft(public_id, request.actor)
    if draft.imported_at is not None:
        return redirect("billing:opening_result", draft.public_id)
    if "columns" not in draft.options:
        return redirect("billing:opening_columns", draft.public_id)
    today = timezone.localdate()
    if request.method != "POST":
        return render(request, "billing/opening.html", _dry_run(request, draft, importer))
    only_good = request.POST.get("only_good") == "1"
    try:
        if draft.options["lines"] > actions.LATER_FROM:
            run = actions.import_opening_later(draft=draft, by=request.actor, today=today, only_good=only_good)
            return redirect("hubs:run", run.pk)
        actions.import_opening(draft=draft, by=request.actor, now=timezone.now(), today=today, only_good=only_good)
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
        return render(request, "billing/opening.html", _dry_run(request, draft, importer), status=422)
    return redirect("billing:opening_result", draft.public_id)


def _dry_run(request: HttpRequest, draft: ImportDraft, importer: Importer) -> dict[str, Any]:
    plan = actions.ready_plan(draft, timezone.localdate())
    asked = request.GET.get("voir", "")
    fates = [fate for fate in plan.fates if fate.outcome == asked] if asked in Outcome.values else plan.fates
    return {
        "draft": draft,
        "importer": importer,
        "steps": _steps(),
        "plan": plan,
        "counts": plan.counts,
        "page": Paginator(fates, PER_PAGE).get_page(request.GET.get("page")),
        "asked": asked if asked in Outcome.values else "",
    }


@require_safe
@open_to(accounts)
def opening_result(request: HttpRequest, public_id: str) -> HttpResponse:
    """What was brought in, and what is left to mend."""
    draft, importer = _draft(public_id, request.actor)
    if draft.imported_at is None:
        return redirect("billing:opening", draft.public_id)
    context = {"draft": draft, "importer": importer, "counts": draft.result, "steps": _steps()}
    return render(request, "billing/opening_result.html", context)


@require_safe
@open_to(accounts)
def opening_to_mend(request: HttpRequest, public_id: str) -> HttpResponse:
    """The refused lines as a CSV, each with what is wrong: to correct and drop again."""
    draft, _importer_of = _draft(public_id, request.actor)
    if "columns" not in draft.options:
        raise Http404
    plan = actions.ready_plan(draft, timezone.localdate())
    return download("lignes-a-corriger", "csv", [*plan.header, _("À corriger")], plan.rejected())
