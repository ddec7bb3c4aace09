"""Before an assembly: its agenda, its papers, the notice and the proof that it left."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from documents.downloads import attachment
from documents.queries import document_of
from governance import actions
from governance.actions.notices import NOTICE
from governance.enums import STATE_AFTER, AssemblyState
from governance.forms.assemblies import AgendaForm, CallOffForm, HandedForm, PaperForm
from governance.models import Assembly, Notice, Paper
from governance.queries import members_to_call, proof_counts, proofs_of
from governance.rules import keeps_desk, runs_assemblies
from governance.views.asked import FORM, assembly_at, page_of, pk_in, posted
from hubs.refusals import Refusal
from hubs.rules import open_to


@require_http_methods(FORM)
@open_to(runs_assemblies)
def agenda(request: HttpRequest, public_id: str) -> HttpResponse:
    """The points, one per line, until the members are convened."""
    found = assembly_at(public_id)
    titles = found.agenda.order_by("rank").values_list("title", flat=True)
    form = AgendaForm(posted(request), initial={"agenda": "\n".join(titles)})
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_agenda(assembly=found, titles=form.cleaned_data["agenda"], by=request.actor)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("L’ordre du jour est noté."))
            return redirect("governance:assembly", found.public_id)
    context = {"form": form, "assembly": found}
    return render(request, "governance/agenda.html", context, status=422 if form.errors else 200)


@require_http_methods(FORM)
@open_to(runs_assemblies)
def paper_add(request: HttpRequest, public_id: str) -> HttpResponse:
    found = assembly_at(public_id)
    form = PaperForm(posted(request), request.FILES if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_paper(assembly=found, by=request.actor, now=timezone.now(), **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("La pièce est jointe à l’assemblée."))
            return redirect("governance:assembly", found.public_id)
    context = {"form": form, "assembly": found}
    return render(request, "governance/paper_form.html", context, status=422 if form.errors else 200)


@require_POST
@open_to(runs_assemblies)
def paper_remove(request: HttpRequest, public_id: str, paper: str) -> HttpResponse:
    found = assembly_at(public_id)
    kept = get_object_or_404(Paper.objects.select_related("assembly"), assembly=found, public_id=paper)
    try:
        actions.remove_paper(paper=kept, by=request.actor)  # type: ignore[attr-defined]
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("La pièce est retirée."))
    return redirect("governance:assembly", found.public_id)


@require_safe
@open_to(keeps_desk)
def paper(request: HttpRequest, public_id: str, paper: str) -> HttpResponse:
    """The file, as it was added."""
    found = get_object_or_404(Paper.objects.select_related("file"), assembly__public_id=public_id, public_id=paper)
    return attachment(found.file)


@require_http_methods(FORM)
@open_to(runs_assemblies)
def convene(request: HttpRequest, public_id: str) -> HttpResponse:
    """Whom the notice goes to, until when it may leave, and the button that sends it."""
    found = assembly_at(public_id)
    now, refused = timezone.now(), ""
    if request.method == "POST":
        try:
            actions.convene(assembly=found, by=request.actor, now=now)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refused = str(refusal.message)
        else:
            messages.success(request, _("La convocation part. Chaque envoi se suit ici."))
            return redirect("governance:proof", found.public_id)
    elif found.state != AssemblyState.DRAFT:
        return redirect("governance:proof", found.public_id)
    too_late = timezone.localdate(now) > found.last_notice_day
    context = {
        "assembly": found,
        "agenda": found.agenda.order_by("rank"),
        "called": members_to_call(found, timezone.localdate(now)),
        "refused": refused or (actions.too_late_words(found) if too_late else ""),
    }
    return render(request, "governance/convene.html", context, status=422 if refused else 200)


@require_http_methods(FORM)
@open_to(runs_assemblies)
def call_off(request: HttpRequest, public_id: str) -> HttpResponse:
    """Cancel the assembly, and tell those who were called."""
    found = assembly_at(public_id)
    form = CallOffForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            actions.call_off(assembly=found, by=request.actor, now=timezone.now(), **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("L’assemblée est annulée. Les membres convoqués sont prévenus."))
            return redirect("governance:assembly", found.public_id)
    context = {"form": form, "assembly": found, "may_call_off": AssemblyState.CANCELLED in STATE_AFTER[found.state]}
    return render(request, "governance/call_off.html", context, status=422 if form.errors else 200)


def _proof_page(
    request: HttpRequest, found: Assembly, form: HandedForm | None = None, asked: Notice | None = None
) -> HttpResponse:
    context = {
        "assembly": found,
        "proofs": page_of(request, proofs_of(found)),
        "counts": proof_counts(found),
        "may_prepare": runs_assemblies(request.actor),  # type: ignore[attr-defined]
        "form": form,
        "asked": asked,
    }
    return render(request, "governance/proof.html", context, status=422 if form and form.errors else 200)


@require_safe
@open_to(keeps_desk)
def proof(request: HttpRequest, public_id: str) -> HttpResponse:
    """Each member called: where, when, and what came of the mail."""
    return _proof_page(request, assembly_at(public_id))


@require_http_methods(FORM)
@open_to(runs_assemblies)
def handed(request: HttpRequest, public_id: str, entry: str) -> HttpResponse:
    """That a notice was handed over otherwise than by mail."""
    found = assembly_at(public_id)
    kept = get_object_or_404(Notice.objects.select_related("entry"), entry__assembly=found, entry=pk_in(entry))
    today = timezone.localdate()
    form = HandedForm(posted(request), initial={"handed_on": today})
    if request.method == "POST" and form.is_valid():
        try:
            actions.note_handed(notice=kept, by=request.actor, today=today, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("La remise est notée."))
            return redirect("governance:proof", found.public_id)
    return _proof_page(request, found, form, kept)


def notice_of(request: HttpRequest, found: Assembly, *, back: str) -> HttpResponse:
    """The PDF of the notice; while it is being made, the page with a word."""
    if found.convened_on is None:
        raise Http404
    document = document_of(found, NOTICE)
    if document is None:
        messages.info(request, _("Le PDF est en préparation. Revenez dans une minute."))
        return redirect(back, found.public_id)
    return attachment(document.file, f"convocation-{found.day:%Y-%m-%d}.pdf")


@require_safe
@open_to(keeps_desk)
def notice(request: HttpRequest, public_id: str) -> HttpResponse:
    return notice_of(request, assembly_at(public_id), back="governance:assembly")
