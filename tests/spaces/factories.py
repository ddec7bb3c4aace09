import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from spaces.enums import BookingState, Door, PayerKind, PlaceKind, PricePer, Weekday
from spaces.models import Booking, Closure, OpeningHours, Pool, Price, Site, Unit
from tests.parties.factories import OrganisationFactory

PARIS = ZoneInfo("Europe/Paris")


# Day and night, for the nights when the clock changes: `SiteFactory(hours=ALWAYS)`.
ALWAYS = [(day, 0, 0) for day in Weekday.values]


class SiteFactory(DjangoModelFactory):
    """A site open from 8 h to 20 h on weekdays, closed at the weekend; `hours` gives other stretches."""

    class Meta:
        model = Site
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Lieu {n}")
    address = "9 place Galilée"
    starts_on = dt.date(2020, 1, 1)

    @factory.post_generation
    def hours(site: Site, create: bool, stretches: list[tuple[int, int, int]] | None) -> None:
        week = [(day, 8, 20) for day in range(1, 6)] if stretches is None else stretches
        for weekday, opens, closes in week:
            OpeningHours.objects.create(site=site, weekday=weekday, opens=dt.time(opens), closes=dt.time(closes))


class ClosureFactory(DjangoModelFactory):
    class Meta:
        model = Closure

    site = factory.SubFactory(SiteFactory)
    starts_on = dt.date(2026, 12, 24)
    ends_on = dt.date(2027, 1, 3)
    reason = "Congés d’hiver"


class UnitFactory(DjangoModelFactory):
    class Meta:
        model = Unit

    name = factory.Sequence(lambda n: f"Unité {n}")
    starts_on = dt.date(2020, 1, 1)


class PoolFactory(DjangoModelFactory):
    """A meeting room for twelve, of one unit, with no price; `units` gives more, `external` a price by the hour."""

    class Meta:
        model = Pool
        skip_postgeneration_save = True

    class Params:
        desks = factory.Trait(name="Poste de travail", kind=PlaceKind.DESK, seats=1, units=10)

    site = factory.SubFactory(SiteFactory)
    name = factory.Sequence(lambda n: f"Salle {n}")
    kind = PlaceKind.ROOM
    seats = 12
    starts_on = dt.date(2020, 1, 1)

    @factory.post_generation
    def units(pool: Pool, create: bool, count: int | None) -> None:
        for n in range(1, (count or 1) + 1):
            UnitFactory(pool=pool, name=pool.name if count in (None, 1) else f"{pool.name} {n}")

    @factory.post_generation
    def external(pool: Pool, create: bool, amount: int | None) -> None:
        if amount is not None:
            PriceFactory(pool=pool, amount=Decimal(amount))


class PriceFactory(DjangoModelFactory):
    """Ten euros an hour without tax, for who is no member."""

    class Meta:
        model = Price

    pool = factory.SubFactory(PoolFactory)
    payer = PayerKind.EXTERNAL
    per = PricePer.HOUR
    amount = Decimal("10.0000")
    vat_code = "service-20"
    starts_on = dt.date(2020, 1, 1)


class BookingFactory(DjangoModelFactory):
    """Two hours of a room at 10 €, 9 h to 11 h: `BookingFactory(unit=…, day=…, hours=(14, 16))`."""

    class Meta:
        model = Booking

    class Params:
        coming = past = False
        # Tomorrow, in a week, or a week ago.
        day = factory.LazyAttribute(
            lambda b: timezone.localdate() + dt.timedelta(days=7 if b.coming else -7 if b.past else 1)
        )
        hours = (9, 11)
        cancelled = factory.Trait(
            state=BookingState.CANCELLED,
            cancelled_at=factory.LazyAttribute(lambda booking: booking.starts_at - dt.timedelta(days=2)),
            cancelled_by="Camille Martin",
        )

    unit = factory.LazyFunction(lambda: PoolFactory().units.get())
    organisation = factory.SubFactory(OrganisationFactory)
    title = "Réunion d’équipe"
    starts_at = factory.LazyAttribute(lambda b: dt.datetime.combine(b.day, dt.time(b.hours[0]), tzinfo=PARIS))
    ends_at = factory.LazyAttribute(lambda b: dt.datetime.combine(b.day, dt.time(b.hours[1]), tzinfo=PARIS))
    blocked_from = factory.SelfAttribute("starts_at")
    blocked_until = factory.LazyAttribute(lambda b: b.ends_at + dt.timedelta(minutes=b.unit.pool.buffer_minutes))
    door = Door.PORTAL
    booked_by = "Camille Martin"
    payer = PayerKind.EXTERNAL
    per = PricePer.HOUR
    quantity = Decimal(2)
    unit_price = Decimal(10)
    amount = Decimal(20)
    vat_code = "service-20"
    free_until = factory.LazyAttribute(lambda b: b.starts_at - dt.timedelta(hours=24))
