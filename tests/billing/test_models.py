"""What the database refuses, whoever asks: raw SQL here, as the application's role."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from billing.models import Allocation, Invoice, InvoiceLine, Issuer, MonthClose, Payment
from tests.billing.factories import AccountFactory, ChargeFactory, PaymentFactory, issued


def run(sql: str, *values: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.fixture
def invoice(selling):
    return issued(AccountFactory())


@pytest.mark.feature("BI5")
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE billing_invoice SET total_excl = 1, total_vat = 0, total_incl = 1",
        "UPDATE billing_invoice SET reason = 'x'",
        "UPDATE billing_invoice SET issued_at = NULL, number = NULL",
        "DELETE FROM billing_invoice",
        "UPDATE billing_invoiceline SET description = 'x'",
        "DELETE FROM billing_invoiceline",
    ],
)
def test_what_is_issued_is_frozen_even_for_raw_sql(invoice, sql):
    before = (list(Invoice.objects.values()), list(InvoiceLine.objects.values()))

    with pytest.raises(IntegrityError, match="FA-2026-00001 est émise"):
        run(sql)

    assert (list(Invoice.objects.values()), list(InvoiceLine.objects.values())) == before


@pytest.mark.feature("BI5")
def test_a_line_is_not_added_to_nor_moved_onto_an_issued_invoice(invoice):
    line = invoice.lines.get()
    draft = Invoice.objects.create(
        account=invoice.account, issuer=invoice.issuer, period=invoice.period, total_excl=0, total_vat=0, total_incl=0
    )
    line.pk, line.charge_id, line.position, line.invoice = None, None, 2, invoice
    with pytest.raises(IntegrityError, match="ses lignes ne changent plus"), transaction.atomic():
        line.save(force_insert=True)

    line.invoice = draft
    line.save(force_insert=True)
    with pytest.raises(IntegrityError, match="ses lignes ne changent plus"):
        run("UPDATE billing_invoiceline SET invoice_id = %s WHERE id = %s", invoice.pk, line.pk)


def test_a_draft_may_be_deleted(invoice):
    draft = Invoice.objects.create(
        account=invoice.account, issuer=invoice.issuer, period=invoice.period, total_excl=0, total_vat=0, total_incl=0
    )

    run("DELETE FROM billing_invoice WHERE id = %s", draft.pk)

    assert Invoice.objects.get() == invoice


@pytest.mark.feature("BI4")
@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"number": "FA-2026-00009"}, "billing_invoice_number_iff_issued"),
        ({"issued_at": timezone.now()}, "billing_invoice_(number_iff|due_after)_issue"),
        ({"total_incl": Decimal("1.01")}, "billing_invoice_totals_tie"),
        (
            {"total_excl": Decimal(-1), "total_incl": Decimal(-1)},
            "billing_invoice_(total_not_negative|paid_within_total)",
        ),
        ({"kind": "credit_note"}, "billing_invoice_credit_note_corrects"),
        ({"period": dt.date(2026, 10, 2)}, "billing_invoice_period_is_month"),
    ],
)
def test_a_draft_that_makes_no_sense_is_refused(invoice, changes, constraint):
    draft = {"account": invoice.account, "issuer": invoice.issuer, "period": invoice.period}

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Invoice.objects.create(**draft | {"total_excl": 0, "total_vat": 0, "total_incl": 0} | changes)


@pytest.mark.feature("BI4")
def test_no_number_is_given_twice(invoice):
    other = issued(AccountFactory())
    same = ("series", "year", "sequence", "number", "issue_date", "due_date", "seller", "buyer", "issued_at")
    copy = Invoice(account=other.account, issuer=other.issuer, period=other.period, total_vat=0)
    copy.total_excl = copy.total_incl = 0
    for name in same:
        setattr(copy, name, getattr(invoice, name))

    with pytest.raises(IntegrityError, match=r"billing_invoice_(sequence|number)_once"), transaction.atomic():
        copy.save()


def test_an_invoice_whose_lines_do_not_make_its_total_is_not_issued(invoice):
    draft = Invoice.objects.create(
        account=invoice.account, issuer=invoice.issuer, period=invoice.period, total_excl=5, total_vat=0, total_incl=5
    )

    with pytest.raises(IntegrityError, match="n’est pas la somme de ses lignes"):
        run(
            "UPDATE billing_invoice SET issued_at = now(), number = 'FA-2026-00002', sequence = 2, series = 'FA', "
            "year = 2026, issue_date = '2026-10-06', due_date = '2026-11-05', seller = '{}', buyer = '{}' "
            "WHERE id = %s",
            draft.pk,
        )


def test_a_month_is_closed_once_per_issuer(invoice):
    with pytest.raises(IntegrityError, match="billing_monthclose_once"), transaction.atomic():
        MonthClose.objects.create(issuer=invoice.issuer, month=invoice.period)


@pytest.mark.parametrize(("amount", "constraint"), [("50.01", "within_payment"), ("120.01", "within_invoice")])
def test_an_allocation_is_within_its_payment_and_its_invoice(invoice, amount, constraint):
    payment = PaymentFactory(
        account=invoice.account, amount=Decimal("50.00") if "payment" in constraint else Decimal(500)
    )

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Allocation.objects.create(payment=payment, invoice=invoice, amount=Decimal(amount))
    assert refused.value.__cause__.diag.constraint_name == f"billing_allocation_{constraint}"


def test_a_payment_does_not_pay_somebody_elses_invoice(invoice):
    with pytest.raises(IntegrityError, match="de son compte"), transaction.atomic():
        Allocation.objects.create(payment=PaymentFactory(), invoice=invoice, amount=Decimal(1))


def test_a_payment_is_neither_changed_nor_deleted(invoice):
    PaymentFactory(account=invoice.account)

    for sql in ("UPDATE billing_payment SET amount = 1", "DELETE FROM billing_payment"):
        with pytest.raises(IntegrityError, match="il s’annule"):
            run(sql)
    assert Payment.objects.get().amount == Decimal("50.00")


def test_two_issuers_do_not_overlap(invoice):
    twin = Issuer.objects.get()
    twin.pk = None

    with pytest.raises(IntegrityError, match="billing_issuer_no_overlap"), transaction.atomic():
        twin.save(force_insert=True)


def test_a_price_is_never_negative(selling):
    with pytest.raises(IntegrityError, match="billing_charge_price_not_negative"), transaction.atomic():
        ChargeFactory(unit_price_excl=Decimal("-1"))


def test_the_application_cannot_drop_the_triggers(selling):
    with pytest.raises(DatabaseError, match="must be owner"):
        run("DROP TRIGGER billing_invoice_guard ON billing_invoice")
