"""What waits around a meeting, in à faire."""

import datetime as dt

import pytest

from governance import actions
from governance.todos_meetings import meetings_waiting
from tests.governance.factories import InviteeFactory, MeetingFactory

pytestmark = pytest.mark.usefixtures("hub")


def at(month: int, day: int, hour: int = 8) -> dt.datetime:
    return dt.datetime(2026, month, day, hour, tzinfo=dt.UTC)


def told(now: dt.datetime) -> list[str]:
    return [todo.reason.replace("\u00a0", " ") for todo in meetings_waiting(now)]


def test_a_meeting_comes_up_to_invite_then_to_report_and_goes_once_reported(nord, django_assert_num_queries):
    by, meeting = nord.actor("coordinator"), MeetingFactory()
    InviteeFactory.create_batch(2, meeting=meeting)
    MeetingFactory(starts_at=at(6, 10), called_off_at=at(6, 1))

    assert [told(at(5, 31)), told(at(6, 2))] == [[], ["2 personnes restent à inviter."]]
    actions.call_invitees(meeting=meeting, by=by, now=at(6, 2))
    assert told(at(6, 3)) == []
    with django_assert_num_queries(1):
        held = told(at(6, 16))
    assert held == ["La réunion a eu lieu : son compte rendu n’est pas publié."]
    report = actions.write_report(meeting=meeting, chair="Aude", secretary="Luc", words="", by=by)
    actions.publish_minutes(minutes=report, by=by, now=at(6, 17), today=at(6, 17).date())
    assert told(at(6, 18)) == []
