"""Two people at the bank's lines at once: real connections, real commits."""

import datetime as dt
import threading
from decimal import Decimal
from functools import partial

import pytest

from billing import actions, queries
from billing.actions import matching
from billing.models import Account, BankAccount, BankLine, ChequeSlip, Match, Payment
from hubs import tasks
from hubs.scope import open_hub
from tests.billing import statements as given
from tests.billing.factories import (
    AccountFactory,
    BankAccountFactory,
    IssuerFactory,
    PaymentFactory,
    VatRuleFactory,
    bank_lines,
    issued,
)
from tests.billing.test_concurrency import at_once
from tests.cast import Cast, cast_of

NOW = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
TODAY = NOW.date()


@pytest.fixture
def nord(committed, monkeypatch) -> Cast:
    """A hub that other connections see, with its bank account."""
    monkeypatch.setattr(tasks, "nudge_item", lambda *args: None)
    cast = cast_of("nord")
    with open_hub(cast.hub):
        IssuerFactory()
        VatRuleFactory()
        BankAccountFactory()
    return cast


def _once_both_have_written(line: BankLine, barrier: threading.Barrier, **kwargs) -> None:
    barrier.wait(timeout=10)
    BankLine.save(line, **kwargs)


def one_line_two_accounts(cast: Cast) -> tuple[BankLine, list[Account]]:
    with open_hub(cast.hub):
        (line,) = bank_lines(("06/10/2026", "VIR", "120,00"))
        return line, [AccountFactory(), AccountFactory()]


def match(cast: Cast, line: BankLine, account: Account) -> None:
    with open_hub(cast.hub):
        part = queries.Part(amount=line.amount, account=account)
        actions.match_line(line=line, parts=[part], by=cast.actor("accountant"), today=TODAY, now=NOW)


def test_without_the_lock_one_line_pays_two_accounts(nord, monkeypatch):
    """The race that the lock of the line prevents: each puts it on the account of their choice."""
    line, accounts = one_line_two_accounts(nord)
    both_have_read = threading.Barrier(2)

    def unlocked(line: BankLine) -> BankLine:
        found = BankLine.objects.get(pk=line.pk)
        both_have_read.wait(timeout=10)
        # Neither has committed when the other writes its part.
        found.save = partial(_once_both_have_written, found, both_have_read)
        return found

    monkeypatch.setattr(matching, "_lock_line", unlocked)
    at_once(*(lambda account=account: match(nord, line, account) for account in accounts))

    with open_hub(nord.hub):
        assert Payment.objects.count() == 2


@pytest.mark.feature("BI11")
def test_two_people_put_one_line_on_two_accounts_and_it_is_paid_once(nord):
    line, accounts = one_line_two_accounts(nord)

    answers = at_once(*(lambda account=account: match(nord, line, account) for account in accounts * 2))

    assert sorted(type(answer).__name__ for answer in answers) == ["LineNotWaiting"] * 3 + ["NoneType"]
    with open_hub(nord.hub):
        assert (Payment.objects.count(), Match.objects.live().count()) == (1, 1)


def test_two_people_accept_one_proposal_and_one_is_told_no(nord):
    with open_hub(nord.hub):
        issued(AccountFactory(), "100.00")
        (line,) = bank_lines(("06/10/2026", "FA-2026-00001", "120,00"))
        key = queries.proposed([line])[0].proposals[0].key

    def accept() -> None:
        with open_hub(nord.hub):
            actions.accept_proposal(line=line, key=key, by=nord.actor("accountant"), today=TODAY, now=NOW)

    answers = at_once(accept, accept)

    assert sorted(type(answer).__name__ for answer in answers) == ["LineNotWaiting", "NoneType"]


def test_two_lines_want_one_payment_and_one_gets_it(nord):
    with open_hub(nord.hub):
        payment = PaymentFactory(amount=Decimal("50.00"))
        lines = bank_lines(("20/10/2026", "VIR A", "50,00"), ("21/10/2026", "VIR B", "50,00"))

    def take(line: BankLine) -> None:
        with open_hub(nord.hub):
            held = Payment.objects.select_related("account__organisation").get(pk=payment.pk)
            part = queries.Part(amount=held.amount, account=held.account, payment=held)
            actions.match_line(line=line, parts=[part], by=nord.actor("accountant"), today=TODAY, now=NOW)

    answers = at_once(*(lambda line=line: take(line) for line in lines))

    assert sorted(type(answer).__name__ for answer in answers) == ["NoneType", "PaymentMatched"]
    with open_hub(nord.hub):
        assert sorted(BankLine.objects.values_list("state", flat=True)) == ["matched", "to_match"]


def test_two_files_of_overlapping_days_come_in_at_once_and_nothing_is_doubled(nord):
    rows = [(f"{day:02d}/10/2026", f"VIR {day}", "10,00") for day in range(1, 11)]

    def load(content: bytes) -> None:
        with open_hub(nord.hub):
            actions.import_statement(
                bank_account=BankAccount.objects.get(),
                name="a.csv",
                content=content,
                by=nord.actor("accountant"),
                now=NOW,
            )

    files = [given.table(*rows[:7]), given.table(*rows[3:]), given.table(*rows)]
    answers = at_once(*(lambda content=content: load(content) for content in files))

    assert answers == [None, None, None]
    with open_hub(nord.hub):
        assert BankLine.objects.count() == 10


def test_one_cheque_is_on_one_slip(nord):
    with open_hub(nord.hub):
        cheque = PaymentFactory(method="cheque")

    def hand_in() -> None:
        with open_hub(nord.hub):
            actions.make_slip(
                bank_account=BankAccount.objects.select_related("issuer").get(),
                cheques=[cheque.pk],
                on=TODAY,
                by=nord.actor("accountant"),
                today=TODAY,
                now=NOW,
            )

    answers = at_once(hand_in, hand_in)

    assert sorted(type(answer).__name__ for answer in answers) == ["ChequeTaken", "NoneType"]
    with open_hub(nord.hub):
        assert list(ChequeSlip.objects.values_list("number", flat=True)) == ["RC-2026-00001"]
