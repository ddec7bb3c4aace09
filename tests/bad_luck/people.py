"""Clients of a hub under load: who books, who looks."""

import datetime as dt
import random
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

from django.utils import timezone

from tests.bad_luck.instance import Answer, Instance

BOOKED = "SELECT request_key::text FROM spaces_booking WHERE hub_id = %s"
# Every half hour from three to eleven at night, which the change of hour leaves alone, weekends too, from tomorrow on:
# nearly 7,000 in all.
HALVES = range(6, 46)
DAYS = 170


def slots(rank: int, clients: int) -> Iterator[dict[str, str]]:
    """Half hours that no other client asks for, one after the other."""
    for number in range(rank, DAYS * len(HALVES), clients):
        days, rest = divmod(number, len(HALVES))
        half = HALVES[rest]
        day = timezone.localdate() + dt.timedelta(days=1 + days)
        starts, ends = (f"{n // 2:02d}:{n % 2 * 30:02d}" for n in (half, half + 1))
        yield {"day": day.isoformat(), "starts": starts, "ends": ends}


class Booker:
    """A member who books, and sends a form that was not answered again until it is, as its page says to do."""

    def __init__(self, site: Instance, hub: dict[str, Any], rank: int) -> None:
        self.site, self.hub, self.member = site, hub, hub["members"][rank]
        self.slots = slots(rank, len(hub["members"]))
        self.booked: list[str] = []
        self.form: dict[str, Any] = {}

    def __call__(self) -> Answer:
        if not self.form:
            key = str(uuid4())
            self.form = {**next(self.slots), "organisation": self.member["organisation"], "request_key": key}
        answer = self.site.post(
            f"/mon-espace/reserver/{self.hub['place']}/",
            {"title": "Répétition", **self.form},
            hub=self.hub["slug"],
            session=self.member["session"],
        )
        if answer.status == 302 and "/compte/" not in answer.headers["Location"]:
            self.booked.append(self.form["request_key"])
            self.form = {}
        return answer


def bookers(site: Instance, hub: dict[str, Any], count: int) -> list[Booker]:
    return [Booker(site, hub, rank) for rank in range(count)]


def reader(site: Instance, hub: dict[str, Any], rank: int = 0) -> Callable[[], Answer]:
    """A member who looks around."""
    dice = random.Random(rank)
    member = hub["members"][rank]
    paths = ("/", "/mon-espace/", "/mon-espace/reservations/", f"/mon-espace/reserver/{hub['place']}/")
    return lambda: site.get(dice.choice(paths), hub=hub["slug"], session=member["session"])


def kept_once(site: Instance, hub: dict[str, Any], people: list[Booker]) -> bool:
    """What was said to be booked is booked, once, charged once, and told once to the log; and nothing else is."""
    told = sorted(key for person in people for key in person.booked)
    unanswered = {person.form["request_key"] for person in people if person.form}
    found = sorted(key for (key,) in site.rows(BOOKED, hub["id"]))
    charged = site.rows(
        "SELECT count(*), count(DISTINCT source) FROM billing_charge WHERE hub_id = %s AND kind = 'booking'", hub["id"]
    )
    logged = site.one("SELECT count(*) FROM hubs_auditentry WHERE hub_id = %s AND verb = 'spaces.booked'", hub["id"])
    return sorted(set(found) - unanswered) == told and charged == [(len(found), len(found))] and logged == len(found)
