"""Two people at once, workers that die: real connections, real commits."""

import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection
from django.db.models import QuerySet

from billing import actions
from billing.actions import numbers, recurring
from billing.models import Charge, Deposit, Invoice, InvoiceLine, Issuer, MonthClose, NumberSeries, VatRule
from documents.models import Document
from hubs import tasks
from hubs.actions import start_run
from hubs.actors import system
from hubs.models import Mail, Run, RunItem
from hubs.scope import open_hub
from tests.bad_luck.instance import until
from tests.billing.conftest import CLOSING_DAY, OCTOBER
from tests.billing.factories import (
    AccountFactory,
    ChargeFactory,
    DepositFactory,
    IssuerFactory,
    RecurringChargeFactory,
    VatRuleFactory,
    issued,
)
from tests.cast import Cast, cast_of


@pytest.fixture
def nord(committed, monkeypatch) -> Cast:
    """A hub that other connections see. No worker listens: the test is the worker."""
    monkeypatch.setattr(tasks, "nudge_item", lambda *args: None)
    monkeypatch.setattr(tasks, "nudge_mail", lambda *args: None)
    cast = cast_of("nord")
    with open_hub(cast.hub):
        IssuerFactory()
        VatRuleFactory()
    return cast


def at_once(*works: Callable[[], object]) -> list[object]:
    """Run each in a thread with its own connection, all starting together; errors are answers too."""
    barrier = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        try:
            barrier.wait()
            return work()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def drafts(cast: Cast, accounts: int, each: int) -> tuple[list[list[int]], int]:
    """Sealed drafts of ten euros, ready to be numbered, by account; and the run they belong to."""
    with open_hub(cast.hub):
        issuer = Issuer.objects.get()
        close = MonthClose.objects.create(issuer=issuer, month=OCTOBER)
        made = [
            Invoice.objects.bulk_create(
                Invoice(
                    account=account,
                    issuer=issuer,
                    period=OCTOBER,
                    close=close,
                    total_excl=10,
                    total_vat=2,
                    total_incl=12,
                )
                for _ in range(each)
            )
            for account in (AccountFactory() for _ in range(accounts))
        ]
        rule = VatRule.objects.get()
        InvoiceLine.objects.bulk_create(
            InvoiceLine(
                invoice=invoice, position=1, on=OCTOBER, description="Salle", quantity=1, unit_price_excl=10,
                vat_rule=rule, vat_category=rule.category, vat_rate=rule.rate, amount_excl=10,
            )
            for batch in made
            for invoice in batch
        )  # fmt: skip
        run = start_run(title="Factures", by=system(cast.hub.pk))
    return [[invoice.pk for invoice in batch] for batch in made], run.pk


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


class Crash(Exception):
    """A worker that dies before its commit."""


def issue(cast: Cast, invoice_id: int, run_id: int, crash: bool = False) -> None:
    with open_hub(cast.hub):
        actions.issue_invoice(
            invoice=Invoice.objects.get(pk=invoice_id), run=Run.objects.get(pk=run_id), today=CLOSING_DAY
        )
        if crash:
            raise Crash


@pytest.mark.feature("BI4")
def test_four_workers_that_sometimes_die_leave_no_hole_and_give_no_number_twice(nord):
    batches, run_id = drafts(nord, accounts=4, each=50)

    def work(batch: list[int]) -> int:
        crashes = 0
        for rank, invoice_id in enumerate(batch):
            try:
                issue(nord, invoice_id, run_id, crash=rank % 10 == 3)
            except Crash:
                crashes += 1
        return crashes

    crashed = at_once(*(lambda batch=batch: work(batch) for batch in batches))

    assert crashed == [5, 5, 5, 5]
    with open_hub(nord.hub):
        numbers = sorted(Invoice.objects.issued().values_list("sequence", flat=True))
        assert numbers == list(range(1, 181))
        assert NumberSeries.objects.get().last == 180


def test_without_the_lock_two_workers_give_the_same_number(nord, monkeypatch):
    """The race that the lock of the series prevents; the unique constraint is what stops it here."""
    batches, run_id = drafts(nord, accounts=2, each=1)
    with open_hub(nord.hub):
        NumberSeries.objects.create(issuer=Issuer.objects.get(), series="FA", year=2026)
    both_have_read = threading.Barrier(2)

    def unlocked(issuer: Issuer, series: str, year: int) -> NumberSeries:
        counter = NumberSeries.objects.get(issuer=issuer, series=series, year=year)
        both_have_read.wait(timeout=10)
        return counter

    monkeypatch.setattr(numbers, "lock_series", unlocked)
    results = at_once(*(lambda batch=batch: issue(nord, batch[0], run_id) for batch in batches))

    assert [type(result) for result in results if result is not None] == [IntegrityError]


@pytest.mark.feature("BI3")
def test_of_two_people_who_issue_a_month_at_once_the_second_is_told(nord):
    with open_hub(nord.hub):
        for _ in range(5):
            ChargeFactory()
        people = [nord.actor("coordinator"), nord.actor("accountant")]

    def close(by) -> Run:
        with open_hub(nord.hub):
            return actions.issue_month(month=OCTOBER, by=by, today=CLOSING_DAY)

    results = at_once(*(lambda by=by: close(by) for by in people))

    assert sorted(type(result).__name__ for result in results) == ["MonthAlreadyIssued", "Run"]
    with open_hub(nord.hub):
        assert (Run.objects.count(), RunItem.objects.count(), Invoice.objects.count()) == (1, 5, 5)
        items = list(RunItem.objects.values_list("pk", flat=True))

    def worker() -> None:
        for item_id in items:
            tasks.do_item(hub_id=nord.hub.pk, item_id=item_id)

    at_once(worker, worker, worker)

    with open_hub(nord.hub):
        assert sorted(Invoice.objects.values_list("number", flat=True)) == [f"FA-2026-{n:05d}" for n in range(1, 6)]


def test_two_people_who_preview_a_month_at_once_make_the_same_drafts(nord):
    with open_hub(nord.hub):
        for _ in range(3):
            ChargeFactory()
        people = [nord.actor("coordinator"), nord.actor("accountant")]

    def look(by) -> None:
        with open_hub(nord.hub):
            actions.preview_month(month=OCTOBER, by=by)

    assert at_once(*(lambda by=by: look(by) for by in people)) == [None, None]
    with open_hub(nord.hub):
        assert Invoice.objects.count() == 3


def test_taking_back_a_sum_while_the_month_is_issued_does_one_or_the_other(nord):
    with open_hub(nord.hub):
        charge = ChargeFactory()
        by = nord.actor("accountant")

    def close() -> str:
        with open_hub(nord.hub):
            actions.issue_month(month=OCTOBER, by=by, today=CLOSING_DAY)
            return "issued"

    def take_back() -> str:
        with open_hub(nord.hub):
            actions.reverse(by=by, source=charge.source, kind=charge.kind, reason="annulée")
            return "reversed"

    closed, taken_back = at_once(close, take_back)

    with open_hub(nord.hub):
        charge.refresh_from_db()
        assert closed == "issued"
        if taken_back == "reversed":
            assert (Invoice.objects.count(), charge.reversed_at is not None) == (0, True)
        else:
            assert isinstance(taken_back, actions.AlreadyInvoiced)
            assert (Invoice.objects.count(), charge.reversed_at) == (1, None)


def test_the_same_job_handed_to_three_workers_makes_one_pdf_and_one_mail(nord):
    with open_hub(nord.hub):
        ChargeFactory()
        actions.issue_month(month=OCTOBER, by=nord.actor("accountant"), today=CLOSING_DAY)
        (item,) = RunItem.objects.values_list("pk", flat=True)
    tasks.do_item(hub_id=nord.hub.pk, item_id=item)
    with open_hub(nord.hub):
        paper = RunItem.objects.get(job="billing.render_invoice").pk

    at_once(*(lambda: tasks.do_item(hub_id=nord.hub.pk, item_id=paper) for _ in range(3)))

    with open_hub(nord.hub):
        assert (Document.objects.count(), Mail.objects.count()) == (2, 1)


def test_two_payments_at_once_never_pay_an_invoice_twice(nord):
    with open_hub(nord.hub):
        account = AccountFactory()
        invoice = issued(account, "100.00")
        by = nord.actor("accountant")

    def pay() -> None:
        with open_hub(nord.hub):
            actions.record_payment(
                account=account,
                received_on=dt.date(2026, 11, 2),
                amount=Decimal("120.00"),
                method="transfer",
                by=by,
                today=CLOSING_DAY,
            )

    assert at_once(pay, pay) == [None, None]
    with open_hub(nord.hub):
        assert Invoice.objects.with_due().get(pk=invoice.pk).paid == Decimal("120.00")


def gather(cast: Cast) -> int:
    with open_hub(cast.hub):
        return len(actions.gather_charges(month=OCTOBER, by=system(cast.hub.pk)).new)


def test_two_who_gather_at_once_charge_each_thing_once(nord):
    with open_hub(nord.hub):
        for _ in range(5):
            RecurringChargeFactory()

    made = at_once(lambda: gather(nord), lambda: gather(nord))

    assert sorted(made) == [0, 5]
    with open_hub(nord.hub):
        assert Charge.objects.count() == 5


def test_without_the_lock_on_what_recurs_the_database_still_refuses_the_second(nord, monkeypatch):
    with open_hub(nord.hub):
        RecurringChargeFactory()
    both_have_read = threading.Barrier(2)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **kwargs: self)
    write = recurring._write

    def late(found) -> None:
        both_have_read.wait(20)
        write(found)

    monkeypatch.setattr(recurring, "_write", late)

    made = at_once(lambda: gather(nord), lambda: gather(nord))

    assert [answer for answer in made if isinstance(answer, int)] == [1]
    assert [type(answer) for answer in made if not isinstance(answer, int)] == [IntegrityError]
    with open_hub(nord.hub):
        assert Charge.objects.count() == 1


def test_an_end_noted_while_the_month_is_issued_is_made_up_for_after_it(nord):
    with open_hub(nord.hub):
        made = RecurringChargeFactory()
        actions.preview_month(month=OCTOBER, by=system(nord.hub.pk))

    def issued() -> None:
        with open_hub(nord.hub):
            actions.issue_month(month=OCTOBER, by=system(nord.hub.pk), today=CLOSING_DAY)

    def ended() -> None:
        with open_hub(nord.hub):
            actions.end_recurring(recurring=made, ends_on=dt.date(2026, 10, 16), by=system(nord.hub.pk))

    assert at_once(issued, ended) == [None, None]

    # Whoever was first, what is charged in all is the fifteen days.
    with open_hub(nord.hub):
        actions.gather_charges(month=dt.date(2026, 11, 1), by=system(nord.hub.pk))
        assert sum(Charge.objects.live().values_list("amount_excl", flat=True)) == Decimal("145.16")


def test_two_credit_notes_at_once_never_exceed_their_invoice(nord):
    with open_hub(nord.hub):
        invoice = issued(AccountFactory(), "100.00")
        part = actions.CreditPart(invoice.lines.get(), amount_excl=Decimal("60.00"))
        by = nord.actor("accountant")

    def credit() -> None:
        with open_hub(nord.hub):
            actions.credit_invoice(invoice=invoice, by=by, reason="erreur", today=CLOSING_DAY, parts=[part])

    answers = at_once(credit, credit)

    assert sorted(type(answer).__name__ for answer in answers) == ["BeyondInvoice", "NoneType"]
    with open_hub(nord.hub):
        assert Invoice.objects.with_due().get(pk=invoice.pk).due == Decimal("48.00")


def give_back(cast: Cast, deposit_id: int) -> None:
    with open_hub(cast.hub):
        actions.refund_deposit(
            deposit=Deposit.objects.get(pk=deposit_id), amount=Decimal("800.00"), on=CLOSING_DAY, method="cash",
            by=system(cast.hub.pk), today=CLOSING_DAY,
        )  # fmt: skip


@pytest.mark.parametrize("is_locked", [True, False])
def test_two_people_who_give_back_the_same_deposit_give_it_once(nord, monkeypatch, is_locked):
    """The trigger holds it too, when nothing is locked before."""
    if not is_locked:
        monkeypatch.setattr("billing.actions.deposits._held", lambda deposit: deposit)
    with open_hub(nord.hub):
        deposit = DepositFactory(received=True)

    told = at_once(*[lambda: give_back(nord, deposit.pk)] * 2)

    assert sorted(type(each).__name__ for each in told) == ["MoreThanHeld", "NoneType"]
    with open_hub(nord.hub):
        assert Deposit.objects.with_held().get().held == 0


def test_a_line_written_while_its_invoice_is_being_numbered_is_refused(nord):
    ((invoice_id,),), run_id = drafts(nord, 1, 1)
    numbered = threading.Event()

    def number() -> None:
        with open_hub(nord.hub):
            actions.issue_invoice(
                invoice=Invoice.objects.get(pk=invoice_id), run=Run.objects.get(pk=run_id), today=CLOSING_DAY
            )
            numbered.set()
            until(somebody_waits)

    def write() -> None:
        assert numbered.wait(20)
        with open_hub(nord.hub):
            line = InvoiceLine.objects.get(invoice=invoice_id)
            line.pk, line.position = None, 2
            line.save()

    done, refused = at_once(number, write)

    assert done is None
    assert isinstance(refused, IntegrityError)
    assert "est émise" in str(refused)
    with open_hub(nord.hub):
        assert InvoiceLine.objects.filter(invoice=invoice_id).count() == 1
