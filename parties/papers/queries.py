"""Which documents a sheet has, which it lacks, and which end soon."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q

from parties.enums import FieldReach, PaperState
from parties.merging.queries import on_sheet
from parties.models import Paper, PaperKind, PaperQuerySet
from parties.own_fields.queries import about_of
from parties.papers.rules import Thing


@dataclass(frozen=True)
class Slot:
    """A document that is asked for, what was given in use, and the versions before it, the last first."""

    kind: PaperKind
    current: Paper | None
    state: PaperState | None
    past: list[tuple[Paper, PaperState]]
    is_asked: bool


def slots_of(thing: Thing, on: dt.date, *, reach: Collection[FieldReach] = tuple(FieldReach)) -> list[Slot]:
    """What is asked of this structure or person, and what was asked once and given; two queries."""
    about = about_of(thing)
    papers = Paper.objects.filter(on_sheet(about, thing), kind__reach__in=reach).for_display()
    given: dict[int, list[Paper]] = {}
    for paper in papers.order_by("-deposited_at", "-pk"):
        given.setdefault(paper.kind_id, []).append(paper)
    live = Q(ends_on=None) | Q(ends_on__gt=on)
    kinds = PaperKind.objects.filter(about=about, reach__in=reach).filter(live | Q(pk__in=given))
    return [_slot(kind, given.get(kind.pk, []), on) for kind in kinds.order_by("rank", "pk")]


def _slot(kind: PaperKind, papers: list[Paper], on: dt.date) -> Slot:
    current = next((paper for paper in papers if paper.ended_at is None), None)
    return Slot(
        kind=kind,
        current=current,
        state=current.state(on) if current else None,
        past=[(paper, paper.state(on)) for paper in papers if paper is not current],
        is_asked=kind.ends_on is None or kind.ends_on > on,
    )


def papers_in_use() -> PaperQuerySet:
    """The documents in use of the structures and people that the hub knows."""
    return Paper.objects.current()


def ending_papers(on: dt.date) -> list[Paper]:
    """Those that are over or will be within the notice, as long as they are asked for, and from structures still open."""
    found = Paper.objects.expiring(on).filter(kind__ends_on=None).exclude(organisation__closed_on__lte=on)
    return list(found.for_display().order_by("expires_on", "pk"))
