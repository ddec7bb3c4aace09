"""A resignation at the end of the year, and a formal notice that runs."""

import datetime as dt

from hubs.actors import system
from hubs.scope import current_hub_id
from members.actions import open_strike_off, resign, set_departure_terms
from members.enums import ResignationEffect, StrikeCause
from members.models import DepartureTerms, Membership, Resignation, StrikeOff


def fill(today: dt.date) -> None:
    """Twice changes nothing."""
    by = system(current_hub_id())
    if not DepartureTerms.objects.exists():
        set_departure_terms(
            effect=ResignationEffect.YEAR_END, answer_days=30, starts_on=today - dt.timedelta(days=365), by=by
        )
    members = list(
        Membership.objects.in_force(today)
        .filter(left_on=None, organisation__isnull=False)
        .exclude(organisation__links__person__user__isnull=False)
        .select_related("organisation")
        .order_by("-pk")[:2]
    )
    if len(members) < 2:
        return
    leaving, late = (each.organisation for each in members)
    if leaving and not Resignation.objects.exists():
        resign(
            member=leaving, letter_on=today - dt.timedelta(days=9), by=by, today=today - dt.timedelta(days=7),
            reason="La compagnie s’installe dans une autre région.",
        )  # fmt: skip
    if late and not StrikeOff.objects.exists():
        open_strike_off(
            member=late, cause=StrikeCause.OTHER, by=by, today=today - dt.timedelta(days=20),
            grounds="Sans nouvelles depuis un an, malgré trois courriers.",
        )  # fmt: skip
