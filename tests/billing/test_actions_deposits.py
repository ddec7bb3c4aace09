"""Money held and not owed: deposits in, out, kept and set against."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from billing import actions, queries
from billing.models import Account, Charge, Deposit, DepositMove, Invoice, Issuer, Payment
from documents.queries import document_of
from documents.storage import read
from hubs.models import AuditEntry, Mail
from hubs.refusals import NotAllowed
from tests.billing.factories import (
    AccountFactory,
    DepositFactory,
    DepositMoveFactory,
    issued,
    issued_for,
)

TODAY = dt.date(2026, 11, 20)


@pytest.fixture
def do(nord, selling):
    """Call an action as the accountant, today."""

    def done(action, **given):
        return action(**{"by": nord.actor("accountant"), "today": TODAY} | given)

    return done


@pytest.fixture
def move(do):
    """Move money of a deposit, today."""

    def moved(action, deposit, amount, **given):
        return do(action, deposit=deposit, amount=Decimal(amount), **{"on": TODAY} | given)

    return moved


def held(deposit: Deposit) -> Decimal:
    return Deposit.objects.with_held().get(pk=deposit.pk).held


def balance(account: Account) -> Decimal:
    return Account.objects.with_balance().get(pk=account.pk).balance


def test_a_deposit_is_asked_received_and_is_no_part_of_what_is_owed(do, move):
    account = AccountFactory()

    deposit = do(
        actions.ask_deposit, account=account, label="Bureau 12", amount=Decimal("800"), source="spaces.lease:1"
    )
    move(actions.receive_deposit, deposit, "500.00", method="cheque", reference="0012")
    move(actions.receive_deposit, deposit, "300.00", method="cash")

    assert (held(deposit), balance(account)) == (Decimal("800.00"), Decimal(0))
    told = queries.statement(account)
    assert (told.movements, told.deposited, told.balance) == ([], Decimal("800.00"), Decimal(0))
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", "label")) == [
        ("billing.deposit_asked", "Dépôt de garantie, Bureau 12"),
        ("billing.deposit_received", "Dépôt de garantie, Bureau 12"),
        ("billing.deposit_received", "Dépôt de garantie, Bureau 12"),
    ]


def test_the_same_thing_has_one_deposit_and_the_same_form_is_sent_once(do, move):
    account, token = AccountFactory(), uuid.uuid4()
    given = {"account": account, "label": "Bureau 12", "amount": Decimal(800), "source": "spaces.lease:1"}
    deposit = do(actions.ask_deposit, **given, token=token)

    assert do(actions.ask_deposit, **given, token=token) == deposit
    with pytest.raises(actions.AlreadyAsked):
        do(actions.ask_deposit, **given)
    first = move(actions.receive_deposit, deposit, "800.00", method="cash", token=token)
    assert move(actions.receive_deposit, deposit, "800.00", method="cash", token=token) == first
    assert held(deposit) == Decimal("800.00")


def test_what_is_given_back_leaves_with_the_ends_of_its_iban(move):
    deposit = DepositFactory(received=True)

    gone = move(actions.refund_deposit, deposit, "800.00", method="transfer", paid_to="FR7630006000011234567890189")

    assert (held(deposit), gone.paid_to) == (Decimal(0), "FR76 •••• 0189")


def test_what_is_kept_is_charged_with_its_tax(move):
    deposit = DepositFactory(received=True)

    kept = move(actions.keep_deposit, deposit, "120.00", vat_code="service-20", reason="ménage de sortie")

    assert held(deposit) == Decimal("680.00")
    assert (kept.charge.description, kept.charge.detail) == ("Retenue sur le dépôt, Bureau 12", "ménage de sortie")
    assert (kept.charge.amount_excl, kept.charge.amount_incl) == (Decimal("100.00"), Decimal("120.00"))
    assert balance(deposit.account) == Decimal(0)


def test_damage_is_kept_out_of_tax(move):
    kept = move(actions.keep_deposit, DepositFactory(received=True), "75.50", vat_code="hors-champ", reason="vitre")

    assert (kept.charge.vat_category, kept.charge.amount_excl) == ("O", Decimal("75.50"))


def test_no_price_comes_to_three_cents_with_tax(move):
    kept = move(actions.keep_deposit, DepositFactory(received=True), "0.03", vat_code="service-20", reason="vis")

    assert kept.charge.amount_incl == Decimal("0.02")


def test_a_deposit_pays_the_invoice_that_is_chosen(move):
    account = AccountFactory()
    old, last = issued(account, "50.00", on=dt.date(2026, 9, 6)), issued(account, "100.00")
    deposit = DepositFactory(account=account, received=True)

    move(actions.set_deposit_against, deposit, "120.00", invoice=last)

    due = dict(Invoice.objects.with_due().values_list("pk", "due"))
    assert (due[old.pk], due[last.pk], held(deposit)) == (Decimal("60.00"), Decimal(0), Decimal("680.00"))
    assert queries.statement(account).movements[0].label == f"Paiement par imputation du dépôt, {deposit.reference}"


@pytest.mark.parametrize(
    ("act", "amount", "given", "refusal"),
    [
        (actions.refund_deposit, "800.01", {"method": "cash"}, actions.MoreThanHeld),
        (actions.keep_deposit, "800.01", {"vat_code": "service-20", "reason": "vitre"}, actions.MoreThanHeld),
        (actions.keep_deposit, "10.00", {"vat_code": "inconnue", "reason": "vitre"}, actions.UnknownVatRule),
        (actions.receive_deposit, "0.01", {"method": "cash"}, actions.MoreThanAgreed),
        (actions.receive_deposit, "0.004", {"method": "cash"}, actions.AmountNotPositive),
        (actions.refund_deposit, "1.00", {"method": "cash", "on": dt.date(2026, 11, 21)}, actions.MoveInFuture),
    ],
)
def test_a_move_that_makes_no_sense_is_refused_and_writes_nothing(move, act, amount, given, refusal):
    deposit = DepositFactory(received=True)

    with pytest.raises(refusal):
        move(act, deposit, amount, **given)

    assert (held(deposit), DepositMove.objects.count()) == (Decimal("800.00"), 1)
    assert (Charge.objects.count(), Payment.objects.count()) == (0, 0)


def test_an_invoice_is_not_paid_beyond_what_it_asks(move):
    account = AccountFactory()
    invoice, deposit = issued(account, "100.00"), DepositFactory(account=account, received=True)

    with pytest.raises(actions.MoreThanDue):
        move(actions.set_deposit_against, deposit, "120.01", invoice=invoice)
    move(actions.set_deposit_against, deposit, "120.00", invoice=invoice)
    with pytest.raises(actions.NothingDue):
        move(actions.set_deposit_against, deposit, "1.00", invoice=invoice)
    with pytest.raises(actions.NothingDue):
        move(actions.set_deposit_against, deposit, "1.00", invoice=issued(AccountFactory(), "100.00"))


def test_a_move_that_is_cancelled_takes_its_payment_and_its_charge_with_it(do, move):
    account = AccountFactory()
    invoice, deposit = issued(account, "100.00"), DepositFactory(account=account, received=True)
    kept = move(actions.keep_deposit, deposit, "12.00", vat_code="service-20", reason="vitre")
    against = move(actions.set_deposit_against, deposit, "100.00", invoice=invoice)

    for each in (kept, against):
        do(actions.cancel_deposit_move, move=each, reason="erreur")

    assert (held(deposit), balance(account)) == (Decimal("800.00"), Decimal("120.00"))
    assert not Charge.objects.live().filter(source=f"billing.deposit:{deposit.pk}").exists()
    with pytest.raises(actions.MoveCancelled):
        do(actions.cancel_deposit_move, move=kept, reason="encore")


def test_money_that_is_gone_is_not_said_never_to_have_come(do, move):
    deposit = DepositFactory(received=True)
    move(actions.refund_deposit, deposit, "10.00", method="cash")

    with pytest.raises(actions.MoneyGone):
        do(actions.cancel_deposit_move, move=deposit.moves.get(kind="received"), reason="chèque sans provision")


def test_the_payment_of_a_deposit_is_cancelled_on_the_deposit(do, move):
    account = AccountFactory()
    invoice, deposit = issued(account, "100.00"), DepositFactory(account=account, received=True)
    against = move(actions.set_deposit_against, deposit, "12.00", invoice=invoice)

    with pytest.raises(actions.PaidByDeposit):
        do(actions.cancel_payment, payment=against.payment, reason="erreur")


def test_a_deposit_is_cancelled_while_nothing_of_it_is_held(do, move):
    asked, kept = DepositFactory(), DepositFactory(received=True)

    do(actions.cancel_deposit, deposit=asked, reason="finalement non")

    with pytest.raises(actions.MoneyPassed):
        do(actions.cancel_deposit, deposit=kept, reason="finalement non")
    with pytest.raises(actions.DepositCancelled):
        move(actions.receive_deposit, asked, "1.00", method="cash")


def test_a_hub_with_no_legal_body_holds_nothing(do):
    Issuer.objects.update(ends_on=dt.date(2026, 1, 1))

    with pytest.raises(actions.NobodyHolds):
        do(actions.ask_deposit, account=AccountFactory(), label="Bureau 12", amount=Decimal(800))


def test_only_those_who_keep_the_accounts_touch_deposits(do, nord):
    with pytest.raises(NotAllowed):
        do(actions.ask_deposit, account=AccountFactory(), label="x", amount=Decimal(1), by=nord.actor("receptionist"))


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE billing_deposit SET amount = 1",
        "DELETE FROM billing_deposit",
        "UPDATE billing_depositmove SET amount = 1",
        "DELETE FROM billing_depositmove",
        "UPDATE billing_deposit SET cancelled_at = now(), cancelled_on = now(), cancel_reason = 'x'",
        'INSERT INTO billing_depositmove (hub_id, deposit_id, kind, amount, "on", method, reference, paid_to, reason,'
        " token, recorded_at, cancel_reason) SELECT hub_id, id, 'refunded', 800.01, now(), 'cash', '', '', '',"
        " gen_random_uuid(), now(), '' FROM billing_deposit",
    ],
)
def test_the_database_holds_what_is_held(selling, sql):
    DepositFactory(received=True)

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_the_request_and_the_final_account_are_made_once_for_each_state_and_mailed(do, move, work, selling):
    deposit = DepositFactory(account=AccountFactory(organisation__email="tresorerie@nord.example"))

    do(actions.send_deposit_paper, deposit=deposit, kind="deposit_request")
    work(selling)
    do(actions.send_deposit_paper, deposit=deposit, kind="deposit_request")
    DepositMoveFactory(deposit=deposit)
    move(actions.refund_deposit, deposit, "800.00", method="cash")
    do(actions.send_deposit_paper, deposit=deposit, kind="deposit_statement")
    work(selling)

    assert read(document_of(deposit, "deposit_request").file.key).startswith(b"%PDF")
    assert read(document_of(deposit, "deposit_statement").file.key).startswith(b"%PDF")
    mails = list(Mail.objects.order_by("pk"))
    assert [mail.subject for mail in mails] == [
        "Demande de dépôt de garantie – Association du pôle",
        "Demande de dépôt de garantie – Association du pôle",
        "Solde du dépôt de garantie – Association du pôle",
    ]
    assert (mails[0].to, f"DG-{deposit.pk}" in mails[0].text) == (["tresorerie@nord.example"], True)
    assert "Il n’en reste rien à vous rendre" in mails[2].text


def test_the_register_tells_what_was_held_on_a_day(move, selling):
    deposit = DepositFactory(received=True)
    move(actions.refund_deposit, deposit, "300.00", method="cash")
    DepositFactory(key=True, asked_on=TODAY)

    def told(day):
        return [(each.label, each.held) for each in queries.deposits_on(day).order_by("pk")]

    assert told(dt.date(2026, 9, 30)) == []
    assert told(dt.date(2026, 10, 4)) == [("Bureau 12", Decimal(0))]
    assert told(dt.date(2026, 10, 5)) == [("Bureau 12", Decimal("800.00"))]
    assert told(TODAY) == [("Bureau 12", Decimal("500.00")), ("Clé de l’atelier", Decimal(0))]
    assert queries.held_in_all(queries.deposits_on(TODAY)) == Decimal("500.00")


def test_what_was_kept_pays_the_invoice_that_says_so_and_no_other(move):
    account = AccountFactory()
    old, deposit = issued(account, "50.00", on=dt.date(2026, 9, 6)), DepositFactory(account=account, received=True)
    kept = move(actions.keep_deposit, deposit, "120.00", vat_code="service-20", reason="ménage")
    assert balance(account) == Decimal("60.00")

    invoice = issued_for([kept.charge])

    due = dict(Invoice.objects.with_due().values_list("pk", "due"))
    assert (invoice.paid_on_issue, due[invoice.pk], due[old.pk]) == (Decimal("120.00"), Decimal(0), Decimal("60.00"))
    assert Payment.objects.get().method == "deposit"
    assert balance(account) == Decimal("60.00")
