"""Two at once, each on a connection of its own: one voice counts once."""

from collections import Counter

import pytest

from governance import actions
from governance.enums import Choice
from governance.models import NominalVote, SecretCount, SecretMarker
from hubs.scope import open_hub
from tests.cast import cast_of
from tests.governance.conftest import NOW, build_meeting
from tests.governance.factories import ResolutionFactory
from tests.spaces.races import race

ONCE = Counter({"voted": 1, str(actions.AlreadyVoted.message): 1})


@pytest.fixture
def cast(committed):
    return cast_of("course")


def put(cast, ballot: str):
    with open_hub(cast.hub):
        meeting = build_meeting(cast)
        meeting.hold()
        made = ResolutionFactory(assembly=meeting.assembly, ballot=ballot)
        return meeting, actions.open_resolution(resolution=made, by=meeting.by, now=NOW)


@pytest.mark.parametrize("ballot", ["nominal", "secret"])
def test_two_tabs_vote_once(cast, ballot):
    meeting, resolution = put(cast, ballot)
    choices = [Choice.FOR, Choice.AGAINST]

    def attempt() -> str:
        with open_hub(cast.hub):
            actions.cast_vote(
                resolution=resolution, entry=meeting.entries[0], choice=choices.pop(), by=cast.actor("administrator")
            )
        return "voted"

    assert race(2, attempt) == ONCE
    with open_hub(cast.hub):
        actions.close_resolution(resolution=resolution, by=meeting.by, now=NOW)
        cast_votes = NominalVote.objects.count() + sum(SecretCount.objects.values_list("ballots", flat=True))
        assert (cast_votes, SecretMarker.objects.filter(has_voted=True).count()) == (1, int(ballot == "secret"))
