"""Meetings that are no assembly: prepared, their people invited, who came, and the report."""

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from documents.actions import store_file
from governance.actions.decisions import enter_decision
from governance.models import Decision, Invitee, Meeting, MeetingPaper, Minutes
from governance.rules import runs_assemblies
from governance.tokens import invitee_token
from hubs import french, languages
from hubs.actions import record, send_mail
from hubs.actors import Actor
from hubs.queries import absolute
from hubs.refusals import NotAllowed, Refusal, refusing
from hubs.scope import current_hub
from parties.models import Person

# What the invitation tells: changed, it is sent again.
TOLD = frozenset({"title", "starts_at", "place", "agenda"})


class MeetingReported(Refusal):
    message = _("Le compte rendu est publié\u00a0: la réunion ne se modifie plus.")


class MeetingCalledOff(Refusal):
    message = _("Cette réunion est annulée.")


class MeetingBegun(Refusal):
    message = _("Cette réunion a commencé\u00a0: notez plutôt les présences.")


class MeetingToCome(Refusal):
    message = _("Cette réunion n’a pas encore eu lieu\u00a0: revenez le jour même.")


class NoPoints(Refusal):
    message = _("Écrivez d’abord l’ordre du jour\u00a0: il part avec l’invitation.")


class NobodyToInvite(Refusal):
    message = _("Personne à inviter\u00a0: chacun a déjà reçu cette invitation.")


class InvitedAlready(Refusal):
    message = _("Cette personne est déjà invitée.")
    field = "person"


class AddressInvitedAlready(Refusal):
    message = _("Cette adresse est déjà invitée.")
    field = "email"


class InvitationSent(Refusal):
    message = _("L’invitation de cette personne est partie\u00a0: elle reste sur la liste.")


class MeetingPaperTaken(Refusal):
    message = _("Une pièce porte déjà ce titre.")
    field = "title"


_REFUSALS: dict[str, type[Refusal]] = {
    "governance_meeting_reported": MeetingReported,
    "governance_meeting_called_off": MeetingCalledOff,
    "governance_invitee_person_once": InvitedAlready,
    "governance_invitee_email_once": AddressInvitedAlready,
    "governance_meetingpaper_once": MeetingPaperTaken,
}


def _locked(meeting: Meeting, by: Actor) -> Meeting:
    """Raises NotAllowed, MeetingCalledOff."""
    if not runs_assemblies(by):
        raise NotAllowed(_("La coordination prépare les réunions."))
    kept = Meeting.objects.select_for_update(of=("self",), no_key=True).get(pk=meeting.pk)
    if kept.called_off_at is not None:
        raise MeetingCalledOff
    return kept


@transaction.atomic
def prepare_meeting(*, by: Actor, now: dt.datetime, **given: Any) -> Meeting:
    """A meeting to come; `given` are its fields."""
    if not runs_assemblies(by):
        raise NotAllowed(_("La coordination prépare les réunions."))
    meeting = Meeting.objects.create(changed_at=now, **given)
    record(by=by, verb="governance.meeting_prepared", thing=meeting, after={"title": meeting.title})
    return meeting


@transaction.atomic
def change_meeting(*, meeting: Meeting, by: Actor, now: dt.datetime, **given: Any) -> Meeting:
    """Until the report is published; whoever was invited is to be told. Raises MeetingReported, MeetingCalledOff."""
    kept = _locked(meeting, by)
    before = {name: getattr(kept, name) for name in given if getattr(kept, name) != given[name]}
    if not before:
        return kept
    for name in before:
        setattr(kept, name, given[name])
    if TOLD & before.keys():
        kept.changed_at = now
    with refusing(_REFUSALS):
        kept.save(update_fields=[*before, "changed_at"])
    after = {name: given[name] for name in before}
    record(by=by, verb="governance.meeting_changed", thing=kept, before=before, after=after)
    return kept


@transaction.atomic
def add_invitee(
    *, meeting: Meeting, person: Person | None, name: str, email: str, represents: str, by: Actor
) -> Invitee:
    """A person of the hub, or a name and an address; the mail leaves by `call_invitees`.

    Raises InvitedAlready, AddressInvitedAlready, MeetingReported, MeetingCalledOff.
    """
    kept = _locked(meeting, by)
    given = {"name": "", "email": ""} if person else {"name": name, "email": email}
    with refusing(_REFUSALS):
        made = Invitee.objects.create(meeting=kept, person=person, represents=represents, **given)
    record(by=by, verb="governance.invitee_added", thing=made, after={"represents": represents}, concerns=kept)
    return made


@transaction.atomic
def remove_invitee(*, invitee: Invitee, by: Actor) -> None:
    """Take someone off the list before they are written to. Raises InvitationSent, MeetingReported."""
    kept = _locked(invitee.meeting, by)
    found = Invitee.objects.select_for_update(of=("self",)).get(pk=invitee.pk)
    if found.called_at is not None:
        raise InvitationSent
    record(by=by, verb="governance.invitee_removed", thing=kept, before={"represents": found.represents})
    with refusing(_REFUSALS):
        found.delete()


@transaction.atomic
def call_invitees(*, meeting: Meeting, by: Actor, now: dt.datetime) -> int:
    """Write once to each person whom no invitation told what the meeting is now; how many were invited.

    Who has no address counts as told by word of mouth. Raises NoPoints, NobodyToInvite, MeetingBegun, MeetingCalledOff.
    """
    kept = _locked(meeting, by)
    if kept.starts_at <= now:
        raise MeetingBegun
    if not kept.points:
        raise NoPoints
    invitees = list(Invitee.objects.filter(meeting=kept).to_call().for_display())
    if not invitees:
        raise NobodyToInvite
    Invitee.objects.filter(pk__in=[each.pk for each in invitees]).update(called_at=now)
    for each in invitees:
        if each.address:
            _write(kept, each)
    record(by=by, verb="governance.meeting_called", thing=kept, after={"invited": len(invitees)})
    return len(invitees)


def _write(meeting: Meeting, invitee: Invitee) -> None:
    """Who has an account reads the rest in mon espace; anyone else by a link of their own."""
    if invitee.signs_in:
        path = reverse("governance:my_meeting", args=[meeting.public_id])
    else:
        path = reverse("governance:linked_meeting", args=[invitee_token(invitee)])
    context = {
        "hub": current_hub(),
        "meeting": meeting,
        "url": absolute(path),
        "is_again": invitee.called_at is not None,
    }
    with languages.of_hub():
        day = french.day(meeting.starts_at, year=True)
        subject = gettext("Invitation\u00a0: %(title)s, %(day)s") % {"title": meeting.title, "day": day}
        text = render_to_string("governance/mail/meeting.txt", context)
    send_mail(to=[invitee.address], subject=subject, text=text, about=invitee, is_secret=not invitee.signs_in)


@transaction.atomic
def call_off_meeting(*, meeting: Meeting, reason: str, by: Actor, now: dt.datetime) -> Meeting:
    """Tell those who were invited that it is not held, and why. Raises MeetingCalledOff, MeetingReported."""
    kept = _locked(meeting, by)
    kept.called_off_at = now
    with refusing(_REFUSALS):
        kept.save(update_fields=["called_off_at"])
    record(by=by, verb="governance.meeting_called_off", thing=kept, reason=reason)
    context = {"hub": current_hub(), "assembly": kept, "reason": reason}
    with languages.of_hub():
        day = french.day(kept.starts_at, year=True)
        subject = gettext("Annulée\u00a0: %(title)s, %(day)s") % {"title": kept.title, "day": day}
        text = render_to_string("governance/mail/called_off.txt", context)
    for each in Invitee.objects.filter(meeting=kept, called_at__isnull=False).for_display():
        if each.address:
            send_mail(to=[each.address], subject=subject, text=text, about=each)
    return kept


@transaction.atomic
def note_presence(*, meeting: Meeting, came: Collection[int], by: Actor, now: dt.datetime) -> None:
    """Who came, by the ids of their invitations; the others did not. Raises MeetingToCome, MeetingReported."""
    kept = _locked(meeting, by)
    if kept.starts_at > now:
        raise MeetingToCome
    invitees = Invitee.objects.filter(meeting=kept)
    with refusing(_REFUSALS):
        changed = invitees.filter(pk__in=came, came=False).update(came=True)
        changed += invitees.exclude(pk__in=came).filter(came=True).update(came=False)
    if changed:
        after = {"present": invitees.filter(came=True).count()}
        record(by=by, verb="governance.meeting_attended", thing=kept, after=after)


@transaction.atomic
def add_meeting_paper(
    *, meeting: Meeting, title: str, name: str, content: bytes, content_type: str, by: Actor, now: dt.datetime
) -> MeetingPaper:
    """A file for the invited. Raises MeetingPaperTaken, MeetingReported, MeetingCalledOff."""
    kept = _locked(meeting, by)
    file = store_file(name=name, content_type=content_type, content=content)
    with refusing(_REFUSALS):
        paper = MeetingPaper.objects.create(meeting=kept, title=title, file=file, added_at=now)
    record(by=by, verb="governance.meeting_paper_added", thing=kept, after={"title": title})
    return paper


@transaction.atomic
def remove_meeting_paper(*, paper: MeetingPaper, by: Actor) -> None:
    """Until the report is published. Raises MeetingReported."""
    kept = _locked(paper.meeting, by)
    record(by=by, verb="governance.meeting_paper_removed", thing=kept, before={"title": paper.title})
    with refusing(_REFUSALS):
        paper.delete()


@transaction.atomic
def write_report(*, meeting: Meeting, chair: str, secretary: str, words: str, by: Actor) -> Minutes:
    """The draft of the report; `publish_minutes` numbers and freezes it. Raises MeetingReported, MeetingCalledOff."""
    kept = _locked(meeting, by)
    given = {"chair": chair, "secretary": secretary, "words": words}
    with refusing({"governance_minutes_frozen": MeetingReported}):
        report, _is_new = Minutes.objects.update_or_create(meeting=kept, defaults=given)
    record(by=by, verb="governance.report_written", thing=report, concerns=kept)
    return report


@transaction.atomic
def note_meeting_decision(*, meeting: Meeting, by: Actor, now: dt.datetime, **given: Any) -> Decision:
    """A line of the register, of the day of the meeting, until its report is published.

    Raises NobodyInCharge, MeetingToCome, MeetingReported, MeetingCalledOff.
    """
    kept = _locked(meeting, by)
    if kept.starts_at > now:
        raise MeetingToCome
    with refusing(_REFUSALS):
        return enter_decision(meeting=kept, decided_on=kept.day, by=by, **given)
