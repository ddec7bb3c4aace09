"""Nobody is debited twice: real connections, real commits."""

import datetime as dt
import threading

import pytest
from django.db import IntegrityError

from billing import actions
from billing.actions import debits as collecting
from billing.models import Debit, DebitBatch, Invoice, Issuer, Payment
from hubs import tasks
from hubs.models import Mail
from hubs.scope import open_hub
from tests.billing.banks import camt054
from tests.billing.factories import AccountFactory, IssuerFactory, MandateFactory, VatRuleFactory, issued
from tests.billing.test_concurrency import at_once
from tests.cast import Cast, cast_of

TODAY = dt.date(2026, 11, 10)
COLLECTED = dt.date(2026, 11, 24)


@pytest.fixture
def nord(committed, monkeypatch) -> Cast:
    """A hub that other connections see, where two invoices can be collected."""
    monkeypatch.setattr(tasks, "nudge_item", lambda *args: None)
    monkeypatch.setattr(tasks, "nudge_mail", lambda *args: None)
    cast = cast_of("nord")
    with open_hub(cast.hub):
        IssuerFactory(debiting=True)
        VatRuleFactory()
        for _ in range(2):
            account = AccountFactory()
            issued(account)
            MandateFactory(account=account)
    return cast


def announce(cast: Cast) -> list[Debit]:
    with open_hub(cast.hub):
        ids = list(Invoice.objects.values_list("pk", flat=True))
        return actions.announce_debits(invoices=ids, by=cast.actor("accountant"), today=TODAY)


def make_file(cast: Cast) -> DebitBatch | None:
    with open_hub(cast.hub):
        return actions.make_debit_file(
            issuer=Issuer.objects.get(), collect_on=COLLECTED, by=cast.actor("accountant"), today=TODAY
        )


@pytest.mark.feature("BI8")
def test_two_people_who_make_the_file_at_once_make_one(nord):
    announce(nord)

    results = at_once(lambda: make_file(nord), lambda: make_file(nord))

    assert sorted(type(result).__name__ for result in results) == ["DebitBatch", "NothingToCollect"]
    with open_hub(nord.hub):
        batch = DebitBatch.objects.get()
        assert (batch.count, Debit.objects.filter(batch=batch).count()) == (2, 2)


def test_without_the_lock_both_write_a_file_and_the_database_stops_the_second(nord, monkeypatch):
    """The race that the lock prevents; that a debit goes in one file is what stops it here."""
    announce(nord)
    both_have_read = threading.Barrier(2)

    def unlocked(issuer: Issuer, collect_on: dt.date) -> list[Debit]:
        found = Debit.objects.announced().filter(mandate__issuer=issuer, collect_on=collect_on)
        debits = list(found.for_display().order_by("pk"))
        both_have_read.wait(timeout=10)
        return debits

    monkeypatch.setattr(collecting, "_lock_round", unlocked)
    results = at_once(lambda: make_file(nord), lambda: make_file(nord))

    assert sorted(type(result).__name__ for result in results) == ["DebitBatch", "IntegrityError"]
    (error,) = (result for result in results if isinstance(result, IntegrityError))
    assert error.__cause__.diag.constraint_name in ("billing_debit_in_one_file", "billing_debit_moves")


def test_two_people_who_announce_at_once_send_each_mail_once(nord):
    results = at_once(lambda: announce(nord), lambda: announce(nord))

    assert sorted(type(result).__name__ for result in results) == ["NothingToAnnounce", "list"]
    with open_hub(nord.hub):
        assert (Debit.objects.count(), Mail.objects.count()) == (2, 2)


def test_two_people_who_note_the_collection_at_once_make_each_payment_once(nord):
    announce(nord)
    batch = make_file(nord)

    def collect() -> int:
        with open_hub(nord.hub):
            return actions.collect_batch(batch=batch, by=nord.actor("accountant"), today=COLLECTED)

    results = at_once(collect, collect)

    assert sorted(map(str, results)) == ["2", str(actions.CollectedAlready())]
    with open_hub(nord.hub):
        assert Payment.objects.count() == 2


def test_two_people_who_apply_the_same_return_at_once_undo_one_payment(nord):
    announce(nord)
    batch = make_file(nord)
    with open_hub(nord.hub):
        by = nord.actor("accountant")
        actions.collect_batch(batch=batch, by=by, today=COLLECTED)
        debit = Debit.objects.order_by("pk").first()
        content = camt054((debit.end_to_end, "AM04", "120.00"))
        dropped = actions.drop_bank_return(name="retour.xml", content=content, by=by)

    def apply() -> int:
        with open_hub(nord.hub):
            return actions.apply_bank_return(bank_return=dropped, by=by, today=COLLECTED)

    results = at_once(apply, apply)

    assert sorted(type(result).__name__ for result in results) == ["NothingToApply", "int"]
    with open_hub(nord.hub):
        assert Payment.objects.filter(cancelled_at=None).count() == 1
