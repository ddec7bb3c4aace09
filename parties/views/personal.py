"""What is held about a person: /mon-espace/moi/donnees/ for them, under their sheet for the coordination."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from documents.downloads import download
from hubs.actions import name_of, note_reading
from hubs.personal import hindrances, mentions_of
from hubs.refusals import Refusal
from hubs.rules import coordinator, open_to, person_of_hub
from parties.enums import FieldOf, FieldReach
from parties.forms import AnswerForm, EraseForm, OwnAnswersForm
from parties.models import Person
from parties.own_fields.actions import answer_fields
from parties.own_fields.forms import add_own_fields, answers_of
from parties.own_fields.queries import fields_on, values_of
from parties.personal import actions
from parties.personal.export import as_zip
from parties.personal.queries import open_request, sections_of, subject_of, subjects_of


def _me(request: HttpRequest) -> Person:
    return get_object_or_404(Person.objects.select_related("user"), pk=request.actor.person_id)  # type: ignore[attr-defined]


def _someone(public_id: str) -> Person:
    return get_object_or_404(Person.objects.known().select_related("user"), public_id=public_id)


def _as_file(request: HttpRequest, person: Person) -> HttpResponse:
    subject = subject_of(person)
    content = as_zip(subject, sections_of(person), hub=request.hub.name, now=timezone.now())  # type: ignore[attr-defined]
    return download(name=f"donnees-{slugify(subject.name)}.zip", content_type="application/zip", content=content)


@require_safe
@open_to(person_of_hub)
def my_data(request: HttpRequest) -> HttpResponse:
    """All that the hub holds about me, why and until when, and who of the staff looked."""
    me = _me(request)
    fields = fields_on(FieldOf.PERSON, timezone.localdate(), reach=[FieldReach.WRITE])
    context = {"sections": sections_of(me), "asked": open_request(me.pk), "may_answer": bool(fields)}
    return render(request, "parties/my_data.html", context)


@require_safe
@open_to(person_of_hub)
def my_data_export(request: HttpRequest) -> HttpResponse:
    return _as_file(request, _me(request))


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(person_of_hub)
def my_answers(request: HttpRequest) -> HttpResponse:
    """The own fields that the hub lets people write about themselves."""
    me = _me(request)
    fields = fields_on(FieldOf.PERSON, timezone.localdate(), reach=[FieldReach.WRITE])
    form = OwnAnswersForm(request.POST if request.method == "POST" else None)
    add_own_fields(form, fields, values_of(me))
    if request.method == "POST" and form.is_valid():
        try:
            answer_fields(thing=me, answers=answers_of(form, fields), by=request.actor)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("C’est enregistré."))
            return redirect("parties:my_data")
    return render(request, "parties/my_answers.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(person_of_hub)
def my_erasure(request: HttpRequest) -> HttpResponse:
    """Ask to be erased, knowing what goes and what the law keeps; or take it back."""
    me = _me(request)
    if request.method == "POST":
        now = timezone.now()
        try:
            if request.POST.get("action") == "withdraw":
                actions.withdraw_erasure(by=request.actor, now=now)  # type: ignore[attr-defined]
                messages.success(request, _("Votre demande est retirée\u00a0: rien n’est effacé."))
            else:
                actions.ask_erasure(by=request.actor, now=now)  # type: ignore[attr-defined]
                messages.success(request, _("Votre demande est partie. Le pôle a un mois pour y répondre."))
        except Refusal as refusal:
            messages.error(request, str(refusal.message))
        return redirect("parties:my_data")
    context = {"sections": sections_of(me), "asked": open_request(me.pk)}
    return render(request, "parties/my_erasure.html", context)


@require_safe
@open_to(coordinator)
def person_data(request: HttpRequest, public_id: str) -> HttpResponse:
    """The same page about someone else: the look is noted, and they read by whom."""
    person = _someone(public_id)
    _note(request, person, "parties.data_seen")
    context = {"person": person, "sections": sections_of(person), "asked": open_request(person.pk)}
    return render(request, "parties/person_data.html", context)


@require_safe
@open_to(coordinator)
def person_export(request: HttpRequest, public_id: str) -> HttpResponse:
    person = _someone(public_id)
    _note(request, person, "parties.data_exported")
    return _as_file(request, person)


def _note(request: HttpRequest, person: Person, what: str) -> None:
    if person.pk != request.actor.person_id:  # type: ignore[attr-defined]
        note_reading(what=what, things=[name_of(person)], by=request.actor, today=timezone.localdate())  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(coordinator)
def erase(request: HttpRequest, public_id: str) -> HttpResponse:
    """What goes, what stays and why, what still runs, which texts to read; then the button."""
    person = _someone(public_id)
    form = EraseForm(request.POST if request.method == "POST" else None)
    now = timezone.now()
    if request.method == "POST" and form.is_valid():
        name = str(person)
        try:
            actions.erase_person(person=person, by=request.actor, now=now, reason=form.cleaned_data["reason"])  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("Les données de %s sont effacées.") % name)
            return redirect("parties:person", person.public_id)
    subjects = subjects_of(person)
    context = {
        "person": person,
        "form": form,
        "sections": sections_of(person),
        "hindrances": [each for subject in subjects for each in hindrances(subject, now)],
        "mentions": [each for subject in subjects for each in mentions_of(subject)],
        "asked": open_request(person.pk),
    }
    return render(request, "parties/erase.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(coordinator)
def answer_erasure(request: HttpRequest, public_id: str) -> HttpResponse:
    """Answer a request without erasing, and say why."""
    person = _someone(public_id)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.refuse_erasure(person=person, by=request.actor, now=timezone.now(), **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("Votre réponse part par courriel."))
            return redirect("parties:person", person.public_id)
    context = {"person": person, "form": form, "asked": open_request(person.pk)}
    return render(request, "parties/answer_erasure.html", context, status=422 if form.errors else 200)
