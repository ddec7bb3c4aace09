"""The close of a month of a thousand members and eight thousand charges, against the bare insert of the same rows."""

import contextlib
import datetime as dt
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from itertools import count
from typing import Any

from django.db import connection, connections
from django.utils import timezone

from bench.__main__ import say, verdict
from bench.data import analyse
from billing.actions import issue_month, preview_month
from billing.models import Account, Charge, Invoice, InvoiceLine, Issuer, VatRule
from hubs.actions import create_hub
from hubs.actors import system
from hubs.models import Hub
from hubs.scope import open_hub
from parties.models import Organisation

SLUG = "cloture"
FEW, MEMBERS, CHARGES = 10, 1_000, 8
MOST = 3.0


def measure() -> bool:
    today = timezone.localdate()
    hub = create_hub(slug=SLUG, preset="la-coursive", host=f"{SLUG}.localhost", today=today)
    first, second = (today.replace(day=1) - dt.timedelta(days=days) for days in (40, 1))
    few = _close(hub, first.replace(day=1), FEW, today)
    many = _close(hub, second.replace(day=1), MEMBERS, today)
    floor = _floor(hub)
    say(f"     {MEMBERS} members, {MEMBERS * CHARGES} charges: preview {many[0][0]:.2f} s in {many[0][1]} queries, ")
    say(f"     issue {many[1][0]:.2f} s in {many[1][1]} queries; the rows alone {floor:.2f} s")
    say(f"     {FEW} members: preview in {few[0][1]} queries, issue in {few[1][1]}")
    met = [
        verdict("preview and issue of a month", (many[0][0] + many[1][0]) / floor, MOST, " times the bare rows"),
        # Bulk writes go by thousands of rows.
        verdict("queries more for 1,000 members", sum(q for _s, q in many) - sum(q for _s, q in few), 40),
    ]
    return all(met)


def _close(hub: Hub, month: dt.date, members: int, today: dt.date) -> list[tuple[float, int]]:
    """Seconds and queries of the preview, then of the issue, of a month with so many members."""
    with open_hub(hub):
        _charge(month, members)
    analyse()
    by = system(hub.pk)
    told = []
    for act in (
        lambda: preview_month(month=month, by=by),
        lambda: issue_month(month=month, by=by, today=today),
    ):
        asked = count()
        with open_hub(hub), connection.execute_wrapper(partial(_counted, asked)):
            told.append((_seconds(act), next(asked)))
    return told


def _counted(asked: Iterator[int], execute: Callable[..., Any], *statement: Any) -> Any:
    """Counts without keeping the words of statements, which are of some megabytes here."""
    next(asked)
    return execute(*statement)


def _seconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def _charge(month: dt.date, members: int) -> None:
    rule = VatRule.objects.filter(rate=20).order_by("pk")[0]
    Issuer.objects.update(siren="900274184", iban="FR7630006000011234567890189")
    structures = Organisation.objects.bulk_create(
        Organisation(
            name=f"Membre {month:%m} {number:04d}", legal_form="association", address="1 rue des Comptes",
            postcode="21000", town="Dijon", email="factures@membre.example",
        )
        for number in range(members)
    )  # fmt: skip
    accounts = Account.objects.bulk_create(Account(organisation=structure) for structure in structures)
    Charge.objects.bulk_create(
        Charge(
            account=account, source=f"bench:{month}:{account.pk}:{rank}", kind="booking", period=month,
            on=month + dt.timedelta(days=rank), description="Salle de réunion", quantity=Decimal(2),
            unit_label="heure", unit_price_excl=Decimal("12.50"), vat_rule=rule, vat_category=rule.category,
            vat_rate=rule.rate, amount_excl=Decimal("25.00"),
        )
        for account in accounts
        for rank in range(CHARGES)
    )  # fmt: skip


@contextlib.contextmanager
def _bare_tables() -> Iterator[None]:
    """The two tables without a trigger, a policy or a constraint."""
    names = {model: model._meta.db_table for model in (Invoice, InvoiceLine)}
    with connections["owner"].cursor() as cursor:
        for name in names.values():
            cursor.execute(f"CREATE TABLE bench_{name} (LIKE {name} INCLUDING DEFAULTS INCLUDING IDENTITY)")
            cursor.execute(f"GRANT ALL ON bench_{name} TO PUBLIC")
    for model, name in names.items():
        model._meta.db_table = f"bench_{name}"
    try:
        yield
    finally:
        for model, name in names.items():
            model._meta.db_table = name


def _floor(hub: Hub) -> float:
    """Seconds to insert the invoices and the lines of that month, and nothing else."""
    with open_hub(hub):
        invoices = list(Invoice.objects.order_by("-pk")[:MEMBERS])
        lines = list(InvoiceLine.objects.filter(invoice__in=invoices))
    for row in (*invoices, *lines):
        row.pk = None
    with _bare_tables(), open_hub(hub):

        def insert() -> None:
            Invoice.objects.bulk_create(invoices)
            InvoiceLine.objects.bulk_create(lines)

        return _seconds(insert)
