"""Hours of the clock and instants; what is left of a day once bookings are taken out."""

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spaces.slots import EndsBeforeStart, NoSuchHour, Slot, merged, without
from tests.spaces.factories import PARIS

SUMMER_ENDS = dt.date(2026, 10, 25)
SUMMER_BEGINS = dt.date(2026, 3, 29)
MIDNIGHT = dt.datetime(2026, 10, 5, tzinfo=dt.UTC)


def slot(first: int, last: int) -> Slot:
    """From a quarter of 5 October to another."""
    return Slot(MIDNIGHT + first * dt.timedelta(minutes=15), MIDNIGHT + last * dt.timedelta(minutes=15))


slots = st.tuples(st.integers(0, 95), st.integers(1, 40)).map(lambda pair: slot(pair[0], pair[0] + pair[1]))


def total(found: list[Slot]) -> int:
    return sum(each.minutes for each in found)


def test_a_slot_is_two_hours_of_the_clock():
    made = Slot.on(dt.date(2026, 10, 6), dt.time(9), dt.time(12, 30), PARIS)

    assert (made.start, made.end, made.minutes) == (
        dt.datetime(2026, 10, 6, 7, tzinfo=dt.UTC),
        dt.datetime(2026, 10, 6, 10, 30, tzinfo=dt.UTC),
        210,
    )


def test_ending_at_midnight_is_the_end_of_the_day():
    assert Slot.on(dt.date(2026, 10, 6), dt.time(20), dt.time(0), PARIS).minutes == 240


@pytest.mark.parametrize("ends", [dt.time(9), dt.time(8, 45)])
def test_a_slot_ends_after_its_start(ends):
    with pytest.raises(EndsBeforeStart, match=r"^La fin vient après le début\.$") as refused:
        Slot.on(dt.date(2026, 10, 6), dt.time(9), ends, PARIS)

    assert refused.value.field == "ends"


def test_the_night_that_gains_an_hour_lasts_it():
    night = Slot.on(SUMMER_ENDS, dt.time(1), dt.time(4), PARIS)

    assert night.minutes == 4 * 60


def test_the_night_that_loses_an_hour_does_not_last_it():
    night = Slot.on(SUMMER_BEGINS, dt.time(1), dt.time(4), PARIS)

    assert night.minutes == 2 * 60


@pytest.mark.parametrize(("starts", "ends"), [(dt.time(2, 30), dt.time(4)), (dt.time(1), dt.time(2, 30))])
def test_an_hour_that_the_clock_jumps_over_is_refused(starts, ends):
    with pytest.raises(NoSuchHour) as refused:
        Slot.on(SUMMER_BEGINS, starts, ends, PARIS)

    assert str(refused.value.message) == (
        "Cette heure n’existe pas ce jour-là\u00a0: on passe à l’heure d’été. Choisissez l’heure suivante."
    )


def test_nine_o_clock_is_nine_o_clock_on_both_sides_of_the_change():
    before, after = (Slot.on(day, dt.time(9), dt.time(10), PARIS) for day in (dt.date(2026, 10, 18), SUMMER_ENDS))

    assert [each.start.astimezone(PARIS).time() for each in (before, after)] == [dt.time(9), dt.time(9)]
    assert after.start - before.start == dt.timedelta(days=7, hours=1)


def test_neighbours_do_not_overlap():
    assert (slot(0, 4).overlaps(slot(4, 8)), slot(0, 5).overlaps(slot(4, 8))) == (False, True)


@given(st.lists(slots))
def test_merged_slots_are_apart_and_in_order(found):
    joined = merged(found)

    assert all(first.end < second.start for first, second in pairwise(joined))
    assert all(each.within(joined) for each in found)


@given(slots, st.lists(slots))
def test_what_is_left_and_what_is_taken_cover_the_slot_exactly(whole, taken):
    left = without(whole, taken)
    clipped = [Slot(max(each.start, whole.start), min(each.end, whole.end)) for each in taken if each.overlaps(whole)]

    assert merged([*left, *clipped]) == [whole]
    assert total(left) + total(merged(clipped)) == whole.minutes
    assert not any(each.overlaps(busy) for each in left for busy in taken)
