"""/gestion/documents/ and the documents of a sheet; /mon-espace/ for those whose documents they are."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from documents.downloads import attachment
from hubs.actions import name_of, note_reading
from hubs.exports import MAX_ROWS, TYPES, download
from hubs.lists import export_links, show_page
from hubs.refusals import Refusal
from hubs.rules import open_to, person_of_hub
from parties.enums import FieldReach
from parties.filters import PaperFilter
from parties.merging.queries import on_sheet
from parties.models import Organisation, Paper, PaperKind, Person
from parties.own_fields.queries import about_of
from parties.papers import actions
from parties.papers.forms import DepositForm, PaperDatesForm, WithdrawPaperForm
from parties.papers.queries import papers_in_use, slots_of
from parties.papers.rules import READ_BY_THEM, Thing, is_theirs, keeps_papers, reaches_of
from parties.rules import workplaces, works_somewhere
from parties.tables import PaperTable

FORM = ["GET", "HEAD", "POST"]


@require_safe
@open_to(keeps_papers)
def papers(request: HttpRequest) -> HttpResponse:
    """The documents in use; `?export=csv` or `xlsx` is the same list as a file."""
    chosen = PaperFilter(request.GET, queryset=papers_in_use().for_display(), request=request)
    table = PaperTable(chosen.qs)
    show_page(request, table)
    if (kind := request.GET.get("export")) in TYPES:
        return _export(request, kind, table)
    context = {
        "table": table,
        "filter": chosen,
        "exports": export_links(request),
        "asks_nothing": not chosen.data and not PaperKind.objects.exists(),
    }
    return render(request, "parties/papers.html", context)


def _export(request: HttpRequest, kind: str, table: PaperTable) -> HttpResponse:
    rows = list(table.data.data[: MAX_ROWS + 1])
    if len(rows) > MAX_ROWS:
        messages.warning(request, _("Plus de 5 000 documents\u00a0: filtrez la liste, puis exportez-la."))
        return redirect("parties:papers")
    today = timezone.localdate()
    header = [_("Document"), _("De"), _("Établi le"), _("Valable jusqu’au"), _("État"), _("Déposé le")]
    lines = [
        [
            paper.kind.name,
            str(paper.about),
            paper.issued_on,
            paper.expires_on,
            paper.state(today).label,
            timezone.localdate(paper.deposited_at),
        ]
        for paper in rows
    ]
    return download("documents", kind, header, lines)


@require_safe
@open_to(keeps_papers)
def paper_file(request: HttpRequest, public_id: str) -> HttpResponse:
    """The document itself; a look at someone else's is noted, and that person reads it."""
    paper = get_object_or_404(Paper.objects.for_display(), public_id=public_id)
    actor = request.actor  # type: ignore[attr-defined]
    if isinstance(paper.about, Person) and not is_theirs(actor, paper.about):
        what, things = "parties.paper_seen", [name_of(paper.about)]
        note_reading(what=what, things=things, by=actor, today=timezone.localdate())
    return attachment(paper.file, paper.file_name)


@require_http_methods(FORM)
@open_to(keeps_papers)
def structure_deposit(request: HttpRequest, public_id: str, kind_id: int) -> HttpResponse:
    organisation = get_object_or_404(Organisation.objects.standing(), public_id=public_id)
    return _deposit(request, organisation, kind_id, _sheet(organisation), "layouts/staff.html")


@require_http_methods(FORM)
@open_to(keeps_papers)
def person_deposit(request: HttpRequest, public_id: str, kind_id: int) -> HttpResponse:
    person = get_object_or_404(Person.objects.known(), public_id=public_id)
    return _deposit(request, person, kind_id, _sheet(person), "layouts/staff.html")


@require_http_methods(FORM)
@open_to(keeps_papers)
def paper_dates(request: HttpRequest, public_id: str) -> HttpResponse:
    paper = get_object_or_404(Paper.objects.for_display(), public_id=public_id)
    initial = {"issued_on": paper.issued_on, "expires_on": paper.expires_on}
    form = PaperDatesForm(request.POST or None, kind=paper.kind, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_paper_dates(paper=paper, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("Les dates du document sont à jour."))
            return redirect(_sheet(paper.about))
    return _form(request, "parties/paper_dates.html", form, paper)


@require_http_methods(FORM)
@open_to(keeps_papers)
def paper_withdraw(request: HttpRequest, public_id: str) -> HttpResponse:
    paper = get_object_or_404(Paper.objects.for_display(), public_id=public_id)
    form = WithdrawPaperForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.withdraw_paper(paper=paper, by=request.actor, now=timezone.now(), **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("Le document est retiré. Il se lit encore parmi les versions."))
            return redirect(_sheet(paper.about))
    return _form(request, "parties/paper_withdraw.html", form, paper)


def _form(request: HttpRequest, template: str, form: PaperDatesForm | WithdrawPaperForm, paper: Paper) -> HttpResponse:
    context = {"form": form, "paper": paper, "back": _sheet(paper.about)}
    return render(request, template, context, status=422 if form.errors else 200)


def _sheet(thing: Thing) -> str:
    name = "parties:structure" if isinstance(thing, Organisation) else "parties:person"
    return reverse(name, args=[thing.public_id])


@require_safe
@open_to(works_somewhere)
def my_structure_papers(request: HttpRequest, public_id: str) -> HttpResponse:
    """The documents of a structure, for those who administer it."""
    organisation = _administered(request, public_id)
    context = {
        "organisation": organisation,
        "slots": slots_of(organisation, timezone.localdate(), reach=READ_BY_THEM),
    }
    return render(request, "parties/my_structure_papers.html", context)


@require_http_methods(FORM)
@open_to(works_somewhere)
def my_structure_deposit(request: HttpRequest, public_id: str, kind_id: int) -> HttpResponse:
    organisation = _administered(request, public_id)
    back = reverse("parties:my_structure_papers", args=[organisation.public_id])
    return _deposit(request, organisation, kind_id, back, "layouts/member.html", reach=[FieldReach.WRITE])


def _administered(request: HttpRequest, public_id: str) -> Organisation:
    """To others of the hub the structure is not theirs: 404; to its employees: 403."""
    actor = request.actor  # type: ignore[attr-defined]
    mine = Organisation.objects.standing().filter(pk__in=workplaces(actor))
    organisation = get_object_or_404(mine, public_id=public_id)
    if not is_theirs(actor, organisation):
        raise PermissionDenied
    return organisation


@require_safe
@open_to(person_of_hub)
def my_papers(request: HttpRequest) -> HttpResponse:
    """The documents that the hub asks of me."""
    me = _me(request)
    context = {"me": me, "slots": slots_of(me, timezone.localdate(), reach=READ_BY_THEM)}
    return render(request, "parties/my_papers.html", context)


@require_http_methods(FORM)
@open_to(person_of_hub)
def my_deposit(request: HttpRequest, kind_id: int) -> HttpResponse:
    back = reverse("parties:my_papers")
    return _deposit(request, _me(request), kind_id, back, "layouts/member.html", reach=[FieldReach.WRITE])


def _me(request: HttpRequest) -> Person:
    return get_object_or_404(Person, pk=request.actor.person_id)  # type: ignore[attr-defined]


@require_safe
@open_to(person_of_hub)
def my_paper_file(request: HttpRequest, public_id: str) -> HttpResponse:
    """A document of mine, or of a structure that I administer; any other is not found."""
    actor = request.actor  # type: ignore[attr-defined]
    paper = get_object_or_404(Paper.objects.for_display(), public_id=public_id)
    if not is_theirs(actor, paper.about) or paper.kind.reach not in reaches_of(actor, paper.about):
        get_object_or_404(Paper.objects.none())
    return attachment(paper.file, paper.file_name)


def _deposit(
    request: HttpRequest,
    thing: Thing,
    kind_id: int,
    back: str,
    layout: str,
    *,
    reach: list[FieldReach] | tuple[FieldReach, ...] = tuple(FieldReach),
) -> HttpResponse:
    """The form of a document: its first version, or the one that replaces it."""
    now, today = timezone.now(), timezone.localdate()
    asked = PaperKind.objects.live(today).filter(about=about_of(thing), reach__in=reach)
    kind = get_object_or_404(asked, pk=kind_id)
    form = DepositForm(request.POST or None, request.FILES or None, kind=kind)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        content = given.pop("file")
        try:
            actions.deposit_paper(
                kind=kind,
                thing=thing,
                content=content,
                by=request.actor,  # type: ignore[attr-defined]
                now=now,
                today=today,
                **given,
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("«\u00a0%s\u00a0» est déposé.") % kind)
            return redirect(back)
    current = Paper.objects.current().filter(on_sheet(about_of(thing), thing), kind=kind).first()
    context = {"form": form, "kind": kind, "thing": thing, "current": current, "back": back, "layout": layout}
    return render(request, "parties/paper_deposit.html", context, status=422 if form.errors else 200)
