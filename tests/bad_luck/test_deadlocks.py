"""Sixteen people at once, on the same rooms and the same months: nobody waits for ever, nobody gets a 500."""

import datetime as dt
import random
import re
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.utils import timezone

from tests.bad_luck.instance import Answer, Instance, Load, odd, until
from tests.bad_luck.test_worker import issue

MEMBERS, INVOICES, ROOMS = 11, 40, 3
SIXTEEN_AT_ONCE = ("--workers", "4", "--worker-class", "gthread", "--threads", "4")


def hesitant(site: Instance, hub: dict[str, Any], rank: int) -> Callable[[], Answer]:
    """Books one of few rooms in a few hours that all want, and cancels every other time."""
    dice, member = random.Random(rank), hub["members"][rank]
    who = {"hub": hub["slug"], "session": member["session"]}
    held: list[str] = []

    def click() -> Answer:
        if held and dice.random() < 0.5:
            return site.post(f"{held.pop()}annuler/", {}, **who)
        day, hour = timezone.localdate() + dt.timedelta(days=dice.randint(2, 4)), dice.randint(8, 15)
        form = {
            "day": day.isoformat(),
            "starts": f"{hour:02d}:00",
            "ends": f"{hour + dice.randint(1, 3):02d}:00",
            "organisation": member["organisation"],
            "request_key": uuid4(),
            "title": "",
        }
        answer = site.post(f"/mon-espace/reserver/{hub['place']}/", form, **who)
        if answer.status == 302:
            held.append(answer.headers["Location"])
        return answer

    return click


def closer(site: Instance, hub: dict[str, Any], path: str) -> Callable[[], Answer]:
    """Previews or issues one of the months."""
    dice = random.Random(path)
    today = timezone.localdate()
    months = (f"{today:%Y-%m}", f"{today.replace(day=1) + dt.timedelta(days=32):%Y-%m}")
    who = {"hub": hub["slug"], "session": hub["staff"]["session"]}
    return lambda: site.post(f"/gestion/facturation/mois/{dice.choice(months)}/{path}", {"seen": ""}, **who)


def test_bookings_and_the_issue_of_months_at_the_same_time(site, full, tell):
    hub = site.new_hub(members=MEMBERS, invoices=INVOICES, units=ROOMS)
    numbered = "SELECT count(*) FROM billing_invoice WHERE hub_id = %s AND number IS NOT NULL"
    deadlocks_before = deadlocks(site)
    clients = [hesitant(site, hub, rank) for rank in range(MEMBERS)]
    clients += [closer(site, hub, path) for path in ("", "", "", "emission/", "emission/")]
    with site.running(web=SIXTEEN_AT_ONCE):
        start = time.monotonic()
        with Load(*clients) as load:
            issue(site, hub)
            until(lambda: time.monotonic() > start + (20 if full else 6))
        until(lambda: site.one(numbered, hub["id"]) >= INVOICES, 300)

    assert odd(load.answers, 200, 302, 422) == []
    assert deadlocks(site) == deadlocks_before
    held = "SELECT count(*) FROM spaces_booking WHERE hub_id = %s AND state = 'confirmed'"
    assert site.one(held, hub["id"]) > 0
    tell(
        f"{len(load.answers)} requests of {len(clients)} clients: {load.count(302)} done, {load.count(422)} refused "
        f"with words, {load.count(503)} 503, {load.count(500)} 500; no deadlock; longest {load.longest:.1f} s"
    )


def deadlocks(site: Instance) -> int:
    return len(re.findall("deadlock detected", site.place.postgres.log.read_text()))
