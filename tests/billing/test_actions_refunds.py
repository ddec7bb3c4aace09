"""Money given back of what an account holds in advance."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from billing import actions, queries
from billing.models import Account, Allocation, Invoice, Refund
from hubs.models import AuditEntry
from hubs.refusals import NotAllowed
from tests.billing.factories import AccountFactory, PaymentFactory, RefundFactory, issued

TODAY = dt.date(2026, 11, 20)


@pytest.fixture
def give_back(nord, selling):
    """Note a refund as the accountant."""

    def given(account: Account, amount: str, **changes) -> Refund:
        return actions.record_refund(
            **{
                "account": account,
                "paid_on": TODAY,
                "amount": Decimal(amount),
                "method": "transfer",
                "reason": "payé deux fois",
                "by": nord.actor("accountant"),
                "today": TODAY,
            }
            | changes
        )

    return given


def balance(account: Account) -> Decimal:
    return Account.objects.with_balance().get(pk=account.pk).balance


def test_an_advance_is_given_back_and_the_account_says_so(give_back):
    account = PaymentFactory(amount=Decimal("50.00")).account

    made = give_back(account, "20.00", reference="VIR 12", paid_to="FR7630006000011234567890189")

    assert (balance(account), queries.held(account.pk), made.paid_to) == (
        Decimal("-30.00"),
        Decimal("30.00"),
        "FR76 •••• 0189",
    )
    told = queries.statement(account)
    assert (told.movements[0].label, told.movements[0].debit) == (
        "Remboursement par virement, VIR 12",
        Decimal("20.00"),
    )
    assert told.balance == Decimal("-30.00")
    assert AuditEntry.objects.get(verb="billing.refunded").reason == "payé deux fois"


def test_money_given_back_pays_no_invoice(give_back):
    account = PaymentFactory(amount=Decimal("50.00")).account
    PaymentFactory(account=account, amount=Decimal("10.00"))
    give_back(account, "45.00")

    invoice = issued(account, "100.00")

    assert invoice.paid_on_issue == Decimal("15.00")
    assert Invoice.objects.with_due().get(pk=invoice.pk).due == Decimal("105.00")
    assert balance(account) == Decimal("105.00")


def test_the_same_form_sent_twice_is_one_refund(give_back):
    account, token = PaymentFactory().account, uuid.uuid4()

    assert give_back(account, "50.00", token=token) == give_back(account, "50.00", token=token)
    assert balance(account) == Decimal(0)


@pytest.mark.parametrize(
    ("amount", "changes", "refusal"),
    [
        ("50.01", {}, actions.MoreThanAdvance),
        ("0.004", {}, actions.AmountNotPositive),
        ("1.00", {"paid_on": dt.date(2026, 11, 21)}, actions.RefundInFuture),
    ],
)
def test_a_refund_that_makes_no_sense_is_refused(give_back, amount, changes, refusal):
    account = PaymentFactory(amount=Decimal("50.00")).account

    with pytest.raises(refusal):
        give_back(account, amount, **changes)


def test_money_that_pays_an_invoice_is_not_given_back(give_back):
    account = AccountFactory()
    PaymentFactory(account=account, amount=Decimal("130.00"))
    issued(account, "100.00")

    with pytest.raises(actions.MoreThanAdvance):
        give_back(account, "10.01")
    give_back(account, "10.00")


def test_only_those_who_keep_the_accounts_give_back(give_back, nord):
    with pytest.raises(NotAllowed):
        give_back(AccountFactory(), "10.00", by=nord.actor("receptionist"))


def test_a_cancelled_refund_is_an_advance_again_and_pays_what_is_due(give_back, nord):
    account = PaymentFactory(amount=Decimal("50.00")).account
    made = give_back(account, "50.00")
    invoice = issued(account, "100.00")

    actions.cancel_refund(refund=made, by=nord.actor("accountant"), reason="virement refusé", today=TODAY)

    assert Invoice.objects.with_due().get(pk=invoice.pk).due == Decimal("70.00")
    assert balance(account) == queries.statement(account).balance == Decimal("70.00")
    with pytest.raises(actions.RefundCancelled):
        actions.cancel_refund(refund=made, by=nord.actor("accountant"), reason="encore", today=TODAY)


def test_a_payment_cancelled_after_its_refund_leaves_the_refund_owed(give_back, nord):
    payment = PaymentFactory(amount=Decimal("50.00"))
    give_back(payment.account, "50.00")

    actions.cancel_payment(payment=payment, by=nord.actor("accountant"), reason="sans provision", today=TODAY)
    invoice = issued(payment.account, "100.00")
    PaymentFactory(account=payment.account, amount=Decimal("40.00"))

    assert (invoice.paid_on_issue, balance(payment.account), queries.held(payment.account_id)) == (
        Decimal(0),
        Decimal("130.00"),
        Decimal(0),
    )


@pytest.mark.parametrize("sql", ["UPDATE billing_refund SET amount = 1", "DELETE FROM billing_refund"])
def test_a_refund_is_never_rewritten(selling, sql):
    RefundFactory()

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_the_database_neither_gives_back_nor_uses_money_twice(selling):
    refund = RefundFactory(amount=Decimal("50.00"))
    invoice = issued(refund.account, "100.00")

    with pytest.raises(IntegrityError, match="plus d’avance"), transaction.atomic():
        RefundFactory(account=refund.account, amount=Decimal("0.01"))
    with pytest.raises(IntegrityError, match="plus d’avance"), transaction.atomic():
        Allocation.objects.create(payment=refund.account.payments.get(), invoice=invoice, amount=Decimal("0.01"))
