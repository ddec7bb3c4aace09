"""Meetings that are no assembly, under /gestion/: prepared, called, attended, reported."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from documents.downloads import attachment
from documents.queries import document_of
from governance import actions
from governance.actions.minutes import KIND
from governance.forms.assemblies import CallOffForm
from governance.forms.decisions import DecisionForm
from governance.forms.meetings import InviteeForm, MeetingForm, MeetingPaperForm, ReportForm
from governance.models import Decision, Invitee, Meeting, MeetingPaper, Minutes
from governance.papers_votes import minutes_title
from governance.queries import meetings_listed
from governance.rules import runs_assemblies
from governance.views.asked import FORM, page_of, pk_in, posted
from hubs.refusals import Refusal
from hubs.rules import open_to

GIVEN = ("kind", "title", "starts_at", "place", "agenda")
SIGNED = ("words", "chair", "secretary")


def _at(public_id: str) -> Meeting:
    return get_object_or_404(Meeting, public_id=public_id)


def _asked(
    request: HttpRequest, form: forms.Form, *, title: str, verb: str, lead: str = "", meeting: Meeting | None = None,
    kind: str = "primary",
) -> HttpResponse:  # fmt: skip
    """The page of one form about a meeting."""
    context = {"form": form, "title": title, "verb": verb, "lead": lead, "meeting": meeting, "kind": kind}
    return render(request, "governance/meeting_form.html", context, status=422 if form.errors else 200)


@require_safe
@open_to(runs_assemblies)
def meetings(request: HttpRequest) -> HttpResponse:
    context = {"meetings": page_of(request, meetings_listed(timezone.now()))}
    return render(request, "governance/meetings.html", context)


@require_http_methods(FORM)
@open_to(runs_assemblies)
def prepare(request: HttpRequest) -> HttpResponse:
    form = MeetingForm(posted(request))
    if request.method == "POST" and form.is_valid():
        made = actions.prepare_meeting(by=request.actor, now=timezone.now(), **form.cleaned_data)  # type: ignore[attr-defined]
        messages.success(request, _("La réunion est prête\u00a0: ajoutez qui vous invitez."))
        return redirect("governance:meeting", made.public_id)
    lead = _("Rien ne part encore\u00a0: vous choisissez ensuite qui inviter.")
    return _asked(request, form, title=_("Préparer une réunion"), verb=_("Préparer la réunion"), lead=lead)


@require_http_methods(FORM)
@open_to(runs_assemblies)
def change(request: HttpRequest, public_id: str) -> HttpResponse:
    found = _at(public_id)
    form = MeetingForm(posted(request), initial={name: getattr(found, name) for name in GIVEN})
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_meeting(meeting=found, by=request.actor, now=timezone.now(), **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("La réunion est changée."))
            return redirect("governance:meeting", found.public_id)
    lead = _("Qui a déjà reçu l’invitation est à inviter de nouveau\u00a0: le bouton «\u00a0Inviter\u00a0» revient.")
    return _asked(
        request, form, title=_("Changer la réunion"), verb=_("Changer la réunion"), lead=lead, meeting=found
    )  # fmt: skip


@require_safe
@open_to(runs_assemblies)
def meeting(request: HttpRequest, public_id: str) -> HttpResponse:
    """One meeting: its points, its papers, who is invited and who came, its report and its decisions."""
    found = _at(public_id)
    report = Minutes.objects.filter(meeting=found).first()
    invitees = list(found.invitees.for_display())
    now = timezone.now()
    is_held = found.starts_at <= now
    is_closed = found.called_off_at is not None or bool(report and report.published_at)
    untold = [each for each in invitees if each.called_at is None or each.called_at < found.changed_at]
    may_call = not is_held and not is_closed and bool(found.points)
    context = {
        "meeting": found,
        "invitees": invitees,
        "untold": {each.pk for each in untold},
        "to_mail": sum(may_call for each in untold if each.address),
        "to_tell": sum(may_call for each in untold if not each.address),
        "papers": found.papers.order_by("added_at", "pk"),
        "report": report,
        "decisions": Decision.objects.filter(meeting=found).order_by("number"),
        "is_held": is_held,
        "is_closed": is_closed,
        "ticks": is_held and not is_closed,
    }
    return render(request, "governance/meeting.html", context)


@require_http_methods(FORM)
@open_to(runs_assemblies)
def call_off(request: HttpRequest, public_id: str) -> HttpResponse:
    found = _at(public_id)
    form = CallOffForm(posted(request))
    form.fields["reason"].help_text = _("Les personnes invitées le liront dans le courriel.")
    if request.method == "POST" and form.is_valid():
        try:
            actions.call_off_meeting(meeting=found, by=request.actor, now=timezone.now(), **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("La réunion est annulée. Les personnes déjà invitées sont prévenues."))
            return redirect("governance:meeting", found.public_id)
    lead = _("On ne revient pas en arrière. Les personnes déjà invitées reçoivent un courriel avec votre raison.")
    title = _("Annuler la réunion")
    return _asked(request, form, title=title, verb=title, lead=lead, meeting=found, kind="danger")


@require_http_methods(FORM)
@open_to(runs_assemblies)
def invitee_add(request: HttpRequest, public_id: str) -> HttpResponse:
    found = _at(public_id)
    form = InviteeForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.add_invitee(meeting=found, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("%s est sur la liste. Rien n’est encore parti.") % made)
            return redirect("governance:meeting", found.public_id)
    lead = _("Être invité·e ne donne aucun droit de membre\u00a0: la personne lit cette réunion, et rien d’autre.")
    return _asked(
        request, form, title=_("Ajouter une personne"), verb=_("Ajouter à la liste"), lead=lead, meeting=found
    )  # fmt: skip


@require_POST
@open_to(runs_assemblies)
def invitee_remove(request: HttpRequest, public_id: str, pk: int) -> HttpResponse:
    kept = get_object_or_404(Invitee.objects.select_related("meeting"), meeting__public_id=public_id, pk=pk)
    try:
        actions.remove_invitee(invitee=kept, by=request.actor)  # type: ignore[attr-defined]
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("La personne n’est plus sur la liste."))
    return redirect("governance:meeting", public_id)


@require_POST
@open_to(runs_assemblies)
def call(request: HttpRequest, public_id: str) -> HttpResponse:
    """Write to each who has not been told what the meeting is now."""
    found = _at(public_id)
    try:
        many = actions.call_invitees(meeting=found, by=request.actor, now=timezone.now())  # type: ignore[attr-defined]
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("Personnes invitées\u00a0: %s. Les courriels partent.") % many)
    return redirect("governance:meeting", public_id)


@require_POST
@open_to(runs_assemblies)
def presence(request: HttpRequest, public_id: str) -> HttpResponse:
    """Who came: the boxes that are ticked."""
    found = _at(public_id)
    came = {pk_in(text) for text in request.POST.getlist("came")}
    try:
        actions.note_presence(meeting=found, came=came, by=request.actor, now=timezone.now())  # type: ignore[attr-defined]
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("Les présences sont notées."))
    return redirect("governance:meeting", public_id)


@require_http_methods(FORM)
@open_to(runs_assemblies)
def paper_add(request: HttpRequest, public_id: str) -> HttpResponse:
    found = _at(public_id)
    form = MeetingPaperForm(posted(request), request.FILES if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_meeting_paper(meeting=found, by=request.actor, now=timezone.now(), **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("La pièce est jointe à la réunion."))
            return redirect("governance:meeting", public_id)
    lead = _("Les personnes invitées la lisent dès qu’elles sont invitées, personne d’autre hors de l’équipe.")
    return _asked(
        request, form, title=_("Joindre une pièce"), verb=_("Joindre la pièce"), lead=lead, meeting=found
    )  # fmt: skip


@require_POST
@open_to(runs_assemblies)
def paper_remove(request: HttpRequest, public_id: str, paper: str) -> HttpResponse:
    papers = MeetingPaper.objects.select_related("meeting")
    kept = get_object_or_404(papers, meeting__public_id=public_id, public_id=paper)
    try:
        actions.remove_meeting_paper(paper=kept, by=request.actor)  # type: ignore[attr-defined]
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("La pièce est retirée."))
    return redirect("governance:meeting", public_id)


def paper_of(meeting: Meeting, paper: str) -> HttpResponse:
    """The file, as it was added; the caller has asked who reads it."""
    return attachment(get_object_or_404(meeting.papers.select_related("file"), public_id=paper).file)


@require_safe
@open_to(runs_assemblies)
def paper(request: HttpRequest, public_id: str, paper: str) -> HttpResponse:
    return paper_of(_at(public_id), paper)


@require_http_methods(FORM)
@open_to(runs_assemblies)
def report(request: HttpRequest, public_id: str) -> HttpResponse:
    """Write the report; once published, read it with its number and fingerprint."""
    found = _at(public_id)
    kept = Minutes.objects.select_related("meeting").filter(meeting=found).first()
    initial = {name: getattr(kept, name) for name in SIGNED} if kept else None
    form = ReportForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, _written(request, found, form.cleaned_data))
        except Refusal as refusal:
            refusal.tell(form)
        else:
            return redirect("governance:report", public_id)
    is_published = kept is not None and kept.published_at is not None
    context = {
        "meeting": found,
        "report": kept,
        "title": minutes_title(kept or Minutes(meeting=found)),
        "is_published": is_published,
        "document": document_of(kept, KIND) if kept and is_published else None,
        "form": form,
        "decisions": Decision.objects.filter(meeting=found).order_by("number"),
    }
    return render(request, "governance/report.html", context, status=422 if form.errors else 200)


def _written(request: HttpRequest, found: Meeting, given: dict[str, Any]) -> str:
    actor = request.actor  # type: ignore[attr-defined]
    kept = actions.write_report(meeting=found, by=actor, **given)
    if not request.POST.get("publish"):
        return _("Le brouillon est noté.")
    now = timezone.now()
    actions.publish_minutes(minutes=kept, by=actor, now=now, today=timezone.localdate(now))
    return _("C’est publié\u00a0: le PDF se prépare, et les personnes invitées le lisent.")


def report_of(request: HttpRequest, meeting: Meeting, *back: str) -> HttpResponse:
    """The PDF as it was made; while it is being made, the page with a word."""
    kept = get_object_or_404(Minutes, meeting=meeting, published_at__isnull=False)
    document = document_of(kept, KIND)
    if document is None:
        messages.info(request, _("Le PDF est en préparation. Revenez dans une minute."))
        return redirect(*back)
    return attachment(document.file)


@require_safe
@open_to(runs_assemblies)
def report_pdf(request: HttpRequest, public_id: str) -> HttpResponse:
    return report_of(request, _at(public_id), "governance:report", public_id)


@require_http_methods(FORM)
@open_to(runs_assemblies)
def decide(request: HttpRequest, public_id: str) -> HttpResponse:
    """Enter what the meeting decided."""
    found = _at(public_id)
    form = DecisionForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.note_meeting_decision(
                meeting=found,
                by=request.actor,  # type: ignore[attr-defined]
                now=timezone.now(),
                **form.cleaned_data,
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("La décision est au registre, sous le numéro %s.") % made.number)
            return redirect("governance:meeting", public_id)
    lead = _(
        "Elle entre au registre sous son numéro, et n’en sort plus. Confiée à quelqu’un, elle vient dans "
        "«\u00a0À faire\u00a0»."
    )
    return _asked(
        request, form, title=_("Noter une décision"), verb=_("Noter la décision"), lead=lead, meeting=found
    )  # fmt: skip
