"""Sums as the accountant counts them, and properties that hold for every amount."""

from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.money import ZERO, line_amount, price_shown, split, to_cents, totals, vat_of, with_tax

cents = st.integers(-10_000_000, 10_000_000).map(lambda n: Decimal(n) / 100)
weights = st.lists(st.integers(0, 100_000), min_size=1, max_size=30).filter(any)
RATES = [Decimal("20.00"), Decimal("10.00"), Decimal("5.50"), Decimal("2.10"), Decimal("0.00")]


@dataclass
class Line:
    amount_excl: Decimal
    vat_rate: Decimal | None
    vat_category: str = "S"
    exemption_text: str = ""


def test_tax_is_counted_per_rate_and_not_per_line():
    seven = [Line(Decimal("10.03"), Decimal("5.50"))] * 7

    result = totals(seven)

    assert (result.excl, result.vat, result.incl) == (Decimal("70.21"), Decimal("3.86"), Decimal("74.07"))
    assert sum(vat_of(line.amount_excl, line.vat_rate) for line in seven) == Decimal("3.85")


def test_each_rate_and_each_reason_has_its_group():
    result = totals(
        [
            Line(Decimal("100.00"), Decimal("5.50")),
            Line(Decimal("10.00"), Decimal("20.00")),
            Line(Decimal("30.00"), Decimal("0"), "E", "art. 261-4-4° a du CGI"),
            Line(Decimal("2.00"), Decimal("20.00")),
        ]
    )

    assert [(group.category, group.rate, group.base, group.amount) for group in result.groups] == [
        ("S", Decimal("20.00"), Decimal("12.00"), Decimal("2.40")),
        ("S", Decimal("5.50"), Decimal("100.00"), Decimal("5.50")),
        ("E", Decimal("0"), Decimal("30.00"), ZERO),
    ]
    assert result.incl == Decimal("149.90")


@pytest.mark.parametrize(
    ("amount", "by", "parts"),
    [
        ("10.00", [1, 1, 1], ["3.34", "3.33", "3.33"]),
        ("47.90", [12000, 7500, 3333], ["25.18", "15.73", "6.99"]),
        ("-10.00", [1, 1, 1], ["-3.34", "-3.33", "-3.33"]),
        ("0.01", [0, 1, 1], ["0.00", "0.01", "0.00"]),
        ("0.00", [1, 2], ["0.00", "0.00"]),
    ],
)
def test_a_split_gives_the_cents_left_over_to_the_largest_remainders(amount, by, parts):
    assert split(Decimal(amount), by) == [Decimal(part) for part in parts]


@pytest.mark.parametrize(("amount", "by"), [("1.00", []), ("1.00", [0, 0]), ("1.00", [1, -1]), ("1.005", [1, 1])])
def test_a_split_that_makes_no_sense_is_refused(amount, by):
    with pytest.raises(ValueError, match=r"weights|cents"):
        split(Decimal(amount), by)


@given(cents, weights)
def test_the_parts_sum_to_the_whole_and_each_is_within_a_cent(amount, by):
    parts = split(amount, by)

    assert sum(parts) == amount
    assert all(abs(part - amount * weight / sum(by)) < Decimal("0.01") for part, weight in zip(parts, by, strict=True))
    assert all(part == 0 for part, weight in zip(parts, by, strict=True) if weight == 0)


@given(cents, weights)
def test_equal_weights_differ_by_one_cent_at_most(amount, by):
    parts = split(amount, [by[0] + 1] * len(by))

    assert max(parts) - min(parts) <= Decimal("0.01")


@given(st.lists(st.tuples(cents, st.sampled_from(RATES)), max_size=40))
def test_totals_tie_and_stray_from_line_rounding_by_less_than_half_a_cent_a_line(lines):
    result = totals([Line(amount, rate) for amount, rate in lines])

    assert result.excl == sum((amount for amount, _ in lines), ZERO)
    assert result.incl == result.excl + result.vat
    assert result.excl == sum((group.base for group in result.groups), ZERO)
    exact = sum((amount * rate / 100 for amount, rate in lines), Decimal(0))
    assert abs(result.vat - exact) <= Decimal("0.005") * len(RATES)


@pytest.mark.parametrize(("amount", "cents"), [("0.125", "0.13"), ("0.135", "0.14"), ("-0.125", "-0.13")])
def test_half_a_cent_goes_away_from_zero(amount, cents):
    assert to_cents(Decimal(amount)) == Decimal(cents)


def test_a_person_reads_the_price_with_tax_and_a_structure_both():
    unit = Decimal("10.0300")

    person, structure = (price_shown(unit, Decimal("20"), to_person=to_person) for to_person in (True, False))

    assert (person.shown, person.suffix) == (Decimal("12.04"), "TTC")
    assert (structure.shown, structure.incl, structure.suffix) == (Decimal("10.03"), Decimal("12.04"), "HT")
    assert with_tax(line_amount(Decimal(1), unit), Decimal("20")) == person.incl


def test_what_is_out_of_scope_bears_no_tax():
    assert (vat_of(Decimal("50"), None), with_tax(Decimal("50"), None)) == (ZERO, Decimal("50.00"))
