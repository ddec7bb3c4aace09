"""People, their roles in structures, and their way in and out."""

import datetime as dt
from collections.abc import Mapping
from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hubs import languages
from hubs.actions import end_role, end_sessions, give_role, record, send_mail
from hubs.actors import Actor
from hubs.enums import Role
from hubs.models import StaffRole, User
from hubs.queries import absolute
from hubs.refusals import NotAllowed, Refusal, refusing
from hubs.rules import coordinator
from hubs.scope import current_hub
from parties.actions.structures import check_keeps, check_stands
from parties.enums import LinkRole
from parties.merging.queries import on_sheet, person_at
from parties.models import Invitation, Link, Organisation, OwnField, Person, PersonQuerySet
from parties.own_fields.actions import answer_fields
from parties.own_fields.queries import Value as OwnAnswer


class MailOfAnother(Refusal):
    message = _("Cette adresse est celle d’une autre personne du pôle.")
    field = "email"


class NoMail(Refusal):
    message = _("Il faut une adresse électronique pour se connecter.")
    field = "email"


class PersonErased(Refusal):
    message = _("Cette personne a été effacée\u00a0: sa fiche ne change plus.")


class NotAnAddress(Refusal):
    message = _("Ce n’est pas une adresse électronique.")
    field = "email"


class RoleHeld(Refusal):
    message = _("Cette personne a déjà ce rôle dans la structure à ces dates.")
    field = "role"


class GuestNeedsEnd(Refusal):
    message = _("Une personne invitée l’est pour un temps\u00a0: dites jusqu’à quel jour.")
    field = "last_day"


class EndsBeforeStart(Refusal):
    message = _("Le rôle finit après avoir commencé.")
    field = "last_day"


class PersonFields(TypedDict, total=False):
    given_name: str
    family_name: str
    email: str
    phone: str


@transaction.atomic
def add_person(*, given_name: str, family_name: str, by: Actor, email: str = "", phone: str = "") -> Person:
    """Someone the hub knows, with no account yet. Raises MailOfAnother."""
    check_keeps(by)
    email = email.lower()
    check_free(email, Person.objects.standing())
    person = Person.objects.create(given_name=given_name, family_name=family_name, email=email, phone=phone)
    record(by=by, verb="parties.person_added", thing=person, after={"name": str(person), "email": email})
    return person


def check_free(email: str, others: PersonQuerySet) -> None:
    """Raises MailOfAnother when one of the others has this mail."""
    known = others.filter(email__iexact=email).by_name().first() if email else None
    if known is not None:
        raise MailOfAnother(_("Cette adresse est celle de %(person)s.") % {"person": known})


@transaction.atomic
def change_person(
    *, person: Person, by: Actor, own: Mapping[OwnField, OwnAnswer] | None = None, **fields: Unpack[PersonFields]
) -> Person:
    """Change what is given, and log what did change.

    The account stays that of the address it was opened with: whoever corrects a mail does not take over what
    its owner signs in to, here and in other hubs. Raises MailOfAnother, PersonErased, and those of `answer_fields`.
    """
    check_keeps(by)
    kept = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    check_stands(kept)
    if kept.erased_at is not None:
        raise PersonErased
    answer_fields(thing=kept, answers=own or {}, by=by)
    if "email" in fields:
        fields["email"] = fields["email"].lower()
        check_free(fields["email"], Person.objects.standing().exclude(pk=kept.pk))
    changes = {name: value for name, value in fields.items() if getattr(kept, name) != value}
    if not changes:
        return kept
    before = {name: getattr(kept, name) for name in changes}
    for name, value in changes.items():
        setattr(kept, name, value)
    kept.save(update_fields=list(changes))
    record(by=by, verb="parties.person_changed", thing=kept, before=before, after=changes)
    return kept


@transaction.atomic
def link_person(
    *,
    person: Person,
    organisation: Organisation,
    role: LinkRole,
    starts_on: dt.date,
    by: Actor,
    ends_on: dt.date | None = None,
    title: str = "",
) -> Link:
    """Give the person a role in the structure for a time, `ends_on` left out.

    Raises EndsBeforeStart, GuestNeedsEnd, RoleHeld, PersonErased, MergedAway.
    """
    check_keeps(by)
    check_stands(person, organisation)
    if ends_on is not None and ends_on <= starts_on:
        raise EndsBeforeStart
    if role == LinkRole.GUEST and ends_on is None:
        raise GuestNeedsEnd
    if person.erased_at is not None:
        raise PersonErased
    with refusing({"parties_link_no_overlap": RoleHeld}):
        link = Link.objects.create(
            person=person, organisation=organisation, role=role, title=title, starts_on=starts_on, ends_on=ends_on
        )
    after = {"person": str(person), "role": role, "starts_on": starts_on, "ends_on": ends_on}
    record(by=by, verb="parties.role_given", thing=organisation, after=after, concerns=person)
    return link


@transaction.atomic
def end_link(*, link: Link, on: dt.date, by: Actor) -> Link:
    """The role ends: from `on` the person no longer holds it, nor the rights that came with it.

    On its first day, it was never held. Raises EndsBeforeStart.
    """
    check_keeps(by)
    if on < link.starts_on:
        raise EndsBeforeStart
    before, link.ends_on = link.ends_on, on
    link.save(update_fields=["ends_on"])
    record(
        by=by,
        verb="parties.role_ended",
        thing=link.organisation,
        before={"person": str(link.person), "role": link.role, "ends_on": before},
        after={"person": str(link.person), "role": link.role, "ends_on": on},
        concerns=link.person,
    )
    return link


@transaction.atomic
def open_account(*, person: Person, by: Actor, email: str = "") -> User:
    """The account that the person signs in with, found or made by `email`, theirs unless given; it has no password.

    An account of the same mail in another hub is theirs here too. A way in that was closed opens again.
    Raises NoMail, MailOfAnother, PersonErased, MergedAway.
    """
    check_keeps(by)
    check_stands(person)
    if person.erased_at is not None:
        raise PersonErased
    email = (email or person.email).lower()
    if not email:
        raise NoMail
    user = person.user or User.objects.filter(email=email).first() or User.objects.create_user(email)
    if person.user_id == user.pk and person.access_ends_on is None:
        return user
    with refusing({"parties_person_user_once": MailOfAnother}):
        person.user, person.access_ends_on = user, None
        person.save(update_fields=["user", "access_ends_on"])
    record(by=by, verb="parties.account_given", thing=person, after={"email": user.email})
    return user


@transaction.atomic
def end_access(*, person: Person, on: dt.date, by: Actor, now: dt.datetime) -> Person:
    """The person leaves the hub: from `on` no role in any structure nor for the hub, and no way in.

    Raises NotAllowed, LastCoordinator.
    """
    check_keeps(by)
    roles = StaffRole.objects.filter(user=person.user_id).unended(on) if person.user_id else StaffRole.objects.none()
    if roles.exists() and not coordinator(by):
        raise NotAllowed(_("La coordination seule met fin aux rôles de l’équipe."))
    for held in roles.order_by("pk"):
        end_role(held=held, on=max(on, held.starts_on), by=by)
    links = Link.objects.filter(on_sheet("person", person)).unended(on).select_related("person", "organisation")
    for link in links.order_by("pk"):
        end_link(link=link, on=max(on, link.starts_on), by=by)
    return close_access(person=person, on=on, by=by, now=now)


@transaction.atomic
def close_access(*, person: Person, on: dt.date, by: Actor, now: dt.datetime) -> Person:
    """No way in from `on`, whatever roles the person holds: for who leaves, and for who no longer comes.

    Their browsers are signed out that day; an invitation that waits for them is withdrawn at once.
    """
    check_keeps(by)
    Invitation.objects.to_person(person).unanswered().update(withdrawn_at=now, withdrawn_by=by.name)
    kept = Person.objects.select_for_update(of=("self",), no_key=True).get(pk=person.pk)
    before, kept.access_ends_on = kept.access_ends_on, on
    kept.save(update_fields=["access_ends_on"])
    record(
        by=by,
        verb="parties.access_ended",
        thing=kept,
        before={"access_ends_on": before},
        after={"person": str(kept), "access_ends_on": on},
    )
    if kept.user is not None and on <= timezone.localdate(now):
        end_sessions(user=kept.user)
    return kept


def sign_out_leavers(*, today: dt.date) -> None:
    """The browsers of those whose access has just ended, for those who left on a day chosen beforehand."""
    lately = today - dt.timedelta(days=7)
    for person in Person.objects.filter(access_ends_on__range=(lately, today), user__isnull=False).order_by("pk"):
        end_sessions(user=person.user)  # type: ignore[arg-type]


@transaction.atomic
def welcome_coordinator(*, email: str, by: Actor, on: dt.date) -> Person:
    """Someone who runs the hub, its first person as a rule, and signs in by a code sent to this mail.

    Nobody is there to invite them, and whoever runs the command vouches for the address: no link that expires.

    Raises NotAnAddress.
    """
    check_keeps(by)
    try:
        validate_email(email)
    except ValidationError as error:
        raise NotAnAddress from error
    email = email.lower()
    known = Person.objects.filter(user__email=email).first()
    person = known or person_at(email)
    if person is None:
        given_name, family_name = _guessed_name(email)
        person = add_person(given_name=given_name, family_name=family_name, email=email, by=by)
    user = open_account(person=person, by=by)
    give_role(user=user, role=Role.COORDINATOR, by=by, on=on)
    with languages.of_recipient(user.language):
        subject, text = _welcome(person, user)
    send_mail(to=[user.email], subject=subject, text=text, about=person)
    return person


def _welcome(person: Person, user: User) -> tuple[str, str]:
    hub = current_hub()
    text = _(
        "Bonjour %(person)s,\n\n"
        "Vous pouvez maintenant vous connecter au portail de %(hub)s avec cette adresse, %(email)s.\n"
        "Demandez un code de connexion, il arrive par courriel\u00a0: vous n’avez pas de mot de passe à retenir.\n\n"
        "%(url)s\n"
    ) % {"person": person.given_name, "hub": hub.name, "email": user.email, "url": absolute("/compte/code/")}
    subject = _("Votre accès au portail de %(hub)s") % {"hub": hub.name}
    return str(subject), str(text)


def _guessed_name(email: str) -> tuple[str, str]:
    """« aurelie.martin@… » is Aurelie Martin; a mailbox of several people is « Coordination » of the hub."""
    mailbox = email.partition("@")[0]
    given_name, _dot, family_name = mailbox.partition(".")
    if all(len(word) > 1 and word.replace("-", "").isalpha() for word in (given_name, family_name)):
        return given_name.title(), family_name.title()
    return str(_("Coordination")), current_hub().name[:80]


def remember_acting_for(*, person_id: int, organisation: Organisation) -> None:
    """Keep whom a person acted for last: the next form proposes it."""
    Person.objects.filter(pk=person_id).update(last_acted_for=organisation)
