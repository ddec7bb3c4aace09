"""A held assembly: three structures and two partners on the roll, all but one in the room."""

import datetime as dt
from dataclasses import dataclass

import pytest

from governance import actions
from governance.enums import AssemblyState
from governance.models import Assembly, RollEntry
from hubs.actors import Actor
from members.models import College
from tests.cast import Cast
from tests.governance.factories import AssemblyFactory, RollEntryFactory
from tests.members.factories import CollegeFactory, FiscalYearFactory, MembershipFactory

NOW = dt.datetime(2026, 6, 15, 16, 30, tzinfo=dt.UTC)


@dataclass
class Meeting:
    assembly: Assembly
    structures: College
    partners: College
    # The first structure is that of the cast's members, the second gave it its proxy and is not there.
    entries: list[RollEntry]
    by: Actor

    def move(self, *states: AssemblyState) -> None:
        for state in states:
            self.assembly = actions.move_assembly(assembly=self.assembly, to=state, by=self.by)

    def hold(self) -> None:
        """Freeze the roll, note who comes, open."""
        self.move(AssemblyState.FROZEN)
        for entry in (self.entries[0], *self.entries[2:]):
            actions.arrive(entry=entry, by=self.by, now=NOW)
        self.move(AssemblyState.OPEN)


@pytest.fixture
def meeting(hub, nord) -> Meeting:
    """Convened, with a proxy from the second structure to the first."""
    return build_meeting(nord)


def build_meeting(cast: Cast) -> Meeting:
    by = cast.actor("coordinator")
    year = FiscalYearFactory(year=2026)
    structures, partners = CollegeFactory(name="Structures", rank=1), CollegeFactory(name="Partenaires", rank=2)
    assembly = AssemblyFactory(quorum_percent=50, proxies_per_holder=2)
    memberships = [
        MembershipFactory(organisation=cast.organisation, college=structures, fiscal_year=year),
        *MembershipFactory.create_batch(2, college=structures, fiscal_year=year),
        *MembershipFactory.create_batch(2, college=partners, fiscal_year=year),
    ]
    entries = [RollEntryFactory(assembly=assembly, membership=each) for each in memberships]
    actions.give_proxy(giver=entries[1], holder=entries[0], by=by, now=NOW)
    return Meeting(assembly, structures, partners, entries, by)
