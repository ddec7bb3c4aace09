"""What a slot costs: the cheapest of the ways that its prices allow."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spaces.enums import PricePer
from spaces.models import Price
from spaces.quotes import HALF_DAY_MINUTES, Quote, quote
from spaces.slots import Slot
from tests.spaces.factories import PARIS

NINE = dt.datetime(2026, 10, 6, 9, tzinfo=PARIS)
amounts = st.decimals(0, 10_000, places=4)
lengths = st.integers(1, 25 * 60)


def lasting(minutes: int) -> Slot:
    return Slot(NINE, NINE + dt.timedelta(minutes=minutes))


def prices(**amounts_by_per: str | Decimal) -> list[Price]:
    """`prices(hour="10", day="60")`, none of them saved."""
    return [
        Price(hub_id=None, per=PricePer(per), amount=Decimal(amount), vat_code="service-20")
        for per, amount in amounts_by_per.items()
    ]


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (60, Quote(PricePer.HOUR, Decimal(1), Decimal(10), "service-20")),
        (75, Quote(PricePer.HOUR, Decimal("1.25"), Decimal(10), "service-20")),
        (61, Quote(PricePer.HOUR, Decimal("1.25"), Decimal(10), "service-20")),
        (180, Quote(PricePer.HALF_DAY, Decimal(1), Decimal(25), "service-20")),
        (270, Quote(PricePer.HALF_DAY, Decimal(1), Decimal(25), "service-20")),
        (285, Quote(PricePer.DAY, Decimal(1), Decimal(40), "service-20")),
    ],
)
def test_the_cheapest_way_is_taken(minutes, expected):
    assert quote(lasting(minutes), prices(hour="10", half_day="25", day="40")) == expected


def test_no_price_is_no_quote_but_zero_is_a_price():
    assert quote(lasting(60), []) is None
    assert quote(lasting(60), prices(hour="0")).amount == 0


def test_a_half_day_alone_does_not_sell_a_whole_day():
    assert quote(lasting(HALF_DAY_MINUTES + 15), prices(half_day="25")) is None


def test_amounts_are_rounded_half_up_to_the_cent():
    assert quote(lasting(15), prices(hour="0.5000")).amount == Decimal("0.13")


@pytest.mark.parametrize(
    ("minutes", "by", "words"),
    [
        (150, "hour", "2,5\u00a0h"),
        (600, "hour", "10\u00a0h"),
        (60, "half_day", "1 demi-journée"),
        (60, "day", "1 journée"),
    ],
)
def test_a_quote_in_words(minutes, by, words):
    assert quote(lasting(minutes), prices(**{by: "10"})).words == words


def test_the_night_that_gains_an_hour_is_priced_as_it_lasts():
    night = Slot.on(dt.date(2026, 10, 25), dt.time(1), dt.time(4), PARIS)

    agreed = quote(night, prices(hour="10"))

    assert (agreed.quantity, agreed.amount) == (Decimal(4), Decimal(40))


@given(lengths, amounts, amounts, amounts)
def test_nobody_pays_more_than_the_day(minutes, hour, half_day, day):
    agreed = quote(lasting(minutes), prices(hour=hour, half_day=half_day, day=day))

    assert agreed.amount <= quote(lasting(minutes), prices(day=day)).amount


@given(lengths, amounts)
def test_a_half_day_is_at_most_four_hours_and_a_half(minutes, half_day):
    agreed = quote(lasting(minutes), prices(half_day=half_day))

    assert (agreed is not None) == (minutes <= 4 * 60 + 30)


@given(lengths, lengths, amounts, amounts)
def test_staying_longer_never_costs_less(minutes, other, hour, day):
    shorter, longer = sorted((minutes, other))

    assert quote(lasting(shorter), prices(hour=hour, day=day)).amount <= (
        quote(lasting(longer), prices(hour=hour, day=day)).amount
    )
