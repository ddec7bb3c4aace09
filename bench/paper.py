"""Invoices: one against a bare WeasyPrint of the same HTML, and the memory of a worker that makes five hundred."""

import datetime as dt
import gc
import statistics
import time
from collections.abc import Callable
from decimal import Decimal

import psutil
from django.template.loader import render_to_string
from django.utils import timezone

from bench.__main__ import say, verdict
from bench.data import HUB
from billing.actions import account_for, charge, issue_month
from billing.models import Invoice
from billing.papers import paper_of, title_of
from documents import rendering
from hubs.actions import create_hub
from hubs.actors import system
from hubs.models import Hub, RunItem
from hubs.scope import open_hub
from hubs.tasks import do_item
from parties.models import Organisation

FEW, MANY = 50, 500
LINES = 5
SLOWER, FATTER = 1.2, 1.05


def measure(rounds: int) -> bool:
    hub = _hub()
    issues = _issue(hub)
    with open_hub(hub):
        invoice = Invoice.objects.issued().select_related("account__organisation", "account__person").order_by("pk")[0]
        ours, bare = _timed(invoice, rounds)
    say(f"     an invoice of {LINES} lines: {ours * 1000:.0f} ms, bare {bare * 1000:.0f} ms")
    quick = verdict("invoice PDF", ours / bare, SLOWER, " times a bare WeasyPrint")
    few, many = _memory(hub)
    say(f"     a worker's memory: {few / 1e6:.0f} MB after {FEW} invoices, {many / 1e6:.0f} MB after {issues}")
    return all([quick, verdict("memory of a worker", many / few, FATTER, f" times that at {FEW}")])


def _hub() -> Hub:
    found = Hub.objects.filter(slug=HUB).first()
    return found or create_hub(slug=HUB, preset="petit-pole", host=f"{HUB}.localhost", today=timezone.localdate())


def _issue(hub: Hub) -> int:
    """Close the month with an invoice for each of five hundred structures; their papers are left to make."""
    today = timezone.localdate()
    with open_hub(hub):
        by = system(hub.pk)
        for number in range(MANY):
            structure = Organisation.objects.create(
                name=f"Papier {number:03d}", legal_form="association", address="1 rue des Papiers", town="Dijon"
            )
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
    return _do(hub, list(_waiting(hub, "billing.issue_invoice", run.pk)))


def _waiting(hub: Hub, job: str, run_id: int | None = None) -> list[int]:
    with open_hub(hub):
        items = RunItem.objects.filter(job=job, state="todo", **({"run": run_id} if run_id else {}))
        return list(items.order_by("pk").values_list("pk", flat=True))


def _do(hub: Hub, items: list[int]) -> int:
    for item in items:
        do_item(hub_id=hub.pk, item_id=item)
    return len(items)


def _memory(hub: Hub) -> tuple[int, int]:
    """Resident bytes after the first papers and after all of them, in this process: no worker is replaced."""
    items = _waiting(hub, "billing.render_invoice")
    _do(hub, items[:FEW])
    few = _resident()
    _do(hub, items[FEW:])
    return few, _resident()


def _resident() -> int:
    gc.collect()
    return psutil.Process().memory_info().rss


def _timed(invoice: Invoice, rounds: int) -> tuple[float, float]:
    """Our invoice and the bare one, in seconds: medians, one after the other."""
    import weasyprint

    seller, _buyer = invoice.frozen
    assert invoice.issued_at is not None  # noqa: S101
    issued_at: dt.datetime = invoice.issued_at
    title = title_of(invoice)

    def ours() -> None:
        rendering.render_pdf(
            template="billing/invoice_pdf.html",
            context=paper_of(invoice),
            issued_at=issued_at,
            title=title,
            author=seller["name"],
        )

    html = render_to_string("billing/invoice_pdf.html", {**paper_of(invoice), "document_title": title})
    ours()
    engine = rendering._get_engine()

    def bare() -> None:
        weasyprint.HTML(string=html, url_fetcher=engine.fetcher).write_pdf(
            font_config=engine.fonts, stylesheets=[engine.stylesheet]
        )

    bare()
    pairs = [(_seconds(ours), _seconds(bare)) for _ in range(rounds * 10)]
    return statistics.median(mine for mine, _ in pairs), statistics.median(theirs for _, theirs in pairs)


def _seconds(call: Callable[[], None]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
