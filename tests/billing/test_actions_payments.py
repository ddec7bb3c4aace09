import datetime as dt
import uuid
from decimal import Decimal

import pytest

from billing import actions, queries
from billing.models import Account, Allocation, Invoice, Payment
from hubs.actors import system
from hubs.models import AuditEntry
from hubs.refusals import NotAllowed
from tests.billing.factories import AccountFactory, ChargeFactory, issued

TODAY = dt.date(2026, 11, 20)


@pytest.fixture
def pay(nord, selling):
    """Record a payment as the accountant."""

    def paid(account: Account, amount: str | Decimal, **changes):
        return actions.record_payment(
            **{
                "account": account,
                "received_on": TODAY,
                "amount": Decimal(amount),
                "method": "transfer",
                "by": nord.actor("accountant"),
                "today": TODAY,
            }
            | changes
        )

    return paid


def due(*invoices: Invoice) -> list[Decimal]:
    found = dict(Invoice.objects.with_due().values_list("pk", "due"))
    return [found[invoice.pk] for invoice in invoices]


def balance(account: Account) -> Decimal:
    return Account.objects.with_balance().get(pk=account.pk).balance


def test_a_payment_pays_the_oldest_first_and_the_rest_waits(pay):
    account = AccountFactory()
    old, new = issued(account, "50.00", on=dt.date(2026, 9, 6)), issued(account, "100.00")

    pay(account, "100.00")
    assert (due(old, new), balance(account)) == ([Decimal(0), Decimal("80.00")], Decimal("80.00"))

    pay(account, "100.00")
    assert (due(old, new), balance(account)) == ([Decimal(0), Decimal(0)], Decimal("-20.00"))


def test_the_invoice_that_is_named_is_paid_first(pay):
    account = AccountFactory()
    old, new = issued(account, "50.00", on=dt.date(2026, 9, 6)), issued(account, "100.00")

    pay(account, "120.00", invoice=new)

    assert due(old, new) == [Decimal("60.00"), Decimal(0)]


def test_money_in_advance_pays_the_next_invoice_which_says_so(pay):
    account = AccountFactory()
    pay(account, "30.00")

    invoice = issued(account, "100.00")

    assert (invoice.paid_on_issue, due(invoice)) == (Decimal("30.00"), [Decimal("90.00")])


def test_the_same_form_sent_twice_is_one_payment(pay):
    account, token = AccountFactory(), uuid.uuid4()

    first, second = pay(account, "10.00", token=token), pay(account, "10.00", token=token)

    assert (first, Payment.objects.count(), balance(account)) == (second, 1, Decimal("-10.00"))


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"received_on": dt.date(2026, 11, 21)}, actions.PaymentInFuture),
        ({"amount": Decimal("0.004")}, actions.AmountNotPositive),
    ],
)
def test_a_payment_that_makes_no_sense_is_refused(pay, changes, refusal):
    with pytest.raises(refusal):
        pay(**{"account": AccountFactory(), "amount": "10.00"} | changes)


def test_only_those_who_keep_the_accounts_record_payments(pay, nord):
    with pytest.raises(NotAllowed):
        pay(AccountFactory(), "10.00", by=nord.actor("receptionist"))


def test_a_cancelled_payment_leaves_its_invoice_due_and_two_lines_on_the_account(pay, nord):
    account = AccountFactory()
    invoice = issued(account, "100.00")
    payment = pay(account, "120.00")

    actions.cancel_payment(payment=payment, by=nord.actor("accountant"), reason="chèque sans provision", today=TODAY)

    assert (due(invoice), balance(account)) == ([Decimal("120.00")], Decimal("120.00"))
    assert [(line.label, line.debit, line.credit, line.balance) for line in queries.statement(account).movements] == [
        ("Annulation\u00a0: chèque sans provision", Decimal("120.00"), Decimal(0), Decimal("120.00")),
        ("Paiement par virement", Decimal(0), Decimal("120.00"), Decimal("0.00")),
        ("Facture FA-2026-00001", Decimal("120.00"), Decimal(0), Decimal("120.00")),
    ]
    assert AuditEntry.objects.get(verb="billing.payment_cancelled").reason == "chèque sans provision"
    with pytest.raises(actions.PaymentCancelled):
        actions.cancel_payment(payment=payment, by=nord.actor("accountant"), reason="encore", today=TODAY)


def test_money_freed_by_a_cancellation_of_another_payment_is_used(pay, nord):
    account = AccountFactory()
    invoice = issued(account, "100.00")
    first, _second = pay(account, "120.00"), pay(account, "120.00")

    actions.cancel_payment(payment=first, by=nord.actor("accountant"), reason="doublon", today=TODAY)

    assert due(invoice) == [Decimal(0)]
    assert Allocation.objects.live().count() == 1


def test_the_statement_tells_what_is_due_and_what_will_come(pay, selling):
    account = AccountFactory()
    invoice = issued(account, "100.00", on=dt.date(2026, 9, 6))
    pay(account, "20.00", received_on=dt.date(2026, 10, 1), reference="VIR 12")
    coming = ChargeFactory(account=account, unit_price_excl=Decimal("10.03"))
    reversed_ = ChargeFactory(account=account)
    actions.reverse(by=system(selling.pk), source=reversed_.source, kind="booking", reason="annulée")

    told = queries.statement(account)

    assert told.balance == Decimal("100.00")
    assert [(line.on, line.label, line.debit, line.credit, line.balance) for line in told.movements] == [
        (dt.date(2026, 10, 1), "Paiement par virement, VIR 12", Decimal(0), Decimal("20.00"), Decimal("100.00")),
        (dt.date(2026, 9, 6), "Facture FA-2026-00001", Decimal("120.00"), Decimal(0), Decimal("120.00")),
    ]
    assert (told.due, told.upcoming, told.upcoming_total) == ([invoice], [coming], Decimal("12.04"))


def test_the_balance_in_sql_is_the_one_of_the_statement(pay, nord):
    accounts = [AccountFactory() for _ in range(3)]
    invoice = issued(accounts[0], "100.00")
    issued(accounts[1], "33.33")
    pay(accounts[0], "50.00")
    pay(accounts[1], "100.00")
    actions.credit_invoice(invoice=invoice, by=nord.actor("accountant"), reason="erreur", today=TODAY)

    balances = {account: account.balance for account in Account.objects.with_balance()}

    assert balances == {account: queries.statement(account).balance for account in accounts}
    assert [balances[account] for account in accounts] == [Decimal("-50.00"), Decimal("-60.00"), Decimal(0)]
