"""What an assembly is to a member: their voices, their proxies, what they contested."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from governance.enums import AssemblyState, BallotKind, ResolutionState
from governance.models import Assembly, Attendance, Proxy, Resolution, RollContest, RollEntry
from hubs.actors import Actor
from members.models import Membership
from parties.models import Organisation, Person
from parties.rules import administered, workplaces


@dataclass(frozen=True)
class Voice:
    """A member on the roll that someone speaks for, the proxy given and whether they are there."""

    entry: RollEntry
    proxy: Proxy | None


def _of(actor: Actor, organisations: list[int]) -> Q:
    own = Q(membership__organisation__in=organisations)
    return own | Q(membership__person=actor.person_id) if actor.person_id is not None else own


def voices_of(assembly: Assembly, actor: Actor) -> list[Voice]:
    """The entries that the actor speaks for, those without voice too. Two queries."""
    here = Attendance.objects.filter(entry=OuterRef("pk"), left_at=None)
    entries = list(
        RollEntry.objects.filter(_of(actor, administered(actor)), assembly=assembly)
        .annotate(is_here=Exists(here))
        .select_related("membership", "college", "assembly")
        .order_by("name", "pk")
    )
    proxies = Proxy.objects.live().filter(giver__in=entries).select_related("giver__membership", "holder")
    given = {proxy.giver_id: proxy for proxy in proxies}
    return [Voice(entry, given.get(entry.pk)) for entry in entries]


def is_called(assembly: Assembly, actor: Actor) -> bool:
    """Whether the actor, or a structure they work in, is on the roll: they read its papers."""
    return RollEntry.objects.filter(_of(actor, workplaces(actor)), assembly=assembly).exists()


def calls_of(actor: Actor, today: dt.date) -> QuerySet[Assembly]:
    """The assemblies to come or being held that the actor is called to, the next first.

    `has_vote`: a vote is open there that the actor casts from their space. One query.
    """
    on_roll = RollEntry.objects.filter(assembly=OuterRef("pk"))
    own = on_roll.filter(_of(actor, administered(actor)), votes=True)
    asked = Resolution.objects.filter(assembly=OuterRef("pk"), state=ResolutionState.OPEN)
    to_come = Q(state__in=(AssemblyState.CONVENED, AssemblyState.FROZEN), starts_at__date__gte=today)
    return (
        Assembly.objects.filter(to_come | Q(state=AssemblyState.OPEN))
        .filter(Exists(on_roll.filter(_of(actor, workplaces(actor)))))
        .annotate(has_vote=Exists(own) & Exists(asked.exclude(ballot=BallotKind.HANDS)))
        .order_by("starts_at", "pk")
    )


def speaks_as(actor: Actor) -> dict[str, Organisation | Person]:
    """The members, or those who believe they are, that the actor speaks for, by a key for forms.

    A sheet merged into another is one of them only for the memberships that stayed on it.
    """
    kept = Q(merged_into=None) | Exists(Membership.objects.filter(organisation=OuterRef("pk")))
    own = Organisation.objects.filter(kept, pk__in=administered(actor)).by_name()
    found: dict[str, Organisation | Person] = {f"s{each.pk}": each for each in own}
    if actor.person_id is not None:
        found[f"p{actor.person_id}"] = Person.objects.get(pk=actor.person_id)
    return found


def my_contests(assembly: Assembly, actor: Actor) -> QuerySet[RollContest]:
    """What was contested for the actor and for the structures that they administer, the last first."""
    own = Q(organisation__in=administered(actor)) | Q(made_by=actor.person_id)
    return _told(RollContest.objects.filter(own, assembly=assembly))


def contests_of(assembly: Assembly) -> QuerySet[RollContest]:
    """What was contested, what waits for its answer first."""
    return _told(RollContest.objects.filter(assembly=assembly))


def _told(contests: QuerySet[RollContest]) -> QuerySet[RollContest]:
    return contests.select_related("organisation", "person", "made_by", "assembly").order_by(
        F("answered_at").desc(nulls_first=True), "-made_at", "-pk"
    )


def proxies_of(assembly: Assembly) -> QuerySet[Proxy]:
    """The proxies in force, by who gives."""
    held = Proxy.objects.live().filter(giver__assembly=assembly).select_related("giver__college", "holder")
    return held.order_by("giver__name", "pk")
