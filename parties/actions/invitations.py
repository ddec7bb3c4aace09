"""The one way in: a link sent to an address, a page with a button, and the role that waited there."""

import datetime as dt
import hashlib
import secrets
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hubs import languages
from hubs.actions import give_role, record, send_mail
from hubs.actors import Actor, system
from hubs.enums import Role
from hubs.models import StaffRole, User
from hubs.queries import absolute
from hubs.refusals import NotAllowed, Refusal, refusing
from hubs.rules import coordinator
from hubs.scope import current_hub, current_hub_id
from parties.actions.people import (
    EndsBeforeStart,
    GuestNeedsEnd,
    MailOfAnother,
    NoMail,
    RoleHeld,
    add_person,
    change_person,
    end_link,
    link_person,
    open_account,
)
from parties.actions.structures import check_keeps
from parties.enums import InvitationState, LinkRole
from parties.merging.queries import person_at
from parties.models import Invitation, Link, Organisation, Person
from parties.queries import actor_of
from parties.rules import keeps_structures, may_invite

VALID_FOR = dt.timedelta(days=14)
# What an administrator of a structure may send in a day: enough for a team, too little for a campaign.
A_DAY = 20
# How long an invitation that nobody answered is kept, with the address it went to.
KEPT_UNANSWERED = dt.timedelta(days=90)


class InvitedAlready(Refusal):
    message = _("Cette adresse a déjà une invitation sans réponse. Renvoyez-la, ou retirez-la d’abord.")
    field = "email"


class SignsInAlready(Refusal):
    message = _("Cette personne peut déjà se connecter.")
    field = "email"


class StructureClosed(Refusal):
    message = _("Cette structure est fermée.")


class TooManyInvitations(Refusal):
    message = _("Vous avez invité vingt personnes aujourd’hui. Continuez demain, ou demandez à l’équipe du pôle.")


class NoLongerOpen(Refusal):
    message = _("Cette invitation n’est plus ouverte. Demandez-en une nouvelle à qui vous a invité·e.")


class OtherAccount(Refusal):
    message = _("Vous êtes connu·e ici sous une autre adresse. Demandez à l’équipe du pôle de vous inviter à celle-là.")


def find_invitation(token: str) -> Invitation | None:
    """The invitation whose link holds this token. By its hash: the time of the search tells nothing of it."""
    return Invitation.objects.for_display().filter(token_hash=_hash(token)).first()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def invite_to_structure(
    *,
    organisation: Organisation,
    given_name: str,
    family_name: str,
    email: str,
    role: LinkRole,
    by: Actor,
    now: dt.datetime,
    ends_on: dt.date | None = None,
) -> Invitation:
    """Invite someone to work in the structure, or to book for it until `ends_on`, left out.

    Raises NotAllowed, StructureClosed, GuestNeedsEnd, EndsBeforeStart, RoleHeld, TooManyInvitations, InvitedAlready.
    """
    if not may_invite(by, organisation.pk):
        raise NotAllowed(_("Qui administre la structure y invite."))
    today = timezone.localdate(now)
    if organisation.closed_on is not None and organisation.closed_on <= today:
        raise StructureClosed
    if role == LinkRole.GUEST and ends_on is None:
        raise GuestNeedsEnd
    if ends_on is not None and ends_on <= today:
        raise EndsBeforeStart(_("Choisissez aujourd’hui ou un jour à venir."))
    held = Link.objects.live(today).filter(organisation=organisation, role=role, person__email__iexact=email)
    if held.exists():
        raise RoleHeld
    if not keeps_structures(by):
        sent = Invitation.objects.filter(inviter=by.person_id, created_at__gt=now - dt.timedelta(days=1))
        if sent.count() >= A_DAY:
            raise TooManyInvitations
    until = timezone.make_aware(dt.datetime.combine(ends_on, dt.time())) if role == LinkRole.GUEST and ends_on else None
    return _invite(
        by=by,
        now=now,
        expires_at=until,
        email=email,
        given_name=given_name,
        family_name=family_name,
        organisation=organisation,
        role=role,
        starts_on=today,
        ends_on=ends_on,
    )


@transaction.atomic
def invite_to_team(
    *,
    given_name: str,
    family_name: str,
    email: str,
    role: Role,
    starts_on: dt.date,
    by: Actor,
    now: dt.datetime,
    ends_on: dt.date | None = None,
) -> Invitation:
    """Offer a role for the hub to someone who has no account here yet.

    Raises NotAllowed, EndsBeforeStart, InvitedAlready.
    """
    if not coordinator(by):
        raise NotAllowed(_("La coordination donne les rôles et y met fin."))
    if ends_on is not None and ends_on <= starts_on:
        raise EndsBeforeStart
    return _invite(
        by=by,
        now=now,
        email=email,
        given_name=given_name,
        family_name=family_name,
        person=person_at(email),
        staff_role=role,
        starts_on=starts_on,
        ends_on=ends_on,
    )


@transaction.atomic
def invite_to_sign_in(*, person: Person, by: Actor, now: dt.datetime, email: str = "") -> Invitation:
    """Invite someone on file to open their account; `email` is their mail when it was not known, or was another.

    Raises NotAllowed, SignsInAlready, NoMail, MailOfAnother, InvitedAlready.
    """
    check_keeps(by)
    today = timezone.localdate(now)
    if person.may_sign_in(today):
        raise SignsInAlready
    if email:
        person = change_person(person=person, email=email, by=by)
    if not person.email:
        raise NoMail
    if other := Person.objects.exclude(pk=person.pk).filter(user__email=person.email.lower()).first():
        raise MailOfAnother(_("%(person)s se connecte avec cette adresse.") % {"person": other})
    return _invite(
        by=by,
        now=now,
        email=person.email,
        given_name=person.given_name,
        family_name=person.family_name,
        person=person,
        starts_on=today,
    )


def _invite(
    *, by: Actor, now: dt.datetime, email: str, expires_at: dt.datetime | None = None, **what: Any
) -> Invitation:
    token = secrets.token_urlsafe(32)
    with refusing({"parties_invitation_once": InvitedAlready}):
        invitation = Invitation.objects.create(
            token_hash=_hash(token),
            email=email.lower(),
            inviter_id=by.person_id,
            created_at=now,
            sent_at=now,
            expires_at=expires_at or now + VALID_FOR,
            **what,
        )
    _send(invitation, token)
    record(
        by=by,
        verb="parties.invited",
        thing=invitation.organisation or invitation,
        after={"person": invitation.name, "email": invitation.email, "role": invitation.role or invitation.staff_role},
    )
    return invitation


def _send(invitation: Invitation, token: str) -> None:
    context = {
        "hub": current_hub(),
        "invitation": invitation,
        "url": absolute(reverse("parties:invitation", args=[token])),
        "last_day": timezone.localdate(invitation.expires_at - dt.timedelta(seconds=1)),
    }
    reader = User.objects.filter(email=invitation.email.lower()).first()
    with languages.of_recipient(reader.language if reader else ""):
        subject, text = _words(invitation, context)
    send_mail(to=[invitation.email], subject=subject, text=text, about=invitation, is_secret=True)


def _words(invitation: Invitation, context: dict[str, Any]) -> tuple[str, str]:
    subject = (
        _("%(who)s vous invite au portail de %(hub)s") if invitation.inviter else _("Invitation au portail de %(hub)s")
    )
    told = {"who": invitation.inviter, "hub": context["hub"].name}
    return str(subject) % told, render_to_string("parties/mail/invitation.txt", context)


def may_handle(by: Actor, invitation: Invitation) -> bool:
    """Who sends it again or withdraws it: whoever might have sent it."""
    if invitation.staff_role:
        return coordinator(by)
    if invitation.organisation_id is not None:
        return may_invite(by, invitation.organisation_id)
    return keeps_structures(by)


def _locked(invitation: Invitation) -> Invitation:
    rows = Invitation.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("person__user", "organisation", "inviter__user", "link").get(pk=invitation.pk)


@transaction.atomic
def send_invitation_again(*, invitation: Invitation, by: Actor, now: dt.datetime) -> Invitation:
    """Send another link and its mail; the one before opens nothing any more, and the days count anew.

    Raises NotAllowed, NoLongerOpen.
    """
    kept = _locked(invitation)
    if not may_handle(by, kept):
        raise NotAllowed
    over = kept.is_for_guest and kept.expires_at <= now
    if kept.withdrawn_at is not None or over or (kept.accepted_at is not None and not kept.is_for_guest):
        raise NoLongerOpen(_("Cette invitation n’est plus ouverte\u00a0: invitez de nouveau."))
    token = secrets.token_urlsafe(32)
    kept.token_hash, kept.sent_at = _hash(token), now
    if not kept.is_for_guest:
        kept.expires_at = now + VALID_FOR
    kept.save(update_fields=["token_hash", "sent_at", "expires_at"])
    _send(kept, token)
    record(by=by, verb="parties.invited_again", thing=kept.organisation or kept, after={"person": kept.name})
    return kept


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, by: Actor, now: dt.datetime) -> Invitation:
    """The link opens nothing any more. A guest's role ends with it, at once; twice changes nothing.

    Raises NotAllowed, NoLongerOpen.
    """
    kept = _locked(invitation)
    if not may_handle(by, kept):
        raise NotAllowed
    if kept.withdrawn_at is not None:
        return kept
    if kept.accepted_at is not None and not kept.is_for_guest:
        raise NoLongerOpen(_("%(person)s a déjà accepté\u00a0: mettez fin à son rôle.") % {"person": kept.name})
    kept.withdrawn_at, kept.withdrawn_by = now, by.name
    kept.save(update_fields=["withdrawn_at", "withdrawn_by"])
    today = timezone.localdate(now)
    if kept.link is not None and kept.link.ends_on is not None and kept.link.ends_on > today:
        end_link(link=kept.link, on=max(today, kept.link.starts_on), by=system(current_hub_id()))
    record(by=by, verb="parties.invitation_withdrawn", thing=kept.organisation or kept, after={"person": kept.name})
    return kept


@transaction.atomic
def accept_invitation(*, invitation: Invitation, now: dt.datetime) -> Invitation:
    """Give whoever holds the link what it offers, and an account unless they come as a guest.

    A guest's link serves again and again until its last day. Raises NoLongerOpen, OtherAccount, MailOfAnother.
    """
    kept = _locked(invitation)
    state = kept.state(now)
    if state == InvitationState.ACCEPTED and kept.is_for_guest:
        return kept
    today = timezone.localdate(now)
    if state != InvitationState.PENDING or not _stands(kept, today):
        raise NoLongerOpen
    portal = system(current_hub_id())
    person = _who(kept, portal)
    if not kept.is_for_guest:
        open_account(person=person, email=kept.email, by=portal)
    kept.person, kept.accepted_at = person, now
    if kept.organisation is not None:
        kept.link = _link(kept, person, today, portal)
    elif kept.staff_role and person.user is not None:
        starts_on = max(kept.starts_on, today)
        if kept.ends_on is not None and kept.ends_on <= starts_on:
            raise NoLongerOpen
        if not StaffRole.objects.live(starts_on).filter(user=person.user, role=kept.staff_role).exists():
            give_role(user=person.user, role=Role(kept.staff_role), by=portal, on=starts_on, until=kept.ends_on)
    kept.save(update_fields=["person", "accepted_at", "link"])
    by = Actor(hub_id=current_hub_id(), name=str(person), person_id=person.pk, user_id=person.user_id)
    record(by=by, verb="parties.invitation_accepted", thing=kept.organisation or kept, after={"person": str(person)})
    return kept


def _stands(invitation: Invitation, today: dt.date) -> bool:
    """Whether who invited could still do so today, and what was offered is still there: a leaver invites nobody."""
    organisation, inviter = invitation.organisation, invitation.inviter
    if organisation is not None and organisation.closed_on is not None and organisation.closed_on <= today:
        return False
    return inviter is None or may_handle(actor_of(inviter.user, today), invitation)


def _who(invitation: Invitation, portal: Actor) -> Person:
    """The person of this hub that the address is of: who signs in with it, else who has it on file, else someone new.

    The mail proves the address and nothing more: a person who signs in with another account is not theirs to take.
    """
    known = Person.objects.filter(user__email=invitation.email).first()
    named = invitation.person.stands_as if invitation.person else person_at(invitation.email)
    if invitation.person is not None and known is not None and known != named:
        raise OtherAccount
    person = known or named
    if person is None:
        return add_person(
            given_name=invitation.given_name, family_name=invitation.family_name, email=invitation.email, by=portal
        )
    if person.user is not None and person.user.email != invitation.email and not invitation.is_for_guest:
        raise OtherAccount
    return person


def _link(invitation: Invitation, person: Person, today: dt.date, portal: Actor) -> Link:
    """The role offered, from today; the one the person has been given meanwhile, if so."""
    assert invitation.organisation is not None  # noqa: S101 asked by the caller
    organisation = invitation.organisation.stands_as
    held = Link.objects.live(today).filter(person=person, organisation=organisation, role=invitation.role).first()
    return held or link_person(
        person=person,
        organisation=organisation,
        role=LinkRole(invitation.role),
        starts_on=today,
        ends_on=invitation.ends_on,
        by=portal,
    )


@transaction.atomic
def introduce(
    *,
    organisation: Organisation,
    given_name: str,
    family_name: str,
    role: LinkRole,
    starts_on: dt.date,
    by: Actor,
    now: dt.datetime,
    ends_on: dt.date | None = None,
    email: str = "",
    phone: str = "",
    title: str = "",
    with_account: bool = False,
) -> Link:
    """Give a role in the structure to someone, known already by this mail and name or new to the hub.

    `with_account` invites them to sign in, unless they can. Raises MailOfAnother, NoMail, RoleHeld, EndsBeforeStart,
    InvitedAlready.
    """
    known = person_at(email)
    if known is not None and _plain_name(known.given_name, known.family_name) != _plain_name(given_name, family_name):
        raise MailOfAnother(_("Cette adresse est celle de %(person)s.") % {"person": known})
    person = known or add_person(given_name=given_name, family_name=family_name, email=email, phone=phone, by=by)
    link = link_person(
        person=person, organisation=organisation, role=role, title=title, starts_on=starts_on, ends_on=ends_on, by=by
    )
    if with_account and not person.may_sign_in(timezone.localdate(now)):
        invite_to_sign_in(person=person, by=by, now=now)
    return link


def _plain_name(given_name: str, family_name: str) -> str:
    from parties.imports.values import plain

    return plain(f"{given_name} {family_name}")


@transaction.atomic
def withdraw_of_leavers(*, now: dt.datetime) -> None:
    """Withdraw what waits in the name of someone who could no longer invite; the links open nothing already."""
    today = timezone.localdate(now)
    waiting = Invitation.objects.pending(now).select_related("organisation", "inviter__user").order_by("pk")
    for invitation in waiting:
        if not _stands(invitation, today):
            withdraw_invitation(invitation=invitation, by=system(current_hub_id()), now=now)


def forget_unanswered(*, now: dt.datetime) -> None:
    """Let go of the addresses of people who never came."""
    long_ago = now - KEPT_UNANSWERED
    Invitation.objects.filter(accepted_at=None, expires_at__lt=long_ago).delete()
