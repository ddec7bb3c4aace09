"""Nothing changes before the lock date: in the database first, then in words."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from billing import actions, queries
from billing.actions.ledger import furnish_books
from billing.models import BooksYear, Invoice, Issuer, JournalEntry, LedgerRule, LockDate
from hubs.models import AuditEntry
from tests.billing.factories import AccountFactory, PaymentFactory, issued

TODAY = dt.date(2026, 11, 20)
OCTOBER_31 = dt.date(2026, 10, 31)


@pytest.fixture
def by(nord):
    return nord.actor("accountant")


@pytest.fixture
def keeping(selling):
    furnish_books(starts_on=dt.date(2020, 1, 1), today=TODAY)
    return Issuer.objects.get()


def stop(issuer, by, until=OCTOBER_31, **changes) -> LockDate:
    return actions.stop_books(**{"issuer": issuer, "until": until, "by": by, "today": TODAY} | changes)


def pay(by, **changes):
    values = {"account": AccountFactory(), "received_on": OCTOBER_31, "amount": Decimal(10), "method": "transfer"}
    return actions.record_payment(**values | {"by": by, "today": TODAY} | changes)


def test_stopping_the_books_writes_what_stands_before_and_is_told(keeping, by):
    issued(AccountFactory())

    stop(keeping, by)

    assert (queries.lock_on(TODAY), JournalEntry.objects.count()) == (OCTOBER_31, 1)
    entry = AuditEntry.objects.get(verb="billing.books_stopped")
    assert (entry.before, entry.after) == (None, {"until": "2026-10-31"})


def test_nothing_is_dated_before_the_lock_and_the_refusal_names_the_first_day_left(keeping, by, nord):
    account = AccountFactory()
    invoice = issued(account)
    payment = pay(by, account=account, received_on=TODAY)
    stop(keeping, by)

    with pytest.raises(actions.BooksStopped) as refused:
        pay(by)
    assert (str(refused.value.message), refused.value.field) == (
        "Les comptes sont arrêtés au 31\u00a0octobre 2026\u00a0: datez ce paiement du 1er\u00a0novembre ou après.",
        "received_on",
    )
    with pytest.raises(actions.BooksStopped, match="datez cette annulation"):
        actions.cancel_payment(payment=payment, by=by, reason="x", today=OCTOBER_31)
    with pytest.raises(actions.BooksStopped, match="datez ce document"):
        actions.credit_invoice(invoice=invoice, by=by, reason="x", today=OCTOBER_31)
    with pytest.raises(actions.BooksStopped):
        issued(AccountFactory(), on=OCTOBER_31)
    assert pay(by, received_on=dt.date(2026, 11, 1)).pk


def test_the_database_holds_the_date_whoever_writes(keeping, by):
    payment = PaymentFactory(received_on=TODAY)
    stop(keeping, by)

    for write in (
        lambda: PaymentFactory(received_on=OCTOBER_31),
        lambda: connection.cursor().execute(
            "UPDATE billing_payment SET cancelled_at = now(), cancelled_on = '2026-10-31', cancel_reason = 'x' "
            f"WHERE id = {payment.pk}"
        ),
        lambda: JournalEntry.objects.create(
            issuer=keeping, year=BooksYear.objects.get(), journal="OD", sequence=1, on=OCTOBER_31, piece_ref="x",
            piece_date=OCTOBER_31, label="x", source="autre:1", total=0,
        ),
        lambda: connection.cursor().execute("UPDATE billing_lockdate SET until = '2020-01-01'"),
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            write()


def test_an_invoice_paid_after_the_lock_is_lettered_and_its_entry_stays(keeping, by):
    account = AccountFactory()
    issued(account, "100.00")
    stop(keeping, by)

    pay(by, account=account, received_on=TODAY, amount=Decimal(120))
    actions.post_entries(by=by)

    assert set(JournalEntry.objects.filter(lines__letter="AAA").values_list("journal", flat=True)) == {"VE", "BQ"}


def test_going_back_asks_for_a_reason(keeping, by):
    stop(keeping, by)

    with pytest.raises(actions.ReasonNeeded):
        stop(keeping, by, until=dt.date(2026, 9, 30))
    stop(keeping, by, until=dt.date(2026, 9, 30), reason="facture oubliée")

    assert queries.lock_on(TODAY) == dt.date(2026, 9, 30)


def test_the_books_are_not_stopped_today_nor_while_something_cannot_be_written(keeping, by):
    with pytest.raises(actions.LockInFuture):
        stop(keeping, by, until=TODAY)

    issued(AccountFactory())
    LedgerRule.objects.all().update(ends_on=dt.date(2026, 1, 1))
    with pytest.raises(actions.NotWritten):
        stop(keeping, by)


def test_a_hub_without_a_chart_adopts_one_before_it_stops_its_books(selling, by):
    issued(AccountFactory())
    issuer = Issuer.objects.get()
    with pytest.raises(actions.NotWritten):
        stop(issuer, by)

    actions.adopt_chart(by=by, today=TODAY)
    stop(issuer, by)

    assert (queries.lock_on(TODAY), JournalEntry.objects.count()) == (OCTOBER_31, 1)


def close(year, by, today=dt.date(2027, 1, 15)):
    return actions.close_year(year=year, by=by, today=today, now=timezone.now())


def test_a_year_closes_once_nothing_waits_inside_and_reopens_with_a_reason(keeping, by):
    year = BooksYear.objects.get()
    invoice = issued(AccountFactory())
    with pytest.raises(actions.YearNotOver):
        close(year, by, today=TODAY)
    draft = Invoice.objects.create(
        account=invoice.account, issuer=keeping, period=invoice.period, total_excl=0, total_vat=0, total_incl=0
    )
    with pytest.raises(actions.YearStands):
        close(year, by)
    assert [obstacle.text for obstacle in queries.obstacles(year)] == [
        "Des projets de factures attendent en octobre 2026.",
        "Sans écriture\u00a0: 1, factures et avoirs.",
    ]

    draft.delete()
    year = close(year, by)
    assert (year.closed_at is not None, queries.lock_on(TODAY)) == (True, dt.date(2026, 12, 31))
    with pytest.raises(actions.YearClosed):
        stop(keeping, by, until=OCTOBER_31, reason="x", today=dt.date(2027, 1, 15))

    with pytest.raises(actions.ReasonNeeded):
        actions.reopen_year(year=year, by=by, reason=" ")
    actions.reopen_year(year=year, by=by, reason="écriture oubliée")
    assert queries.lock_on(TODAY) == dt.date(2025, 12, 31)
    assert AuditEntry.objects.get(verb="billing.year_reopened").reason == "écriture oubliée"


def test_two_years_do_not_overlap(keeping, by):
    with pytest.raises(actions.YearsOverlap):
        actions.open_year(issuer=keeping, starts_on=dt.date(2026, 9, 1), last_day=dt.date(2027, 8, 31), by=by)
    with pytest.raises(actions.YearTooLong):
        actions.open_year(issuer=keeping, starts_on=dt.date(2027, 1, 1), last_day=dt.date(2030, 8, 31), by=by)
