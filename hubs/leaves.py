"""Who is away and when the hub is closed, as delays, mails and pages ask it."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from hubs.enums import STAFF_ROLES
from hubs.models import HubClosure, Leave, StaffRole

DAY = dt.timedelta(days=1)
# A closure is told so long before it begins.
TOLD_AHEAD = dt.timedelta(days=10)


@dataclass(frozen=True)
class Calendar:
    """The days on which the hub is closed, read once: [from, to[."""

    closed: Sequence[tuple[dt.date, dt.date]] = ()

    def is_closed(self, day: dt.date) -> bool:
        return any(first <= day < after for first, after in self.closed)

    def open_day(self, day: dt.date) -> dt.date:
        """That day, or the one on which the team is back."""
        for first, after in self.closed:
            if first <= day < after:
                day = after
        return day

    def closed_days(self, after: dt.date, until: dt.date) -> int:
        """How many days the hub was closed after a day and until another, itself counted: a delay that stood still."""
        return sum(max(0, (min(until + DAY, end) - max(after + DAY, first)).days) for first, end in self.closed)


def calendar() -> Calendar:
    """The closures of the open hub, in order. One query."""
    return Calendar(list(HubClosure.objects.order_by("starts_on", "pk").values_list("starts_on", "ends_on")))


def open_day(day: dt.date) -> dt.date:
    """That day, or the one on which the team is back. One query."""
    return calendar().open_day(day)


def leaves_on(day: dt.date) -> dict[int, Leave]:
    """Who is away on that day, by their account. One query."""
    return {leave.user_id: leave for leave in Leave.objects.live(day).order_by("pk")}


def covered_by(user_id: int | None, leaves: Mapping[int, Leave]) -> set[int]:
    """The accounts of those whom this one stands in for."""
    return {leave.user_id for leave in leaves.values() if user_id is not None and leave.colleague_id == user_id}


def with_colleagues(emails: Iterable[str], day: dt.date) -> list[str]:
    """The addresses of people of the team, and those of whoever stands in for the absent among them."""
    asked = set(emails)
    covers = Leave.objects.live(day).filter(user__email__in=asked, colleague__isnull=False)
    return sorted(asked | set(covers.values_list("colleague__email", flat=True)))


@dataclass(frozen=True)
class Absence:
    """What those who wait are told: closed from a day, or already, and the day when someone is back."""

    starts_on: dt.date
    back_on: dt.date
    reason: str = ""
    is_now: bool = True

    @property
    def last_day(self) -> dt.date:
        return self.back_on - DAY


def absence_to_tell(today: dt.date) -> Absence | None:
    """The closure of today or of the days to come, or the leave of the whole team at once. Three queries at most."""
    coming = HubClosure.objects.filter(starts_on__lte=today + TOLD_AHEAD, ends_on__gt=today)
    if closure := coming.order_by("starts_on", "pk").first():
        return Absence(closure.starts_on, closure.ends_on, closure.reason, closure.starts_on <= today)
    leaves = leaves_on(today)
    if not leaves or _team(today) - set(leaves):
        return None
    back_on = min(leave.ends_on for leave in leaves.values())
    return Absence(max(leave.starts_on for leave in leaves.values()), calendar().open_day(back_on))


def _team(today: dt.date) -> Collection[int]:
    return set(StaffRole.objects.live(today).filter(role__in=STAFF_ROLES).values_list("user", flat=True))
