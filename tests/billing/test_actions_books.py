"""What is frozen is written once, balanced and in order."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing import actions, queries, tasks
from billing.actions.ledger import furnish_books
from billing.enums import LedgerUse
from billing.models import BooksYear, JournalEntry, JournalLine, LedgerRule, Payment
from billing.money import ZERO
from hubs.actors import system
from hubs.refusals import NotAllowed
from hubs.scope import current_hub_id
from tests.billing.factories import AccountFactory, issued

TODAY = dt.date(2026, 11, 20)
D = Decimal


def commit() -> None:
    """What the commit would check."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def post():
    written = actions.post_entries(by=system(current_hub_id()))
    commit()
    return written


def pay(account, amount, **changes) -> Payment:
    values = {"received_on": TODAY, "method": "transfer", "by": system(current_hub_id()), "today": TODAY}
    return actions.record_payment(account=account, amount=D(amount), **values | changes)


@pytest.fixture
def keeping(selling):
    """« nord » keeps its books: chart of associations, calendar year 2026."""
    furnish_books(starts_on=dt.date(2020, 1, 1), today=TODAY)
    return selling


def written() -> list[tuple]:
    return [
        (
            line.entry.journal, line.entry.sequence, f"{line.entry.on:%d/%m}", line.ledger_account.number,
            line.aux_label, line.debit, line.credit, line.letter,
        )
        for line in JournalLine.objects.select_related("entry", "ledger_account").order_by("entry_id", "rank")
    ]  # fmt: skip


def test_invoices_payments_and_cancellations_are_written_in_order_and_once(keeping):
    account = AccountFactory(organisation__name="Le Théâtre")
    issued(account, "100.00")
    cheque = pay(account, "120.00", method="cheque")
    actions.cancel_payment(payment=cheque, by=system(keeping.pk), reason="sans provision", today=TODAY)

    assert (post().count, post().count) == (3, 0)

    assert written() == [
        ("VE", 1, "06/10", "411000", "Le Théâtre", D("120.00"), ZERO, ""),
        ("VE", 1, "06/10", "706100", "", ZERO, D("100.00"), ""),
        ("VE", 1, "06/10", "445711", "", ZERO, D("20.00"), ""),
        ("BQ", 1, "20/11", "511200", "", D("120.00"), ZERO, ""),
        ("BQ", 1, "20/11", "411000", "Le Théâtre", ZERO, D("120.00"), "AAA"),
        ("BQ", 2, "20/11", "411000", "Le Théâtre", D("120.00"), ZERO, "AAA"),
        ("BQ", 2, "20/11", "511200", "", ZERO, D("120.00"), ""),
    ]


def test_cash_has_its_journal_and_the_analytic_code_follows_what_was_sold(keeping):
    account = AccountFactory()
    issued(account, "10.00")
    pay(account, "12.00", method="cash")
    post()

    assert JournalEntry.objects.filter(journal="CA").count() == 1
    assert JournalLine.objects.get(ledger_account__number="706100").analytic == "ESPACES"


def test_an_invoice_and_the_payments_that_settle_it_share_a_letter_once_it_is_paid(keeping):
    account = AccountFactory()
    issued(account, "100.00")
    pay(account, "20.00")
    post()
    assert not JournalLine.objects.exclude(letter="").exists()

    rest = pay(account, "100.00")
    post()
    members = JournalLine.objects.filter(account=account).order_by("pk")
    assert list(members.values_list("letter", "lettered_on")) == [("AAA", TODAY)] * 3

    actions.cancel_payment(payment=rest, by=system(keeping.pk), reason="erreur", today=TODAY)
    post()
    assert list(members.values_list("letter", flat=True)) == ["", "", "AAB", "AAB"]


def test_a_credit_note_turns_the_entry_round_and_settles_its_invoice(keeping, nord):
    invoice = issued(AccountFactory(), "100.00")
    actions.credit_invoice(invoice=invoice, by=nord.actor("accountant"), reason="erreur", today=TODAY)
    post()

    assert [row[3:] for row in written()][3:] == [
        ("706100", "", D("100.00"), ZERO, ""),
        ("445711", "", D("20.00"), ZERO, ""),
        ("411000", str(invoice.account), ZERO, D("120.00"), "AAA"),
    ]


def test_years_of_twelve_months_open_by_themselves_around_the_one_that_is_known(keeping):
    issued(AccountFactory(), on=dt.date(2024, 3, 1))
    post()

    assert list(BooksYear.objects.order_by("starts_on").values_list("starts_on", flat=True)) == [
        dt.date(2024, 1, 1), dt.date(2025, 1, 1), dt.date(2026, 1, 1),
    ]  # fmt: skip
    assert JournalEntry.objects.get().year.starts_on == dt.date(2024, 1, 1)


def test_a_row_that_no_rule_places_waits_and_is_told(keeping):
    issued(AccountFactory())
    LedgerRule.objects.filter(use=LedgerUse.VAT).delete()

    result = post()

    assert (result.count, [kept.reason for kept in result.kept]) == (
        0, ["Le plan comptable ne dit pas où s’écrit\u00a0: TVA collectée 20.00."],
    )  # fmt: skip
    assert [(waiting.count, str(waiting.label)) for waiting in queries.unwritten()] == [(1, "factures et avoirs")]


def test_a_hub_without_a_chart_keeps_no_books(selling):
    issued(AccountFactory())

    assert (post().count, JournalEntry.objects.count()) == (0, 0)


def test_every_few_minutes_the_portal_writes_what_is_there(keeping):
    issued(AccountFactory())

    tasks.write_books()

    assert JournalEntry.objects.count() == 1


def test_only_those_who_keep_the_accounts_write(keeping, nord):
    with pytest.raises(NotAllowed):
        actions.post_entries(by=nord.actor("receptionist"))


def test_writing_asks_as_much_for_one_row_as_for_three(keeping, django_assert_num_queries):
    issued(AccountFactory())
    with django_assert_num_queries(24):
        actions.post_entries(by=system(keeping.pk))
    for _ in range(3):
        issued(AccountFactory())
    with django_assert_num_queries(24):
        actions.post_entries(by=system(keeping.pk))


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE billing_journalentry SET label = 'x'",
        "DELETE FROM billing_journalentry",
        "UPDATE billing_journalline SET debit = debit + 1",
        "DELETE FROM billing_journalline",
    ],
)
def test_an_entry_stays_as_it_was_written_even_for_raw_sql(keeping, sql):
    issued(AccountFactory())
    post()

    with pytest.raises(IntegrityError, match="ne se modifie ni ne se supprime"), transaction.atomic():
        connection.cursor().execute(sql)


def test_no_line_is_added_to_a_balanced_entry_and_no_number_is_left_out(keeping):
    issued(AccountFactory())
    post()
    entry, line = JournalEntry.objects.get(), JournalLine.objects.first()
    line.pk, line.rank, line.debit, line.credit = None, 9, D(1), ZERO

    def add() -> None:
        with transaction.atomic():
            line.save(force_insert=True)
            commit()

    with pytest.raises(IntegrityError, match="équilibrée"):
        add()

    entry.pk, entry.sequence, entry.source = None, 3, "autre:1"
    with pytest.raises(IntegrityError, match="se suivent"), transaction.atomic():
        entry.save(force_insert=True)


STEPS = st.lists(
    st.tuples(st.sampled_from(["issue", "pay", "cancel", "credit", "post"]), st.integers(1, 30_000)), max_size=9
)


@given(steps=STEPS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_the_journals_balance_and_say_what_the_accounts_say(keeping, steps):
    by = system(keeping.pk)
    point = transaction.savepoint()
    account, invoices, payments = AccountFactory(), [], []
    for step, cents in steps:
        if step == "issue":
            invoices.append(issued(account, D(cents) / 100, on=TODAY))
        elif step == "pay":
            payments.append(pay(account, D(cents) / 100))
        elif step == "cancel" and payments:
            actions.cancel_payment(payment=payments.pop(cents % len(payments)), by=by, reason="x", today=TODAY)
        elif step == "credit" and invoices:
            invoice = invoices.pop(cents % len(invoices))
            actions.credit_invoice(invoice=invoice, by=by, reason="x", today=TODAY)
        elif step == "post":
            post()
    post()

    tied = queries.tie()
    assert (tied.holds, tied.owed, queries.unwritten()) == (True, tied.written, [])
    lines = JournalLine.objects.all()
    assert sum((line.debit - line.credit for line in lines), ZERO) == 0
    lettered: dict[str, Decimal] = {}
    for line in lines.exclude(letter=""):
        lettered[line.letter] = lettered.get(line.letter, ZERO) + line.debit - line.credit
    assert set(lettered.values()) <= {ZERO}
    transaction.savepoint_rollback(point)
