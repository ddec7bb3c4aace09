"""/mon-espace/moi/adhesion/: one's own memberships and those of the structures one works in; how to end them."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubs.refusals import Refusal
from hubs.rules import open_to, person_of_hub
from members import actions, queries
from members.forms.departures import MyResignForm
from members.models import Resignation
from members.rules import binds
from members.views.departures import consequences, spelled
from parties.models import Organisation, Person
from parties.queries import workplaces_of
from parties.rules import workplaces, works_somewhere

FORM = ["GET", "HEAD", "POST"]


@require_safe
@open_to(person_of_hub)
def my_memberships(request: HttpRequest) -> HttpResponse:
    """Year by year; the letters and the way out are for who administers the structure, or the member in person."""
    actor = request.actor  # type: ignore[attr-defined]
    members: list[queries.Member] = list(workplaces_of(actor)) if works_somewhere(actor) else []
    members += list(Person.objects.filter(pk=actor.person_id, memberships__isnull=False).distinct())
    today = timezone.localdate()
    context = {"told": [_told(request, member, today) for member in members], "today": today}
    return render(request, "members/my_memberships.html", context)


def _told(request: HttpRequest, member: queries.Member, today: Any) -> dict[str, Any]:
    organisation = member if isinstance(member, Organisation) else None
    may_end = binds(request.actor, organisation, member if isinstance(member, Person) else None)  # type: ignore[attr-defined]
    return {
        "member": member,
        "is_person": organisation is None,
        "history": queries.history_of(member, today),
        "membership": queries.membership_on(member, today),
        "resignation": queries.resignation_of(member, today),
        "strike_off": queries.strike_off_of(member) if may_end else None,
        "letters": queries.letters_of(member).filter(emptied_on=None).exclude(organisation=None, person=None)
        if may_end
        else [],
        "may_end": may_end,
    }


@require_http_methods(FORM)
@open_to(works_somewhere)
def resign_my_structure(request: HttpRequest, public_id: str) -> HttpResponse:
    """404 for a structure that is none of theirs, 403 for who works there and does not administer."""
    actor = request.actor  # type: ignore[attr-defined]
    found = get_object_or_404(Organisation.objects.filter(pk__in=workplaces(actor)), public_id=public_id)
    if not binds(actor, found, None):
        raise PermissionDenied
    return _resign(request, found)


@require_http_methods(FORM)
@open_to(person_of_hub)
def resign_myself(request: HttpRequest) -> HttpResponse:
    return _resign(request, get_object_or_404(Person, pk=request.actor.person_id))  # type: ignore[attr-defined]


def _resign(request: HttpRequest, member: queries.Member) -> HttpResponse:
    form = MyResignForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        today = timezone.localdate()
        try:
            made = actions.resign(
                member=member,
                letter_on=today,
                by=request.actor,  # type: ignore[attr-defined]
                today=today,
                reason=form.cleaned_data["reason"],
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            words = _(
                "Votre démission est notée\u00a0: vous êtes membre jusqu’au %s inclus. Une lettre vous arrive par courriel."
            )
            messages.success(request, words % spelled(made.last_day))
            return redirect("members:my_memberships")
    context = {"form": form, **consequences(request, member)}
    return render(request, "members/my_resign.html", context, status=422 if form.errors else 200)


@require_POST
@open_to(person_of_hub)
def withdraw_my_resignation(request: HttpRequest, resignation_id: int) -> HttpResponse:
    shown = get_object_or_404(Resignation.objects.for_display(), pk=resignation_id)
    held = shown.membership
    if not binds(request.actor, held.organisation, held.person):  # type: ignore[attr-defined]
        raise Http404
    try:
        actions.withdraw_resignation(resignation=shown, by=request.actor, today=timezone.localdate())  # type: ignore[attr-defined]
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("Votre démission est retirée\u00a0: rien ne change."))
    return redirect("members:my_memberships")
