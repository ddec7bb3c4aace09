"""What other apps add to the pages of members: members names none of them.

An AppConfig may have `commitments_after(organisation, person, on)`: what is booked from that day on, which a departure
leaves as it is, at the price of those who are not members for what is booked later.
"""

import datetime as dt
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from hubs.parts import hub_apps

if TYPE_CHECKING:
    from hubs.models import Hub
    from parties.models import Organisation, Person


@dataclass(frozen=True)
class Commitment:
    """Something the member has taken for a day to come."""

    starts_at: dt.datetime
    label: str


def commitments_after(
    hub: "Hub", organisation: "Organisation | None", person: "Person | None", on: dt.date
) -> list[Commitment]:
    """What the hub's open modules know of, the first day first."""
    found = chain.from_iterable(
        app.commitments_after(organisation, person, on) for app in hub_apps(hub) if hasattr(app, "commitments_after")
    )
    return sorted(found, key=lambda each: (each.starts_at, each.label))
