"""« Acomptes »: what is asked before the work, and what the final invoice asks then."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from hypothesis import assume, given
from hypothesis import strategies as st

from billing import actions
from billing.models import Account, Allocation, BuyerProfile, Charge, Invoice, InvoiceLine
from billing.money import ZERO, part_with_tax, sum_with_tax, to_cents
from billing.papers import paper_of, title_of
from billing.queries import month_plan, statement
from tests.billing.factories import AccountFactory, BuyerProfileFactory, PaymentFactory, VatRuleFactory, quoted
from tests.billing.test_money import RATES

TODAY = dt.date(2026, 11, 2)


@pytest.fixture
def accountant(nord, selling):
    VatRuleFactory(reduced=True)
    return nord.actor("accountant")


def ask(quote, by, **what) -> Invoice:
    return actions.issue_deposit_invoice(quote=quote, by=by, today=TODAY, **what)


def two_rates(account=None):
    """1,200.00 at 20 % and 105.50 at 5.5 %."""
    return quoted(
        account or AccountFactory(), {}, {"vat_code": "livre", "quantity": Decimal(1), "unit_price_excl": Decimal(100)}
    )


def test_a_share_of_each_rate_is_asked_in_the_series_of_invoices(accountant):
    quote = two_rates()
    PaymentFactory(account=quote.account, amount=Decimal("100.00"))

    deposit = ask(quote, accountant, percent=Decimal(30))

    assert (deposit.number, deposit.kind, deposit.total_excl, deposit.total_vat, deposit.total_incl) == (
        "FA-2026-00001", "deposit", Decimal("330.00"), Decimal("61.65"), Decimal("391.65"),
    )  # fmt: skip
    assert list(deposit.lines.order_by("position").values_list("description", "vat_rate", "amount_excl")) == [
        ("Acompte sur le devis DE-2026-00001", Decimal("20.00"), Decimal("300.00")),
        ("Acompte sur le devis DE-2026-00001", Decimal("5.50"), Decimal("30.00")),
    ]
    assert title_of(deposit) == "Facture d’acompte FA-2026-00001"
    assert "La TVA est exigible à l’encaissement de l’acompte." in paper_of(deposit)["invoice"]["legal_mentions"]
    # What was held pays it, and the account reads it as any invoice.
    assert (deposit.paid_on_issue, Allocation.objects.get().amount) == (100, 100)
    assert statement(quote.account).balance == Account.objects.with_balance().get(pk=quote.account_id).balance
    assert statement(quote.account).balance == Decimal("291.65")


def test_a_deposit_that_no_platform_would_take_keeps_no_number(accountant):
    account = AccountFactory(organisation__siren="732829320")
    BuyerProfileFactory(account=account, einvoice_address="900315623")
    quote = two_rates(account)

    with pytest.raises(actions.DraftFaulty, match="ne commence pas par son SIREN"):
        ask(quote, accountant, percent=Decimal(30))

    assert not Invoice.objects.exists()
    BuyerProfile.objects.update(einvoice_address="732829320", reference="REF-1")
    deposit = ask(quote, accountant, percent=Decimal(30))
    assert (deposit.number, deposit.buyer["reference"]) == ("FA-2026-00001", "REF-1")


def test_the_final_invoice_asks_for_the_rest_rate_by_rate(accountant, selling, work):
    quote = two_rates()
    first = ask(quote, accountant, percent=Decimal(30))
    second = ask(quote, accountant, amount=Decimal("100.00"))

    actions.charge_quote(quote=quote, by=accountant, on=TODAY)

    (draft,) = month_plan(TODAY).drafts
    assert [(charge.description, charge.quantity) for charge in draft.charges][2:] == [
        (f"Acompte {number} du 2\u00a0novembre 2026", -1)
        for number in (first.number, first.number, second.number, second.number)
    ]
    assert all(group.base > 0 for group in draft.totals.groups)
    asked = first.total_incl + second.total_incl + draft.totals.incl
    assert (second.total_incl, abs(asked - quote.total_incl) <= Decimal("0.02")) == (Decimal("100.00"), True)
    with pytest.raises(actions.QuoteCharged):
        ask(quote, accountant, percent=Decimal(10))
    # Until its deduction is invoiced, a deposit is not credited: the next invoice would take it off again.
    with pytest.raises(actions.DepositToDeduct):
        actions.credit_invoice(invoice=first, by=accountant, reason="x", today=TODAY)


def test_asked_in_full_the_final_invoice_leaves_at_zero(accountant, selling, work):
    quote = two_rates()
    deposit = ask(quote, accountant, percent=Decimal(100))
    actions.charge_quote(quote=quote, by=accountant, on=TODAY)

    actions.issue_month(month=TODAY, by=accountant, today=TODAY)
    work(selling)

    final = Invoice.objects.issued().get(kind="invoice")
    assert (deposit.total_incl, final.total_incl, final.lines.count()) == (quote.total_incl, ZERO, 4)
    # From then on a mistake is mended on the deposit.
    note = actions.credit_invoice(invoice=deposit, by=accountant, reason="Annulé", today=TODAY)
    assert (note.total_incl, statement(quote.account).balance) == (deposit.total_incl, ZERO)


@pytest.mark.parametrize("what", [{"percent": Decimal("70.01")}, {"amount": Decimal("1000.00")}])
def test_deposits_never_exceed_their_quote(accountant, what):
    quote = two_rates()
    ask(quote, accountant, percent=Decimal(30))

    with pytest.raises(actions.BeyondQuote, match="Il reste 913,85\u00a0€ TTC à demander sur ce devis"):
        ask(quote, accountant, **what)
    assert Invoice.objects.count() == 1


def test_what_was_credited_may_be_asked_again(accountant):
    quote = two_rates()
    deposit = ask(quote, accountant, percent=Decimal(60))
    actions.credit_invoice(invoice=deposit, by=accountant, reason="trop", today=TODAY)

    assert ask(quote, accountant, percent=Decimal(100)).total_incl == quote.total_incl

    actions.charge_quote(quote=quote, by=accountant, on=TODAY)
    assert [charge.amount_excl for charge in Charge.objects.order_by("pk")] == [1000, 100, -1000, -100]


@pytest.mark.parametrize("what", [{}, {"amount": Decimal(0)}])
def test_a_deposit_of_nothing_is_refused(accountant, what):
    with pytest.raises(actions.DepositNotPositive):
        ask(two_rates(), accountant, **what)


def test_the_database_refuses_a_deposit_beyond_its_quote(accountant):
    quote = two_rates()
    ask(quote, accountant, percent=Decimal(60))
    first = Invoice.objects.get()
    draft = Invoice.objects.create(
        kind="deposit", account=first.account, issuer=first.issuer, period=first.period, quote=quote,
        total_excl=600, total_vat=120, total_incl=720,
    )  # fmt: skip
    line = first.lines.get(position=1)
    line.pk, line.invoice, line.unit_price_excl, line.amount_excl = None, draft, 600, 600
    line.save(force_insert=True)
    for name in ("series", "year", "issue_date", "due_date", "seller", "buyer", "issued_at"):
        setattr(draft, name, getattr(first, name))
    draft.number, draft.sequence = "FA-2026-00002", 2

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        draft.save()

    assert refused.value.__cause__.diag.constraint_name == "billing_deposit_within_quote"
    assert InvoiceLine.objects.filter(invoice=draft).count() == 1


shares = st.lists(st.tuples(st.integers(1, 1_000_000), st.sampled_from(RATES)), min_size=1, max_size=4)


@given(shares, st.integers(1, 9999))
def test_a_deposit_is_within_each_rate_and_within_cents_of_what_was_asked(drawn, basis_points):
    rates = [rate for _cents, rate in drawn]
    left = [Decimal(cents) / 100 for cents, _rate in drawn]
    wanted = to_cents(sum_with_tax(left, rates) * basis_points / 10_000)
    assume(wanted > 0)

    bases = part_with_tax(wanted, left, rates)

    assert all(0 <= base <= whole for base, whole in zip(bases, left, strict=True))
    assert abs(sum_with_tax(bases, rates) - wanted) <= Decimal("0.01") * (1 + len(drawn))
