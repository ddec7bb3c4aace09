"""Invitations: sent by those who may, answered by whoever reads the mail."""

from typing import Any

from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from hubs.actors import Actor
from hubs.limits import SECRET_LINK, check, client_address
from hubs.refusals import Refusal
from hubs.rules import anyone, known, open_to, person_of_hub
from parties import actions, guests
from parties.enums import InvitationState
from parties.forms import WHAT_ROLES_GIVE, InviteForm
from parties.models import Invitation, Organisation
from parties.rules import keeps_structures, may_invite, workplaces, works_somewhere

FORM = ["GET", "HEAD", "POST"]


@never_cache
@require_http_methods(FORM)
@open_to(anyone)
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What is offered, by whom, and the button that takes it. Looking at it changes nothing."""
    now = timezone.now()
    tries = check(SECRET_LINK, address=client_address(request), now=now)
    found = actions.find_invitation(token)
    if found is None:
        raise Http404
    tries.give_back()
    refused = ""
    if request.method == "POST":
        try:
            accepted = actions.accept_invitation(invitation=found, now=now)
        except Refusal as refusal:
            refused = str(refusal.message)
        else:
            return _let_in(request, accepted)
    context = {
        "invitation": found,
        "state": found.state(now),
        "states": InvitationState,
        "refused": refused,
        "gives": WHAT_ROLES_GIVE.get(found.role, ""),  # type: ignore[call-overload]
        "signed_in": request.user.email if request.user.is_authenticated else "",  # type: ignore[union-attr]
    }
    return render(request, "parties/invitation.html", context, status=422 if refused else 200)


def _let_in(request: HttpRequest, accepted: Invitation) -> HttpResponse:
    """A guest by the link alone. Anyone else by the account of the address, whose second factor is asked for."""
    assert accepted.person is not None  # noqa: S101 the database holds it
    if accepted.is_for_guest:
        guests.let_in(request, accepted, timezone.now())
        messages.success(request, _("Bienvenue. Vous réservez ici pour %s.") % accepted.organisation)
        return redirect("hubs:member_home")
    if request.user.is_authenticated:
        if request.user == accepted.person.user:
            return redirect("parties:welcome")
        logout(request)
    return perform_login(request, accepted.person.user, redirect_url=reverse("parties:welcome"))


@require_http_methods(["GET", "HEAD"])
@open_to(person_of_hub)
def welcome(request: HttpRequest) -> HttpResponse:
    """Once in: how to come back. A code by mail does for ever, a password is offered."""
    return render(request, "parties/welcome.html", {"has_password": request.user.has_usable_password()})  # type: ignore[union-attr]


@require_POST
@open_to(known)
def leave_as_guest(request: HttpRequest) -> HttpResponse:
    """Close a guest's browser: the link opens it again until its last day."""
    guests.let_out(request)
    return redirect("hubs:home")


@require_http_methods(FORM)
@open_to(keeps_structures)
def invite(request: HttpRequest, public_id: str) -> HttpResponse:
    """Staff invite someone to a structure."""
    organisation = get_object_or_404(Organisation, public_id=public_id)
    return _invite(request, organisation, "parties/invite.html", reverse("parties:structure", args=[public_id]))


@require_http_methods(FORM)
@open_to(works_somewhere)
def invite_colleague(request: HttpRequest, public_id: str) -> HttpResponse:
    """Who administers a structure invites colleagues and guests. To others of the hub it is not theirs: 404."""
    actor = request.actor  # type: ignore[attr-defined]
    organisation = get_object_or_404(
        Organisation.objects.standing().filter(pk__in=workplaces(actor)), public_id=public_id
    )
    if not may_invite(actor, organisation.pk):
        raise PermissionDenied
    back = f"{reverse('parties:my_structure')}?structure={public_id}"
    return _invite(request, organisation, "parties/invite_colleague.html", back)


def _invite(request: HttpRequest, organisation: Organisation, template: str, back: str) -> HttpResponse:
    form = InviteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            sent = actions.invite_to_structure(
                organisation=organisation,
                by=request.actor,  # type: ignore[attr-defined]
                now=timezone.now(),
                **form.given,
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(
                request,
                _("Une invitation part pour %(person)s, à %(email)s.") % {"person": sent.name, "email": sent.email},
            )
            return redirect(back)
    context = {"form": form, "organisation": organisation, "back": back, "gives": WHAT_ROLES_GIVE}
    return render(request, template, context, status=422 if form.errors else 200)


def _handled(request: HttpRequest, public_id: str) -> Invitation:
    """An invitation that the actor may send again or withdraw; to the others it does not exist."""
    found = get_object_or_404(Invitation.objects.for_display(), public_id=public_id)
    if not actions.may_handle(request.actor, found):  # type: ignore[attr-defined]
        raise Http404
    return found


@require_POST
@open_to(person_of_hub)
def send_again(request: HttpRequest, public_id: str) -> HttpResponse:
    return _handle(
        request, public_id, actions.send_invitation_again, _("L’invitation de %s repart, avec un autre lien.")
    )


@require_POST
@open_to(person_of_hub)
def withdraw(request: HttpRequest, public_id: str) -> HttpResponse:
    return _handle(
        request,
        public_id,
        actions.withdraw_invitation,
        _("L’invitation de %s est retirée\u00a0: son lien n’ouvre plus rien."),
    )


def _handle(request: HttpRequest, public_id: str, action: Any, words: str) -> HttpResponse:
    found = _handled(request, public_id)
    try:
        handled = action(invitation=found, by=request.actor, now=timezone.now())  # type: ignore[attr-defined]
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, words % handled.name)
    return redirect(listed_at(found, request.actor))  # type: ignore[attr-defined]


def listed_at(invitation: Invitation, actor: Actor) -> str:
    """The page that lists the invitation, for this actor."""
    if invitation.staff_role:
        return reverse("parties:team")
    organisation = invitation.organisation
    if organisation is None:
        # Someone on file, as the constraint holds it.
        return reverse("parties:person", args=[invitation.person.public_id])  # type: ignore[union-attr]
    if keeps_structures(actor):
        return reverse("parties:structure", args=[organisation.public_id])
    return f"{reverse('parties:my_structure')}?structure={organisation.public_id}"
