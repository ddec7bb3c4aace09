"""Every write on structures, people, the roles between them and yearly figures."""

import datetime as dt
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models, transaction
from django.db.models import Value
from django.utils.translation import gettext_lazy as _

from hubs import languages
from hubs.actions import give_role, record, send_mail
from hubs.actors import Actor
from hubs.enums import Role
from hubs.models import Hub, User
from hubs.queries import absolute
from hubs.refusals import NotAllowed, Refusal, refusing
from hubs.scope import current_hub
from parties.enums import FiguresSource, LinkRole
from parties.identifiers import clean_identifiers
from parties.models import Link, Organisation, Person, PersonQuerySet, PlainText, Trade, YearFigures
from parties.rules import keeps_contact, keeps_structures


class SiretTaken(Refusal):
    message = _("Une structure du pôle porte déjà ce SIRET.")
    field = "siret"


class OwnHost(Refusal):
    message = _("Une structure ne se porte pas elle-même.")
    field = "hosted_by"


class MailOfAnother(Refusal):
    message = _("Cette adresse est celle d’une autre personne du pôle.")
    field = "email"


class NoMail(Refusal):
    message = _("Il faut une adresse électronique pour se connecter.")
    field = "email"


class NotAnAddress(Refusal):
    message = _("Ce n’est pas une adresse électronique.")
    field = "email"


class RoleHeld(Refusal):
    message = _("Cette personne a déjà ce rôle dans la structure à ces dates.")
    field = "role"


class EndsBeforeStart(Refusal):
    message = _("Le rôle finit après avoir commencé.")
    field = "last_day"


class NegativeFigures(Refusal):
    message = _("Les ETP, le budget et les surfaces ne sont pas négatifs.")


class NoSuchYear(Refusal):
    message = _("Les chiffres sont ceux d’une année entre 1950 et 2100.")
    field = "year"


class OrganisationFields(TypedDict, total=False):
    name: str
    legal_form: str
    siren: str
    siret: str
    vat_number: str
    hosted_by: Organisation | None
    # A name finds its trade, or makes it.
    trade: Trade | str | None
    email: str
    invoice_email: str
    phone: str
    address: str
    postcode: str
    town: str
    website: str
    founded_on: dt.date | None
    closed_on: dt.date | None


class PersonFields(TypedDict, total=False):
    given_name: str
    family_name: str
    email: str
    phone: str


class Figures(TypedDict, total=False):
    fte: Decimal | None
    permanent: int | None
    budget: Decimal | None
    turnover: Decimal | None
    equity: Decimal | None
    area: Decimal | None


CONTACT_FIELDS = ("email", "invoice_email", "phone", "address", "postcode", "town", "website")
_IDENTIFIERS = ("siret", "siren", "vat_number")
_REFUSALS = {
    "parties_organisation_siret_once": SiretTaken,
    "parties_organisation_not_own_host": OwnHost,
}


def _told(value: Any) -> Any:
    """How the log keeps a value: what is read, not a key."""
    return str(value) if isinstance(value, models.Model) else value


def _check(by: Actor) -> None:
    if not keeps_structures(by):
        raise NotAllowed(_("La coordination tient le fichier des structures."))


def trade_named(name: str) -> Trade:
    """The trade of that name, accents and capitals forgiven; made if there is none."""
    found = Trade.objects.annotate(plain=PlainText("name")).filter(plain=PlainText(Value(name))).first()
    return found or Trade.objects.create(name=name)


def _find_trade(fields: OrganisationFields) -> None:
    if isinstance(name := fields.get("trade"), str):
        fields["trade"] = trade_named(name) if name else None


def _clean_identifiers(fields: OrganisationFields, kept: Organisation) -> None:
    """Check the three together, those not given being the ones kept; a new SIRET brings its own SIREN."""
    siren = "" if "siret" in fields else kept.siren
    fields["siret"], fields["siren"], fields["vat_number"] = clean_identifiers(
        siret=fields.get("siret", kept.siret),
        siren=fields.get("siren", siren),
        vat_number=fields.get("vat_number", kept.vat_number),
    )


@transaction.atomic
def create_organisation(*, by: Actor, **fields: Unpack[OrganisationFields]) -> Organisation:
    """A structure that the hub deals with.

    Raises SiretTaken, and those of `clean_identifiers`.
    """
    _check(by)
    _find_trade(fields)
    _clean_identifiers(fields, Organisation())
    with refusing(_REFUSALS):
        organisation = Organisation.objects.create(**fields)
    after = {name: _told(value) for name, value in fields.items() if value not in ("", None)}
    record(by=by, verb="parties.structure_added", thing=organisation, after=after)
    return organisation


@transaction.atomic
def change_organisation(*, organisation: Organisation, by: Actor, **fields: Unpack[OrganisationFields]) -> Organisation:
    """Change what is given, and log what did change; those who administer it change its addresses only.

    Raises SiretTaken, OwnHost, and those of `clean_identifiers`.
    """
    if not keeps_structures(by) and not (keeps_contact(by, organisation) and set(fields) <= set(CONTACT_FIELDS)):
        raise NotAllowed(_("Vous ne pouvez pas modifier cette structure."))
    _find_trade(fields)
    kept = Organisation.objects.select_for_update(of=("self",)).get(pk=organisation.pk)
    if set(fields) & set(_IDENTIFIERS):
        _clean_identifiers(fields, kept)
    changes = {name: value for name, value in fields.items() if getattr(kept, name) != value}
    if not changes:
        return kept
    before = {name: _told(getattr(kept, name)) for name in changes}
    for name, value in changes.items():
        setattr(kept, name, value)
    with refusing(_REFUSALS):
        kept.save(update_fields=list(changes))
    after = {name: _told(value) for name, value in changes.items()}
    record(by=by, verb="parties.structure_changed", thing=kept, before=before, after=after)
    return kept


@transaction.atomic
def add_person(*, given_name: str, family_name: str, by: Actor, email: str = "", phone: str = "") -> Person:
    """Someone the hub knows, with no account yet. Raises MailOfAnother."""
    _check(by)
    email = email.lower()
    _check_free(email, Person.objects.all())
    person = Person.objects.create(given_name=given_name, family_name=family_name, email=email, phone=phone)
    record(by=by, verb="parties.person_added", thing=person, after={"name": str(person), "email": email})
    return person


def _check_free(email: str, others: PersonQuerySet) -> None:
    """Raises MailOfAnother when one of the others has this mail."""
    known = others.filter(email__iexact=email).by_name().first() if email else None
    if known is not None:
        raise MailOfAnother(_("Cette adresse est celle de %(person)s.") % {"person": known})


@transaction.atomic
def change_person(*, person: Person, by: Actor, **fields: Unpack[PersonFields]) -> Person:
    """Change what is given, and log what did change.

    The account stays that of the address it was opened with: whoever corrects a mail does not take over what
    its owner signs in to, here and in other hubs. Raises MailOfAnother.
    """
    _check(by)
    kept = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if "email" in fields:
        fields["email"] = fields["email"].lower()
        _check_free(fields["email"], Person.objects.exclude(pk=kept.pk))
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
    """Give the person a role in the structure for a time, `ends_on` left out. Raises RoleHeld, EndsBeforeStart."""
    _check(by)
    if ends_on is not None and ends_on <= starts_on:
        raise EndsBeforeStart
    with refusing({"parties_link_no_overlap": RoleHeld}):
        link = Link.objects.create(
            person=person, organisation=organisation, role=role, title=title, starts_on=starts_on, ends_on=ends_on
        )
    after = {"person": str(person), "role": role, "starts_on": starts_on, "ends_on": ends_on}
    record(by=by, verb="parties.role_given", thing=organisation, after=after)
    return link


@transaction.atomic
def end_link(*, link: Link, on: dt.date, by: Actor) -> Link:
    """The role ends: from `on` the person no longer holds it, nor the rights that came with it.

    Raises EndsBeforeStart.
    """
    _check(by)
    if on <= link.starts_on:
        raise EndsBeforeStart
    before, link.ends_on = link.ends_on, on
    link.save(update_fields=["ends_on"])
    record(
        by=by,
        verb="parties.role_ended",
        thing=link.organisation,
        before={"person": str(link.person), "role": link.role, "ends_on": before},
        after={"person": str(link.person), "role": link.role, "ends_on": on},
    )
    return link


@transaction.atomic
def give_account(*, person: Person, by: Actor, email: str = "", tell: bool = True) -> User:
    """Let the person sign in, by a code sent to their mail: the account has no password until they choose one.

    `email` is their mail when it was not known, or was another. An account of the same mail in another hub is
    theirs here too. Raises NoMail, MailOfAnother.
    """
    _check(by)
    if person.user is not None:
        return person.user
    if email:
        person = change_person(person=person, email=email, by=by)
    if not person.email:
        raise NoMail
    user = User.objects.filter(email=person.email.lower()).first() or User.objects.create_user(person.email)
    with refusing({"parties_person_user_once": MailOfAnother}):
        person.user = user
        person.save(update_fields=["user"])
    record(by=by, verb="parties.account_given", thing=person, after={"email": user.email})
    if tell:
        _tell_of_account(person, user)
    return user


def _tell_of_account(person: Person, user: User) -> None:
    hub = current_hub()
    with languages.of_recipient(user.language):
        subject, text = _words_of_welcome(hub, person, user)
    send_mail(to=[user.email], subject=subject, text=text, about=person)


def _words_of_welcome(hub: Hub, person: Person, user: User) -> tuple[str, str]:
    text = _(
        "Bonjour %(person)s,\n\n"
        "Vous pouvez maintenant vous connecter au portail de %(hub)s avec cette adresse, %(email)s.\n"
        "Demandez un code de connexion, il arrive par courriel : vous n’avez pas de mot de passe à retenir.\n\n"
        "%(url)s\n"
    ) % {"person": person.given_name, "hub": hub.name, "email": user.email, "url": absolute("/compte/code/")}
    subject = _("Votre accès au portail de %(hub)s") % {"hub": hub.name}
    return str(subject), str(text)


@transaction.atomic
def introduce(
    *,
    organisation: Organisation,
    given_name: str,
    family_name: str,
    role: LinkRole,
    starts_on: dt.date,
    by: Actor,
    ends_on: dt.date | None = None,
    email: str = "",
    phone: str = "",
    title: str = "",
    with_account: bool = False,
) -> Link:
    """Give a role in the structure to someone, known already by this mail and name or new to the hub.

    Raises MailOfAnother, NoMail, RoleHeld, EndsBeforeStart.
    """
    known = Person.objects.filter(email__iexact=email).by_name().first() if email else None
    if known is not None and _plain_name(known.given_name, known.family_name) != _plain_name(given_name, family_name):
        raise MailOfAnother(_("Cette adresse est celle de %(person)s.") % {"person": known})
    person = known or add_person(given_name=given_name, family_name=family_name, email=email, phone=phone, by=by)
    link = link_person(
        person=person, organisation=organisation, role=role, title=title, starts_on=starts_on, ends_on=ends_on, by=by
    )
    if with_account:
        give_account(person=person, by=by)
    return link


@transaction.atomic
def welcome_coordinator(*, email: str, by: Actor, on: dt.date) -> Person:
    """The first person of a hub, who runs it and signs in by a code sent to this mail.

    Raises NotAnAddress.
    """
    _check(by)
    try:
        validate_email(email)
    except ValidationError as error:
        raise NotAnAddress from error
    given_name, family_name = _guessed_name(email)
    person = add_person(given_name=given_name, family_name=family_name, email=email, by=by)
    give_role(user=give_account(person=person, by=by), role=Role.COORDINATOR, by=by, on=on)
    return person


def _guessed_name(email: str) -> tuple[str, str]:
    """« aurelie.martin@… » is Aurelie Martin; a mailbox of several people is « Coordination » of the hub."""
    mailbox = email.partition("@")[0]
    given_name, _dot, family_name = mailbox.partition(".")
    if all(len(word) > 1 and word.replace("-", "").isalpha() for word in (given_name, family_name)):
        return given_name.title(), family_name.title()
    return str(_("Coordination")), current_hub().name[:80]


def _plain_name(given_name: str, family_name: str) -> str:
    from parties.imports.values import plain

    return plain(f"{given_name} {family_name}")


@transaction.atomic
def record_figures(
    *,
    organisation: Organisation,
    year: int,
    by: Actor,
    source: FiguresSource = FiguresSource.TYPED,
    **figures: Unpack[Figures],
) -> YearFigures:
    """Write what the structure weighed that year; figures not given stay. Raises NegativeFigures, NoSuchYear."""
    _check(by)
    with refusing({"parties_yearfigures_not_negative": NegativeFigures, "parties_yearfigures_year": NoSuchYear}):
        kept, is_new = YearFigures.objects.select_for_update(of=("self",)).get_or_create(
            organisation=organisation, year=year, defaults={"source": source, **figures}
        )
        changes = figures if is_new else {name: new for name, new in figures.items() if getattr(kept, name) != new}
        if not changes:
            return kept
        before = None if is_new else {"year": year} | {name: getattr(kept, name) for name in changes}
        if not is_new:
            for name, value in changes.items():
                setattr(kept, name, value)
            kept.source = source
            kept.save(update_fields=[*changes, "source"])
    record(
        by=by, verb="parties.figures_recorded", thing=organisation, before=before, after={"year": year} | {**changes}
    )
    return kept


def remember_acting_for(*, person_id: int, organisation: Organisation) -> None:
    """Keep whom a person acted for last: the next form proposes it."""
    Person.objects.filter(pk=person_id).update(last_acted_for=organisation)
