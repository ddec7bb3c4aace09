"""What the desk and the room read of an assembly."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q

from governance.models import Assembly, Attendance, Proxy, RollEntry, RollEntryQuerySet


def roll_of(assembly: Assembly) -> RollEntryQuerySet:
    """The roll by college, each entry with `is_here` and `is_represented`: by a live proxy whose holder is here."""
    here = Attendance.objects.filter(left_at=None)
    held = Proxy.objects.live().filter(giver=OuterRef("pk"))
    held = held.filter(Exists(here.filter(entry=OuterRef("holder"))))
    return (
        RollEntry.objects.filter(assembly=assembly)
        .annotate(is_here=Exists(here.filter(entry=OuterRef("pk"))), is_represented=Exists(held))
        .select_related("college")
        .order_by("college__rank", "college_id", "name", "pk")
    )


@dataclass(frozen=True)
class CollegeCount:
    """The voters of a college: how many there are, came, and are represented without being there."""

    college: str
    voters: int
    present: int
    represented: int

    @property
    def counted(self) -> int:
        return self.present + self.represented

    def missing(self, percent: int) -> int:
        """How many are still missing to reach `percent` of the voters."""
        return max(-(-self.voters * percent // 100) - self.counted, 0)


def counts_of(assembly: Assembly) -> list[CollegeCount]:
    """Present and represented, per college. One query."""
    rows = (
        roll_of(assembly)
        .filter(votes=True)
        .order_by()
        .values("college__rank", "college_id", "college__name")
        .annotate(
            voters=Count("pk"),
            present=Count("pk", filter=Q(is_here=True)),
            represented=Count("pk", filter=Q(is_here=False, is_represented=True)),
        )
        .order_by("college__rank", "college_id")
    )
    return [CollegeCount(row["college__name"], row["voters"], row["present"], row["represented"]) for row in rows]
