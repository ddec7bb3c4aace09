"""Meetings that are no assembly: what each action writes, and what it refuses."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from documents.models import Document
from governance import actions
from governance.models import Decision, Invitee, Meeting, MeetingPaper, Minutes
from hubs.models import AuditEntry, Mail, RunItem
from hubs.refusals import NotAllowed
from hubs.tasks import do_item
from tests.governance.factories import InviteeFactory, MeetingFactory

pytestmark = pytest.mark.usefixtures("hub")

BEFORE = dt.datetime(2026, 5, 25, 9, tzinfo=dt.UTC)
AFTER = dt.datetime(2026, 6, 15, 18, tzinfo=dt.UTC)
SIGNED = {"chair": "Aude Rey", "secretary": "Luc Petit", "words": "Les chiffres sont lus."}


@pytest.fixture
def by(nord):
    return nord.actor("coordinator")


def published(meeting: Meeting, by) -> Minutes:
    report = actions.write_report(meeting=meeting, by=by, **SIGNED)
    return actions.publish_minutes(minutes=report, by=by, now=AFTER, today=AFTER.date())


def last_verb() -> str:
    return AuditEntry.objects.latest("pk").verb


def test_each_is_invited_once_and_again_when_something_changed(nord, by):
    meeting = MeetingFactory()
    actions.add_invitee(meeting=meeting, person=nord.observer, name="", email="", represents="Département", by=by)
    actions.add_invitee(meeting=meeting, person=None, name="Claire", email="c@region.example", represents="", by=by)
    actions.add_invitee(meeting=meeting, person=None, name="Sans adresse", email="", represents="", by=by)

    invited = actions.call_invitees(meeting=meeting, by=by, now=BEFORE)

    with pytest.raises(actions.NobodyToInvite):
        actions.call_invitees(meeting=meeting, by=by, now=BEFORE)
    observed, named = Mail.objects.order_by("pk")
    assert (invited, observed.to, named.to) == (3, [nord.observer.user.email], ["c@region.example"])
    assert (f"/mon-espace/reunions/{meeting.public_id}/" in observed.text, observed.is_secret) == (True, False)
    assert ("/reunions/" in named.text, "/mon-espace/" in named.text, named.is_secret) == (True, False, True)
    assert "1. Les chiffres\n2. Les conventions" in named.text
    assert "remplace" not in named.text
    assert last_verb() == "governance.meeting_called"

    actions.change_meeting(meeting=meeting, place="Mairie", by=by, now=BEFORE + dt.timedelta(days=1))
    assert actions.call_invitees(meeting=meeting, by=by, now=BEFORE + dt.timedelta(days=2)) == 3
    assert "cette invitation remplace la précédente" in Mail.objects.latest("pk").text


def test_the_same_values_change_nothing(by):
    meeting = MeetingFactory()

    actions.change_meeting(meeting=meeting, place=meeting.place, by=by, now=AFTER)

    assert Meeting.objects.get().changed_at == meeting.changed_at
    assert not AuditEntry.objects.filter(verb="governance.meeting_changed").exists()


def test_nobody_is_invited_twice(nord, by):
    meeting = MeetingFactory()
    given = {"meeting": meeting, "represents": "", "by": by}
    actions.add_invitee(person=nord.observer, name="", email="", **given)
    actions.add_invitee(person=None, name="Claire", email="c@region.example", **given)

    with pytest.raises(actions.InvitedAlready):
        actions.add_invitee(person=nord.observer, name="", email="", **given)
    with pytest.raises(actions.AddressInvitedAlready):
        actions.add_invitee(person=None, name="Autre", email="c@region.example", **given)

    assert Invitee.objects.count() == 2


def test_an_invitation_asks_for_an_agenda_and_for_a_day_to_come(by):
    empty = InviteeFactory(meeting__agenda="").meeting
    held = InviteeFactory().meeting

    with pytest.raises(actions.NoPoints):
        actions.call_invitees(meeting=empty, by=by, now=BEFORE)
    with pytest.raises(actions.MeetingBegun):
        actions.call_invitees(meeting=held, by=by, now=AFTER)

    assert Mail.objects.count() == 0


def test_who_was_written_to_stays_on_the_list(by):
    invitee = InviteeFactory()
    actions.call_invitees(meeting=invitee.meeting, by=by, now=BEFORE)
    other = InviteeFactory(meeting=invitee.meeting)

    with pytest.raises(actions.InvitationSent):
        actions.remove_invitee(invitee=invitee, by=by)
    actions.remove_invitee(invitee=other, by=by)

    assert Invitee.objects.get() == invitee


def test_a_meeting_called_off_tells_those_who_were_invited_and_stays_so(by):
    invitee = InviteeFactory()
    actions.call_invitees(meeting=invitee.meeting, by=by, now=BEFORE)
    InviteeFactory(meeting=invitee.meeting)

    actions.call_off_meeting(meeting=invitee.meeting, reason="La salle est prise.", by=by, now=BEFORE)

    mail = Mail.objects.latest("pk")
    assert (Mail.objects.count(), mail.to, "La salle est prise." in mail.text) == (2, [invitee.email], True)
    with pytest.raises(actions.MeetingCalledOff):
        actions.change_meeting(meeting=invitee.meeting, title="Autre", by=by, now=BEFORE)
    with pytest.raises(IntegrityError, match="reste annulée"), transaction.atomic():
        Meeting.objects.update(called_off_at=None)


def test_presence_is_ticked_from_the_day_on(by):
    meeting = MeetingFactory()
    first, second = InviteeFactory.create_batch(2, meeting=meeting)
    with pytest.raises(actions.MeetingToCome):
        actions.note_presence(meeting=meeting, came=[first.pk], by=by, now=BEFORE)

    actions.note_presence(meeting=meeting, came=[first.pk], by=by, now=AFTER)
    actions.note_presence(meeting=meeting, came=[second.pk, InviteeFactory().pk], by=by, now=AFTER)

    assert list(Invitee.objects.filter(came=True)) == [second]
    assert AuditEntry.objects.latest("pk").after == {"present": 1}


def test_a_published_report_freezes_what_it_tells_of(by):
    invitee = InviteeFactory()
    meeting = invitee.meeting
    paper = actions.add_meeting_paper(
        meeting=meeting,
        title="Bilan",
        name="b.pdf",
        content=b"%PDF-1.4",
        content_type="application/pdf",
        by=by,
        now=BEFORE,
    )
    decided = {"meeting": meeting, "title": "Peindre", "text": "En vert.", "by": by}
    with pytest.raises(actions.MeetingToCome):
        actions.note_meeting_decision(now=BEFORE, **decided)
    decision = actions.note_meeting_decision(now=AFTER, who="Luc", due_on=dt.date(2026, 7, 1), **decided)

    report = published(meeting, by)

    assert (report.number, decision.decided_on, decision.meeting) == ("CR-2026-001", dt.date(2026, 6, 15), meeting)
    for refused in (
        lambda: actions.write_report(meeting=meeting, by=by, **SIGNED),
        lambda: actions.change_meeting(meeting=meeting, title="Autre", by=by, now=AFTER),
        lambda: actions.note_presence(meeting=meeting, came=[invitee.pk], by=by, now=AFTER),
        lambda: actions.remove_meeting_paper(paper=paper, by=by),
        lambda: actions.note_meeting_decision(now=AFTER, **decided),
        lambda: actions.call_off_meeting(meeting=meeting, reason="", by=by, now=AFTER),
    ):
        with pytest.raises(actions.MeetingReported):
            refused()
    assert (Decision.objects.count(), MeetingPaper.objects.count()) == (1, 1)
    for raw in (
        lambda: Invitee.objects.update(came=True),
        lambda: Meeting.objects.update(title="Autre"),
        lambda: MeetingPaper.objects.update(title="Autre"),
        lambda: Minutes.objects.update(words="Autre"),
        lambda: Decision.objects.update(meeting=None),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            raw()
    actions.finish_decision(decision=decision, on=dt.date(2026, 6, 30), by=by)


def test_the_report_becomes_a_pdf_once(nord, by):
    meeting = InviteeFactory(name="Claire Aubertin").meeting
    actions.note_presence(meeting=meeting, came=Invitee.objects.values_list("pk", flat=True), by=by, now=AFTER)
    published(meeting, by)

    do_item(hub_id=nord.hub.pk, item_id=RunItem.objects.get().pk)

    assert Document.objects.get().file.name == "CR-2026-001.pdf"


def test_a_report_waits_for_the_meeting(by):
    report = actions.write_report(meeting=MeetingFactory(), by=by, **SIGNED)

    with pytest.raises(actions.ReportTooEarly):
        actions.publish_minutes(minutes=report, by=by, now=BEFORE, today=BEFORE.date())


def test_minutes_are_of_an_assembly_or_of_a_meeting(by):
    with pytest.raises(IntegrityError, match="governance_minutes_of_one"), transaction.atomic():
        Minutes.objects.create(chair="Aude", secretary="Luc")


def test_only_the_coordination_prepares_meetings(nord):
    meeting = MeetingFactory()

    for who in ("observer", "accountant", "administrator"):
        with pytest.raises(NotAllowed):
            actions.change_meeting(meeting=meeting, title="Autre", by=nord.actor(who), now=BEFORE)


@pytest.mark.parametrize(("title", "told"), [("Bureau", ""), ("Bureau de mars", "Bureau")])
def test_the_kind_of_a_meeting_is_told_beside_a_title_that_says_more(title, told):
    assert Meeting(title=title, kind="bureau").kind_told == told
