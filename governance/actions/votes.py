"""The votes themselves: hands counted by staff, or one vote for each voice, nominal or secret."""

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from governance.actions.resolutions import TooManyHands
from governance.enums import BallotKind, Choice
from governance.models import HandCount, NominalVote, Resolution, RollEntry
from governance.queries import voices_in_hand
from governance.rules import runs_assemblies
from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import NotAllowed, Refusal, refusing
from members.models import College


class AlreadyVoted(Refusal):
    message = _("Cette voix a déjà voté\u00a0: elle ne compte qu’une fois.")


class Absent(Refusal):
    message = _("Ne votent que les membres présents ou représentés\u00a0: passez d’abord à l’accueil.")


class VoteNotOpen(Refusal):
    message = _("Ce vote n’est pas ouvert.")


_REFUSALS: dict[str, type[Refusal]] = {
    "governance_handcount_within_room": TooManyHands,
    "governance_nominalvote_once": AlreadyVoted,
    "governance_secretmarker_voted": AlreadyVoted,
    "governance_vote_absent": Absent,
    "governance_vote_not_open": VoteNotOpen,
}


@transaction.atomic
def count_hands(
    *, resolution: Resolution, college: College, in_favour: int, against: int, abstained: int, by: Actor
) -> HandCount:
    """Note the hands of a college, in voices; again corrects them. Raises TooManyHands, VoteNotOpen."""
    if not runs_assemblies(by):
        raise NotAllowed(_("La coordination compte les mains levées."))
    counted = {"in_favour": in_favour, "against": against, "abstained": abstained}
    with refusing(_REFUSALS):
        kept, _is_new = HandCount.objects.update_or_create(resolution=resolution, college=college, defaults=counted)
    record(
        by=by, verb="governance.hands_counted", thing=resolution, after={"college": college.name, **counted},
        concerns=resolution.assembly,
    )  # fmt: skip
    return kept


@transaction.atomic
def cast_vote(*, resolution: Resolution, entry: RollEntry, choice: Choice, by: Actor) -> None:
    """Vote with the voice of `entry`, one's own or one that a proxy gave. Once: a second tab is refused.

    A secret vote writes nothing in the log now. Raises AlreadyVoted, Absent, VoteNotOpen.
    """
    if entry.pk not in {voice.entry.pk for voice in voices_in_hand(by, resolution.assembly_id)}:
        raise Absent
    with refusing(_REFUSALS):
        if resolution.ballot == BallotKind.SECRET:
            with connection.cursor() as cursor:
                cursor.execute("SELECT governance_secret_vote(%s, %s, %s)", [resolution.pk, entry.pk, choice.value])
            return
        NominalVote.objects.create(resolution=resolution, entry=entry, choice=choice)
    record(by=by, verb="governance.voted", thing=entry, after={"choice": choice}, concerns=resolution)
