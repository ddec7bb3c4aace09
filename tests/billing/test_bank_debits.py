"""Debits on a statement: a file is one line, what comes back is another, in whatever order the bank tells them."""

import datetime as dt
from decimal import Decimal

import pytest

from billing import actions
from billing.enums import DebitState, LineState, MatchKind
from billing.models import BankLine, Debit, DebitBatch, Invoice, Match
from billing.queries import Books, proposals_for
from hubs.actors import system
from hubs.scope import current_hub_id
from tests.billing.factories import AccountFactory, MandateFactory, bank_lines, issued

DAY = dt.date(2026, 11, 24)
LATER = dt.date(2026, 12, 4)
NOW = dt.datetime(2026, 12, 4, 9, tzinfo=dt.UTC)


@pytest.fixture
def deposited(debiting) -> DebitBatch:
    """Two debits of one file, 100 and 140 euros, that the bank is to collect on 24 November."""
    by = system(current_hub_id())
    invoices = []
    for amount in ("83.33", "116.67"):
        invoice = issued(AccountFactory(), amount)
        MandateFactory(account=invoice.account)
        invoices.append(invoice.pk)
    made = actions.announce_debits(invoices=invoices, by=by, today=dt.date(2026, 11, 10))
    assert {debit.collect_on for debit in made} == {DAY}
    batch = actions.make_debit_file(issuer=made[0].mandate.issuer, collect_on=DAY, by=by, today=dt.date(2026, 11, 20))
    actions.note_deposit(batch=batch, deposited_on=dt.date(2026, 11, 20), by=by, today=dt.date(2026, 11, 20))
    return batch


@pytest.fixture
def collected(deposited) -> list[Debit]:
    """They were, and it was noted."""
    actions.collect_batch(batch=deposited, by=system(current_hub_id()), today=DAY)
    return list(Debit.objects.for_display().order_by("pk"))


def give_back(debit: Debit) -> None:
    actions.fail_debit(debit=debit, code="AM04", by=system(current_hub_id()), today=LATER)


def accept(line: BankLine) -> list[Match]:
    """The first thing that is proposed."""
    first = proposals_for(line, Books([line]))[0]
    actions.accept_proposal(line=line, key=first.key, by=system(current_hub_id()), today=LATER, now=NOW)
    return list(Match.objects.filter(line=line).order_by("amount"))


def due_of(debit: Debit) -> Decimal:
    return Invoice.objects.with_due().get(pk=debit.invoice_id).due


@pytest.mark.feature("BI8")
def test_a_file_of_debits_is_one_line_of_the_bank(collected):
    bank_lines(("25/11/2026", "REMISE PRLV SEPA", "240,00"))

    assert actions.accept_sure(by=system(current_hub_id()), today=LATER, now=NOW) == 1

    assert set(Match.objects.values_list("payment", flat=True)) == {debit.payment_id for debit in collected}


@pytest.mark.feature("BI8")
def test_the_line_of_a_file_notes_its_collection(deposited):
    bank_lines(("25/11/2026", "REMISE PRLV SEPA", "240,00"))

    assert actions.accept_sure(by=system(current_hub_id()), today=LATER, now=NOW) == 1

    assert DebitBatch.objects.get().collected_on == LATER
    debits = Debit.objects.for_display()
    assert {(debit.state, due_of(debit)) for debit in debits} == {(DebitState.COLLECTED, 0)}
    assert set(Match.objects.values_list("payment", flat=True)) == {debit.payment_id for debit in debits}


@pytest.mark.parametrize("label", ["VIR SEPA 24/11", "REMISE PRLV SEPA du mois"])
def test_another_sum_or_other_words_are_no_file_of_debits(collected, label):
    [line] = bank_lines(("25/11/2026", label, "240,00" if label.startswith("VIR") else "240,01"))

    assert proposals_for(line, Books([line])) == []


def test_a_debit_given_back_before_the_statement_leaves_both_lines_explained(collected):
    kept, returned = collected
    give_back(returned)
    came, left = bank_lines(("24/11/2026", "REMISE PRLV SEPA", "240,00"), ("03/12/2026", "REJET PRLV", "-140,00"))

    assert [(match.kind, match.payment_id) for match in accept(came)] == [
        (MatchKind.PAYMENT, kept.payment_id), (MatchKind.OTHER, None),
    ]  # fmt: skip
    assert [(match.kind, match.payment_id) for match in accept(left)] == [(MatchKind.RETURN, returned.payment_id)]
    assert (due_of(kept), due_of(returned)) == (0, Decimal("140.00"))
    assert not BankLine.objects.filter(state=LineState.TO_MATCH).exists()


def test_the_bank_gives_back_a_debit_that_its_statement_had_shown(collected):
    _kept, returned = collected
    came, left = bank_lines(("24/11/2026", "REMISE PRLV SEPA", "240,00"), ("03/12/2026", "REJET PRLV", "-140,00"))
    accept(came)

    give_back(returned)

    assert Debit.objects.get(pk=returned.pk).state == DebitState.RETURNED
    assert due_of(returned) == Decimal("140.00")
    assert [(match.kind, match.payment_id) for match in accept(left)] == [(MatchKind.RETURN, returned.payment_id)]
