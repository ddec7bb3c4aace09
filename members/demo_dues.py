"""The scales of the demo: by jobs from 300 to 4,000 € (seed S4, line 27; the steps between are ours), 20 € for people."""

import datetime as dt
from decimal import Decimal

from hubs.actors import system
from hubs.scope import current_hub_id
from members.actions import Bracket, adopt_scale, write_scale
from members.enums import DuesBasis, LateRule
from members.models import College, DuesScale, FiscalYear

BY_JOBS = ((0, 2, 300), (2, 6, 600), (6, 11, 1_000), (11, 26, 2_000), (26, None, 4_000))
FOR_PEOPLE = ((0, None, 20),)


def fill(today: dt.date) -> None:
    """Scales that a vote adopted for the year in force. Twice changes nothing."""
    year = FiscalYear.objects.opened_by(today).first()
    if year is None or DuesScale.objects.exists():
        return
    _adopt(year, None, DuesBasis.FTE, BY_JOBS, f"Barème {year.label}")
    for college in College.objects.live(today).filter(takes_people=True, takes_structures=False):
        _adopt(year, college, DuesBasis.FLAT, FOR_PEOPLE, f"Barème {year.label}, {college.name.lower()}")


def _adopt(
    year: FiscalYear,
    college: College | None,
    basis: DuesBasis,
    steps: tuple[tuple[int, int | None, int], ...],
    label: str,
) -> None:
    by = system(current_hub_id())
    brackets = [
        Bracket(Decimal(first), None if last is None else Decimal(last), amount=Decimal(amount))
        for first, last, amount in steps
    ]
    scale = write_scale(
        brackets=brackets,
        by=by,
        label=label,
        fiscal_year=year,
        college=college,
        basis=basis,
        late_rule=LateRule.MONTHS,
    )
    adopt_scale(scale=scale, on=year.starts_on, adopted_by="assemblée générale ordinaire", by=by)
