"""The worker and beat, killed with -9 at any moment: what they were doing is done once, wholly."""

import random
import time

import pytest

from tests.bad_luck.instance import Answer, Instance, until

DOCUMENTS = "SELECT count(*) FROM documents_document WHERE hub_id = %s"


def issue(site: Instance, hub: dict) -> Answer:
    """The click that issues last month."""
    path = f"/gestion/facturation/mois/{hub['month']}/emission/"
    answer = site.post(path, {"seen": ""}, hub=hub["slug"], session=hub["staff"]["session"])
    assert (answer.status, answer.headers["Location"]) == (302, path.replace("emission", "resultat")), answer.text
    return answer


def is_done(site: Instance, hub: dict, invoices: int) -> bool:
    """Every item done, every mail settled."""
    done = site.one("SELECT count(*) FROM hubs_runitem WHERE hub_id = %s AND state = 'done'", hub["id"])
    mails = site.one("SELECT count(*) FROM hubs_mail WHERE hub_id = %s AND state = 'sent'", hub["id"])
    return (done, mails) == (2 * invoices, invoices)


def outcome(site: Instance, hub: dict) -> dict[str, object]:
    """What the month has left: the numbers, the papers and the mails."""
    numbers = site.rows("SELECT sequence FROM billing_invoice WHERE hub_id = %s ORDER BY sequence", hub["id"])
    delivered = sorted(path.name for path in (site.data / "mail").glob(f"{hub['slug']}.*"))
    keys = [key for (key,) in site.rows("SELECT key FROM documents_storedfile WHERE hub_id = %s", hub["id"])]
    sizes = site.rows("SELECT key, size FROM documents_storedfile WHERE hub_id = %s", hub["id"])
    return {
        "numbers": [number for (number,) in numbers],
        "last": site.one("SELECT last FROM billing_numberseries WHERE hub_id = %s", hub["id"]),
        "papers": site.one(DOCUMENTS, hub["id"]),
        "papers of": site.one("SELECT count(DISTINCT source) FROM documents_document WHERE hub_id = %s", hub["id"]),
        "files": len(set(keys)),
        "whole files": sum((site.data / "private" / key).stat().st_size == size for key, size in sizes),
        "mails": site.one("SELECT count(*) FROM hubs_mail WHERE hub_id = %s", hub["id"]),
        "mails about": site.one("SELECT count(DISTINCT about) FROM hubs_mail WHERE hub_id = %s", hub["id"]),
        "delivered": len(delivered),
    }


def all_of(invoices: int) -> dict[str, object]:
    counted = ("papers", "papers of", "files", "whole files", "mails", "mails about", "delivered")
    return {"numbers": list(range(1, invoices + 1)), "last": invoices, **dict.fromkeys(counted, invoices)}


@pytest.mark.feature("BI4")
def test_a_worker_killed_at_random_moments_of_a_month_leaves_no_hole_and_nothing_twice(site, full, tell):
    kills, invoices = (20, 300) if full else (3, 30)
    hub = site.new_hub(invoices=invoices)
    dice = random.Random()
    with site.running():
        start = time.monotonic()
        issue(site, hub)
        worker = site.processes["worker"]
        for rank in range(kills):
            # After so many papers more, then at any moment of the next quarter of a second.
            wanted = (rank + 1) * invoices // (kills + 2)
            until(lambda wanted=wanted: site.one(DOCUMENTS, hub["id"]) >= wanted or not _waits(site, hub), 300)
            time.sleep(dice.random() / 4)  # the moment is the dice's: nothing is waited for
            worker.kill()
            until(worker.is_alive)
        killed = time.monotonic()
        if not full:
            site.let_time_pass()
        until(lambda: is_done(site, hub, invoices), 300 - (killed - start) if full else 120)
        seconds = time.monotonic() - start

    assert outcome(site, hub) == all_of(invoices)
    interrupted = site.one("SELECT count(*) FROM hubs_mail WHERE hub_id = %s AND tries > 1", hub["id"])
    tell(f"{kills} kills, {invoices} invoices, done in {seconds:.0f} s; {interrupted} mails taken up again")


def _waits(site: Instance, hub: dict) -> bool:
    """Something is left that nobody was doing when it was killed."""
    return bool(site.one("SELECT count(*) FROM hubs_runitem WHERE hub_id = %s AND state = 'todo'", hub["id"]))
