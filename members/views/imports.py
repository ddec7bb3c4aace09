"""/gestion/membres/import/: drop a file, see the fate of each line, import."""

from pathlib import PurePath
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hubs.actors import Actor
from hubs.exports import TYPES, as_xlsx, download
from hubs.refusals import Refusal
from hubs.rules import open_to
from members import actions
from members.forms.memberships import DropForm
from members.imports import COLUMNS, CREATED, REFUSED, UNCHANGED, UPDATED, Plan, plan_import, rejected
from members.models import FiscalYear
from members.queries import year_in_force
from members.rules import keeps_memberships
from parties.figures import FIGURES, label_of, shown
from parties.imports.sheets import MAX_BYTES, FileTooBig
from parties.imports.writes import keep_draft
from parties.models import ImportDraft

PURPOSE = "members"
PER_PAGE = 50
VIEWS = {"a-corriger": REFUSED, "nouvelles": CREATED, "mises-a-jour": UPDATED, "inchangees": UNCHANGED}


def _steps() -> list[str]:
    return [_("Déposer"), _("Vérifier"), _("Importer")]


def _draft(public_id: str, actor: Actor) -> ImportDraft:
    """The actor's own file, less than a day old; 404 otherwise."""
    drafts = ImportDraft.objects.live(timezone.now()).filter(purpose=PURPOSE, owner=actor.person_id)
    return get_object_or_404(drafts, public_id=public_id)


def _lines(draft: ImportDraft) -> int:
    """How many lines the file has: a long one is imported by a worker."""
    return int(draft.options["lines"])


def _plan(draft: ImportDraft) -> Plan:
    return plan_import(bytes(draft.content), get_object_or_404(FiscalYear, pk=draft.options["fiscal_year"]))


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(keeps_memberships)
def drop(request: HttpRequest) -> HttpResponse:
    """Keep the file, once it can be read as a table."""
    form = DropForm(
        request.POST or None, request.FILES or None, initial={"fiscal_year": year_in_force(timezone.localdate())}
    )
    if request.method == "POST" and form.is_valid():
        try:
            draft = _keep(form.cleaned_data, request.actor)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            return redirect("members:import_draft", draft.public_id)
    context = {"form": form, "columns": COLUMNS, "steps": _steps()}
    return render(request, "members/import.html", context, status=422 if form.errors else 200)


def _keep(given: dict[str, Any], actor: Actor) -> ImportDraft:
    file, year = given["file"], given["fiscal_year"]
    if file.size > MAX_BYTES:
        raise FileTooBig
    content = file.read()
    plan = plan_import(content, year)
    options = {"fiscal_year": year.pk, "lines": len(plan.fates)}
    name = PurePath(file.name).name
    return keep_draft(purpose=PURPOSE, name=name, content=content, options=options, by=actor, now=timezone.now())


@require_safe
@open_to(keeps_memberships)
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """An empty table with the right headers; the workbook explains each column on its second sheet."""
    if kind not in TYPES:
        raise Http404
    header = [str(column.title) for column in COLUMNS]
    if kind == "csv":
        return download("modele-structures", "csv", header, [])
    response = download("modele-structures", "xlsx", header, [])
    response.content = _with_notes(as_xlsx(header, [], title=_("Structures")))
    return response


def _with_notes(content: bytes) -> bytes:
    import io

    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content))
    notes = book.create_sheet(_("Mode d’emploi"))
    notes.append([_("Colonne"), _("S’écrit aussi"), _("Exemple")])
    for column in COLUMNS:
        notes.append([str(column.title), ", ".join(column.also), column.example])
    for letter, width in (("A", 22), ("B", 60), ("C", 28)):
        notes.column_dimensions[letter].width = width
    # Numbers that a spreadsheet would round or shorten are text from the start.
    keys = [column.key for column in COLUMNS]
    for key in ("siret", "siren", "postcode", "phone"):
        for row in range(2, 500):
            book.worksheets[0].cell(row=row, column=keys.index(key) + 1).number_format = "@"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(keeps_memberships)
def draft(request: HttpRequest, public_id: str) -> HttpResponse:
    """The dry run; a POST imports."""
    kept = _draft(public_id, request.actor)  # type: ignore[attr-defined]
    if request.method == "POST":
        only_good = request.POST.get("only_good") == "1"
        try:
            if _lines(kept) > actions.LATER_FROM:
                run = actions.import_later(draft=kept, by=request.actor, only_good=only_good)  # type: ignore[attr-defined]
                return redirect("hubs:run", run.pk)
            actions.import_draft(draft=kept, by=request.actor, now=timezone.now(), only_good=only_good)  # type: ignore[attr-defined]
        except Refusal as refusal:
            messages.error(request, str(refusal.message))
            return render(request, "members/import_draft.html", _dry_run(request, kept), status=422)
        return redirect("members:import_result", kept.public_id)
    if kept.imported_at is not None:
        return redirect("members:import_result", kept.public_id)
    return render(request, "members/import_draft.html", _dry_run(request, kept))


def _dry_run(request: HttpRequest, kept: ImportDraft) -> dict[str, Any]:
    plan = _plan(kept)
    counts = plan.counts
    asked = request.GET.get("voir", "")
    page = Paginator(plan.of(VIEWS.get(asked, "")), PER_PAGE).get_page(request.GET.get("page"))
    return {
        "draft": kept,
        "steps": _steps(),
        "plan": plan,
        "counts": counts,
        "writes": counts[CREATED] + counts[UPDATED],
        "page": page,
        "asked": asked if asked in VIEWS else "",
        "totals": [
            (str(year), [(label_of(name), shown(sums[name])) for name in FIGURES]) for year, sums in plan.totals.items()
        ],
        "figure_labels": [label_of(name) for name in FIGURES],
    }


@require_safe
@open_to(keeps_memberships)
def result(request: HttpRequest, public_id: str) -> HttpResponse:
    """What was imported, and what is left to mend."""
    kept = _draft(public_id, request.actor)  # type: ignore[attr-defined]
    if kept.imported_at is None:
        return redirect("members:import_draft", kept.public_id)
    return render(request, "members/import_result.html", {"draft": kept, "counts": kept.result, "steps": _steps()})


@require_safe
@open_to(keeps_memberships)
def to_mend(request: HttpRequest, public_id: str) -> HttpResponse:
    """The refused lines as a CSV, each with what is wrong: to correct and drop again."""
    plan = _plan(_draft(public_id, request.actor))  # type: ignore[attr-defined]
    header = [*plan.header, _("À corriger")]
    return download("lignes-a-corriger", "csv", header, rejected(plan))
