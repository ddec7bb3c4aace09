"""The chain of seals: written by the database, read again, and what it finds."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone

from billing import actions, queries
from billing.models import Seal, SealCheck
from billing.sql_seals import SEAL_WHAT_IS_THERE
from hubs.actors import system
from hubs.models import Hub
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


def move_money(by) -> None:
    """An advance given back, and not; a deposit received, kept in part, given back, and the last undone."""
    account = AccountFactory()
    when = {"by": by, "today": TODAY}
    actions.record_payment(account=account, received_on=TODAY, amount=Decimal(50), method="transfer", **when)
    refund = actions.record_refund(
        account=account, paid_on=TODAY, amount=Decimal(20), method="transfer", reason="trop payé", **when
    )
    actions.cancel_refund(refund=refund, reason="jamais parti", **when)
    deposit = actions.ask_deposit(account=account, label="Bureau 12", amount=Decimal(800), **when)
    actions.receive_deposit(deposit=deposit, amount=Decimal(800), on=TODAY, method="transfer", **when)
    actions.keep_deposit(
        deposit=deposit, amount=Decimal(100), on=TODAY, reason="porte à repeindre", vat_code="hors-champ", **when
    )
    back = actions.refund_deposit(deposit=deposit, amount=Decimal(700), on=TODAY, method="transfer", **when)
    actions.cancel_deposit_move(move=back, reason="rejeté", **when)


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


def test_refunds_and_deposits_are_sealed_like_payments(selling):
    move_money(system(selling.pk))
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")

    assert list(Seal.objects.order_by("rank").values_list("what", flat=True)) == [
        "payment", "refund", "refund_off", "deposit", "deposit", "deposit", "deposit_off",
    ]  # fmt: skip
    assert (list(queries.broken_seals(1, 7)), list(queries.unsealed())) == ([], [])


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


@pytest.fixture
def moved(committed):
    """A hub whose money moved, committed, and what the owner of the tables does to it with triggers off."""
    cast = cast_of("nord")
    with open_hub(cast.hub):
        IssuerFactory()
        VatRuleFactory(out_of_scope=True)
        move_money(system(cast.hub.pk))
    connection.close()

    def tamper(*statements: tuple[str, str]) -> list[str]:
        with connections["owner"].cursor() as cursor:
            for table, sql in statements:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                cursor.execute(sql)
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        with open_hub(cast.hub):
            return [*queries.broken_seals(1, Seal.objects.count()), *queries.unsealed()]

    return tamper


@pytest.mark.parametrize(
    ("table", "sql", "fault"),
    [
        ("billing_refund", "UPDATE billing_refund SET amount = 19", "2, remboursement noté"),
        ("billing_refund", "UPDATE billing_refund SET cancel_reason = 'x'", "3, remboursement annulé"),
        ("billing_depositmove", "UPDATE billing_depositmove SET paid_to = 'x' WHERE kind = 'received'", "4, mouvement"),
        ("billing_depositmove", "UPDATE billing_depositmove SET cancelled_on = NULL, cancelled_at = NULL, "
         "cancel_reason = '' WHERE kind = 'refunded'", "7, mouvement de dépôt annulé"),
        ("billing_deposit", "UPDATE billing_deposit SET label = 'Bureau 13'", "4, mouvement de dépôt noté"),
    ],
)  # fmt: skip
def test_money_that_moved_and_was_rewritten_is_found(moved, table, sql, fault):
    found = moved((table, sql))

    assert found
    assert fault in found[0]


def test_what_moved_before_it_was_sealed_comes_after_in_the_chain(moved):
    refund = (
        "INSERT INTO billing_refund (hub_id, account_id, paid_on, amount, method, reference, paid_to, reason, token, "
        "recorded_at, cancel_reason) SELECT hub_id, account_id, paid_on, 5, method, '', '', 'avant', gen_random_uuid(), "
        "now(), '' FROM billing_refund"
    )
    before = moved(("billing_refund", refund))

    with connections["owner"].cursor() as cursor:
        cursor.execute(SEAL_WHAT_IS_THERE)
        cursor.execute(SEAL_WHAT_IS_THERE)

    assert [fault.split()[:2] for fault in before] == [["remboursement", "noté"]]
    assert moved() == []
    with open_hub(Hub.objects.get(slug="nord")), pytest.raises(IntegrityError, match="Seule la base"):
        Seal.objects.create(rank=99, what="payment", thing_id=1, payload_sha256="x", hash="y", sealed_at=timezone.now())


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
