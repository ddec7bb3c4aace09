"""Two who write the books at once, and a payment that meets the day at which they are stopped."""

import datetime as dt
from decimal import Decimal

import pytest

from billing import actions, queries
from billing.actions.ledger import furnish_books
from billing.models import Issuer, JournalEntry, Payment, Seal
from hubs import tasks
from hubs.actors import system
from hubs.scope import open_hub
from tests.billing.factories import AccountFactory, IssuerFactory, PaymentFactory, VatRuleFactory
from tests.billing.test_concurrency import at_once
from tests.cast import Cast, cast_of

TODAY = dt.date(2026, 11, 20)
OCTOBER_31 = dt.date(2026, 10, 31)


@pytest.fixture
def nord(committed, monkeypatch) -> Cast:
    """A hub that keeps its books, seen by other connections."""
    monkeypatch.setattr(tasks, "nudge_item", lambda *args: None)
    cast = cast_of("nord")
    with open_hub(cast.hub):
        IssuerFactory()
        VatRuleFactory()
        furnish_books(starts_on=dt.date(2020, 1, 1), today=TODAY)
    return cast


def test_three_who_write_at_once_write_each_row_once(nord):
    with open_hub(nord.hub):
        for _ in range(5):
            PaymentFactory()

    def write() -> int:
        with open_hub(nord.hub):
            return actions.post_entries(by=system(nord.hub.pk)).count

    counts = at_once(write, write, write)

    assert sorted(counts) == [0, 0, 5]
    with open_hub(nord.hub):
        assert list(JournalEntry.objects.order_by("pk").values_list("sequence", flat=True)) == [1, 2, 3, 4, 5]


def test_payments_noted_at_once_are_sealed_one_after_the_other(nord):
    with open_hub(nord.hub):
        accounts = [AccountFactory() for _ in range(4)]

    def pay(account):
        def paid() -> int:
            with open_hub(nord.hub):
                return PaymentFactory(account=account).pk

        return paid

    at_once(*(pay(account) for account in accounts))

    with open_hub(nord.hub):
        assert list(Seal.objects.order_by("rank").values_list("rank", flat=True)) == [1, 2, 3, 4]
        assert list(queries.broken_seals(1, 4)) == []


def test_a_payment_noted_while_the_books_are_stopped_is_written_or_refused(nord):
    with open_hub(nord.hub):
        account, issuer = AccountFactory(), Issuer.objects.get()

    def pay() -> object:
        with open_hub(nord.hub):
            return actions.record_payment(
                account=account, received_on=OCTOBER_31, amount=Decimal(10), method="cash",
                by=system(nord.hub.pk), today=TODAY,
            )  # fmt: skip

    def stop() -> object:
        with open_hub(nord.hub):
            return actions.stop_books(issuer=issuer, until=OCTOBER_31, by=system(nord.hub.pk), today=TODAY)

    paid, _stopped = at_once(pay, stop)

    with open_hub(nord.hub):
        written = JournalEntry.objects.count()
        assert queries.lock_on(TODAY) == OCTOBER_31
        assert (Payment.objects.count(), queries.unwritten()) == (written, [])
    assert isinstance(paid, actions.BooksStopped if written == 0 else Payment)
