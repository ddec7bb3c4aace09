"""A letter as its PDF: to the staff, to the member it was for, and to who follows an application by its link."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from documents.downloads import attachment
from documents.queries import document_of
from hubs.rules import anyone, open_to, person_of_hub
from members.actions import PAPER
from members.models import Letter
from members.rules import binds, keeps_memberships
from members.views.applications import followed
from members.views.memberships import sheet_of


def _paper(request: HttpRequest, letter: Letter, back: str) -> HttpResponse:
    """The PDF; while it is being made, the page one comes from with a word."""
    paper = document_of(letter, PAPER)
    if paper is None:
        messages.info(request, _("Le PDF est en préparation. Revenez dans une minute."))
        return redirect(back)
    return attachment(paper.file, paper.file.name)


@require_safe
@open_to(keeps_memberships)
def letter(request: HttpRequest, letter_id: int) -> HttpResponse:
    rows = Letter.objects.select_related("organisation", "person", "application")
    found = get_object_or_404(rows.filter(emptied_on=None), pk=letter_id)
    member = found.organisation or found.person
    back = sheet_of(member) if member else reverse("members:application", args=[found.application.public_id])
    return _paper(request, found, back)


@require_safe
@open_to(person_of_hub)
def my_letter(request: HttpRequest, letter_id: int) -> HttpResponse:
    """Of the member in person, or of a structure that one administers; others are not found."""
    rows = Letter.objects.select_related("organisation", "person").filter(emptied_on=None)
    found = get_object_or_404(rows, pk=letter_id)
    if not binds(request.actor, found.organisation, found.person):  # type: ignore[attr-defined]
        raise Http404
    return _paper(request, found, "members:my_memberships")


@never_cache
@require_safe
@open_to(anyone)
def application_letter(request: HttpRequest, token: str, letter_id: int) -> HttpResponse:
    application = followed(request, token)
    found = get_object_or_404(Letter.objects.filter(application=application, emptied_on=None), pk=letter_id)
    paper = document_of(found, PAPER)
    if paper is None:
        messages.info(request, _("Le PDF est en préparation. Revenez dans une minute."))
        return redirect("members:application_follow", token)
    return attachment(paper.file, paper.file.name)
