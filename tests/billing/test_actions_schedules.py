"""Invoices paid in several dates: the sum held by the database, and what follows the dates."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from billing import actions, queries
from billing.models import Instalment, Invoice, Schedule
from billing.todos import todos
from tests.billing.factories import AccountFactory, PaymentFactory, issued

NOW = dt.datetime(2026, 10, 10, 9, tzinfo=dt.UTC)
DAYS = [dt.date(2026, 10, 15), dt.date(2026, 11, 15), dt.date(2026, 12, 15)]


@pytest.fixture
def invoice(selling) -> Invoice:
    """120 €, issued on 6 October, due on 5 November."""
    return issued(AccountFactory(organisation__name="Atelier Zinc"))


@pytest.fixture
def agree(nord):
    def agreed(invoice: Invoice, *amounts: str, days: list[dt.date] = DAYS) -> Schedule:
        parts = [(day, Decimal(amount)) for day, amount in zip(days, amounts, strict=False)]
        return actions.agree_schedule(
            invoice=invoice, parts=parts, reason="Au téléphone", by=nord.actor("accountant"), now=NOW
        )

    return agreed


def late(on: dt.date) -> list[tuple[dt.date, Decimal]]:
    return [(each.due_on, each.amount) for each in queries.late_invoices(on)]


def test_what_is_late_follows_the_dates_and_payments_pay_the_first(agree, invoice):
    agree(invoice, "40.00", "40.00", "40.00")

    assert late(dt.date(2026, 11, 10)) == [(DAYS[0], Decimal("40.00"))]
    assert late(dt.date(2026, 11, 20)) == [(DAYS[0], Decimal("80.00"))]
    payment = PaymentFactory(account=invoice.account, amount=Decimal("50.00"))
    payment.allocations.create(invoice=invoice, amount=payment.amount)
    assert late(dt.date(2026, 11, 10)) == []
    assert late(dt.date(2026, 11, 20)) == [(DAYS[1], Decimal("30.00"))]
    (todo,) = todos(dt.date(2026, 11, 20))[-1:]
    assert todo.since == DAYS[1]
    found = Invoice.objects.with_due().get(pk=invoice.pk)
    assert [part.left for part in queries.parts_of(found)] == [Decimal(0), Decimal("30.00"), Decimal("40.00")]


def test_other_dates_replace_the_first_and_the_invoice_is_untouched(nord, agree, invoice):
    agree(invoice, "60.00", "60.00")
    before = Invoice.objects.filter(pk=invoice.pk).values().get()

    second = agree(invoice, "20.00", "100.00")

    assert Schedule.objects.current().get() == second
    assert Schedule.objects.count() == 2
    assert Invoice.objects.filter(pk=invoice.pk).values().get() == before
    actions.end_schedule(invoice=invoice, by=nord.actor("accountant"), now=NOW)
    assert late(dt.date(2026, 11, 10)) == [(invoice.due_date, Decimal("120.00"))]
    with pytest.raises(actions.NoSchedule):
        actions.end_schedule(invoice=invoice, by=nord.actor("accountant"), now=NOW)


@pytest.mark.parametrize(
    ("amounts", "days", "refusal"),
    [
        (["60.00", "59.99"], DAYS, actions.SumDiffers),
        (["60.00", "60.00"], DAYS[::-1], actions.DatesOutOfOrder),
        (["60.00", "60.00"], [DAYS[0], DAYS[0]], actions.DatesOutOfOrder),
        (["120.00"], [dt.date(2026, 10, 5)], actions.DatesOutOfOrder),
        (["130.00", "-10.00"], DAYS, actions.SumDiffers),
    ],
)
def test_dates_that_make_no_sense_are_refused_and_nothing_is_written(agree, invoice, amounts, days, refusal):
    agree(invoice, "120.00")

    with pytest.raises(refusal):
        agree(invoice, *amounts, days=days)

    assert [part.amount for part in Schedule.objects.current().get().instalments.all()] == [Decimal("120.00")]


def test_a_credited_invoice_takes_no_schedule(nord, agree, invoice):
    actions.credit_invoice(invoice=invoice, by=nord.actor("accountant"), reason="erreur", today=NOW.date())

    with pytest.raises(actions.NotSchedulable):
        agree(invoice, "120.00")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE billing_instalment SET amount = amount + 1",
        "DELETE FROM billing_instalment",
        "INSERT INTO billing_instalment (hub_id, schedule_id, position, due_on, amount, up_to) "
        "SELECT hub_id, schedule_id, 9, '2027-01-01', 1, 121 FROM billing_instalment LIMIT 1",
    ],
)
def test_the_database_keeps_the_sum_whoever_writes(agree, invoice, statement):
    agree(invoice, "60.00", "60.00")

    with connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
        cursor.execute(f"{statement}; SET CONSTRAINTS ALL IMMEDIATE")

    assert Instalment.objects.count() == 2


def test_ageing_counts_each_date_for_itself(agree, invoice):
    issued(AccountFactory(organisation__name="Zutique"), "50.00")
    agree(invoice, "20.00", "40.00", "60.00")

    rows = {row["holder"]: row for row in queries.aged_accounts(dt.date(2026, 11, 20))}

    assert {name: rows["Atelier Zinc"][name] for name in ("not_due", "to_30", "to_60", "beyond", "total")} == {
        "not_due": Decimal("60.00"), "to_30": Decimal("40.00"), "to_60": Decimal("20.00"), "beyond": Decimal(0),
        "total": Decimal("120.00"),
    }  # fmt: skip
    assert rows["Zutique"]["to_30"] == Decimal("60.00")
    told = queries.ageing(dt.date(2026, 11, 20))
    assert (told.total, told.late, told.to_30) == (Decimal("180.00"), Decimal("120.00"), Decimal("100.00"))


@pytest.mark.parametrize(
    ("days", "name"),
    [(0, "not_due"), (1, "to_30"), (30, "to_30"), (31, "to_60"), (60, "to_60"), (90, "to_90"), (91, "beyond")],
)
def test_a_slice_holds_its_last_day_in_sql_and_in_python(invoice, days, name):
    on = invoice.due_date + dt.timedelta(days=days)

    assert getattr(queries.ageing(on, invoice.account), name) == Decimal("120.00")
    assert [part.slice for part in queries.open_parts(invoice.account, on)] == [queries.slice_labels()[name]]
