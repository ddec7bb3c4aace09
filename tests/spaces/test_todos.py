"""What spaces puts on à faire: bookings on closed days, and places without a price."""

import datetime as dt

import pytest
from django.utils import timezone

from hubs.parts import HANDFUL
from hubs.scope import open_hub
from spaces.todos import on_closed_days, without_price
from tests.spaces.factories import BookingFactory, ClosureFactory, PoolFactory

TOMORROW = timezone.localdate() + dt.timedelta(days=1)


@pytest.fixture
def room(hub):
    """A room whose site is closed tomorrow."""
    pool = PoolFactory(name="Salle Boutaric", external=10)
    ClosureFactory(site=pool.site, starts_on=TOMORROW, ends_on=TOMORROW + dt.timedelta(days=1))
    return pool.units.get()


def test_a_booking_on_a_closed_day_is_to_be_settled(room, nord):
    booking = BookingFactory(unit=room, organisation=nord.organisation, day=TOMORROW)
    BookingFactory(unit=room, day=TOMORROW, hours=(14, 15), cancelled=True)
    BookingFactory(unit=room, day=TOMORROW + dt.timedelta(days=1))
    BookingFactory(unit=PoolFactory(external=10).units.get(), day=TOMORROW)

    (todo,) = on_closed_days(timezone.now())

    assert (todo.key, todo.label, todo.url) == (
        f"spaces.closed:{booking.pk}", "Compagnie nord, Salle Boutaric",
        f"/gestion/planning/reservations/{booking.public_id}/",
    )  # fmt: skip
    assert todo.reason.endswith("\u00a0: le lieu est fermé ce jour-là.")


def test_beyond_a_handful_one_line_leads_to_the_week(room):
    for hour in range(8, 9 + HANDFUL):
        BookingFactory(unit=room, day=TOMORROW, hours=(hour, hour + 1))

    (todo,) = on_closed_days(timezone.now())

    assert (todo.label, todo.url) == (
        "6 réservations tombent un jour de fermeture", f"/gestion/planning/?week={TOMORROW.isoformat()}",
    )  # fmt: skip


def test_a_place_that_nobody_can_book_wants_a_price(hub):
    pool = PoolFactory(name="Atelier")
    PoolFactory(external=0)
    PoolFactory(name="Fermé", ends_on=dt.date(2021, 1, 1))

    assert [(todo.label, todo.url) for todo in without_price(timezone.localdate())] == [
        ("Atelier", f"/gestion/espaces/{pool.pk}/")
    ]


@pytest.mark.feature("HU10")
@pytest.mark.parametrize(
    ("who", "seen"), [("coordinator", (True, True)), ("receptionist", (True, False)), ("observer", None)]
)
def test_each_sees_what_is_theirs_to_settle(nord, sign_in, who, seen):
    with open_hub(nord.hub):
        pool = PoolFactory(name="Salle fermée", external=10)
        ClosureFactory(site=pool.site, starts_on=TOMORROW, ends_on=TOMORROW + dt.timedelta(days=1))
        BookingFactory(unit=pool.units.get(), day=TOMORROW)
        PoolFactory(name="Salle sans prix")

    answer = sign_in(nord, who).get("/gestion/")

    if seen is None:
        assert answer.status_code == 403
    else:
        assert ("Salle fermée" in answer.text, "Salle sans prix" in answer.text) == seen
