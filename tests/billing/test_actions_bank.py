"""Statements in, lines matched: once, whole, and undone without loss."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from billing import actions, queries
from billing.bank.base import BalanceWrong
from billing.enums import AsideKind, LineState, MatchKind
from billing.models import Account, BankLine, BankStatement, DepositMove, Match, Payment, Refund
from hubs.models import AuditEntry
from hubs.refusals import NotAllowed
from parties.imports.sheets import FileRefused
from tests.billing import statements as given
from tests.billing.factories import (
    AccountFactory,
    BankAccountFactory,
    DepositFactory,
    DepositMoveFactory,
    PaymentFactory,
    RefundFactory,
    bank_lines,
    issued,
)
from tests.billing.test_actions_payments import balance, due

TODAY = dt.date(2026, 11, 20)
NOW = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)


@pytest.fixture
def bank(selling):
    return BankAccountFactory()


@pytest.fixture
def clerk(nord):
    """Who acts, and when."""
    return {"by": nord.actor("accountant"), "today": TODAY, "now": NOW}


def load(bank, content: bytes, nord, name: str = "releve.csv", **changes) -> BankStatement:
    return actions.import_statement(
        **{"bank_account": bank, "name": name, "content": content, "by": nord.actor("accountant"), "now": NOW} | changes
    )


def only(line: BankLine, start: str = "") -> queries.Proposal:
    """The one proposal whose key begins so."""
    (found,) = [each for each in queries.proposed([line])[0].proposals if each.key.startswith(start)]
    return found


# --- Reading in -------------------------------------------------------------------------------------


def test_a_statement_comes_in_with_its_lines_its_file_and_its_days(bank, nord):
    statement = load(bank, given.camt(), nord, "octobre.xml")

    (line,) = BankLine.objects.all()
    assert (statement.format, statement.added, statement.closing) == ("camt053", 1, Decimal("1120.00"))
    assert (statement.starts_on, statement.last_on) == (dt.date(2026, 10, 1), dt.date(2026, 10, 31))
    assert (line.amount, line.label, line.state) == (Decimal("120.00"), "FA-2026-00001", LineState.TO_MATCH)
    assert AuditEntry.objects.get(verb="billing.statement_imported").after["added"] == 1


def test_the_same_file_twice_is_refused_and_doubles_nothing(bank, nord):
    load(bank, given.camt(), nord)

    with pytest.raises(actions.StatementTwice):
        load(bank, given.camt(), nord)

    assert (BankStatement.objects.count(), BankLine.objects.count()) == (1, 1)


def test_overlapping_periods_add_the_new_lines_only_even_where_two_say_the_same(bank, nord):
    same = ("05/10/2026", "VIR DUPONT", "20,00")
    load(bank, given.table(same, same, ("06/10/2026", "VIR MARTIN", "30,00")), nord)

    second = load(
        bank,
        given.table(("07/10/2026", "VIR ROUX", "40,00"), ("06/10/2026", "VIR MARTIN", "30,00"), same, same, same),
        nord,
    )

    assert (second.added, second.known) == (2, 3)
    assert sorted(BankLine.objects.values_list("amount", flat=True)) == [20, 20, 20, 30, 40]


def test_the_same_month_in_another_format_adds_nothing(bank, nord):
    load(bank, given.OFX, nord)

    second = load(bank, given.CFONB, nord)

    assert (second.added, second.known) == (0, 2)


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (given.camt(closing="1.00"), BalanceWrong),
        (given.camt(iban="FR1420041010050500013M02606"), actions.AnotherAccount),
        (given.table(("32/10/2026", "VIR", "1,00")), actions.NothingToImport),
        (b"", FileRefused),
    ],
)
def test_a_bad_statement_changes_nothing(bank, nord, content, refusal):
    with pytest.raises(refusal):
        load(bank, content, nord)

    assert (BankStatement.objects.count(), BankLine.objects.count()) == (0, 0)


def test_only_those_who_keep_the_accounts_import(bank, nord):
    with pytest.raises(NotAllowed):
        load(bank, given.camt(), nord, by=nord.actor("receptionist"))


# --- Matching ---------------------------------------------------------------------------------------


def test_a_line_that_cites_its_invoice_pays_it(bank, clerk):
    invoice = issued(AccountFactory(), "100.00")
    (line,) = bank_lines(("06/10/2026", "VIR FA 2026 1", "120,00"))

    actions.accept_proposal(line=line, key=only(line).key, **clerk)

    line.refresh_from_db()
    payment = Payment.objects.get()
    assert (due(invoice), line.state) == ([Decimal(0)], LineState.MATCHED)
    assert (payment.received_on, payment.method, payment.reference) == (
        dt.date(2026, 10, 6),
        "transfer",
        "FA-2026-00001",
    )
    match = Match.objects.get()
    assert (match.payment, match.amount, match.is_ours) == (payment, Decimal("120.00"), True)
    assert AuditEntry.objects.get(verb="billing.line_matched").after["accounts"] == str(invoice.account)
    with pytest.raises(actions.LineNotWaiting):
        actions.accept_proposal(line=line, key="cited:1", **clerk)


def test_a_payment_typed_before_the_statement_came_is_matched_and_not_doubled(bank, clerk):
    account = AccountFactory()
    invoice = issued(account, "100.00")
    typed = actions.record_payment(
        account=account, received_on=dt.date(2026, 10, 8), amount=Decimal("120.00"), method="transfer",
        by=clerk["by"], today=TODAY,
    )  # fmt: skip
    (line,) = bank_lines(("06/10/2026", "VIR FA 2026 1", "120,00"))

    actions.accept_proposal(line=line, key=only(line, "cited").key, **clerk)

    assert (list(Payment.objects.all()), due(invoice)) == ([typed], [Decimal(0)])
    assert not Match.objects.get().is_ours


def test_undoing_a_match_cancels_the_payment_it_made_and_keeps_the_one_it_found(bank, clerk):
    account = AccountFactory()
    invoice = issued(account, "100.00")
    typed = PaymentFactory(account=AccountFactory(organisation__name="Zutique Productions"), amount=Decimal("30.00"))
    ours, found = bank_lines(
        ("06/10/2026", "FA-2026-00001", "120,00"), ("20/10/2026", "VIR ZUTIQUE PRODUCTIONS", "30,00")
    )
    assert actions.accept_sure(**clerk) == 2

    for line in (ours, found):
        actions.undo_line(line=line, reason="erreur de compte", **clerk)

    typed.refresh_from_db()
    assert typed.cancelled_at is None
    assert (due(invoice), balance(account)) == ([Decimal("120.00")], Decimal("120.00"))
    assert list(BankLine.objects.values_list("state", flat=True)) == ["to_match", "to_match"]
    # What was undone may be matched anew.
    assert actions.accept_sure(**clerk) == 2
    assert due(invoice) == [Decimal(0)]


def test_a_payment_on_a_statement_is_not_cancelled_behind_its_line(bank, clerk):
    issued(AccountFactory(), "100.00")
    bank_lines(("06/10/2026", "FA-2026-00001", "120,00"))
    actions.accept_sure(**clerk)

    with pytest.raises(actions.PaymentOnStatement):
        actions.cancel_payment(payment=Payment.objects.get(), by=clerk["by"], reason="doublon", today=TODAY)


def test_a_refund_is_matched_once_and_says_the_day_it_left(bank, clerk):
    refund = RefundFactory()
    first, second = bank_lines(("26/10/2026", "VIR", "-20,00"), ("27/10/2026", "VIR", "-20,00"))
    same = only(second, "moved")
    actions.accept_proposal(line=first, key=only(first, "moved").key, **clerk)

    with pytest.raises(actions.ProposalGone):
        actions.accept_proposal(line=second, key=same.key, **clerk)
    with pytest.raises(actions.MoneyMatched), transaction.atomic():
        actions.match_line(line=second, parts=same.parts, **clerk)
    with pytest.raises(actions.RefundOnStatement):
        actions.cancel_refund(refund=refund, by=clerk["by"], reason="doublon", today=TODAY)
    match = Match.objects.get()
    assert (match.kind, match.amount, match.refund, match.is_ours) == ("refund", Decimal("-20.00"), refund, False)
    assert Refund.objects.with_seen_on().get().seen_on == dt.date(2026, 10, 26)
    assert "parti le 26\xa0octobre 2026" in queries.statement(refund.account).movements[0].label

    actions.undo_line(line=first, reason="erreur", **clerk)

    assert Refund.objects.with_seen_on().get().seen_on is None
    assert actions.cancel_refund(refund=refund, by=clerk["by"], reason="jamais parti", today=TODAY).cancelled_on


def test_what_was_cancelled_meanwhile_is_not_matched(bank, clerk):
    refund = RefundFactory()
    line = bank_lines(("26/10/2026", "VIR", "-20,00"))[0]
    parts = only(line, "moved").parts
    actions.cancel_refund(refund=refund, by=clerk["by"], reason="jamais parti", today=TODAY)

    with pytest.raises(actions.MoneyUnfit):
        actions.match_line(line=line, parts=parts, **clerk)
    assert told_state(line) == (LineState.TO_MATCH, 0)


def test_a_deposit_given_back_and_an_advance_leave_by_one_line(bank, clerk):
    account = AccountFactory(organisation__name="Les Tisserandes")
    PaymentFactory(account=account)
    RefundFactory(account=account)
    deposit = DepositFactory(account=account, received=True)
    move = DepositMoveFactory(deposit=deposit, kind="refunded", on=dt.date(2026, 10, 20), method="transfer")
    line = bank_lines(("26/10/2026", "VIR LES TISSERANDES", "-820,00"))[0]

    assert actions.accept_sure(**clerk) == 1

    assert {(match.kind, match.amount) for match in Match.objects.filter(line=line)} == {
        ("refund", Decimal("-20.00")), ("deposit", Decimal("-800.00")),
    }  # fmt: skip
    assert DepositMove.objects.with_seen_on().get(pk=move.pk).seen_on == dt.date(2026, 10, 26)
    with pytest.raises(actions.MoveOnStatement):
        actions.cancel_deposit_move(move=move, by=clerk["by"], reason="erreur", today=TODAY)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ("'refund', NULL, {refund}, -19", "Les parts"),
        ("'refund', NULL, {other}, -20", "se rapproche en entier"),
        ("'refund', NULL, NULL, -20", "billing_match_of_kind"),
        ("'deposit', {kept}, NULL, -20", "se rapproche en entier"),
    ],
)
def test_the_database_refuses_a_part_that_is_not_the_money_it_names(bank, values, words):
    refund, other = RefundFactory(), RefundFactory(amount=Decimal(21))
    kept = DepositMoveFactory(deposit=DepositFactory(amount=Decimal(20)), amount=Decimal(20))
    line = bank_lines(("26/10/2026", "VIR", "-20,00"))[0]
    told = values.format(refund=refund.pk, other=other.pk, kept=kept.pk)

    with pytest.raises(IntegrityError, match=words), transaction.atomic():
        connection.cursor().execute(
            "INSERT INTO billing_match (hub_id, line_id, kind, move_id, refund_id, amount, is_ours, because, matched_at, "
            "matched_by, undone_by, undo_reason) "
            f"SELECT hub_id, id, {told}, false, '', now(), 'x', '', '' FROM billing_bankline WHERE id = {line.pk}"
        )


def told_state(line: BankLine) -> tuple[str, int]:
    line.refresh_from_db()
    return line.state, Match.objects.filter(line=line).count()


def test_one_line_may_pay_several_accounts_in_parts_that_sum_to_it(bank, clerk):
    one, other = AccountFactory(), AccountFactory()
    invoice = issued(one, "100.00")
    (line,) = bank_lines(("06/10/2026", "VIR GROUPE", "200,00"))
    parts = [
        queries.Part(amount=Decimal("50.00"), account=one, invoice=invoice),
        queries.Part(amount=Decimal("150.00"), account=other),
    ]

    with pytest.raises(actions.PartsDoNotSum):
        actions.match_line(line=line, parts=parts[:1], **clerk)
    actions.match_line(line=line, parts=parts, **clerk)

    assert due(invoice) == [Decimal("70.00")]
    assert (balance(one), balance(other)) == (Decimal("70.00"), Decimal("-150.00"))


def test_what_is_paid_beyond_the_invoice_stays_on_the_account(bank, clerk):
    invoice = issued(AccountFactory(), "100.00")
    (line,) = bank_lines(("06/10/2026", "FA-2026-00001", "150,00"))

    proposal = only(line)
    actions.accept_proposal(line=line, key=proposal.key, **clerk)

    assert not proposal.is_sure
    assert (due(invoice), balance(invoice.account)) == ([Decimal(0)], Decimal("-30.00"))


def test_a_line_is_set_aside_with_its_reason_and_taken_back(bank, clerk):
    (line,) = bank_lines(("12/10/2026", "FRAIS TENUE DE COMPTE", "-8,50"))

    actions.accept_proposal(line=line, key=only(line).key, **clerk)
    line.refresh_from_db()
    assert (line.state, line.aside) == (LineState.ASIDE, AsideKind.BANK_FEES)

    actions.undo_line(line=line, reason="à revoir", **clerk)
    line.refresh_from_db()
    assert (line.state, line.aside) == (LineState.TO_MATCH, "")


def test_a_cheque_that_the_bank_takes_back_makes_its_invoice_due_again(bank, clerk):
    invoice = issued(AccountFactory(organisation__name="Les Tisserandes"), "100.00")
    bank_lines(("06/10/2026", "FA-2026-00001", "120,00"))
    actions.accept_sure(**clerk)
    (back,) = bank_lines(("16/10/2026", "CHEQUE IMPAYE TISSERANDES", "-120,00"))

    actions.accept_proposal(line=back, key=only(back, "return").key, **clerk)

    payment = Payment.objects.get()
    assert (due(invoice), payment.cancel_reason) == ([Decimal("120.00")], "Rejeté par la banque le 16/10/2026")
    assert set(Match.objects.live().values_list("kind", "amount")) == {
        (MatchKind.PAYMENT, Decimal("120.00")),
        (MatchKind.RETURN, Decimal("-120.00")),
    }
    with pytest.raises(actions.ReturnStays):
        actions.undo_line(line=back, reason="erreur", **clerk)


def test_all_that_is_sure_is_accepted_two_lines_of_one_account_included(bank, clerk):
    account = AccountFactory()
    old, new = issued(account, "50.00", on=dt.date(2026, 9, 6)), issued(account, "100.00")
    bank_lines(
        ("06/10/2026", "FA-2026-00001", "60,00"),
        ("07/10/2026", "FA202600002", "120,00"),
        ("08/10/2026", "INCONNU", "1,00"),
    )

    assert actions.accept_sure(**clerk) == 2
    assert (due(old, new), BankLine.objects.waiting().count()) == ([Decimal(0), Decimal(0)], 1)


# --- What the database holds ------------------------------------------------------------------------


def refused_by(name: str, write) -> bool:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        write()
    return error.value.__cause__.diag.constraint_name == name


def test_the_database_keeps_a_line_and_its_parts_whole(bank, clerk):
    issued(AccountFactory(), "100.00")
    (line,) = bank_lines(("06/10/2026", "FA-2026-00001", "120,00"))
    payment = PaymentFactory(amount=Decimal("100.00"))
    half = {"line": line, "payment": payment, "matched_at": NOW, "matched_by": "Bruno"}

    assert refused_by("billing_match_sums", lambda: Match.objects.create(**half, amount=Decimal("100.00")))
    assert refused_by("billing_match_whole_payment", lambda: Match.objects.create(**half, amount=Decimal("120.00")))
    assert refused_by("billing_bankline_state", lambda: BankLine.objects.update(state=LineState.MATCHED))
    assert refused_by("billing_bankline_frozen", lambda: BankLine.objects.update(amount=1))
    assert refused_by("billing_bankline_aside_says_why", lambda: BankLine.objects.update(state=LineState.ASIDE))
    actions.accept_sure(**clerk)
    assert refused_by("billing_bankline_state", lambda: BankLine.objects.update(state=LineState.TO_MATCH))

    def delete() -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM billing_match")

    assert refused_by("billing_match_frozen", delete)


def test_the_state_of_the_account_is_told(bank, clerk):
    bank_lines(("06/10/2026", "INCONNU", "1,00"), ("31/10/2026", "AUTRE", "2,00"))

    (told,) = queries.bank_progress()

    assert (told.waiting, told.matched_to, told.last_on) == (2, dt.date(2026, 10, 5), dt.date(2026, 10, 31))
    for line in BankLine.objects.all():
        actions.set_aside(line=line, aside=AsideKind.OTHER, by=clerk["by"])
    assert queries.bank_progress()[0].matched_to == dt.date(2026, 10, 31)
    assert Account.objects.count() == 0
