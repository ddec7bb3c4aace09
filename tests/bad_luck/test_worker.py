"""The worker and beat, killed with -9 at any moment: what they were doing is done once, wholly."""

import random
import time

import psutil
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.bad_luck.instance import CSRF, Answer, Instance, until

FIVE_MINUTES = 300
# Of an invoice there are two: its PDF and the XML that it carries.
DOCUMENTS = "SELECT count(*) FROM documents_document WHERE kind = 'invoice' AND hub_id = %s"
FILES = "SELECT key, size FROM documents_storedfile WHERE hub_id = %s"


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
    sizes = site.rows(FILES, hub["id"])
    return {
        "numbers": [number for (number,) in numbers],
        "last": site.one("SELECT last FROM billing_numberseries WHERE hub_id = %s", hub["id"]),
        "papers": site.one(DOCUMENTS, hub["id"]),
        "papers of": site.one("SELECT count(DISTINCT source) FROM documents_document WHERE hub_id = %s", hub["id"]),
        "files": len({key for key, _size in sizes}),
        "whole files": sum((site.data / "private" / key).stat().st_size == size for key, size in sizes),
        "mails": site.one("SELECT count(*) FROM hubs_mail WHERE hub_id = %s", hub["id"]),
        "mails about": site.one("SELECT count(DISTINCT about) FROM hubs_mail WHERE hub_id = %s", hub["id"]),
        "delivered": len(delivered),
    }


def all_of(invoices: int) -> dict[str, object]:
    counted = dict.fromkeys(("papers", "papers of", "mails", "mails about", "delivered"), invoices)
    files = dict.fromkeys(("files", "whole files"), 2 * invoices)
    return {"numbers": list(range(1, invoices + 1)), "last": invoices, **counted, **files}


def _waits(site: Instance, hub: dict) -> bool:
    """Something is left that nobody was doing when it was killed."""
    return bool(site.one("SELECT count(*) FROM hubs_runitem WHERE hub_id = %s AND state = 'todo'", hub["id"]))


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
        until(lambda: is_done(site, hub, invoices), 600)
        seconds = time.monotonic() - start

    assert outcome(site, hub) == all_of(invoices)
    interrupted = site.one("SELECT count(*) FROM hubs_mail WHERE hub_id = %s AND tries > 1", hub["id"])
    tell(
        f"{kills} kills in {killed - start:.0f} s, {invoices} invoices, done in {seconds:.0f} s; "
        f"{interrupted} mails taken up again"
    )
    if full:
        assert seconds < FIVE_MINUTES


def in_a_transaction(site: Instance, query: str = "") -> bool:
    """Whether a process of the application is in the middle of one, `query` being the last thing that it asked."""
    held = "usename = 'coursive_app' AND xact_start < now() - interval '50 milliseconds'"
    found = site.as_superuser(f"SELECT query FROM pg_stat_activity WHERE {held}")
    return any(query in asked for (asked,) in found)


def test_a_worker_killed_while_it_makes_a_paper_leaves_nothing_of_it_and_makes_it_once(site, full):
    hub = site.new_hub(invoices=1)
    rendering = "SELECT count(*) FROM hubs_runitem WHERE hub_id = %s AND job = 'billing.render_invoice'"
    with site.running():
        issue(site, hub)
        for _ in range(3 if full else 1):
            until(lambda: site.one(rendering, hub["id"]) == 1 and in_a_transaction(site), what="a paper is being made")
            site.processes["worker"].kill()
            left = (
                site.one(DOCUMENTS, hub["id"]),
                site.one("SELECT count(*) FROM hubs_mail WHERE hub_id = %s", hub["id"]),
            )
            assert left == (0, 0)
            until(site.worker_is_ready)
            site.let_time_pass()
        until(lambda: is_done(site, hub, 1), what="the paper is made")

    assert outcome(site, hub) == all_of(1)


def test_two_beats_at_once_and_a_killed_one_do_nothing_twice(site, tell):
    invoices = 8
    hub = site.new_hub(invoices=invoices)
    with site.running():
        until(lambda: site.said("beat: Starting"), what="beat has started")
        worker = psutil.Process(site.processes["worker"].process.pid)
        group = [worker, *worker.children(recursive=True)]
        for process in group:
            process.suspend()
        issue(site, hub)
        site.valkey_client(lambda client: client.flushall())  # no nudge is left: beat must find it all
        site.age()
        site.processes["beat"].kill()
        site.another_beat()
        until(lambda: site.valkey_client(lambda client: client.llen("celery")) >= 2, what="both have rung")
        for process in group:
            process.resume()
        until(lambda: is_done(site, hub, invoices), 180)

    assert outcome(site, hub) == all_of(invoices)
    assert site.one("SELECT max(tries) FROM hubs_mail WHERE hub_id = %s", hub["id"]) == 1


@pytest.mark.feature("HU11")
def test_a_worker_killed_in_a_long_import_imports_all_or_nothing(site, full, tell):
    lines = 1_500
    hub = site.new_hub()
    imported = "SELECT count(*) FROM parties_organisation WHERE hub_id = %s AND name LIKE 'Importée%%'"
    moments = (
        ["", 'INSERT INTO "parties_organisation"', 'INSERT INTO "hubs_auditentry"']
        if full
        else ['INSERT INTO "parties_organisation"']
    )
    with site.running():
        start_import(site, hub, lines)
        for moment in moments:
            until(lambda moment=moment: in_a_transaction(site, moment), what=f"the import comes to {moment}")
            site.processes["worker"].kill()
            assert site.one(imported, hub["id"]) == 0
            until(site.worker_is_ready)
            site.let_time_pass()
        until(lambda: site.one("SELECT state FROM hubs_runitem WHERE hub_id = %s", hub["id"]) == "done", 180)

    assert site.one(imported, hub["id"]) == lines
    assert site.one("SELECT count(*) FROM members_membership WHERE hub_id = %s", hub["id"]) == lines
    tell(f"{lines} lines, killed {len(moments)} times: none, then all")


def start_import(site: Instance, hub: dict, lines: int) -> None:
    """Drop a file of so many lines, and import it."""
    rows = "".join(f"Importée {number};association;installée\n" for number in range(lines))
    file = SimpleUploadedFile("structures.csv", f"Nom;Forme juridique;Lien\n{rows}".encode())
    form = {"csrfmiddlewaretoken": CSRF, "file": file, "fiscal_year": hub["fiscal_year"]}
    who = {"hub": hub["slug"], "session": hub["staff"]["session"]}
    dropped = site.ask(
        "POST",
        "/gestion/membres/import/",
        body=encode_multipart(BOUNDARY, form),
        headers={"Content-Type": MULTIPART_CONTENT},
        **who,
    )
    assert dropped.status == 302, dropped.text
    begun = site.post(dropped.headers["Location"], {}, **who)
    assert "/suivi/travaux/" in begun.headers.get("Location", ""), begun.text
