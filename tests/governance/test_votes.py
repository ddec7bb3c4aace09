"""Weights, resolutions and votes: what the actions refuse, and what the database refuses to whoever writes."""

from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from governance import actions
from governance.enums import AssemblyState, Choice
from governance.models import (
    AssemblyVoice,
    Attendance,
    CollegeResult,
    CollegeVoice,
    HandCount,
    NominalVote,
    Resolution,
    RollEntry,
    SecretCount,
    SecretMarker,
)
from governance.queries import tally_of, turnout_of, voices_in_hand
from hubs.models import AuditEntry, HubSettings
from hubs.refusals import NotAllowed
from hubs.scope import open_hub
from members.models import Membership
from parties.models import Organisation
from tests.governance.conftest import NOW
from tests.governance.factories import ResolutionFactory
from tests.members.factories import CollegeFactory, DuesScaleFactory
from tests.parties.factories import OrganisationFactory

DAY = NOW.date()


def weigh(meeting, first="50", second="50"):
    percents = {meeting.structures: Decimal(first), meeting.partners: Decimal(second)}
    actions.set_voices(starts_on=DAY, percents=percents, by=meeting.by)


def put(meeting, **given) -> Resolution:
    """A resolution whose vote is open."""
    made = ResolutionFactory(assembly=meeting.assembly, **given)
    return actions.open_resolution(resolution=made, by=meeting.by, now=NOW)


def seal(*given: object) -> None:
    """A secret vote as raw SQL casts it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT governance_secret_vote(%s, %s, %s)", given)


def end(meeting, resolution) -> Resolution:
    closed = actions.close_resolution(resolution=resolution, by=meeting.by, now=NOW)
    return actions.publish_result(resolution=closed, by=meeting.by)


def test_weights_make_a_hundred_and_replace_those_of_the_same_day(meeting):
    with pytest.raises(actions.VoicesNotWhole):
        weigh(meeting, "50", "49.99")
    assert not CollegeVoice.objects.exists()

    weigh(meeting, "60", "40")
    weigh(meeting, "33.33", "66.67")

    assert list(CollegeVoice.objects.order_by("percent").values_list("percent", flat=True)) == [
        Decimal("33.33"),
        Decimal("66.67"),
    ]


@pytest.mark.parametrize(("percents", "is_fine"), [((50, 40, 10), True), ((51, 39, 10), False), ((50, 41, 9), False)])
def test_in_a_scic_no_college_passes_half_nor_goes_under_a_tenth(meeting, percents, is_fine):
    HubSettings.objects.update(legal_form="scic")
    colleges = (meeting.structures, meeting.partners, CollegeFactory())
    given = {college: Decimal(percent) for college, percent in zip(colleges, percents, strict=True)}

    if is_fine:
        actions.set_voices(starts_on=DAY, percents=given, by=meeting.by)
    else:
        with pytest.raises(actions.VoicesOutOfScic):
            actions.set_voices(starts_on=DAY, percents=given, by=meeting.by)
    assert CollegeVoice.objects.exists() == is_fine


def test_the_weights_are_copied_when_the_roll_is_frozen_and_stay(meeting):
    weigh(meeting)
    meeting.move(AssemblyState.FROZEN)
    weigh(meeting, "60", "40")

    assert set(AssemblyVoice.objects.values_list("percent", flat=True)) == {Decimal(50)}
    assert AssemblyVoice.objects.update(percent=1) == 0
    with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        AssemblyVoice.objects.create(assembly=meeting.assembly, college=CollegeFactory(), percent=1)


def test_a_roll_is_not_frozen_while_a_college_that_votes_has_no_weight(meeting):
    actions.set_voices(starts_on=DAY, percents={meeting.structures: Decimal(100)}, by=meeting.by)

    with pytest.raises(actions.VoiceMissing):
        meeting.move(AssemblyState.FROZEN)


def test_the_voices_in_hand_a_member_are_frozen_with_the_roll(meeting):
    actions.set_weight(entry=meeting.entries[0], weight=3, by=meeting.by)
    meeting.move(AssemblyState.FROZEN)

    with pytest.raises(actions.RollWeightFrozen):
        actions.set_weight(entry=meeting.entries[0], weight=1, by=meeting.by)
    assert RollEntry.objects.get(pk=meeting.entries[0].pk).weight == 3


def test_resolutions_are_ordered_and_frozen_once_put_to_the_vote(meeting):
    values = {"text": "Texte.", "ballot": "hands", "counting": "heads", "base": "cast", "threshold": "simple"}
    first, second = (
        actions.write_resolution(
            assembly=meeting.assembly, by=meeting.by, title=title, quorum="none", scale=None, **values
        )
        for title in ("Une", "Deux")
    )
    actions.raise_resolution(resolution=second, by=meeting.by)
    assert list(Resolution.objects.order_by("rank").values_list("title", flat=True)) == ["Deux", "Une"]
    with pytest.raises(actions.AssemblyNotOpen):
        actions.open_resolution(resolution=first, by=meeting.by, now=NOW)
    meeting.hold()
    actions.open_resolution(resolution=first, by=meeting.by, now=NOW)

    with pytest.raises(actions.ResolutionFrozen):
        actions.change_resolution(resolution=first, by=meeting.by, title="Autre")
    with pytest.raises(actions.ResolutionFrozen):
        actions.drop_resolution(resolution=first, by=meeting.by)
    with pytest.raises(actions.VoteOpen):
        meeting.move(AssemblyState.CLOSED)
    with pytest.raises(IntegrityError, match="ne se modifie plus"), transaction.atomic():
        Resolution.objects.filter(pk=first.pk).update(state="published", outcome="adopted")
    actions.drop_resolution(resolution=second, by=meeting.by)
    assert Resolution.objects.get().title == "Une"


def test_a_vote_by_colleges_asks_for_weights(meeting):
    meeting.hold()

    with pytest.raises(actions.NoVoices):
        put(meeting, counting="colleges")


def test_hands_never_pass_the_voices_in_hand_the_room(meeting):
    meeting.hold()
    resolution = put(meeting)
    hands = {"resolution": resolution, "college": meeting.structures, "by": meeting.by}
    with pytest.raises(actions.TooManyHands):
        actions.count_hands(**hands, in_favour=2, against=1, abstained=1)

    actions.count_hands(**hands, in_favour=3, against=0, abstained=0)
    actions.count_hands(**hands, in_favour=2, against=1, abstained=0)
    told = end(meeting, resolution)

    assert told.outcome == "adopted"
    with pytest.raises(actions.VoteNotOpen):
        actions.count_hands(**hands, in_favour=1, against=1, abstained=1)
    assert HandCount.objects.count() == 1
    first = tally_of(told).sheets[0]
    assert (first.present, first.represented, first.in_favour, first.against) == (2, 1, 2, 1)


def test_each_voice_votes_once_for_itself_and_for_its_proxies(nord, meeting):
    meeting.hold()
    resolution = put(meeting, nominal=True)
    member = nord.actor("administrator")
    assert [(voice.entry, voice.holder) for voice in voices_in_hand(member, meeting.assembly.pk)] == [
        (meeting.entries[0], ""),
        (meeting.entries[1], meeting.entries[0].name),
    ]

    actions.cast_vote(resolution=resolution, entry=meeting.entries[0], choice=Choice.FOR, by=member)
    actions.cast_vote(resolution=resolution, entry=meeting.entries[1], choice=Choice.AGAINST, by=member)

    with pytest.raises(actions.AlreadyVoted):
        actions.cast_vote(resolution=resolution, entry=meeting.entries[0], choice=Choice.AGAINST, by=member)
    with pytest.raises(actions.Absent):
        actions.cast_vote(resolution=resolution, entry=meeting.entries[2], choice=Choice.FOR, by=member)
    with pytest.raises(actions.Absent):
        actions.cast_vote(resolution=resolution, entry=meeting.entries[0], choice=Choice.FOR, by=nord.actor("employee"))
    assert turnout_of(resolution) == (2, 5)
    with pytest.raises(IntegrityError, match="ne se modifie pas"), transaction.atomic():
        NominalVote.objects.update(choice="for")
    assert end(meeting, resolution).outcome == "tied"
    with pytest.raises(actions.VoteNotOpen):
        actions.cast_vote(resolution=resolution, entry=meeting.entries[0], choice=Choice.FOR, by=member)


def test_the_database_takes_no_vote_of_who_is_absent(meeting):
    meeting.hold()
    resolution = put(meeting, nominal=True)
    actions.undo_arrival(entry=meeting.entries[0], by=meeting.by)

    for entry in meeting.entries[:2]:
        with pytest.raises(IntegrityError, match="présents ou représentés"), transaction.atomic():
            NominalVote.objects.create(resolution=resolution, entry=entry, choice="for")


def test_a_secret_vote_is_sealed_until_it_closes_then_counted(nord, meeting):
    actions.set_weight(entry=meeting.entries[0], weight=2, by=meeting.by)
    meeting.hold()
    resolution = put(meeting, secret=True)
    member = nord.actor("administrator")
    for entry, choice in ((meeting.entries[0], Choice.FOR), (meeting.entries[1], Choice.AGAINST)):
        actions.cast_vote(resolution=resolution, entry=entry, choice=choice, by=member)

    with pytest.raises(actions.AlreadyVoted):
        actions.cast_vote(resolution=resolution, entry=meeting.entries[0], choice=Choice.FOR, by=member)
    assert not SecretCount.objects.exists()
    assert (SecretCount.objects.update(ballots=9), SecretMarker.objects.update(has_voted=False)) == (0, 0)
    assert turnout_of(resolution) == (2, 5)
    told = end(meeting, resolution)
    assert (told.outcome, SecretCount.objects.filter(ballots=1).count()) == ("adopted", 2)
    first = tally_of(told).sheets[0]
    assert (first.in_favour, first.against, first.voices, first.voices_here) == (2, 1, 4, 4)
    assert CollegeResult.objects.update(in_favour=0) == 0


def test_a_secret_vote_is_closed_to_another_hub(meeting, sud):
    meeting.hold()
    resolution = put(meeting, secret=True)
    with open_hub(sud.hub), pytest.raises(IntegrityError, match="pas ouvert"), transaction.atomic():
        seal(resolution.pk, meeting.entries[0].pk, "for")


def test_a_thousand_voters_are_counted_in_one_query(meeting, django_assert_num_queries):
    year = meeting.entries[0].membership.fiscal_year
    structures = Organisation.objects.bulk_create(OrganisationFactory.build_batch(1_000))
    memberships = Membership.objects.bulk_create(
        Membership(organisation=each, college=meeting.structures, fiscal_year=year, kind="resident")
        for each in structures
    )
    entries = RollEntry.objects.bulk_create(
        RollEntry(assembly=meeting.assembly, membership=each, college=meeting.structures, name=str(each.organisation))
        for each in memberships
    )
    meeting.hold()
    Attendance.objects.bulk_create(Attendance(entry=each, arrived_at=NOW) for each in entries)
    resolution = put(meeting, nominal=True)
    NominalVote.objects.bulk_create(
        NominalVote(resolution=resolution, entry=each, choice="for" if rank % 4 else "against")
        for rank, each in enumerate(entries)
    )

    closed = actions.close_resolution(resolution=resolution, by=meeting.by, now=NOW)

    with django_assert_num_queries(1):
        told = tally_of(closed)
    assert (told.share, told.sheets[0].voters, told.sheets[0].present) == (Fraction(3, 4), 1_003, 1_002)


def test_a_scale_is_adopted_by_the_resolution_that_passes(meeting):
    scale = DuesScaleFactory(fiscal_year=meeting.entries[0].membership.fiscal_year)
    meeting.hold()
    resolution = put(meeting, scale=scale)
    actions.count_hands(
        resolution=resolution, college=meeting.structures, in_favour=3, against=0, abstained=0, by=meeting.by
    )

    told = end(meeting, resolution)

    scale.refresh_from_db()
    assert (scale.adopted_on, scale.adopted_by, scale.vote) == (
        DAY,
        "Assemblée générale",
        f"governance.resolution:{told.pk}",
    )


def test_only_the_coordination_runs_votes(nord, meeting):
    meeting.hold()
    resolution = put(meeting)
    for who in ("receptionist", "elected", "administrator"):
        by = nord.actor(who)
        for act in (
            lambda by=by: actions.close_resolution(resolution=resolution, by=by, now=NOW),
            lambda by=by: actions.set_voices(starts_on=DAY, percents={}, by=by),
            lambda by=by: actions.count_hands(
                resolution=resolution, college=meeting.structures, in_favour=0, against=0, abstained=0, by=by
            ),
        ):
            with pytest.raises(NotAllowed):
                act()
    assert not AuditEntry.objects.filter(verb="governance.vote_closed").exists()
