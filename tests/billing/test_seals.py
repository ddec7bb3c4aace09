"""The chain of seals: written by the database, read again, and what it finds."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone

from billing import actions, queries
from billing.models import Seal, SealCheck
from hubs.actors import system
from hubs.scope import open_hub
from tests.billing.factories import AccountFactory, IssuerFactory, VatRuleFactory, issued
from tests.cast import cast_of

TODAY = dt.date(2026, 11, 20)


def freeze_three(by) -> None:
    """An invoice, a payment, its cancellation."""
    account = AccountFactory()
    issued(account, "100.00")
    payment = actions.record_payment(
        account=account, received_on=TODAY, amount=Decimal(120), method="cash", by=by, today=TODAY
    )
    actions.cancel_payment(payment=payment, by=by, reason="faux billet", today=TODAY)


def test_what_is_frozen_is_sealed_at_the_commit_and_the_chain_holds(selling):
    freeze_three(system(selling.pk))
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")

    seals = list(Seal.objects.order_by("rank"))
    assert [(seal.rank, seal.what) for seal in seals] == [(1, "invoice"), (2, "payment"), (3, "cancellation")]
    assert [seal.previous for seal in seals] == ["", seals[0].hash, seals[1].hash]
    assert (list(queries.broken_seals(1, 3)), list(queries.unsealed())) == ([], [])
    # Read in another time zone, the same.
    connection.cursor().execute("SET LOCAL TIME ZONE 'Asia/Tokyo'")
    assert list(queries.broken_seals(1, 3)) == []


@pytest.mark.parametrize("sql", ["UPDATE billing_seal SET hash = 'x'", "DELETE FROM billing_seal"])
def test_a_seal_is_not_rewritten(selling, sql):
    issued(AccountFactory())
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(IntegrityError, match="ne se modifie"), transaction.atomic():
        connection.cursor().execute(sql)


def test_nobody_but_the_database_seals(selling):
    with pytest.raises(IntegrityError, match="Seule la base"), transaction.atomic():
        Seal.objects.create(rank=1, what="payment", thing_id=1, payload_sha256="x", hash="y", sealed_at=timezone.now())


@pytest.fixture
def sealed(committed):
    """A hub whose three seals are committed, and what the owner of the tables does to it with triggers off."""
    cast = cast_of("nord")
    with open_hub(cast.hub):
        IssuerFactory()
        VatRuleFactory()
        freeze_three(system(cast.hub.pk))
    connection.close()

    def tamper(table: str, sql: str) -> list[str]:
        with connections["owner"].cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(sql)
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        with open_hub(cast.hub):
            return [*queries.broken_seals(1, 3), *queries.unsealed()]

    return tamper


@pytest.mark.parametrize(
    ("table", "sql", "fault"),
    [
        ("billing_invoice", "UPDATE billing_invoice SET total_excl = 90, total_vat = 30", "1, facture émise"),
        ("billing_invoiceline", "UPDATE billing_invoiceline SET description = 'x'", "1, facture émise"),
        ("billing_payment", "UPDATE billing_payment SET reference = 'x'", "2, paiement reçu"),
        ("billing_payment", "UPDATE billing_payment SET cancel_reason = 'x'", "3, paiement annulé"),
        ("billing_seal", "UPDATE billing_seal SET payload_sha256 = 'x' WHERE rank = 2", "2, paiement reçu"),
        ("billing_seal", "DELETE FROM billing_seal WHERE rank = 2", "3, paiement annulé"),
        ("billing_seal", "DELETE FROM billing_seal WHERE rank = 3", "Sceau 3\u00a0: il manque."),
    ],
)
def test_what_the_owner_rewrites_with_the_triggers_off_is_found(sealed, table, sql, fault):
    found = sealed(table, sql)

    assert found
    assert fault in found[0]


def test_the_command_says_what_does_not_fit_and_fails(sealed, capsys):
    call_command("verify_seals")
    assert "3 sceaux lus" in capsys.readouterr().out

    sealed("billing_payment", "UPDATE billing_payment SET amount = 119")

    with pytest.raises(CommandError, match="2 écarts"):
        call_command("verify_seals", "nord")


def test_the_chain_is_read_by_a_run_and_what_it_finds_is_kept(selling, nord, work):
    freeze_three(system(selling.pk))
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")

    run = actions.check_seals(by=nord.actor("accountant"))
    work(selling)
    actions.check_stretch(run=run, first=1, last=3, now=timezone.now())

    check = SealCheck.objects.get()
    assert (check.first, check.last, check.faults) == (1, 3, [])
