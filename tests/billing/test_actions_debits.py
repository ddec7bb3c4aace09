import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from lxml import etree

from billing import actions, pain008, queries
from billing.bank_returns import FileTooBig, NotABankFile, NothingReturned, read
from billing.enums import DebitState, PaymentMethod
from billing.models import Account, Debit, DebitBatch, Invoice, Issuer, Mandate, Payment
from documents.storage import read as read_stored
from hubs.models import Mail
from hubs.refusals import NotAllowed
from tests.billing.banks import IBAN, ICS, camt054, pain002
from tests.billing.factories import AccountFactory, IssuerFactory, MandateFactory, issued

TODAY = dt.date(2026, 11, 10)
DUE = dt.date(2026, 11, 5)
# Fourteen days after the announcement.
COLLECTED = dt.date(2026, 11, 24)


@pytest.fixture
def by(nord, debiting):
    return nord.actor("accountant")


def due(amount: str = "100.00", **traits) -> Invoice:
    """An invoice of 6 October, due on 5 November, whose account has signed since."""
    account = AccountFactory(organisation__email="compta@compagnie.example")
    invoice = issued(account, amount)
    MandateFactory(account=account, **traits)
    return invoice


def announced(by, *invoices: Invoice, today: dt.date = TODAY) -> list[Debit]:
    return actions.announce_debits(invoices=[invoice.pk for invoice in invoices], by=by, today=today)


def in_file(by, *invoices: Invoice) -> DebitBatch:
    announced(by, *invoices)
    return actions.make_debit_file(issuer=Issuer.objects.get(), collect_on=COLLECTED, by=by, today=TODAY)


def collected(by, *invoices: Invoice) -> DebitBatch:
    batch = in_file(by, *invoices)
    actions.collect_batch(batch=batch, by=by, today=COLLECTED)
    return batch


def states(*invoices: Invoice) -> list[str]:
    return [Debit.objects.filter(invoice=invoice).latest("pk").state for invoice in invoices]


def left_to_pay(invoice: Invoice) -> Decimal:
    return Invoice.objects.with_due().get(pk=invoice.pk).due


# --- What can be collected -----------------------------------------------------------------------


def test_what_is_due_is_proposed_with_its_day_and_the_rest_with_its_reason(by):
    ready = due()
    revoked, suspended, old, invited = due(revoked=True), due(suspended=True), due(old=True), due(invited=True)
    issued(AccountFactory())
    other = due()
    Mandate.objects.filter(account=other.account).update(revoked_on=TODAY, revoke_reason="x")
    MandateFactory(account=other.account, ics="FR19ZZZ654321")

    told = queries.debit_proposals(TODAY)

    assert [(each.invoice, each.collect_on, each.is_announced) for each in told.ready] == [(ready, COLLECTED, False)]
    reasons = {each.invoice: each.reason for each in told.blocked}
    assert {invoice: reason.split("\u00a0")[0] for invoice, reason in reasons.items()} == {
        revoked: "Mandat révoqué le 1er",
        suspended: "Mandat suspendu",
        old: "Mandat caduc",
        invited: "Le mandat attend sa signature.",
        other: "Mandat signé pour un autre ICS (FR19ZZZ654321). Faites-en signer un autre.",
    }
    assert (told.without, told.total, told.mails) == (1, Decimal("120.00"), 1)


@pytest.mark.parametrize(
    ("due_date", "notice", "today", "day"),
    [
        # Christmas and the day after are no banking days, and then comes a week-end.
        (dt.date(2026, 12, 25), 14, dt.date(2026, 11, 2), dt.date(2026, 12, 28)),
        (dt.date(2026, 11, 14), 1, dt.date(2026, 11, 2), dt.date(2026, 11, 16)),
        (dt.date(2026, 1, 1), 1, dt.date(2026, 11, 13), dt.date(2026, 11, 16)),
        # On a Saturday, the file can no longer be there on Friday.
        (dt.date(2026, 1, 1), 1, dt.date(2026, 11, 14), dt.date(2026, 11, 17)),
        (dt.date(2026, 1, 1), 5, dt.date(2026, 3, 31), dt.date(2026, 4, 7)),
        (dt.date(2027, 5, 1), 14, dt.date(2027, 4, 1), dt.date(2027, 5, 3)),
    ],
)
def test_the_day_is_one_on_which_banks_settle(due_date, notice, today, day):
    assert queries.debits.first_day(due_date, notice, today)[1] == day


def test_a_paid_invoice_is_not_proposed(by):
    invoice = due()
    actions.record_payment(
        account=invoice.account, received_on=TODAY, amount=Decimal("120.00"), method="transfer", by=by, today=TODAY
    )

    assert queries.debit_proposals(TODAY).ready == []
    with pytest.raises(actions.NothingToAnnounce):
        announced(by, invoice)


# --- Announced -----------------------------------------------------------------------------------


def test_an_announcement_tells_the_amount_the_day_and_the_mandate(by):
    invoice = due()

    (debit,) = announced(by, invoice)

    assert (debit.state, debit.amount, debit.collect_on) == (DebitState.ANNOUNCED, Decimal("120.00"), COLLECTED)
    mail = Mail.objects.get(to=["compta@compagnie.example"], subject="Prélèvement du 24 novembre 2026")
    for words in (invoice.number, "120,00", "FR76 •••• 0189", ICS, debit.mandate.rum):
        assert words in mail.text, words
    assert IBAN not in mail.text
    assert queries.debit_proposals(TODAY).ready == []


def test_an_invoice_issued_under_a_mandate_announces_its_own_debit(by, work):
    account = MandateFactory(account__organisation__email="compta@compagnie.example").account
    invoice = issued(account)
    debit = Debit.objects.get()
    assert (debit.state, debit.collect_on) == (DebitState.PROPOSED, DUE)

    actions.render_invoice(invoice=invoice, today=dt.date(2026, 10, 6))
    assert "seront prélevés le 5\u00a0novembre" in Mail.objects.get().text
    announced(by, invoice, today=dt.date(2026, 10, 8))

    debit.refresh_from_db()
    assert (debit.state, debit.announced_on, Mail.objects.count()) == (DebitState.ANNOUNCED, dt.date(2026, 10, 6), 1)


def test_an_invoice_whose_day_has_passed_is_announced_anew(by):
    account = MandateFactory(account__organisation__email="compta@compagnie.example").account
    invoice = issued(account)

    (debit,) = announced(by, invoice)

    assert debit.collect_on == COLLECTED
    assert list(Debit.objects.order_by("pk").values_list("state", "end_reason")) == [
        ("cancelled", "Annoncé de nouveau."),
        ("announced", ""),
    ]


def test_two_attempts_at_once_for_an_invoice_are_one_too_many(by):
    (debit,) = announced(by, due())
    with pytest.raises(IntegrityError, match="billing_debit_one_open"), transaction.atomic():
        Debit.objects.create(
            invoice=debit.invoice, mandate=debit.mandate, amount=1, collect_on=COLLECTED, announced_on=TODAY
        )


def test_a_debit_is_given_up_before_its_file_and_not_after(by):
    invoice = due()
    (debit,) = announced(by, invoice)
    actions.withdraw_debit(debit=debit, by=by, reason="elle paie en deux fois", today=TODAY)
    assert states(invoice) == ["cancelled"]

    in_file(by, invoice)
    with pytest.raises(actions.InFileAlready):
        actions.withdraw_debit(debit=Debit.objects.latest("pk"), by=by, reason="x", today=TODAY)


# --- The file ------------------------------------------------------------------------------------


def test_the_file_is_what_a_bank_takes_and_stays_the_same(by):
    first, second = due(), due("33.33")

    batch = in_file(by, first, second)

    content = read_stored(batch.file.key)
    pain008.check(content)
    tree = etree.fromstring(content)
    told = {tag: [each.text for each in tree.iter(f"{{*}}{tag}")] for tag in (
        "EndToEndId", "InstdAmt", "SeqTp", "ReqdColltnDt", "MndtId", "PstlAdr", "CtrlSum", "NbOfTxs", "MsgId",
    )}  # fmt: skip
    rums = [Mandate.objects.get(account=invoice.account_id).rum for invoice in (first, second)]
    assert told == {
        "EndToEndId": [first.number, second.number],
        "InstdAmt": ["120.00", "40.00"],
        "SeqTp": ["RCUR"],
        "ReqdColltnDt": ["2026-11-24"],
        "MndtId": rums,
        "PstlAdr": [],
        "CtrlSum": ["160.00", "160.00"],
        "NbOfTxs": ["2", "2"],
        "MsgId": [batch.message_id],
    }
    assert (batch.total, batch.count, states(first, second)) == (Decimal("160.00"), 2, ["in_file", "in_file"])
    with pytest.raises(actions.NothingToCollect):
        actions.make_debit_file(issuer=batch.issuer, collect_on=COLLECTED, by=by, today=TODAY)


def test_what_changed_since_the_announcement_stays_out_with_its_reason(by):
    kept, revoked, paid, credited, part = due(), due(), due(), due(), due()
    announced(by, kept, revoked, paid, credited, part)
    mandate = Mandate.objects.get(account=revoked.account)
    actions.revoke_mandate(mandate=mandate, by=by, reason="banque quittée", today=TODAY)
    for invoice, amount in ((paid, "120.00"), (part, "20.00")):
        actions.record_payment(
            account=invoice.account, received_on=TODAY, amount=Decimal(amount), method="transfer", by=by, today=TODAY
        )
    actions.credit_invoice(invoice=credited, by=by, reason="erreur", today=TODAY)

    batch = actions.make_debit_file(issuer=Issuer.objects.get(), collect_on=COLLECTED, by=by, today=TODAY)

    assert (batch.count, states(kept)) == (1, ["in_file"])
    left = {debit.invoice: debit.end_reason for debit in queries.batch_lines(batch) if not debit.end_to_end}
    assert left == {
        revoked: "Mandat révoqué le 10\u00a0novembre 2026.",
        paid: "La facture est déjà payée.",
        credited: "La facture est annulée par un avoir.",
        part: "Il reste 100,00\u00a0€ à payer, et non 120,00\u00a0€\u00a0: il s’annonce de nouveau.",
    }


def test_a_file_of_which_nothing_is_left_is_not_made(by):
    invoice = due()
    announced(by, invoice)
    actions.credit_invoice(invoice=invoice, by=by, reason="erreur", today=TODAY)

    made = actions.make_debit_file(issuer=Issuer.objects.get(), collect_on=COLLECTED, by=by, today=TODAY)

    assert (made, DebitBatch.objects.count(), states(invoice)) == (None, 0, ["cancelled"])


def test_a_file_that_the_bank_would_get_too_late_is_refused(by):
    announced(by, due())
    with pytest.raises(actions.TooLateForBank):
        actions.make_debit_file(issuer=Issuer.objects.get(), collect_on=COLLECTED, by=by, today=COLLECTED)


@pytest.mark.parametrize("missing", ["ics", "iban"])
def test_no_file_without_the_account_of_the_creditor(by, missing):
    announced(by, due())
    Issuer.objects.update(**{missing: ""})
    with pytest.raises(actions.IssuerIncomplete):
        actions.make_debit_file(issuer=Issuer.objects.get(), collect_on=COLLECTED, by=by, today=TODAY)


def test_names_with_accents_leave_in_plain_letters(by):
    invoice = due()
    Issuer.objects.update(legal_name="Café « l’Étoile » & Cie")

    content = read_stored(in_file(by, invoice).file.key).decode()

    assert "<Nm>Cafe l'Etoile + Cie</Nm>" in content
    assert "<Nm>Compagnie de theatre</Nm>" in content


# --- Collected -----------------------------------------------------------------------------------


def test_what_is_collected_becomes_payments_once(by):
    invoice = due()
    batch = in_file(by, invoice)
    with pytest.raises(actions.NotCollectedYet):
        actions.collect_batch(batch=batch, by=by, today=TODAY)
    actions.note_deposit(batch=batch, deposited_on=TODAY, by=by, today=TODAY)

    assert actions.collect_batch(batch=batch, by=by, today=dt.date(2026, 11, 26)) == 1

    payment = Payment.objects.get()
    assert (payment.amount, payment.method, payment.received_on) == (
        Decimal("120.00"), PaymentMethod.DEBIT, COLLECTED,
    )  # fmt: skip
    assert payment.reference == f"{Mandate.objects.get().rum}/{invoice.number}"
    assert (left_to_pay(invoice), states(invoice)) == (Decimal(0), ["collected"])
    with pytest.raises(actions.CollectedAlready):
        actions.collect_batch(batch=batch, by=by, today=dt.date(2026, 11, 26))
    assert Payment.objects.count() == 1


def test_a_deposit_is_not_noted_ahead(by):
    with pytest.raises(actions.DepositInFuture):
        actions.note_deposit(batch=in_file(by, due()), deposited_on=COLLECTED, by=by, today=TODAY)


# --- What the bank sends back --------------------------------------------------------------------


def applied(by, content: bytes, today: dt.date = dt.date(2026, 12, 1)) -> int:
    dropped = actions.drop_bank_return(name="retour.xml", content=content, by=by)
    return actions.apply_bank_return(bank_return=dropped, by=by, today=today)


def test_a_returned_debit_makes_the_invoice_due_again_and_says_why(by):
    invoice = due()
    collected(by, invoice)

    assert applied(by, camt054((invoice.number, "AM04", "120.00"))) == 1

    payment = Payment.objects.get()
    assert payment.cancel_reason == "Rejet AM04\u00a0: provision insuffisante"
    assert (left_to_pay(invoice), states(invoice)) == (Decimal("120.00"), ["returned"])
    assert Account.objects.with_balance().get(pk=invoice.account_id).balance == Decimal("120.00")
    mail = Mail.objects.latest("pk")
    assert mail.subject == "Le prélèvement du 24 novembre 2026 n’a pas abouti"
    assert "provision insuffisante" in mail.text
    assert queries.failed_debits() == list(Debit.objects.all())
    assert not Mandate.objects.get().suspended_on


def test_the_same_return_twice_changes_nothing(by):
    invoice = due()
    collected(by, invoice)
    content = camt054((invoice.number, "AM04", "120.00"))
    applied(by, content)
    before = (list(Debit.objects.values()), list(Payment.objects.values()), Mail.objects.count())

    with pytest.raises(actions.NothingToApply):
        applied(by, content)
    with pytest.raises(actions.NothingToApply):
        applied(by, pain002((invoice.number, "AM04", "120.00")))

    assert (list(Debit.objects.values()), list(Payment.objects.values()), Mail.objects.count()) == before


@pytest.mark.parametrize("code", ["MD01", "MD06", "AC04"])
def test_a_contested_mandate_waits_for_a_word_with_its_holder(by, code):
    invoice = due()
    in_file(by, invoice)

    applied(by, pain002((invoice.number, code, "120.00")))

    assert states(invoice) == ["rejected"]
    assert Mandate.objects.get().suspend_reason.startswith(f"Rejet {code}")
    assert "suspendu" in queries.debit_proposals(TODAY).blocked[0].reason


def test_after_a_rejection_the_next_attempt_has_a_reference_of_its_own(by):
    invoice = due()
    in_file(by, invoice)
    applied(by, pain002((invoice.number, "AM04", "120.00")), today=TODAY)

    in_file(by, invoice)

    assert Debit.objects.latest("pk").end_to_end == f"{invoice.number}-2"
    with pytest.raises(actions.NothingToApply):
        applied(by, camt054((invoice.number, "AM04", "120.00")))
    assert states(invoice) == ["in_file"]


def test_the_fate_of_each_line_is_said_before_anything_is_written(by):
    invoice, other = due(), due()
    collected(by, invoice, other)
    content = camt054(
        (invoice.number, "AM04", "120.00"), (invoice.number, "AM04", "120.00"), (other.number, "MS03", "12.00"),
        ("FA-2020-00001", "AM04", "1.00"),
    )  # fmt: skip

    dropped = actions.drop_bank_return(name="retour.xml", content=content, by=by)

    assert [(fate.applies, fate.words.replace("\u00a0", " ")) for fate in queries.fates_of(dropped)] == [
        (True, "Le paiement est annulé, et la facture est due de nouveau."),
        (False, "Dite deux fois dans ce fichier : elle ne compte qu’une fois."),
        (False, "Le montant diffère : 120,00 € ont été demandés."),
        (False, "Aucun prélèvement ne porte cette référence."),
    ]
    assert states(invoice, other) == ["collected", "collected"]


def test_a_return_in_another_currency_is_not_ours(by):
    invoice = due()
    collected(by, invoice)
    with pytest.raises(actions.NothingToApply):
        applied(by, camt054((invoice.number, "AM04", "120.00"), currency="XAF"))


def test_a_file_refused_whole_refuses_each_of_its_debits(by):
    first, second = due(), due()
    batch = in_file(by, first, second)

    assert applied(by, pain002(message_id=batch.message_id, whole="FF01"), today=TODAY) == 2

    assert states(first, second) == ["rejected", "rejected"]


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10">&b;</Document>'
)


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (BOMB, NotABankFile),
        (b"", NotABankFile),
        (b"Date;Montant\n", NotABankFile),
        (b"<html/>", NotABankFile),
        (b"\xff\xfe<\x00", NotABankFile),
        (pain002(), NothingReturned),
        (b"<a>" + b"x" * 5_000_000, FileTooBig),
    ],
    ids=["bomb", "nothing", "csv", "html", "broken", "no refusal", "huge"],
)
def test_what_is_no_file_of_a_bank_is_refused(content, refusal):
    with pytest.raises(refusal):
        read(content)


def test_only_those_who_keep_the_accounts_collect(by, nord):
    invoice = due()
    for who in ("receptionist", "administrator", "elected"):
        with pytest.raises(NotAllowed):
            announced(nord.actor(who), invoice)


# --- What the database holds ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "constraint"),
    [
        ("UPDATE billing_debit SET amount = 1", "billing_debit_frozen"),
        ("UPDATE billing_debit SET state = 'announced', batch_id = NULL, end_to_end = ''", "billing_debit_in_one_file"),
        ("UPDATE billing_debit SET state = 'cancelled', end_to_end = '', ended_on = now(), end_reason = 'x'",
         "billing_debit_moves"),
        ("DELETE FROM billing_debit", "billing_debit_frozen"),
        ("UPDATE billing_debitbatch SET total = 1", "billing_debitbatch_frozen"),
    ],
)  # fmt: skip
def test_what_went_to_the_bank_is_frozen_even_for_raw_sql(by, sql, constraint):
    in_file(by, due())
    with pytest.raises(IntegrityError) as raised, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert raised.value.__cause__.diag.constraint_name == constraint


def test_nothing_is_debited_for_nothing(by):
    invoice = due()
    with pytest.raises(IntegrityError, match="billing_debit_amount"), transaction.atomic():
        Debit.objects.create(
            invoice=invoice, mandate=Mandate.objects.get(), amount=0, collect_on=COLLECTED, announced_on=TODAY
        )
    with pytest.raises(IntegrityError, match="billing_debit_announced_before"), transaction.atomic():
        Debit.objects.create(
            invoice=invoice, mandate=Mandate.objects.get(), amount=1, collect_on=TODAY, announced_on=TODAY
        )


def test_the_invoices_of_another_issuer_ask_for_another_mandate(by):
    invoice = due()
    Issuer.objects.update(ends_on=dt.date(2026, 11, 1))
    IssuerFactory(starts_on=dt.date(2026, 11, 1), ics="FR19ZZZ654321", siren="900315623")

    assert [each.invoice for each in queries.debit_proposals(TODAY).ready] == [invoice]
    announced(by, invoice)
    assert actions.make_debit_file(issuer=invoice.issuer, collect_on=COLLECTED, by=by, today=TODAY).count == 1
