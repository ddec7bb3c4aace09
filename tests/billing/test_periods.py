"""The n-th period never drifts, and the parts of a period sum to it."""

import datetime as dt
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.money import to_cents
from billing.periods import Span, add_months, index_of, nth_period, share_of, words_of

DAYS = st.dates(min_value=dt.date(2020, 1, 1), max_value=dt.date(2035, 12, 31))
RHYTHMS = st.sampled_from([1, 3, 6, 12])


def april(first: int, last: int) -> Span:
    return Span(dt.date(2026, 4, first), dt.date(2026, 4, last) + dt.timedelta(days=1))


APRIL = april(1, 30)
RENT = Decimal("300.00")


def test_the_last_of_the_month_does_not_become_the_28th():
    anchor = dt.date(2026, 1, 31)

    assert [nth_period(anchor, 1, n).starts_on for n in range(4)] == [
        dt.date(2026, 1, 31),
        dt.date(2026, 2, 28),
        dt.date(2026, 3, 31),
        dt.date(2026, 4, 30),
    ]
    assert add_months(anchor, 25) == dt.date(2028, 2, 29)
    assert nth_period(anchor, 3, -1) == Span(dt.date(2025, 10, 31), anchor)


@given(anchor=DAYS, months=RHYTHMS, n=st.integers(-200, 200))
def test_periods_follow_one_another_without_gap_or_overlap(anchor, months, n):
    period = nth_period(anchor, months, n)

    assert period.ends_on == nth_period(anchor, months, n + 1).starts_on
    assert 27 * months < period.days <= 31 * months
    assert index_of(anchor, months, period.starts_on) == index_of(anchor, months, period.last_day) == n


@pytest.mark.parametrize(
    ("first", "last", "amount", "words"),
    [
        (16, 30, "150.00", "15 jours sur 30, du 16 au 30 avril 2026 inclus"),
        (30, 30, "10.00", "1 jour sur 30, le 30 avril 2026"),
        (1, 15, "150.00", "15 jours sur 30, du 1er au 15 avril 2026 inclus"),
        (1, 30, "300.00", "du 1er au 30 avril 2026 inclus"),
    ],
)
def test_a_part_of_april_is_counted_by_days_both_ends_in(first, last, amount, words):
    part = april(first, last)

    assert share_of(RENT, APRIL, part) == Decimal(amount)
    assert words_of(APRIL, part).replace("\u00a0", " ") == words


def test_a_whole_february_is_a_whole_month():
    february = nth_period(dt.date(2026, 1, 1), 1, 1)

    assert share_of(RENT, february, february) == RENT


@given(
    anchor=DAYS,
    months=RHYTHMS,
    amount=st.decimals(min_value=0, max_value=99999, places=4),
    cuts=st.lists(st.integers(1, 365), max_size=6),
)
def test_however_a_period_is_cut_its_parts_sum_to_it(anchor, months, amount, cuts):
    period = nth_period(anchor, months, 0)
    inner = sorted({period.starts_on + dt.timedelta(days=cut) for cut in cuts if cut < period.days})
    ends = [period.starts_on, *inner, period.ends_on]
    parts = [Span(start, end) for start, end in pairwise(ends)]

    shares = [share_of(amount, period, part) for part in parts]

    assert sum(shares) == to_cents(amount)
    for part, share in zip(parts, shares, strict=True):
        assert abs(share - to_cents(amount) * part.days / period.days) < Decimal("0.01")
