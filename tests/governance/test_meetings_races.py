"""« Inviter » pressed twice at once, each on a connection of its own: one mail for each person."""

import datetime as dt
import threading
from collections import Counter

import pytest
from django.db.models.query import QuerySet

from governance import actions
from governance.models import InviteeQuerySet, Meeting
from hubs.actors import system
from hubs.models import Mail
from hubs.scope import open_hub
from tests.cast import cast_of
from tests.governance.factories import InviteeFactory, MeetingFactory
from tests.spaces.races import race

NOW = dt.datetime(2026, 5, 25, 8, tzinfo=dt.UTC)


@pytest.fixture
def cast(committed):
    return cast_of("course")


def _invite_twice(cast) -> tuple[Counter[str], int]:
    """What came of both, and how many mails left."""
    with open_hub(cast.hub):
        meeting = MeetingFactory()
        InviteeFactory.create_batch(3, meeting=meeting)

    def attempt() -> str:
        with open_hub(cast.hub) as hub:
            actions.call_invitees(meeting=Meeting.objects.get(pk=meeting.pk), by=system(hub.pk), now=NOW)
        return "invited"

    outcomes = race(2, attempt)
    with open_hub(cast.hub):
        return outcomes, Mail.objects.filter(about__startswith="governance.invitee:").count()


def test_without_the_lock_each_would_get_two_mails(cast, monkeypatch):
    both_have_read, for_display = threading.Barrier(2, timeout=10), InviteeQuerySet.for_display

    def read_by_both(queryset):
        found = list(for_display(queryset))
        both_have_read.wait()
        return found

    monkeypatch.setattr(QuerySet, "select_for_update", lambda queryset, *args, **kwargs: queryset)
    monkeypatch.setattr(InviteeQuerySet, "for_display", read_by_both)

    assert _invite_twice(cast) == (Counter({"invited": 2}), 6)


def test_each_gets_one_mail(cast):
    assert _invite_twice(cast) == (Counter({"invited": 1, str(actions.NobodyToInvite.message): 1}), 3)
