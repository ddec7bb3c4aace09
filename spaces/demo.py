"""Months of believable bookings: who works here comes back on the same days, meets in the same rooms."""

import datetime as dt
import random

from django.utils import timezone

from hubs.actors import system
from hubs.refusals import Refusal
from hubs.scope import current_hub, current_hub_id
from parties.models import Link, Organisation
from spaces.actions import book, cancel
from spaces.enums import PlaceKind
from spaces.models import Booking, Pool
from spaces.slots import Slot

COMING_DAYS = 20

TITLES = {
    PlaceKind.ROOM: [
        "Réunion d’équipe",
        "Conseil d’administration",
        "Lecture",
        "Atelier d’écriture",
        "Entretiens",
        "Comité de production",
    ],
    PlaceKind.WORKSHOP: ["Construction de décor", "Sérigraphie", "Montage d’exposition"],
    PlaceKind.DESK: [""],
    PlaceKind.EQUIPMENT: ["Projection", "Formation"],
}
HOURS = {
    PlaceKind.DESK: [(9, 13), (9, 18), (14, 18)],
    PlaceKind.ROOM: [(9, 11), (10, 12), (14, 16), (14, 17), (18, 20)],
    PlaceKind.WORKSHOP: [(9, 12), (14, 18)],
    PlaceKind.EQUIPMENT: [(9, 18)],
}
PER_DAY = {PlaceKind.DESK: 2, PlaceKind.ROOM: 0, PlaceKind.WORKSHOP: 0, PlaceKind.EQUIPMENT: 0}


def fill(preset: str, today: dt.date) -> None:
    """Bookings from the first of the month before last to three weeks ahead, the same each time for a given day."""
    if Booking.objects.exists():
        return
    dice = random.Random(f"{preset} {today}")  # a demo holds no secret
    by = system(current_hub_id())
    people = _people(today)
    pools = list(Pool.objects.live(today).select_related("site").by_rank())
    last_month = (today.replace(day=1) - dt.timedelta(days=1)).replace(day=1)
    first = (last_month - dt.timedelta(days=1)).replace(day=1)
    for offset in range((today - first).days + COMING_DAYS):
        day = first + dt.timedelta(days=offset)
        for pool in pools:
            wanted = PER_DAY[PlaceKind(pool.kind)] + (dice.random() < 0.45)
            for _turn in range(wanted if day.isoweekday() < 6 else 0):
                _book_one(pool, day, dice.choice(people), dice, by)


def _people(today: dt.date) -> list[tuple]:
    """(structure, person) pairs: those who act for a member, or its name alone."""
    links = list(Link.objects.acting(today).select_related("person", "organisation").order_by("pk"))
    named = [(link.organisation, link.person) for link in links]
    with_people = {organisation.pk for organisation, _person in named}
    return named + [
        (each, None) for each in Organisation.objects.live(today).order_by("pk") if each.pk not in with_people
    ]


def _book_one(pool: Pool, day: dt.date, who: tuple, dice: random.Random, by) -> None:
    organisation, person = who
    kind = PlaceKind(pool.kind)
    start, end = dice.choice(HOURS[kind])
    slot = Slot.on(day, dt.time(start), dt.time(end), current_hub().zone)
    booked_on = slot.start - dt.timedelta(days=dice.randint(1, 12))
    try:
        booking = book(
            pool=pool,
            slot=slot,
            organisation=organisation,
            person=person,
            title=dice.choice(TITLES[kind]),
            by=by,
            now=booked_on,
        )
    except Refusal:
        return
    if dice.random() < 0.06:
        cancel(booking=booking, by=by, now=min(slot.start - dt.timedelta(hours=30), timezone.now()))
