"""What a line may be: each reason, and when it is sure."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given as each
from hypothesis import strategies as st

from billing import actions, queries
from billing.models import BankLine
from billing.queries.candidates import numbers_in, resembles
from hubs.actors import system
from parties.imports.values import plain
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

TODAY = dt.date(2026, 11, 20)
NOW = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)


@pytest.fixture
def bank(selling):
    return BankAccountFactory()


def told(*lines: BankLine) -> list[list[tuple[str, bool]]]:
    """The kinds of proposals of each line, and whether they are sure."""
    return [[(each.key.split(":")[0], each.is_sure) for each in one.proposals] for one in queries.proposed(lines)]


@pytest.mark.parametrize(
    "text",
    [
        "FA-2026-00042",
        "VIR FA 2026 42",
        "FACTURE FA2026-00042",
        "FA202600042 MERCI",
        "ref fa 2026/0042",
        "N°FA.2026.42",
    ],
)
def test_a_number_is_found_whatever_became_of_its_separators(text):
    assert numbers_in(plain(text).upper()) == ["FA-2026-00042"]


@each(st.text(max_size=60))
def test_no_text_breaks_the_search_for_numbers_and_names(text):
    assert all(number.startswith("FA-20") for number in numbers_in(text))
    assert 0 <= resembles("Les Tisserandes", text) <= 1


def test_names_resemble_without_accents_and_cut_short():
    assert resembles("Compagnie des Déferlantes", "VIR SEPA CIE DEFERLANTES") >= 0.6
    assert resembles("Les Tisserandes", "VIREMENT TISSERAND") >= 0.6
    assert resembles("Les Tisserandes", "VIREMENT DUPONT") == 0


def test_each_reason_has_its_proposal(bank):
    issued(AccountFactory(organisation__name="Les Tisserandes"), "100.00")
    cited, part, more, named, alone, nothing = bank_lines(
        ("06/10/2026", "FA-2026-00001", "120,00"),
        ("07/10/2026", "FA-2026-00001", "20,00"),
        ("08/10/2026", "FA-2026-00001", "200,00"),
        ("09/10/2026", "VIR LES TISSERANDES", "120,00"),
        ("10/10/2026", "VIR", "120,00"),
        ("11/10/2026", "VIR INCONNU", "33,00"),
    )

    assert told(cited, part, more, named, alone, nothing) == [
        [("cited", True)], [("cited", False)], [("cited", False)], [("name", False)], [("amount", False)], [],
    ]  # fmt: skip
    labels = [one.proposals[0].label for one in queries.proposed([part, more])]
    assert "il restera 100,00" in labels[0].replace("\u00a0", " ")
    assert "80,00" in labels[1]


def test_several_invoices_cited_are_paid_together(bank, nord):
    account = AccountFactory()
    issued(account, "50.00")
    issued(account, "100.00")
    (line,) = bank_lines(("06/10/2026", "FA-2026-00001 ET FA-2026-00002", "180,00"))

    (proposal,) = queries.proposed([line])[0].proposals

    assert (proposal.is_sure, [part.amount for part in proposal.parts]) == (True, [Decimal("60.00"), Decimal("120.00")])


def test_an_iban_that_has_paid_before_names_its_account(bank, nord):
    account = AccountFactory()
    issued(account, "50.00")
    content = given.camt([given.entry("60.00", label="FA-2026-00001")], closing="1060.00")
    actions.import_statement(bank_account=bank, name="a.xml", content=content, by=system(nord.hub.pk), now=NOW)
    actions.accept_sure(by=nord.actor("accountant"), today=TODAY, now=NOW)
    issued(account, "100.00")
    later = given.camt(
        [given.entry("120.00", label="loyer", on="2026-10-20"), given.entry("7.00", label="loyer", on="2026-10-21")],
        closing="1127.00",
    )
    actions.import_statement(bank_account=bank, name="b.xml", content=later, by=system(nord.hub.pk), now=NOW)

    assert told(*BankLine.objects.waiting().oldest_first()) == [[("iban", True)], [("iban", False)]]


def test_two_answers_that_are_sure_are_sure_no_more(bank):
    for _ in range(2):
        PaymentFactory(account=AccountFactory(organisation__name="Les Tisserandes"), amount=Decimal("50.00"))
    (line,) = bank_lines(("20/10/2026", "VIR LES TISSERANDES", "50,00"))

    assert told(line) == [[("payment", False), ("payment", False)]]


def test_what_was_set_aside_before_is_proposed_again(bank, nord):
    (rent,) = bank_lines(("05/09/2026", "LOYER BAILLEUR", "-900,00"))
    actions.set_aside(line=rent, aside="purchase", by=nord.actor("accountant"))
    (again,) = bank_lines(("05/10/2026", "LOYER BAILLEUR", "-900,00"))

    assert told(again) == [[("aside", False)]]


def test_a_page_of_lines_asks_no_more_than_one(bank):
    for rank in range(3):
        issued(AccountFactory(organisation__name=f"Structure {'abc'[rank] * 5}"), "10.00")
    lines = bank_lines(*((f"0{day}/10/2026", f"FA-2026-0000{day}", "12,00") for day in (1, 2, 3)))

    def asked(some) -> int:
        with CaptureQueriesContext(connection) as seen:
            queries.proposed(some)
        return len(seen)

    assert asked(lines[:1]) == asked(lines) == 7


def test_money_that_left_meets_what_was_noted_with_its_reason(bank):
    advance = PaymentFactory(amount=Decimal(300), account__organisation__name="Les Tisserandes").account
    RefundFactory(account=advance, amount=Decimal(20), reference="VIR-77", paid_to="FR76 •••• 0189")
    RefundFactory(account=advance, amount=Decimal(31), paid_to="FR76 •••• 0189")
    RefundFactory(account=advance, amount=Decimal(40))
    RefundFactory(account=advance, amount=Decimal(50), method="cash")
    RefundFactory(account=advance, amount=Decimal(60), paid_on=dt.date(2026, 6, 1))
    lines = bank_lines(
        ("26/10/2026", "VIR EMIS VIR-77", "-20,00"),
        ("27/10/2026", "VIR LES TISSERANDES", "-31,00"),
        ("28/10/2026", "VIR EMIS", "-40,00"),
        ("28/10/2026", "RETRAIT", "-50,00"),
        ("29/10/2026", "VIR EMIS", "-60,00"),
        ("29/10/2026", "VIR TISSERANDES", "-91,00"),
    )

    assert told(*lines) == [
        [("moved", True)], [("moved", True)], [("moved", False)], [], [], [("moves", True)],
    ]  # fmt: skip
    first = queries.proposed(lines)[0].proposals[0]
    assert (first.label.replace("\xa0", " "), first.reason.replace("\xa0", " ")) == (
        "C’est le remboursement de Les Tisserandes noté le 25 octobre",
        "même montant, et le libellé dit « VIR-77 »",
    )


def test_the_iban_that_was_noted_makes_it_sure_and_two_that_are_alike_do_not(bank):
    refund = RefundFactory(paid_to="FR76 •••• 0189")
    line = bank_lines(("26/10/2026", "VIR EMIS", "-20,00"))[0]
    line.counterparty_iban = "FR7630006000011234567890189"
    assert told(line) == [[("moved", True)]]

    PaymentFactory(account=refund.account, amount=Decimal(100))
    RefundFactory(account=refund.account, paid_to="FR76 •••• 0189")

    assert told(line) == [[("moved", False), ("moved", False)]]


def test_a_deposit_received_and_given_back_meets_its_lines(bank):
    deposit = DepositFactory(account__organisation__name="Les Tisserandes")
    DepositMoveFactory(deposit=deposit, method="transfer")
    DepositMoveFactory(deposit=deposit, kind="refunded", on=dt.date(2026, 10, 20), method="transfer")
    came, left = bank_lines(
        ("06/10/2026", f"VIR {deposit.reference}", "800,00"), ("21/10/2026", "VIR LES TISSERANDES", "-800,00")
    )

    assert told(came, left) == [[("moved", True)], [("moved", True)]]
    labels = [one.proposals[0].label.replace("\xa0", " ") for one in queries.proposed([came, left])]
    assert labels == [
        "C’est le dépôt de Les Tisserandes, noté le 5 octobre",
        "C’est le dépôt rendu à Les Tisserandes, noté le 20 octobre",
    ]
