"""Asked, refused, done: what becomes of the data of someone who leaves."""

import calendar
import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hubs.actions import delete_user, record, send_mail
from hubs.actors import Actor, system
from hubs.models import User
from hubs.personal import ERASURE, Hindrance, erase_everywhere, hindrances, mentions_of
from hubs.queries import absolute
from hubs.refusals import NotAllowed, Refusal, refusing
from hubs.rules import coordinator
from hubs.scope import current_hub, current_hub_id
from parties.actions.people import close_access
from parties.actions.structures import check_stands
from parties.enums import RequestOutcome
from parties.models import ErasureRequest, Person
from parties.personal.queries import open_request, subject_of, subjects_of


class AskedAlready(Refusal):
    message = _("Vous l’avez déjà demandé\u00a0: le pôle vous répondra avant la date dite.")


class NothingAsked(Refusal):
    message = _("Il n’y a plus de demande en attente.")


class ErasedAlready(Refusal):
    message = _("Cette personne est déjà effacée.")


class NotOneself(Refusal):
    message = _("On ne s’efface pas soi-même\u00a0: demandez-le à une autre personne de la coordination.")


class StillRunning(Refusal):
    """Something must be settled first; the hindrances say what."""

    def __init__(self, found: list[Hindrance]) -> None:
        self.found = found
        super().__init__(" ".join(hindrance.text for hindrance in found))


def month_after(day: dt.date) -> dt.date:
    """The same day of the next month, or its last: the time that the RGPD (art. 12-3) gives."""
    year, month = divmod(day.year * 12 + day.month, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@transaction.atomic
def ask_erasure(*, by: Actor, now: dt.datetime) -> ErasureRequest:
    """Someone asks the hub to erase them; staff find it in à faire. Raises AskedAlready."""
    if by.person_id is None:
        raise NotAllowed
    person = Person.objects.get(pk=by.person_id)
    with refusing({"parties_erasurerequest_one_open": AskedAlready}):
        asked = ErasureRequest.objects.create(person=person, asked_at=now, due_on=month_after(timezone.localdate(now)))
    record(by=by, verb="parties.erasure_asked", thing=person, after={"due_on": asked.due_on})
    return asked


@transaction.atomic
def withdraw_erasure(*, by: Actor, now: dt.datetime) -> ErasureRequest:
    """Whoever asked no longer does. Raises NothingAsked."""
    asked = _locked_request(by.person_id)
    _settle(asked, RequestOutcome.WITHDRAWN, now)
    record(by=by, verb="parties.erasure_withdrawn", thing=asked.person)
    return asked


@transaction.atomic
def refuse_erasure(*, person: Person, answer: str, by: Actor, now: dt.datetime) -> ErasureRequest:
    """Answer without erasing, with the reason, by mail (RGPD, art. 12-4). Raises NothingAsked."""
    _check(by)
    asked = _locked_request(person.pk)
    _settle(asked, RequestOutcome.REFUSED, now, answer=answer)
    record(by=by, verb="parties.erasure_refused", thing=person, reason=answer[:300])
    to = subject_of(person).emails[:1]
    if to:
        text = gettext(
            "Bonjour %(person)s,\n\nVous avez demandé à %(hub)s d’effacer vos données. Voici notre réponse\u00a0:\n\n"
            "%(answer)s\n\nSi elle ne vous convient pas, vous pouvez nous écrire, ou saisir la CNIL (www.cnil.fr).\n"
        ) % {"person": person.given_name, "hub": current_hub().name, "answer": answer}
        send_mail(to=to, subject=gettext("Votre demande d’effacement"), text=text, about=person)
    return asked


def _locked_request(person_id: int | None) -> ErasureRequest:
    asked = (
        ErasureRequest.objects.select_for_update(of=("self",))
        .select_related("person")
        .filter(person=person_id, settled_at=None)
        .first()
    )
    if asked is None:
        raise NothingAsked
    return asked


def _settle(asked: ErasureRequest, outcome: RequestOutcome, now: dt.datetime, *, answer: str = "") -> None:
    asked.outcome, asked.settled_at, asked.answer = outcome, now, answer
    asked.save(update_fields=["outcome", "settled_at", "answer"])


@transaction.atomic
def erase_person(*, person: Person, by: Actor, now: dt.datetime, reason: str = "") -> Person:
    """Take someone out of the hub, but for what the law keeps: the row stays as « Personne effacée ».

    Every app takes its part in this one transaction; invoices are never touched. The log says who asked, what was
    kept, and which texts still name them, for someone to read. Sheets merged into theirs are erased with it.

    Raises ErasedAlready, NotOneself, StillRunning, MergedAway.
    """
    _check(by)
    kept_row = Person.objects.select_for_update(of=("self",), no_key=True).select_related("user").get(pk=person.pk)
    if kept_row.erased_at is not None:
        raise ErasedAlready
    check_stands(kept_row)
    if kept_row.pk == by.person_id:
        raise NotOneself
    subjects = subjects_of(kept_row)
    if found := [hindrance for subject in subjects for hindrance in hindrances(subject, now)]:
        raise StillRunning(found)
    asked = open_request(kept_row.pk)
    to_read = [f"{mention.thing}, {mention.field}" for subject in subjects for mention in mentions_of(subject)]
    # Sheets merged into theirs first: the name they share is taken out with the last.
    kept = list(dict.fromkeys(line for subject in reversed(subjects) for line in erase_everywhere(subject, now)))
    kept_row.refresh_from_db()
    record(
        by=by,
        verb=ERASURE,
        thing=kept_row,
        after={
            "asked_by": gettext("la personne") if asked else by.name,
            "asked_on": timezone.localdate(asked.asked_at) if asked else timezone.localdate(now),
            "kept": kept,
            "to_read": to_read,
        },
        reason=reason,
    )
    return kept_row


def warn_idle(*, person: Person, closes_on: dt.date, now: dt.datetime) -> None:
    """Tell someone that their account, long unused, closes soon; to sign in is enough to keep it."""
    text = gettext(
        "Bonjour %(person)s,\n\nVous ne vous êtes pas connecté·e au portail de %(hub)s depuis longtemps. Sans connexion "
        "de votre part, votre accès sera fermé le %(day)s.\n\nPour le garder, il suffit de vous connecter\u00a0:\n\n%(url)s\n"
    ) % {
        "person": person.given_name,
        "hub": current_hub().name,
        "day": f"{closes_on:%d/%m/%Y}",
        "url": absolute("/compte/code/"),
    }
    user: User = person.user  # type: ignore[assignment]
    send_mail(to=[user.email], subject=gettext("Votre accès va être fermé"), text=text, about=person)
    person.warned_at = now
    person.save(update_fields=["warned_at"])


@transaction.atomic
def close_account(*, person: Person, by: Actor, now: dt.datetime) -> None:
    """The person can no longer sign in here, and keeps their roles; the account itself goes with its last person."""
    if person.user_id is None:
        return
    today = timezone.localdate(now)
    if person.may_sign_in(today):
        close_access(person=person, on=today, by=by, now=now)
    user_id = person.user_id
    record(by=by, verb="parties.account_closed", thing=person)
    Person.objects.filter(pk=person.pk).update(user=None, warned_at=None)
    delete_user(user_id=user_id)


def erase_forgotten(*, person: Person, now: dt.datetime) -> bool:
    """By the night: someone with nothing left here. False while something still runs."""
    try:
        erase_person(person=person, by=system(current_hub_id()), now=now, reason=gettext("durée de conservation"))
    except Refusal:
        return False
    return True


def _check(by: Actor) -> None:
    if not coordinator(by):
        raise NotAllowed(_("La coordination répond des données personnelles."))
