"""What the room, the members and the staff read of a vote. Nothing of a secret vote before it is closed."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Q, Sum
from django.utils.translation import gettext as _

from governance.enums import BallotKind, Counting
from governance.models import (
    Assembly,
    Attendance,
    CollegeResult,
    NominalVote,
    Proxy,
    Resolution,
    RollEntry,
    SecretMarker,
)
from governance.queries.roll import roll_of
from governance.tally import Sheet, Tally, tally
from hubs.actors import Actor
from parties.rules import administered

_COLUMNS = (
    "percent", "voters", "present", "represented", "voices", "voices_here", "in_favour", "against", "abstained",
)  # fmt: skip


def sheets_of(resolutions: Iterable[Resolution]) -> dict[int, list[Sheet]]:
    """What each college voted, in the order of the colleges, by resolution. One query."""
    rows = (
        CollegeResult.objects.filter(resolution__in=list(resolutions))
        .order_by("college__rank", "college_id")
        .values("resolution_id", *_COLUMNS, college_name=F("college__name"))
    )
    found: dict[int, list[Sheet]] = {}
    for row in rows:
        sheet = Sheet(college=row["college_name"], **{name: row[name] for name in _COLUMNS})
        found.setdefault(row["resolution_id"], []).append(sheet)
    return found


def tallies_of(assembly: Assembly, resolutions: Iterable[Resolution]) -> dict[int, Tally]:
    """The results of the votes that are over, by resolution. One query."""
    counted = {each.pk: each for each in resolutions if each.is_counted}
    sheets = sheets_of(counted.values()) if counted else {}
    return {pk: tally(sheets.get(pk, []), each, assembly.quorum_percent) for pk, each in counted.items()}


def tally_of(resolution: Resolution) -> Tally:
    """One query, for the sheets, whatever the number of voters."""
    sheets = sheets_of([resolution]).get(resolution.pk, [])
    return tally(sheets, resolution, resolution.assembly.quorum_percent)


@dataclass(frozen=True)
class VoiceInHand:
    """A voice that someone may use now: their own, or that of `entry` by a proxy to `holder`."""

    entry: RollEntry
    holder: str = ""


def voices_in_hand(actor: Actor, assembly_id: int) -> list[VoiceInHand]:
    """The voices of those who are here and of whom they represent. Who gave a proxy and came votes in person."""
    here = Attendance.objects.filter(left_at=None)
    roll = RollEntry.objects.filter(assembly=assembly_id, votes=True).select_related("membership", "college")
    structures = administered(actor)
    mine = roll.filter(
        Q(membership__organisation__in=structures)
        | Q(membership__person=actor.person_id, membership__organisation=None),
        Exists(here.filter(entry=OuterRef("pk"))),
    )
    own = list(mine.order_by("name", "pk"))
    proxies = (
        Proxy.objects.live()
        .filter(~Exists(here.filter(entry=OuterRef("giver"))), holder__in=own, giver__votes=True)
        .select_related("giver__college", "holder")
        .order_by("giver__name", "pk")
    )
    return [*(VoiceInHand(entry) for entry in own), *(VoiceInHand(proxy.giver, proxy.holder.name) for proxy in proxies)]


def voted_among(resolution: Resolution, entries: Iterable[RollEntry]) -> dict[int, str]:
    """Which of these have voted, and what where the vote is nominal; a secret vote tells only that they have."""
    if resolution.ballot == BallotKind.SECRET:
        markers = SecretMarker.objects.filter(resolution=resolution, entry__in=list(entries), has_voted=True)
        return dict.fromkeys(markers.values_list("entry_id", flat=True), "")
    votes = NominalVote.objects.filter(resolution=resolution, entry__in=list(entries))
    return {vote.entry_id: vote.get_choice_display() for vote in votes}


def turnout_of(resolution: Resolution) -> tuple[int, int]:
    """How many voters have voted, and of how many; what they voted is not read."""
    if resolution.ballot == BallotKind.SECRET:
        counted = SecretMarker.objects.filter(resolution=resolution).aggregate(
            voted=Count("pk", filter=Q(has_voted=True)), voters=Count("pk")
        )
        return counted["voted"], counted["voters"]
    voters = RollEntry.objects.filter(assembly=resolution.assembly_id, votes=True).count()
    return NominalVote.objects.filter(resolution=resolution).count(), voters


def lone_voters(resolution: Resolution) -> list[str]:
    """Where a secret vote would be no secret: fewer than three voters weigh the same. One query."""
    is_by_college = resolution.counting == Counting.COLLEGES
    groups = (
        RollEntry.objects.filter(assembly=resolution.assembly_id, votes=True)
        .values(*(("college__rank", "college__name") if is_by_college else ()), "weight")
        .annotate(voters=Count("pk"))
        .filter(voters__lt=3)
        .order_by(*(("college__rank", "college__name") if is_by_college else ()), "weight")
    )
    names = [
        _("Collège «\u00a0%s\u00a0»") % row["college__name"] if is_by_college else _("L’assemblée entière")
        for row in groups
    ]
    return list(dict.fromkeys(names))


def voices_here_of(assembly: Assembly) -> dict[int, int]:
    """The voices present or represented, by college: no more hands can be raised. One query."""
    rows = (
        roll_of(assembly)
        .filter(Q(is_here=True) | Q(is_represented=True), votes=True)
        .order_by()
        .values("college_id")
        .annotate(voices=Sum("weight"))
    )
    return {row["college_id"]: row["voices"] for row in rows}
