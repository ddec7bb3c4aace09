"""Applications: sent by anyone, decided step by step, until a membership or a refusal."""

import datetime as dt
import hashlib
import secrets
from contextlib import suppress
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hubs import languages
from hubs.actions import record, send_mail
from hubs.actors import Actor, system
from hubs.enums import LegalForm
from hubs.queries import absolute
from hubs.refusals import Refusal, refusing
from hubs.scope import current_hub, current_hub_id
from members.actions.colleges import check_keeps
from members.actions.letters import write_letter
from members.actions.memberships import CollegeTakesOthers, admit
from members.enums import APPLICATION_AFTER, IN_FLIGHT, ApplicationState, LetterKind, MemberKind, Step
from members.models import Application, ApplicationDecision, College, FiscalYear
from parties.actions import (
    InvitedAlready,
    MailOfAnother,
    NoMail,
    add_person,
    create_organisation,
    invite_to_sign_in,
    link_person,
)
from parties.enums import LinkRole
from parties.identifiers import clean_siren
from parties.merging.queries import person_at
from parties.models import Link, Organisation, Person


class ApplicationOver(Refusal):
    message = _("Cette candidature est close\u00a0: on n’y change plus rien.")


class StepDecided(Refusal):
    message = _("Cette étape est déjà décidée. Rechargez la page.")


class WhyRefused(Refusal):
    message = _("Dites pourquoi\u00a0: le motif est écrit à la personne qui a candidaté.")
    field = "reason"


class StillMissing(Refusal):
    message = _("On attend encore ce qui a été demandé. Dites d’abord le dossier complet.")


class DecidedTooEarly(Refusal):
    message = _("Cette date est avant la candidature ou l’étape précédente, ou pas encore venue.")
    field = "on"


class NeedsYear(Refusal):
    message = _("Choisissez l’exercice où commence l’adhésion.")
    field = "fiscal_year"


def find_application(token: str) -> Application | None:
    """The application that this link follows. By its hash: the time of the search tells nothing of it."""
    return Application.objects.for_display().filter(token_hash=_hash(token)).first()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def apply(*, college: College, email: str, now: dt.datetime, structure_name: str = "", **told: Any) -> Application:
    """An application from the public site; one already in flight for the same address and name is found again,
    unchanged. Either way its link leaves by mail.

    `told` is what else the form holds. Raises CollegeTakesOthers, WrongSiren.
    """
    if not (college.takes_structures if structure_name else college.takes_people):
        raise CollegeTakesOthers
    told["siren"] = clean_siren(told.get("siren", "")) if structure_name else ""
    told["headcount"] = told.get("headcount") if structure_name else None
    token = secrets.token_urlsafe(32)
    known = Application.objects.select_for_update(of=("self",)).filter(
        state__in=IN_FLIGHT, email__iexact=email, structure_name__iexact=structure_name
    )
    if sent := known.first():
        sent.token_hash = _hash(token)
        sent.save(update_fields=["token_hash"])
        _write(sent, "received", token=token)
        return sent
    with refusing({"members_application_once": ApplicationKnown}):
        application = Application.objects.create(
            token_hash=_hash(token),
            college=college,
            structure_name=structure_name,
            email=email.lower(),
            path=college.path,
            created_at=now,
            consented_at=now,
            **told,
        )
    record(by=system(current_hub_id()), verb="members.applied", thing=application, after={"college": college.name})
    _write(application, "received", token=token)
    return application


class ApplicationKnown(Refusal):
    message = _("Cette candidature est déjà en cours.")


@transaction.atomic
def complete_application(
    *, application: Application, siren: str = "", headcount: int | None = None, phone: str = "", town: str = "",
    why: str = "",
) -> Application:  # fmt: skip
    """What its author adds or corrects; what was asked for is answered. Raises ApplicationOver, WrongSiren."""
    kept = _locked(application)
    if kept.state != ApplicationState.OPEN:
        raise ApplicationOver
    kept.phone, kept.town, kept.why, kept.missing = phone, town, why, ""
    if kept.structure_name:
        kept.siren, kept.headcount = clean_siren(siren), headcount
    kept.save(update_fields=["siren", "headcount", "phone", "town", "why", "missing"])
    record(by=system(current_hub_id()), verb="members.application_completed", thing=kept)
    return kept


@transaction.atomic
def withdraw_application(*, application: Application, on: dt.date) -> Application:
    """Its author withdraws it; twice changes nothing. Raises ApplicationOver."""
    kept = _locked(application)
    if kept.state == ApplicationState.WITHDRAWN:
        return kept
    _turn(kept, ApplicationState.WITHDRAWN, on)
    record(by=system(current_hub_id()), verb="members.application_withdrawn", thing=kept)
    return kept


@transaction.atomic
def ask_missing(*, application: Application, missing: str, by: Actor) -> Application:
    """Ask the applicant by mail for what is missing. The mail holds a new link. Raises ApplicationOver."""
    check_keeps(by)
    kept = _locked(application)
    if kept.state != ApplicationState.OPEN:
        raise ApplicationOver
    token = secrets.token_urlsafe(32)
    kept.missing, kept.token_hash = missing, _hash(token)
    kept.save(update_fields=["missing", "token_hash"])
    record(by=by, verb="members.application_asked", thing=kept, reason=missing)
    _write(kept, "missing", token=token)
    return kept


@transaction.atomic
def decide(
    *,
    application: Application,
    step: Step,
    is_accepted: bool,
    on: dt.date,
    by: Actor,
    today: dt.date,
    reason: str = "",
    organisation: Organisation | None = None,
    person: Person | None = None,
    fiscal_year: FiscalYear | None = None,
    kind: MemberKind = MemberKind.ASSOCIATE,
) -> Application:
    """Note what a step decided. The last « yes » makes the member, of `fiscal_year`; a « no » ends there.

    `organisation` or `person` is whom the hub knows already; left out, a sheet is made from the application.
    Raises ApplicationOver, StepDecided, StillMissing, DecidedTooEarly, WhyRefused, NeedsYear, AlreadyMember.
    """
    check_keeps(by)
    kept = _locked(application)
    if not kept.is_in_flight:
        raise ApplicationOver
    if kept.next_step() != step:
        raise StepDecided
    if is_accepted and kept.missing and step != Step.COMPLETENESS:
        raise StillMissing
    days = [timezone.localdate(kept.created_at), *(decision.decided_on for decision in kept.decisions.all())]
    if not max(days) <= on <= today:
        raise DecidedTooEarly
    if not is_accepted and not reason:
        raise WhyRefused
    ApplicationDecision.objects.create(application=kept, step=step, decided_on=on, is_accepted=is_accepted, by=by.name)
    told = {"step": step, "decided_on": on, "accepted": is_accepted}
    record(by=by, verb="members.application_decided", thing=kept, after=told, reason=reason)
    if not is_accepted:
        _refuse(kept, on, reason)
    elif kept.next_step() is None:
        _admit(kept, on, by, organisation, person, fiscal_year, kind, today)
    else:
        _advance(kept)
    _answer_on_paper(kept, step, on, by, today)
    return kept


def _answer_on_paper(kept: Application, step: Step, on: dt.date, by: Actor, today: dt.date) -> None:
    """The letter of what was decided; a step that only leads to the next has none."""
    kinds = {
        ApplicationState.AWAITING: LetterKind.AWAITING,
        ApplicationState.REFUSED: LetterKind.REFUSED,
        ApplicationState.ADMITTED: LetterKind.RATIFIED if step == Step.ASSEMBLY else LetterKind.ADMITTED,
    }
    kind = kinds.get(ApplicationState(kept.state))
    if kind is None:
        return
    membership = kept.membership
    write_letter(
        kind=kind,
        on=today,
        by=by,
        member=membership.member if membership else None,
        application=kept,
        decided_on=on,
        received_on=timezone.localdate(kept.created_at),
        year=membership.fiscal_year if membership else None,
    )


def _locked(application: Application) -> Application:
    rows = Application.objects.select_related("college").select_for_update(of=("self",), no_key=True)
    return rows.get(pk=application.pk)


def _turn(kept: Application, state: ApplicationState, on: dt.date | None) -> None:
    if state not in APPLICATION_AFTER[kept.state]:
        raise ApplicationOver
    kept.state, kept.closed_on = state, on
    kept.save(update_fields=["state", "closed_on", "refusal", "membership", "missing"])


def _refuse(kept: Application, on: dt.date, reason: str) -> None:
    kept.refusal = reason
    _turn(kept, ApplicationState.REFUSED, on)
    _write(kept, "refused")


def _advance(kept: Application) -> None:
    """What was asked for is there once the file is complete; before the assembly, the applicant is told to wait."""
    kept.missing = ""
    if kept.next_step() == Step.ASSEMBLY:
        _turn(kept, ApplicationState.AWAITING, None)
        _write(kept, "awaiting")
    else:
        kept.save(update_fields=["missing"])


def _admit(
    kept: Application,
    on: dt.date,
    by: Actor,
    organisation: Organisation | None,
    person: Person | None,
    fiscal_year: FiscalYear | None,
    kind: MemberKind,
    today: dt.date,
) -> None:
    if fiscal_year is None:
        raise NeedsYear
    person = (
        person
        or person_at(kept.email)
        or add_person(
            given_name=kept.given_name, family_name=kept.family_name, email=kept.email, phone=kept.phone, by=by
        )
    )
    whom: dict[str, Any] = {"person": person}
    if kept.structure_name:
        organisation = organisation or create_organisation(
            legal_form=LegalForm.NONE,
            name=kept.structure_name,
            siren=kept.siren,
            email=kept.email,
            phone=kept.phone,
            town=kept.town,
            by=by,
        )
        if not Link.objects.live(on).filter(person=person, organisation=organisation).exists():
            link_person(person=person, organisation=organisation, role=LinkRole.ADMINISTRATOR, starts_on=on, by=by)
        whom = {"organisation": organisation}
    # Its dues count from the decision, where it falls during the year; today plays no part.
    joined_on = on if fiscal_year.starts_on < on < fiscal_year.ends_on else None
    kept.membership = admit(
        college=kept.college, fiscal_year=fiscal_year, kind=kind, by=by, joined_on=joined_on, **whom
    )
    _turn(kept, ApplicationState.ADMITTED, on)
    _write(kept, "admitted")
    _open_the_portal(person, by, today)


def _open_the_portal(person: Person, by: Actor, today: dt.date) -> None:
    """A link to sign in, unless they can or one already waits for them: members are called and vote there."""
    if person.may_sign_in(today):
        return
    with suppress(InvitedAlready, MailOfAnother, NoMail):
        invite_to_sign_in(person=person, by=by, now=timezone.make_aware(dt.datetime.combine(today, dt.time())))


def _write(application: Application, what: str, token: str = "") -> None:
    hub = current_hub()
    context = {
        "hub": hub,
        "application": application,
        "what": what,
        "url": absolute(reverse("members:application_follow", args=[token])) if token else "",
    }
    with languages.of_hub():
        subjects = {
            "received": _("Votre candidature à %s"),
            "missing": _("Votre candidature à %s\u00a0: il manque quelque chose"),
            "awaiting": _("Votre candidature à %s\u00a0: à ratifier par l’assemblée"),
            "admitted": _("Bienvenue à %s"),
            "refused": _("Votre candidature à %s"),
        }
        subject = str(subjects[what]) % hub.name
        text = render_to_string("members/mail/application.txt", context)
    send_mail(to=[application.email], subject=subject, text=text, about=application, is_secret=bool(token))
