"""Credit notes in part: what is left, to the cent, and the money that had paid it."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from billing import actions
from billing.actions import CreditPart
from billing.actions.invoices import LINE_FIELDS
from billing.credits import totals_after
from billing.models import Account, Allocation, Charge, Invoice, InvoiceLine
from billing.money import split, totals
from billing.papers import paper_of
from billing.queries import statement
from tests.billing.factories import AccountFactory, ChargeFactory, PaymentFactory, VatRuleFactory, issued, issued_for
from tests.billing.test_money import RATES, Line

TODAY = dt.date(2026, 11, 20)


@pytest.fixture
def accountant(nord, selling):
    return nord.actor("accountant")


@pytest.fixture
def invoice(selling):
    """Three hours at 10.00 and a book at 19.90, in two rates: 36.00 and 20.99."""
    account = AccountFactory()
    hours = ChargeFactory(account=account, quantity=Decimal(3))
    book = ChargeFactory(
        account=account,
        description="Livre",
        unit_price_excl=Decimal("19.90"),
        vat_rule=VatRuleFactory(reduced=True),
    )
    return issued_for([hours, book])


@pytest.fixture
def credit(accountant, invoice):
    def credited(parts: list[CreditPart] | None = None) -> Invoice:
        return actions.credit_invoice(invoice=invoice, parts=parts, by=accountant, reason="erreur", today=TODAY)

    return credited


def due(invoice: Invoice) -> Decimal:
    return Invoice.objects.with_due().get(pk=invoice.pk).due


@pytest.mark.feature("BI5")
def test_a_part_is_credited_with_the_tax_of_its_rates(invoice, credit):
    hours, book = invoice.lines.order_by("position")

    note = credit([CreditPart(hours, quantity=Decimal(1)), CreditPart(book, amount_excl=Decimal("9.95"))])

    assert [
        (line.description, line.quantity, line.unit_label, line.unit_price_excl, line.amount_excl, line.corrects)
        for line in note.lines.order_by("position")
    ] == [
        ("Salle de réunion", 1, "heure", Decimal(10), Decimal("10.00"), hours),
        ("Livre", 1, "", Decimal("9.95"), Decimal("9.95"), book),
    ]
    assert (note.total_excl, note.total_vat, note.total_incl) == (Decimal("19.95"), Decimal("2.55"), Decimal("22.50"))
    assert [(group["label"], group["amount"]) for group in paper_of(note)["invoice"]["vat_groups"]] == [
        ("20\u00a0%", Decimal("2.00")),
        ("5,5\u00a0%", Decimal("0.55")),
    ]
    assert due(invoice) == Decimal("34.49")
    assert Invoice.objects.with_due().get(pk=invoice.pk).is_credited is False


@pytest.mark.feature("BI5")
def test_the_rest_of_several_notes_ends_at_zero(invoice, credit):
    hours, book = invoice.lines.order_by("position")
    credit([CreditPart(hours, amount_excl=Decimal("0.03")), CreditPart(book, amount_excl=Decimal("6.63"))])
    credit([CreditPart(hours, amount_excl=Decimal("7.77")), CreditPart(book, amount_excl=Decimal("6.63"))])

    last = credit()

    found = Invoice.objects.with_due().get(pk=invoice.pk)
    assert (found.credited, found.due, found.is_credited) == (invoice.total_incl, Decimal("0.00"), True)
    assert [group["amount"] for group in paper_of(last)["invoice"]["vat_groups"]] == [Decimal("4.44"), Decimal("0.36")]
    assert Account.objects.with_balance().get(pk=invoice.account_id).balance == 0
    assert statement(invoice.account).balance == 0
    with pytest.raises(actions.AlreadyCredited):
        credit()


lines = st.lists(
    st.tuples(st.integers(1, 100_000), st.sampled_from(RATES), st.lists(st.integers(0, 50), min_size=4, max_size=4)),
    min_size=1,
    max_size=6,
)


@given(lines)
def test_notes_that_make_up_an_invoice_make_up_its_tax(drawn):
    whole = [Line(Decimal(cents) / 100, rate) for cents, rate, _weights in drawn]
    cuts = [split(line.amount_excl, [*weights, 1]) for line, (_cents, _rate, weights) in zip(whole, drawn, strict=True)]
    before: list[Line] = []
    notes = []
    for rank in range(5):
        parts = [Line(cut[rank], line.vat_rate) for line, cut in zip(whole, cuts, strict=True)]
        notes.append(totals_after(before, parts))
        before += parts

    asked = totals(whole)
    assert sum(note.incl for note in notes) == asked.incl
    assert sum(note.vat for note in notes) == asked.vat
    # No note strays from its own rounding by more than the cent that EN 16931 allows, per rate.
    for note in notes:
        for group in note.groups:
            assert abs(group.amount - group.base * (group.rate or 0) / 100) <= Decimal("0.01")


@pytest.mark.parametrize(
    ("quantity", "amount", "words"),
    [
        ("4", None, "Il reste 30,00\u00a0€ HT à créditer sur «\u00a0Salle de réunion\u00a0»."),
        (None, "30.01", "Il reste 30,00\u00a0€ HT à créditer sur «\u00a0Salle de réunion\u00a0»."),
    ],
)
def test_a_line_is_not_credited_beyond_what_it_asked(invoice, credit, quantity, amount, words):
    hours = invoice.lines.get(position=1)
    part = CreditPart(hours, quantity and Decimal(quantity), amount and Decimal(amount))

    with pytest.raises(actions.BeyondInvoice) as refused:
        credit([part])

    column = "quantity" if quantity else "amount"
    assert (refused.value.message, refused.value.field) == (words, f"{column}_{hours.pk}")
    assert Invoice.objects.count() == 1


def test_with_a_discount_the_whole_is_the_limit(accountant, selling):
    account = AccountFactory()
    charges = [
        ChargeFactory(account=account, unit_price_excl=Decimal(100)),
        ChargeFactory(account=account, unit_price_excl=Decimal(30), quantity=Decimal(-1)),
    ]
    invoice = issued_for(charges)
    room = invoice.lines.get(position=1)
    with pytest.raises(actions.BeyondInvoice, match="Il reste 84,00\u00a0€ à créditer sur cette facture"):
        actions.plan_credit(invoice=invoice, parts=[CreditPart(room, quantity=Decimal(1))])

    actions.credit_invoice(
        invoice=invoice, by=accountant, reason="x", today=TODAY, parts=[CreditPart(room, amount_excl=Decimal(50))]
    )
    note = actions.credit_invoice(invoice=invoice, by=accountant, reason="x", today=TODAY)

    assert list(note.lines.order_by("position").values_list("quantity", "amount_excl")) == [(1, 50), (-1, -30)]
    assert (note.total_incl, due(invoice)) == (Decimal("24.00"), Decimal("0.00"))


def test_a_note_of_nothing_is_refused(invoice, credit):
    for parts in ([], [CreditPart(invoice.lines.get(position=1))]):
        with pytest.raises(actions.NothingCredited):
            credit(parts)
    assert Invoice.objects.count() == 1


def test_thirds_credited_by_quantity_leave_no_cent(accountant, selling):
    account = AccountFactory()
    charge = ChargeFactory(account=account, quantity=Decimal(3), unit_price_excl=Decimal("10.035"))
    invoice = issued_for([charge])
    line = invoice.lines.get()

    for _ in range(3):
        actions.credit_invoice(
            invoice=invoice, by=accountant, reason="x", today=TODAY, parts=[CreditPart(line, quantity=Decimal(1))]
        )

    amounts = InvoiceLine.objects.filter(corrects=line).order_by("pk").values_list("amount_excl", flat=True)
    assert list(amounts) == [Decimal("10.04"), Decimal("10.04"), Decimal("10.03")]
    assert due(invoice) == 0


@pytest.mark.feature("BI5")
def test_what_had_paid_too_much_pays_the_rest_newest_first(accountant, selling):
    account = AccountFactory()
    invoice = issued(account, "100.00")
    first = PaymentFactory(account=account, amount=Decimal("80.00"), received_on=dt.date(2026, 10, 20))
    second = PaymentFactory(account=account, amount=Decimal("40.00"), received_on=dt.date(2026, 10, 21))
    for payment in (first, second):
        Allocation.objects.create(payment=payment, invoice=invoice, amount=payment.amount)
    other = issued(account, "10.00")

    actions.credit_invoice(
        invoice=invoice, by=accountant, reason="x", today=TODAY,
        parts=[CreditPart(invoice.lines.get(), amount_excl=Decimal(50))],
    )  # fmt: skip

    live = Allocation.objects.live().order_by("invoice", "payment").values_list("payment", "invoice", "amount")
    # 60 remain due: the second payment leaves whole, the first by 20, and 12 of the 60 pay the other invoice.
    assert list(live) == [(first.pk, invoice.pk, Decimal("60.00")), (first.pk, other.pk, Decimal("12.00"))]
    told = statement(account)
    assert (told.balance, told.available, told.due) == (Decimal("-48.00"), Decimal("48.00"), [])


def test_only_what_is_credited_in_full_may_be_charged_anew(invoice, credit):
    hours, book = invoice.lines.order_by("position")

    credit([CreditPart(hours, quantity=Decimal(3)), CreditPart(book, amount_excl=Decimal("19.89"))])

    assert list(Charge.objects.live()) == [book.charge]
    credit()
    assert list(Charge.objects.live()) == []


@pytest.mark.parametrize(
    ("quantity", "constraint"), [("4", "billing_credit_within_line"), ("10", "billing_credit_within_invoice")]
)
def test_the_database_refuses_a_note_beyond_its_invoice(invoice, quantity, constraint):
    """Whatever the action has counted: here it has counted nothing."""
    line = invoice.lines.get(position=1)
    count = Decimal(quantity)
    copy = {name: getattr(line, name) for name in LINE_FIELDS}
    note = Invoice.objects.create(
        kind="credit_note", account=invoice.account, issuer=invoice.issuer, period=invoice.period, corrects=invoice,
        total_excl=10 * count, total_vat=2 * count, total_incl=12 * count,
    )  # fmt: skip
    changed = {"quantity": count, "amount_excl": 10 * count}
    InvoiceLine.objects.create(invoice=note, position=1, corrects=line, **copy | changed)

    with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE billing_invoice SET issued_at = now(), number = 'AV-2026-00001', sequence = 1, series = 'AV', "
            "year = 2026, issue_date = '2026-11-20', seller = '{}', buyer = '{}' WHERE id = %s",
            [note.pk],
        )

    assert refused.value.__cause__.diag.constraint_name == constraint
