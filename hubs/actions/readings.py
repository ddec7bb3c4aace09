"""Who looked at what, and when: the one write that a page makes (docs/adr/0012)."""

import datetime as dt
from collections.abc import Sequence

from django.db import connection

from hubs.actors import Actor
from hubs.scope import current_hub_id


def note_reading(*, what: str, things: Sequence[str], by: Actor, today: dt.date) -> None:
    """Count one more look of this actor at these things today. Rules never read it; the person looked at does."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO hubs_reading (hub_id, what, thing, user_id, who, day, count) VALUES (%s, %s, %s, %s, %s, %s, 1)"
            " ON CONFLICT ON CONSTRAINT hubs_reading_once_a_day DO UPDATE SET count = hubs_reading.count + 1",
            [[current_hub_id(), what, thing, by.user_id, by.name, today] for thing in things],
        )
