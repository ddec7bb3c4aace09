"""Who is to be told that their membership ends, or has ended; computed on the day, from what is paid by then."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from billing.models import Account
from billing.queries import recipients
from members.enums import DuesState
from members.models import FiscalYear, Membership, RenewalPolicy, RenewalReminder
from members.queries.dues import dues_states

# A reminder whose day passed so long ago is not sent any more: a hub that begins in June does not tell of January.
LATEST = 14
# Memberships that end further than that are not looked at.
FAR = dt.timedelta(days=400)


@dataclass(frozen=True)
class Renewal:
    """A reminder to send: `days` after the last day, below zero before. `ended_on` is left out of the membership.

    `next_membership` is that of the year after, when there is one: its dues are not paid.
    """

    membership: Membership
    days: int
    ended_on: dt.date
    to: list[str]
    next_membership: Membership | None

    @property
    def last_day(self) -> dt.date:
        return self.ended_on - dt.timedelta(days=1)

    @property
    def addresses(self) -> str:
        return ", ".join(self.to)

    @property
    def is_over(self) -> bool:
        return self.days >= 0


def renewal_policy() -> RenewalPolicy:
    """The hub's, or what it would be."""
    return RenewalPolicy.objects.first() or RenewalPolicy()


def renewal_plan(on: dt.date, policy: RenewalPolicy, only: Collection[int] | None = None) -> list[Renewal]:
    """The reminders that are due on that day and were not sent, one for each membership, in the order of the list.

    Whoever left, paid for the year after or has no address gets none. At most a handful of queries.
    """
    steps = [-days for days in policy.days_before] + list(policy.days_after)
    ends = Coalesce("dues_call__ends_on", "fiscal_year__ends_on")
    rows = Membership.objects.filter(left_on=None).annotate(ended_on=ends)
    rows = rows.filter(ended_on__range=(on - FAR, on + FAR)).select_related(
        "organisation", "person", "college", "fiscal_year"
    )
    if only is not None:
        rows = rows.filter(pk__in=only)
    held = {each.pk: each for each in rows.order_by("organisation__name", "person__family_name", "pk")}
    sent: dict[int, set[int]] = {}
    for pk, days in RenewalReminder.objects.filter(membership__in=held).values_list("membership_id", "days"):
        sent.setdefault(pk, set()).add(days)
    due: dict[int, int] = {}
    for pk, each in held.items():
        step = _due(each.ended_on, steps, sent.get(pk, set()), on)
        if step is not None:
            due[pk] = step
    after = _after([held[pk] for pk in due])
    settled = _settled(after.values(), on)
    mails = recipients([Account(pk=pk, organisation=held[pk].organisation, person=held[pk].person) for pk in due], on)
    plan = []
    for pk, days in due.items():
        following = after.get(pk)
        if (following and (following.left_on or following.pk in settled)) or not mails[pk]:
            continue
        plan.append(Renewal(held[pk], days, held[pk].ended_on, mails[pk], following))
    return plan


def _due(ended_on: dt.date, steps: list[int], sent: set[int], on: dt.date) -> int | None:
    """The last step whose day has come, unless it was said already, or too long ago."""
    since_last_day = (on - ended_on).days + 1
    reached = [days for days in steps if 0 <= since_last_day - days <= LATEST]
    latest = max(reached, default=None)
    return None if latest is None or any(days >= latest for days in sent) else latest


def _after(memberships: Collection[Membership]) -> dict[int, Membership]:
    """The membership of the next fiscal year of each of these, where it has one; by the id of the first. One query."""
    if not memberships:
        return {}
    following = (
        FiscalYear.objects.filter(starts_on__gt=OuterRef("fiscal_year__starts_on"))
        .order_by("starts_on")
        .values("pk")[:1]
    )
    next_year = dict(
        Membership.objects.filter(pk__in=[each.pk for each in memberships])
        .annotate(next_year=Subquery(following))
        .values_list("pk", "next_year")
    )
    by_member = {
        (each.organisation_id, each.person_id, each.fiscal_year_id): each
        for each in Membership.objects.filter(fiscal_year__in={pk for pk in next_year.values() if pk}).select_related(
            "fiscal_year", "dues_call__invoice"
        )
    }
    return {
        each.pk: found
        for each in memberships
        if (found := by_member.get((each.organisation_id, each.person_id, next_year[each.pk] or 0)))
    }


def _settled(memberships: Collection[Membership], on: dt.date) -> set[int]:
    """Those whose dues are paid, or need not be."""
    states: dict[int, DuesState] = {}
    for year in {each.fiscal_year for each in memberships}:
        states |= dues_states(year, on)
    return {each.pk for each in memberships if states.get(each.pk) in (DuesState.PAID, DuesState.EXEMPT)}
