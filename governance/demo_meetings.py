"""A steering committee held with its report, one to come, and a Bureau whose report is to be written."""

import datetime as dt
from functools import partial

from django.utils import timezone

from governance.actions import (
    add_invitee,
    add_meeting_paper,
    call_invitees,
    note_meeting_decision,
    note_presence,
    prepare_meeting,
    publish_minutes,
    render_minutes,
    write_report,
)
from governance.demo import REPORT
from governance.enums import MeetingKind
from governance.models import Invitee, Meeting
from hubs.actors import Actor, system
from hubs.enums import MailState, Role
from hubs.models import Mail, StaffRole
from hubs.scope import current_hub_id
from parties.models import Person

AGENDA = (
    "Le pôle en chiffres\u00a0: adhésions, emplois, surfaces occupées",
    "Ce qui a été fait depuis la dernière réunion",
    "Conventions de l’année\u00a0: échéances et pièces attendues",
    "Questions diverses",
)
INVITED = (
    ("Claire Aubertin", "claire.aubertin@region.example", "Région"),
    ("Yann Le Bihan", "yann.lebihan@agglo.example", "Communauté d’agglomération"),
    ("Sophie Lambert", "", "Direction régionale des affaires culturelles"),
)
WORDS = (
    "La coordination présente les chiffres de l’année\u00a0: ils se lisent sur le portail, en totaux.\n\n"
    "Les financeurs demandent que le bilan intermédiaire leur parvienne dans le trimestre, et proposent de visiter les "
    "ateliers avant la prochaine réunion."
)


def fill(today: dt.date) -> None:
    """Twice changes nothing."""
    if Meeting.objects.exists():
        return
    by = system(current_hub_id())
    _held(_weekday(today - dt.timedelta(days=70)), today, by)
    coming = _prepared("Comité de pilotage, perspectives", _weekday(today + dt.timedelta(days=24)), timezone.now(), by)
    add_invitee(
        meeting=coming, person=None, name="Malo Guérin", email="malo.guerin@ville.example", represents="Ville", by=by
    )
    _bureau(_weekday(today - dt.timedelta(days=3)), by)


def _weekday(day: dt.date) -> dt.date:
    """That day, or the Friday before it."""
    return day - dt.timedelta(days=max(0, day.weekday() - 4))


def _prepared(title: str, day: dt.date, called_at: dt.datetime, by: Actor) -> Meeting:
    """Its people invited, and their mails gone."""
    meeting = prepare_meeting(
        kind=MeetingKind.COPIL,
        title=title,
        starts_at=timezone.make_aware(dt.datetime.combine(day, dt.time(10))),
        place="Salle de réunion, 2 cours de la Friche",
        agenda="\n".join(AGENDA),
        by=by,
        now=called_at - dt.timedelta(days=1),
    )
    add = partial(add_invitee, meeting=meeting, by=by)
    for role in StaffRole.objects.filter(role=Role.OBSERVER).order_by("pk"):
        person = Person.objects.filter(user=role.user_id).first()
        if person is not None:
            add(person=person, name="", email="", represents="Département")
    for name, email, represents in INVITED:
        add(person=None, name=name, email=email, represents=represents)
    add_meeting_paper(
        meeting=meeting, title="Bilan à mi-année", name="bilan.pdf", content=REPORT, content_type="application/pdf",
        by=by, now=called_at,
    )  # fmt: skip
    call_invitees(meeting=meeting, by=by, now=called_at)
    # The demo's mail goes nowhere: what was sent in it has left.
    mails = Mail.objects.filter(about__startswith="governance.invitee:", state=MailState.QUEUED)
    mails.update(state=MailState.SENT, sent_at=called_at)
    return meeting


def _held(day: dt.date, today: dt.date, by: Actor) -> None:
    called_at = timezone.make_aware(dt.datetime.combine(day - dt.timedelta(days=21), dt.time(9)))
    meeting = _prepared("Comité de pilotage, bilan", day, called_at, by)
    later = meeting.starts_at + dt.timedelta(hours=2)
    invitees = list(Invitee.objects.filter(meeting=meeting).order_by("pk"))
    note_presence(meeting=meeting, came=[each.pk for each in invitees[:-1]], by=by, now=later)
    note_meeting_decision(
        meeting=meeting, title="Envoyer le bilan intermédiaire aux financeurs",
        text="Le bilan intermédiaire parvient à chaque financeur, avec les chiffres du portail.",
        who="la coordination", due_on=today + dt.timedelta(days=5), by=by, now=later,
    )  # fmt: skip
    report = write_report(meeting=meeting, chair="Aude Ferrand", secretary="Luc Morel", words=WORDS, by=by)
    published = publish_minutes(minutes=report, by=by, now=later + dt.timedelta(days=6), today=meeting.day)
    render_minutes(minutes=published)


def _bureau(day: dt.date, by: Actor) -> None:
    starts_at = timezone.make_aware(dt.datetime.combine(day, dt.time(12)))
    meeting = prepare_meeting(
        kind=MeetingKind.BUREAU, title="Bureau", starts_at=starts_at, place="Bureau de la coordination",
        agenda="Trésorerie du trimestre\nCandidatures reçues", by=by, now=starts_at - dt.timedelta(days=8),
    )  # fmt: skip
    for name in ("Aude Ferrand", "Luc Morel"):
        add_invitee(meeting=meeting, person=None, name=name, email="", represents="", by=by)
    call_invitees(meeting=meeting, by=by, now=starts_at - dt.timedelta(days=7))
