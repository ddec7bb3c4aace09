"""What someone who reads every table can join of a secret vote: nothing."""

import pytest
from django.db import connections

from governance import actions
from governance.enums import Choice
from governance.models import SecretMarker
from governance.queries import voices_in_hand
from hubs.models import AuditEntry
from hubs.scope import open_hub
from tests.cast import cast_of
from tests.governance.conftest import NOW, build_meeting
from tests.governance.factories import ResolutionFactory


def rows(cursor, query: str) -> list[tuple]:
    cursor.execute(query)
    return cursor.fetchall()


@pytest.fixture
def voted(committed):
    """A secret vote of two voices, each in its own committed transaction, and still open."""
    cast = cast_of("clos")
    with open_hub(cast.hub):
        meeting = build_meeting(cast)
        meeting.hold()
        made = ResolutionFactory(assembly=meeting.assembly, secret=True)
        resolution = actions.open_resolution(resolution=made, by=meeting.by, now=NOW)
        member = cast.actor("administrator")
        voices = voices_in_hand(member, meeting.assembly.pk)
    for voice, choice in zip(voices, (Choice.FOR, Choice.AGAINST), strict=True):
        with open_hub(cast.hub):
            actions.cast_vote(resolution=resolution, entry=voice.entry, choice=choice, by=member)
    return cast, meeting, resolution


def test_no_transaction_place_or_log_tells_a_voter_from_a_choice(voted, caplog):
    cast = voted[0]
    with connections["owner"].cursor() as cursor:
        counts = rows(
            cursor, "SELECT xmin::text, ctid::text, id, choice FROM governance_secretcount AS kept ORDER BY kept.ctid"
        )
        markers = rows(
            cursor, "SELECT xmin::text, ctid::text, entry_id FROM governance_secretmarker AS kept ORDER BY kept.ctid"
        )
        columns = rows(
            cursor,
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_name IN ('governance_secretmarker', 'governance_secretcount') AND data_type LIKE 'time%'",
        )
        joined = rows(
            cursor,
            "SELECT log.id FROM hubs_auditentry log JOIN governance_secretcount count ON count.xmin = log.xmin"
            " UNION ALL SELECT log.id FROM hubs_auditentry log JOIN governance_secretmarker mark"
            " ON mark.xmin = log.xmin",
        )

    assert {xmin for xmin, *_rest in counts} == {xmin for xmin, *_rest in markers}
    assert len({xmin for xmin, *_rest in counts}) == 1
    assert [entry for _xmin, _ctid, entry in markers] == sorted(entry for _xmin, _ctid, entry in markers)
    assert [pk for _xmin, _ctid, pk, _choice in counts] == sorted(pk for _xmin, _ctid, pk, _choice in counts)
    assert (columns, joined) == ([], [])
    with open_hub(cast.hub):
        assert not AuditEntry.objects.filter(verb="governance.voted").exists()
    assert not [record for record in caplog.records if "against" in record.getMessage()]


def test_the_log_says_who_voted_at_one_hour_and_nothing_else(voted):
    cast, meeting, resolution = voted
    with open_hub(cast.hub):
        actions.close_resolution(resolution=resolution, by=meeting.by, now=NOW)

        told = list(AuditEntry.objects.filter(verb="governance.voted").order_by("pk"))

        assert SecretMarker.objects.filter(has_voted=True).count() == 2
    assert [entry.label for entry in told] == [entry.name for entry in meeting.entries[:2]]
    assert all((entry.before, entry.after, entry.reason) == (None, None, "") for entry in told)
    assert {entry.concerns for entry in told} == {f"governance.resolution:{resolution.pk}"}
    assert len({entry.at.replace(microsecond=0) for entry in told}) == 1
