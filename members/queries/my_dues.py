"""What a member reads of its own dues, and of the years when it was none."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q

from billing.models import Instalment
from billing.queries import is_late, parts_of
from hubs.actors import Actor
from members.models import DatesRequest, FiscalYear, Membership
from members.queries.dues import Row, row_of, rows_of
from members.queries.memberships import memberships_by_year, year_in_force
from parties.models import Organisation, Person
from parties.rules import administered


@dataclass(frozen=True)
class OwnYear:
    """A fiscal year of a member; without a membership, it was none. `row` is None where its dues were never called."""

    year: FiscalYear
    membership: Membership | None
    row: Row | None


@dataclass(frozen=True)
class OwnDues:
    """`current` is of the year in force, called or as it would be; `parts` are the dates agreed to pay it.

    `is_late` is whether one of its dates is past and not paid; `asked` is whether a request to pay it in several dates waits for its answer.
    """

    member: Organisation | Person
    current: Row | None
    parts: list[Instalment]
    is_late: bool
    asked: bool
    years: list[OwnYear]


def members_acted_for(actor: Actor) -> list[Organisation | Person]:
    """The structures that the actor administers, and the actor's own person; two queries at most."""
    found: list[Organisation | Person] = []
    if structures := administered(actor):
        found += Organisation.objects.filter(pk__in=structures).by_name()
    if actor.person_id is not None and not actor.is_guest:
        found += Person.objects.filter(pk=actor.person_id)
    return found


def own_dues(actor: Actor, on: dt.date) -> list[OwnDues]:
    """The dues of each member the actor acts for; those that never were members are left out."""
    return [own for member in members_acted_for(actor) if (own := _own(member, on)) is not None]


def _own(member: Organisation | Person, on: dt.date) -> OwnDues | None:
    by_year = memberships_by_year(member, on)
    if not by_year:
        return None
    in_force = year_in_force(on)
    held = [membership for _year, membership in by_year if membership]
    called = Membership.objects.filter(pk__in=[each.pk for each in held], dues_call__isnull=False)
    rows = {row.membership.pk: row for row in rows_of(called, held[0].fiscal_year, on)}
    current = next((each for each in held if each.fiscal_year == in_force and each.left_on is None), None)
    row = (rows.get(current.pk) or row_of(current, on)) if current else None
    return OwnDues(
        member=member,
        current=row,
        parts=parts_of(row.invoice) if row and row.invoice else [],
        is_late=bool(row and row.invoice and row.due and is_late(row.invoice, on)),
        asked=bool(row and row.call and DatesRequest.objects.waiting().filter(call=row.call).exists()),
        years=[OwnYear(year, each, rows.get(each.pk) if each else None) for year, each in by_year],
    )


def current_rows(actor: Actor, on: dt.date) -> list[Row]:
    """The dues of the year in force of each member the actor acts for; at most ten queries, none for visitors."""
    year = year_in_force(on) if actor.person_id is not None else None
    if year is None:
        return []
    own = Q(organisation__in=administered(actor))
    if not actor.is_guest:
        own |= Q(person=actor.person_id)
    held = Membership.objects.filter(own, fiscal_year=year, left_on=None)
    return rows_of(held.order_by("pk"), year, on) if held.exists() else []
