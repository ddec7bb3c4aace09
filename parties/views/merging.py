"""Sheets found twice: the list of those that look alike, two side by side, merged, parted."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubs.refusals import Refusal
from hubs.rules import open_to
from parties.merging import actions
from parties.merging.forms import MergeForm, OtherSheetForm, others_of
from parties.merging.queries import Thing, alike_people, alike_structures
from parties.models import Organisation, Person
from parties.rules import keeps_structures

FORM = ["GET", "HEAD", "POST"]


@require_safe
@open_to(keeps_structures)
def duplicates(request: HttpRequest) -> HttpResponse:
    """Structures, then people, that may be on file twice."""
    context = {
        "kinds": [
            (_("Structures"), "parties:structure_merge", alike_structures()),
            (_("Personnes"), "parties:person_merge", alike_people()),
        ]
    }
    return render(request, "parties/duplicates.html", context)


@require_http_methods(FORM)
@open_to(keeps_structures)
def structure_merge(request: HttpRequest, public_id: str) -> HttpResponse:
    found = get_object_or_404(Organisation.objects.select_related("merged_into"), public_id=public_id)
    return _merge(request, found, "parties:structure")


@require_http_methods(FORM)
@open_to(keeps_structures)
def person_merge(request: HttpRequest, public_id: str) -> HttpResponse:
    known = Person.objects.filter(erased_at=None).select_related("merged_into", "user")
    return _merge(request, get_object_or_404(known, public_id=public_id), "parties:person")


def _merge(request: HttpRequest, thing: Thing, name: str) -> HttpResponse:
    """Without `?avec=`, the other sheet is asked for; with it, the two are compared, and a POST merges them."""
    if thing.merged_into is not None:
        messages.info(request, _("Cette fiche est déjà fusionnée dans celle-ci."))
        return redirect(name, thing.merged_into.public_id)
    context = {"thing": thing, "back": reverse(name, args=[thing.public_id])}
    if "avec" not in request.GET:
        return render(request, "parties/merge_choose.html", {**context, "form": OtherSheetForm(thing=thing)})
    choice = OtherSheetForm(request.GET, thing=thing)
    if not choice.is_valid():
        return render(request, "parties/merge_choose.html", {**context, "form": choice}, status=422)
    other = others_of(thing).get(pk=choice.cleaned_data["avec"].pk)
    form = MergeForm(request.POST if request.method == "POST" else None, one=thing, two=other)
    if request.method == "POST" and form.is_valid():
        try:
            actions.merge(
                kept=form.kept,
                gone=form.gone,
                taken=form.taken,
                by=request.actor,  # type: ignore[attr-defined]
                now=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal.message))
        else:
            told = {"gone": form.gone, "kept": form.kept}
            messages.success(
                request,
                _("La fiche «\u00a0%(gone)s\u00a0» se lit maintenant sur la fiche «\u00a0%(kept)s\u00a0».") % told,
            )
            return redirect(name, form.kept.public_id)
    context |= {"form": form, "other": other, "fields": [form[field] for field in form.groups]}
    return render(request, "parties/merge.html", context, status=422 if form.errors else 200)


@require_POST
@open_to(keeps_structures)
def structure_part(request: HttpRequest, public_id: str) -> HttpResponse:
    found = get_object_or_404(Organisation.objects.exclude(merged_into=None), public_id=public_id)
    return _part(request, found, "parties:structure")


@require_POST
@open_to(keeps_structures)
def person_part(request: HttpRequest, public_id: str) -> HttpResponse:
    found = get_object_or_404(Person.objects.exclude(merged_into=None), public_id=public_id)
    return _part(request, found, "parties:person")


def _part(request: HttpRequest, gone: Thing, name: str) -> HttpResponse:
    """The sheet that left is one again."""
    try:
        actions.part(gone=gone, by=request.actor, now=timezone.now())  # type: ignore[attr-defined]
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("La fusion est défaite\u00a0: %s a de nouveau sa fiche.") % gone)
    return redirect(name, gone.public_id)
