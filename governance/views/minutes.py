"""The minutes of an assembly, the register of decisions, and the file of voters for Belenios."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from documents.downloads import attachment, download
from documents.queries import document_of
from governance import actions
from governance.actions.minutes import KIND
from governance.forms.decisions import DecisionForm, EntrustForm, MinutesForm
from governance.models import Assembly, Decision, Minutes
from governance.papers_votes import minutes_title
from governance.queries import belenios_roll, is_called, register_of
from governance.rules import keeps_desk, runs_assemblies
from governance.views.asked import assembly_at
from hubs.exports import MAX_ROWS, TYPES
from hubs.exports import download as exported
from hubs.refusals import Refusal
from hubs.rules import open_to, person_of_hub

FORM = ["GET", "HEAD", "POST"]
PER_PAGE = 50


@require_http_methods(FORM)
@open_to(runs_assemblies)
def minutes(request: HttpRequest, public_id: str) -> HttpResponse:
    """Write the minutes; once published, read them with their number and fingerprint."""
    assembly = get_object_or_404(Assembly, public_id=public_id)
    kept = Minutes.objects.select_related("assembly").filter(assembly=assembly).first()
    names = ("words", "chair", "secretary")
    initial = {name: getattr(kept, name) for name in names} if kept else None
    form = MinutesForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            kept = actions.write_minutes(assembly=assembly, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
            if request.POST.get("publish"):
                now = timezone.now()
                actions.publish_minutes(
                    minutes=kept,
                    by=request.actor,  # type: ignore[attr-defined]
                    now=now,
                    today=timezone.localdate(now),
                )
                messages.success(request, _("C’est publié\u00a0: le PDF se prépare, et les membres le lisent."))
            else:
                messages.success(request, _("Le brouillon est noté."))
        except Refusal as refusal:
            refusal.tell(form)
        else:
            return redirect("governance:minutes", public_id)
    is_published = kept is not None and kept.published_at is not None
    context = {
        "assembly": assembly,
        "minutes": kept,
        "title": minutes_title(kept or Minutes(assembly=assembly)),
        "is_published": is_published,
        "document": document_of(kept, KIND) if kept and is_published else None,
        "form": form,
        "decisions": Decision.objects.filter(assembly=assembly).order_by("number"),
    }
    return render(request, "governance/minutes.html", context, status=422 if form.errors else 200)


def _pdf(request: HttpRequest, public_id: str, back: str) -> HttpResponse:
    """The PDF as it was made; while it is being made, the page with a word."""
    found = Minutes.objects.filter(published_at__isnull=False, assembly__public_id=public_id)
    kept = get_object_or_404(found)
    document = document_of(kept, KIND)
    if document is None:
        messages.info(request, _("Le PDF est en préparation. Revenez dans une minute."))
        return redirect(back, public_id)
    return attachment(document.file)


@require_safe
@open_to(keeps_desk)
def minutes_pdf(request: HttpRequest, public_id: str) -> HttpResponse:
    return _pdf(request, public_id, "governance:minutes")


@require_safe
@open_to(person_of_hub)
def my_minutes_pdf(request: HttpRequest, public_id: str) -> HttpResponse:
    """For those who work for a member of the roll: a guest of it does not read them."""
    if not is_called(assembly_at(public_id), request.actor):  # type: ignore[attr-defined]
        raise Http404
    return _pdf(request, public_id, "governance:my_votes")


@require_http_methods(FORM)
@open_to(runs_assemblies)
def note_decision(request: HttpRequest, public_id: str) -> HttpResponse:
    """Enter what a meeting decided without a vote."""
    assembly = get_object_or_404(Assembly, public_id=public_id)
    form = DecisionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        on = timezone.localdate(assembly.starts_at)
        try:
            made = actions.note_decision(assembly=assembly, on=on, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("La décision est au registre, sous le numéro %s.") % made.number)
            return redirect("governance:minutes", public_id)
    context = {"form": form, "assembly": assembly}
    return render(request, "governance/decision_form.html", context, status=422 if form.errors else 200)


@require_safe
@open_to(runs_assemblies)
def register(request: HttpRequest) -> HttpResponse:
    """Every decision, searched by `?q=`; `?export=csv` or `xlsx` is the same list as a file."""
    words = request.GET.get("q", "").strip()[:80]
    found = register_of(words)
    if (kind := request.GET.get("export")) in TYPES:
        header = [_("Numéro"), _("Date"), _("Décision"), _("Résultat"), _("Prise par"), _("Confiée à"), _("Pour le"),
                  _("Faite le")]  # fmt: skip
        rows = [
            [each.number, each.decided_on, each.title, each.get_outcome_display(),
             str(each.assembly or each.meeting or each.poll or ""), each.who, each.due_on, each.done_on]
            for each in found[:MAX_ROWS]
        ]  # fmt: skip
        return exported(_("registre-des-decisions"), kind, header, rows)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "governance/register.html", {"page": page, "words": words})


@require_http_methods(FORM)
@open_to(runs_assemblies)
def decision(request: HttpRequest, number: int) -> HttpResponse:
    """One decision; posted, who sees to it."""
    found = get_object_or_404(
        Decision.objects.select_related("assembly", "resolution", "poll", "meeting"), number=number
    )
    form = EntrustForm(
        request.POST if request.method == "POST" else None, initial={"who": found.who, "due_on": found.due_on}
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.entrust_decision(decision=found, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(
                request, _("C’est noté. La décision vient dans «\u00a0À faire\u00a0» à l’approche du jour.")
            )
            return redirect("governance:decision", number)
    context = {"decision": found, "form": form}
    return render(request, "governance/decision.html", context, status=422 if form.errors else 200)


@require_POST
@open_to(runs_assemblies)
def finish_decision(request: HttpRequest, number: int) -> HttpResponse:
    found = get_object_or_404(Decision, number=number)
    actions.finish_decision(decision=found, on=timezone.localdate(), by=request.actor)  # type: ignore[attr-defined]
    messages.success(request, _("La décision est notée comme faite."))
    return redirect("governance:decision", number)


@require_safe
@open_to(runs_assemblies)
def belenios(request: HttpRequest, public_id: str) -> HttpResponse:
    """The voters as Belenios takes them: one line each, « mail,,weight », without a head."""
    assembly = get_object_or_404(Assembly, public_id=public_id)
    voters, without = belenios_roll(assembly, timezone.localdate())
    if without:
        names = ", ".join([*without[:5], *(["…"] if without[5:] else [])])
        words = _("Il manque l’adresse électronique de qui vote. Notez qui administre le compte\u00a0: %s")
        messages.error(request, words % names)
        return redirect("governance:resolutions", public_id)
    lines = "".join(f"{mail},,{weight}\n" for mail, weight in voters)
    return download(name="belenios.csv", content_type="text/csv", content=lines.encode())
