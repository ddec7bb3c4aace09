"""/gestion/reglages/equipe/: who works for the hub, is elected or looks on; and the end of someone's access."""

import datetime as dt

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hubs.actions import end_role, give_role
from hubs.actors import Actor
from hubs.models import StaffRole
from hubs.refusals import NotAllowed, Refusal
from hubs.rules import coordinator, open_to
from parties import actions
from parties.forms import EndAccessForm, EndRoleForm, TeamForm
from parties.models import Person
from parties.queries import invitations_to_team, team_on
from parties.rules import keeps_structures

FORM = ["GET", "HEAD", "POST"]


@require_safe
@open_to(coordinator)
def team(request: HttpRequest) -> HttpResponse:
    """Who holds which role, since when and until when; who has been asked."""
    now = timezone.now()
    context = {"team": team_on(timezone.localdate(now)), "invitations": invitations_to_team(now)}
    return render(request, "parties/team.html", context)


@require_http_methods(FORM)
@open_to(coordinator)
def team_add(request: HttpRequest) -> HttpResponse:
    """Give a role, at once to who has an account, by an invitation to the others."""
    form = TeamForm(request.POST if request.method == "POST" else None, initial={"starts_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            words = _give(request, form)
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, words)
            return redirect("parties:team")
    return render(request, "parties/team_add.html", {"form": form}, status=422 if form.errors else 200)


def _give(request: HttpRequest, form: TeamForm) -> str:
    data, now, by = form.cleaned_data, timezone.now(), request.actor  # type: ignore[attr-defined]
    person: Person | None = data["person"]
    if person is not None and person.user is not None and person.may_sign_in(timezone.localdate(now)):
        give_role(user=person.user, role=data["role"], by=by, on=data["starts_on"], until=form.ends_on)
        return _("%(person)s\u00a0: %(role)s.") % {"person": person, "role": data["role"].label}
    if person is not None:
        data |= {"given_name": person.given_name, "family_name": person.family_name}
        data["email"] = data["email"] or person.email
    sent = actions.invite_to_team(
        given_name=data["given_name"],
        family_name=data["family_name"],
        email=data["email"],
        role=data["role"],
        starts_on=data["starts_on"],
        ends_on=form.ends_on,
        by=by,
        now=now,
    )
    return _("Une invitation part pour %(person)s, à %(email)s.") % {"person": sent.name, "email": sent.email}


@require_http_methods(FORM)
@open_to(coordinator)
def team_end(request: HttpRequest, role_id: int) -> HttpResponse:
    """A role ends on a day. The last coordinator keeps theirs."""
    held = get_object_or_404(StaffRole.objects.select_related("user"), pk=role_id)
    person = Person.objects.filter(user=held.user).first()
    form = EndRoleForm(request.POST if request.method == "POST" else None, initial={"last_day": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            end_role(held=held, on=_day_after(form), by=request.actor)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("Le rôle de %s prend fin.") % person)
            return redirect("parties:team")
    context = {"form": form, "held": held, "person": person}
    return render(request, "parties/team_end.html", context, status=422 if form.errors else 200)


def _day_after(form: EndRoleForm | EndAccessForm) -> dt.date:
    assert form.ends_on is not None  # noqa: S101 the field is required
    return form.ends_on


@require_http_methods(FORM)
@open_to(keeps_structures)
def access_end(request: HttpRequest, person_id: str) -> HttpResponse:
    """Someone leaves the hub: what ends, and from which day."""
    person = get_object_or_404(Person.objects.select_related("user"), public_id=person_id)
    today = timezone.localdate()
    form = EndAccessForm(request.POST if request.method == "POST" else None, initial={"last_day": today})
    back = _listed_at(person, request.actor)  # type: ignore[attr-defined]
    links = person.links.unended(today).select_related("organisation").order_by("pk")
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_access(
                person=person,
                on=_day_after(form),
                by=request.actor,  # type: ignore[attr-defined]
                now=timezone.now(),
            )
        except NotAllowed as refusal:
            raise PermissionDenied from refusal
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("L’accès de %s prend fin.") % person)
            return redirect(back)
    roles = StaffRole.objects.filter(user=person.user_id).unended(today) if person.user_id else StaffRole.objects.none()
    context = {
        "form": form,
        "person": person,
        "links": links,
        "roles": roles.order_by("pk"),
        "back": back,
    }
    return render(request, "parties/access_end.html", context, status=422 if form.errors else 200)


def _listed_at(person: Person, by: Actor) -> str:
    """The sheet of a structure the person has a role in, else the page of the team."""
    link = person.links.select_related("organisation").order_by("-starts_on", "-pk").first()
    if link is not None:
        return reverse("parties:structure", args=[link.organisation.public_id])
    return reverse("parties:team" if coordinator(by) else "parties:structures")
