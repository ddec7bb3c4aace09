"""What meetings hold about a person, and what an erasure leaves."""

import datetime as dt

import pytest

from governance import actions, personal_meetings
from governance.models import Invitee
from governance.tokens import invitee_token
from parties.personal.queries import subject_of
from tests.governance.factories import InviteeFactory, MeetingFactory

pytestmark = pytest.mark.usefixtures("hub")

AFTER = dt.datetime(2026, 6, 15, 18, tzinfo=dt.UTC)


def test_a_person_reads_where_they_were_invited_and_an_erasure_takes_name_address_and_link(nord):
    person, by, meeting = nord.stranger, nord.actor("coordinator"), MeetingFactory()
    InviteeFactory(meeting=meeting, person=person, name="", email="")
    typed = InviteeFactory(meeting=meeting, name=str(person).upper(), email="gael@region.example")
    by_mail = InviteeFactory(name="G. M.", email=person.user.email.lower())
    other = InviteeFactory(meeting=meeting)
    link = invitee_token(typed)
    report = actions.write_report(meeting=meeting, chair="Aude", secretary="Luc", words="", by=by)
    actions.publish_minutes(minutes=report, by=by, now=AFTER, today=AFTER.date())
    subject = subject_of(person)

    (section,) = personal_meetings.personal_data(subject)
    personal_meetings.erase(subject)

    assert sorted(row[3] for row in section.rows) == sorted(["", "gael@region.example", person.user.email.lower()])
    kept = {each.pk: (each.name, each.email) for each in Invitee.objects.all()}
    assert (kept[typed.pk], kept[by_mail.pk]) == (("Personne effacée", ""), ("Personne effacée", ""))
    assert kept[other.pk] == (other.name, other.email)
    assert invitee_token(Invitee.objects.get(pk=typed.pk)) != link
    assert personal_meetings.personal_data(subject)[0].rows[0][2] == str(person)


def test_a_line_with_a_name_that_two_people_have_is_left(nord):
    subject = subject_of(nord.stranger)
    line = InviteeFactory(name=subject.name, email="autre@region.example")

    personal_meetings.erase(type(subject)(**{**subject.__dict__, "has_namesake": True}))

    assert Invitee.objects.get().name == line.name
