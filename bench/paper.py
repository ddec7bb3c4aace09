"""Invoices: one against a bare WeasyPrint of the same HTML, two workers against two of them, a worker's memory, the
checker's time."""

import datetime as dt
import gc
import multiprocessing
import statistics
import time
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from multiprocessing.synchronize import Barrier

import psutil
from django.db import connections
from django.template.loader import render_to_string
from django.utils import timezone

from bench.__main__ import say, verdict
from bench.data import HUB
from billing.actions import account_for, charge, issue_month
from billing.einvoice.facts import facts_of
from billing.models import Invoice
from billing.papers import paper_of, title_of
from documents import rendering
from hubs.actions import create_hub
from hubs.actors import system
from hubs.models import Hub, RunItem
from hubs.scope import open_hub
from hubs.tasks import do_item
from parties.models import Organisation

FEW, MANY, PAIRED = 50, 1000, 120
LINES = 5
SLOWER, FATTER = 1.2, 1.05
# Two workers that make, keep and mail what they print keep at least this share of the pace of two bare processes.
PACE = 0.55


def measure(rounds: int) -> bool:
    hub = _hub()
    _issue(hub)
    items = _waiting(hub, "billing.render_invoice")
    with open_hub(hub):
        invoice = Invoice.objects.issued().select_related("account__organisation", "account__person").order_by("pk")[0]
        html = render_to_string("billing/invoice_pdf.html", {**paper_of(invoice), "document_title": title_of(invoice)})
        ours, bare = _timed(invoice, html, rounds)
        checked = _checked(invoice, rounds)
    say(f"     an invoice of {LINES} lines: {ours * 1000:.0f} ms, bare {bare * 1000:.0f} ms")
    quick = verdict("invoice PDF", ours / bare, SLOWER, " times a bare WeasyPrint")
    say(f"     its schema and both schematrons: {checked * 1000:.0f} ms, in a process apart, before it is numbered")
    halves = [items[MANY::2], items[MANY + 1 :: 2]]
    pair = _together([partial(_do, hub, half) for half in halves])
    bare_pair = _together([partial(_print_bare, html, len(half)) for half in halves])
    say(
        f"     two workers, {PAIRED} invoices with their Factur-X: {PAIRED / pair:.1f} a second, bare {PAIRED / bare_pair:.1f}"
    )
    paired = verdict("two workers", pair / bare_pair, round(1 / PACE, 2), " times two bare processes")
    few, many = _memory(hub, items[:MANY])
    say(f"     a worker's memory: {few / 1e6:.0f} MB after {FEW} invoices, {many / 1e6:.0f} MB after {MANY}")
    return all([quick, paired, verdict("memory of a worker", many / few, FATTER, f" times that at {FEW}")])


def _hub() -> Hub:
    found = Hub.objects.filter(slug=HUB).first()
    return found or create_hub(slug=HUB, preset="petit-pole", host=f"{HUB}.localhost", today=timezone.localdate())


def _issue(hub: Hub) -> None:
    """Close the month with an invoice for each of many structures; their papers are left to make."""
    today = timezone.localdate()
    with open_hub(hub):
        by = system(hub.pk)
        for number in range(MANY + PAIRED):
            structure = Organisation.objects.create(
                name=f"Papier {number:04d}", legal_form="association", address="1 rue des Papiers", postcode="21000",
                town="Dijon", email="factures@papier.example",
            )  # fmt: skip
            for line in range(LINES):
                charge(
                    by=by,
                    account=account_for(organisation=structure),
                    source=f"bench.line:{number}-{line}",
                    kind="booking",
                    period=today,
                    on=today,
                    description="Salle de réunion",
                    detail="mardi 6 octobre, 9 h à 12 h, réservé par Camille Martin",
                    quantity=Decimal(3),
                    unit_label="h",
                    unit_price_excl=Decimal(12),
                    vat_code="service-20",
                )
        run = issue_month(month=today.replace(day=1), by=by, today=today)
    _do(hub, _waiting(hub, "billing.issue_invoice", run.pk))


def _waiting(hub: Hub, job: str, run_id: int | None = None) -> list[int]:
    with open_hub(hub):
        items = RunItem.objects.filter(job=job, state="todo", **({"run": run_id} if run_id else {}))
        return list(items.order_by("pk").values_list("pk", flat=True))


def _do(hub: Hub, items: list[int]) -> None:
    for item in items:
        do_item(hub_id=hub.pk, item_id=item)


def _together(acts: list[Callable[[], None]]) -> float:
    """Seconds until the last of them is done, each in a process of its own that has all it needs in memory."""
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    ready = fork.Barrier(len(acts) + 1)
    processes = [fork.Process(target=_when_ready, args=(ready, act)) for act in acts]
    for process in processes:
        process.start()
    ready.wait()
    start = time.perf_counter()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        raise SystemExit("bench: a process failed")
    return time.perf_counter() - start


def _when_ready(ready: Barrier, act: Callable[[], None]) -> None:
    ready.wait()
    act()


def _print_bare(html: str, times: int) -> None:
    for _time in range(times):
        _bare(html)


def _bare(html: str) -> None:
    import weasyprint

    engine = rendering._get_engine()
    weasyprint.HTML(string=html, url_fetcher=engine.fetcher).write_pdf(
        font_config=engine.fonts, stylesheets=[engine.stylesheet]
    )


def _checked(invoice: Invoice, rounds: int) -> float:
    """Seconds to check one document, once the checker has compiled its rules."""
    from billing.einvoice.checker import check_xml
    from billing.einvoice.cii import cii_xml

    xml = cii_xml(facts_of(invoice))
    if faults := check_xml(xml):
        raise SystemExit(f"bench: the invoice is refused: {faults}")
    return statistics.median(_seconds(lambda: check_xml(xml)) for _ in range(rounds * 10))


def _memory(hub: Hub, items: list[int]) -> tuple[int, int]:
    """Resident bytes after the first papers and after all of them, in this process: no worker is replaced."""
    _do(hub, items[:FEW])
    few = _resident()
    _do(hub, items[FEW:])
    return few, _resident()


def _resident() -> int:
    gc.collect()
    return psutil.Process().memory_info().rss


def _timed(invoice: Invoice, html: str, rounds: int) -> tuple[float, float]:
    """Our invoice and the bare one, in seconds: medians, one after the other."""
    seller, _buyer = invoice.frozen
    assert invoice.issued_at is not None  # noqa: S101
    issued_at: dt.datetime = invoice.issued_at

    def ours() -> None:
        rendering.render_pdf(
            template="billing/invoice_pdf.html",
            context=paper_of(invoice),
            issued_at=issued_at,
            title=title_of(invoice),
            author=seller["name"],
        )

    ours()
    _bare(html)
    pairs = [(_seconds(ours), _seconds(partial(_bare, html))) for _ in range(rounds * 10)]
    return statistics.median(mine for mine, _ in pairs), statistics.median(theirs for _, theirs in pairs)


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
