"""Reads over places and bookings: what is open, what is free, and at which price."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, Protocol

import holidays
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import DateRangeField
from django.db.models import Exists, F, Func, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone

from billing.models import VatRule
from billing.money import Price as Shown
from billing.money import price_shown
from hubs import french
from hubs.actors import Actor
from hubs.parts import Thing, ids_of
from hubs.scope import current_hub
from members.parts import Commitment
from members.queries import kind_of
from parties.models import Organisation
from parties.rules import workplaces
from spaces import rules
from spaces.enums import PayerKind
from spaces.models import Booking, Closure, OpeningHours, Pool, Price, Site, Unit
from spaces.models.bookings import BookingQuerySet
from spaces.quotes import Quote, quote
from spaces.slots import QUARTER, Slot, clock_instant, instant, merged, without

if TYPE_CHECKING:
    from psycopg.types.range import Range


@lru_cache(maxsize=8)
def _french_holidays(year: int) -> Mapping[dt.date, str]:
    return holidays.country_holidays("FR", years=year, language="fr")


def openings_of(site_ids: Iterable[int], days: Sequence[dt.date]) -> dict[int, dict[dt.date, list[Slot]]]:
    """When sites are open, by id and day: closures and, where a site says so, public holidays taken out. One query."""
    zone, wanted = current_hub().zone, set(site_ids)
    closed = Closure.objects.filter(site=OuterRef("site"), starts_on__lte=max(days), ends_on__gt=min(days))
    rows = (
        OpeningHours.objects.filter(site__in=wanted)
        .annotate(closures=ArraySubquery(closed.values_list(_PERIOD)))
        .order_by("weekday", "opens", "pk")
        .values_list("site_id", "weekday", "opens", "closes", "closures", *(f"site__{name}" for name in _SITE))
    )
    hours: dict[int, dict[int, list[tuple[dt.time, dt.time]]]] = defaultdict(lambda: defaultdict(list))
    when_closed: dict[int, _Closed] = {}
    for site_id, weekday, opens, closes, closures, *of_site in rows:
        hours[site_id][weekday].append((opens, closes))
        when_closed[site_id] = _Closed._make((*of_site, closures))

    def opening(site_id: int, day: dt.date) -> list[Slot]:
        stretches = hours[site_id][day.isoweekday()]
        if not stretches or when_closed[site_id].on(day):
            return []
        return merged(
            Slot(
                clock_instant(day, opens, zone),
                clock_instant(day + dt.timedelta(days=closes == dt.time(0)), closes, zone),
            )
            for opens, closes in stretches
        )

    return {site_id: {day: opening(site_id, day) for day in days} for site_id in wanted}


_SITE = ("starts_on", "ends_on", "closed_on_holidays")
_PERIOD = Func(F("starts_on"), F("ends_on"), function="daterange", output_field=DateRangeField())


class _Closed(NamedTuple):
    """What closes a site for whole days."""

    starts_on: dt.date
    ends_on: dt.date | None
    closed_on_holidays: bool
    closures: "list[Range[dt.date]]"

    def on(self, day: dt.date) -> bool:
        return (
            day < self.starts_on
            or (self.ends_on is not None and day >= self.ends_on)
            or any(day in closure for closure in self.closures)
            or (self.closed_on_holidays and day in _french_holidays(day.year))
        )


def opening_of(site: Site, day: dt.date) -> list[Slot]:
    """When the site is open that day."""
    return openings_of([site.pk], [day])[site.pk][day]


def free_units(pool: Pool, slot: Slot, on: dt.date) -> QuerySet[Unit]:
    """The units of the pool that are free in the slot, buffers counted, in the order they are given out."""
    buffered = with_buffer(pool, slot)
    busy = Booking.objects.blocking(buffered.start, buffered.end).filter(unit=OuterRef("pk"))
    return Unit.objects.live(on).filter(~Exists(busy), pool=pool).order_by("pk")


def with_buffer(pool: Pool, slot: Slot) -> Slot:
    """The time during which a booking of this slot holds its unit: the battement comes after."""
    return Slot(slot.start, slot.end + dt.timedelta(minutes=pool.buffer_minutes))


def payer_kind(organisation: Organisation | int, on: dt.date) -> PayerKind:
    """At which price the structure books on that day."""
    kind = kind_of(organisation, on)
    return PayerKind(kind) if kind else PayerKind.EXTERNAL


def quote_for(pool: Pool, slot: Slot, payer: PayerKind) -> Quote | None:
    """What the slot costs that payer, by the prices of its day; None when nothing is priced for them."""
    day = slot.start.astimezone(current_hub().zone).date()
    return quote(slot, Price.objects.live(day).filter(pool=pool, payer=payer).order_by("pk"))


class Priced(Protocol):
    """A quote, or a booking that keeps one."""

    amount: Decimal
    vat_code: str


def price_of(priced: Priced, on: dt.date) -> Shown:
    """What it costs without and with tax, as the invoice line will count it."""
    rate = VatRule.objects.live(on).filter(code=priced.vat_code).values_list("rate", flat=True).first()
    return price_shown(priced.amount, rate, to_person=False)


def rates_on(day: dt.date) -> dict[str, Decimal | None]:
    """The rate of every VAT rule in force, by code."""
    return dict(VatRule.objects.live(day).values_list("code", "rate"))


@dataclass(frozen=True)
class FreeTime:
    """One place on one day: how many units, when it is open, and when at least one is free.

    With a slot: how many units are free then, and what it costs without and with tax.
    """

    pool: Pool
    units: int
    opening: list[Slot]
    free: list[Slot]
    free_units: int = 0
    quote: Quote | None = None
    price: Shown | None = None


class _Taxed(NamedTuple):
    """A price with the rate of the day."""

    pool_id: int
    per: str
    amount: Decimal
    vat_code: str
    rate: Decimal | None


def free_times(
    *, day: dt.date, slot: Slot | None, payer: PayerKind, kind: str = "", seats: int = 1, pool: Pool | None = None
) -> list[FreeTime]:
    """Every place of the day (or that one alone), in order, with its free hours; with a slot, how many units are free then and the price.

    Four queries, whatever the number of places.
    """
    pools = list(
        Pool.objects.live(day)
        .filter(seats__gte=seats, **({"kind": kind} if kind else {}), **({"pk": pool.pk} if pool else {}))
        .annotate(site_name=F("site__name"))
        .annotate(
            unit_ids=ArraySubquery(Unit.objects.live(day).filter(pool=OuterRef("pk")).values("pk").order_by("pk"))
        )
        .by_rank()
    )
    # Of the whole day, and not of these places: fifty ids in a query cost more than the rows they spare.
    busy = _busy_by_unit(day)
    prices = defaultdict(list)
    rate = VatRule.objects.live(day).filter(code=OuterRef("vat_code")).values("rate")
    of_payer = Price.objects.live(day).filter(payer=payer).annotate(rate=Subquery(rate[:1]))
    for row in of_payer.order_by("pk").values_list(*_Taxed._fields):
        prices[row[0]].append(_Taxed(*row))
    openings = openings_of([pool.site_id for pool in pools], [day])
    return [_free_time(pool, busy, openings[pool.site_id][day], slot, prices[pool.pk]) for pool in pools]


def _busy_by_unit(day: dt.date, pool: Pool | None = None) -> dict[int, list[Slot]]:
    zone = current_hub().zone
    start, end = instant(day, dt.time(0), zone), instant(day + dt.timedelta(days=1), dt.time(0), zone)
    busy = defaultdict(list)
    # The battement of the last booking of the day runs into the night.
    rows = Booking.objects.blocking(start, end + Booking.LONGEST_BUFFER)
    if pool is not None:
        rows = rows.filter(unit__pool=pool)
    for unit_id, begins, ends in rows.values_list("unit_id", "blocked_from", "blocked_until"):
        busy[unit_id].append(Slot(begins, ends))
    return busy


def _free_time(
    pool: Pool, busy: Mapping[int, list[Slot]], opening: list[Slot], slot: Slot | None, prices: list[_Taxed]
) -> FreeTime:
    units = pool.unit_ids  # type: ignore[attr-defined]  # annotated by free_times
    free = merged(
        rest
        for unit in units
        for hours in opening
        for rest in _bookable(pool, hours, busy.get(unit, []))
        if rest.end - rest.start >= QUARTER
    )
    if slot is None:
        return FreeTime(pool, len(units), opening, free)
    held = with_buffer(pool, slot)
    open_then = slot.within(opening)
    count = sum(not any(held.overlaps(taken) for taken in busy.get(unit, [])) for unit in units) if open_then else 0
    agreed = quote(slot, prices)
    rates = {price.vat_code: price.rate for price in prices}
    price = price_shown(agreed.amount, rates[agreed.vat_code], to_person=False) if agreed else None
    return FreeTime(pool, len(units), opening, free, count, agreed, price)


def _bookable(pool: Pool, hours: Slot, busy: Iterable[Slot]) -> list[Slot]:
    """When a unit can be booked: a booking ends early enough for its own battement before the next one."""
    buffer = dt.timedelta(minutes=pool.buffer_minutes)
    return without(hours, [Slot(taken.start - buffer, taken.end) for taken in busy])


def next_after(pool: Pool, slot: Slot) -> dt.datetime | None:
    """When the next booking begins, if only the battement before it stands in the way of the slot."""
    busy = Booking.objects.blocking(slot.start, slot.end).filter(unit=OuterRef("pk"))
    units = Unit.objects.live(slot.start.astimezone(current_hub().zone).date()).filter(~Exists(busy), pool=pool)
    held = with_buffer(pool, slot)
    coming = Booking.objects.live().filter(unit__in=units, starts_at__gte=slot.end, starts_at__lt=held.end)
    return coming.order_by("-starts_at", "pk").values_list("starts_at", flat=True).first()


def alternatives(pool: Pool, slot: Slot, payer: PayerKind) -> list[Pool]:
    """Up to three other places of the same kind, free then and priced for the payer: the nearest in size first."""
    day = slot.start.astimezone(current_hub().zone).date()
    candidates = free_times(day=day, slot=slot, payer=payer, kind=pool.kind)
    free = [each.pool for each in candidates if each.free_units and each.quote and each.pool.pk != pool.pk]
    return sorted(free, key=lambda other: (abs(other.seats - pool.seats), other.rank, other.pk))[:3]


def next_free(pool: Pool, slot: Slot) -> Slot | None:
    """The next time of the same length on the same day when the place is free, after the slot's start."""
    day = slot.start.astimezone(current_hub().zone).date()
    units = list(Unit.objects.live(day).filter(pool=pool).order_by("pk").values_list("pk", flat=True))
    busy = _busy_by_unit(day, pool)
    length = slot.end - slot.start
    starts = [
        max(rest.start, slot.start)
        for hours in opening_of(pool.site, day)
        for unit in units
        for rest in _bookable(pool, hours, busy.get(unit, []))
        if max(rest.start, slot.start) + length <= rest.end
    ]
    return Slot(min(starts), min(starts) + length) if starts else None


def bookings_of(actor: Actor) -> BookingQuerySet:
    """Those the actor reads as a member: of the structures worked in, and one's own where one is a guest."""
    own = Q(organisation__in=actor.organisations, person=actor.person_id)
    return Booking.objects.filter(Q(organisation__in=workplaces(actor)) | own)


def next_bookings(actor: Actor) -> list[Booking]:
    """The next three bookings that the actor reads as a member."""
    coming = bookings_of(actor).live().filter(ends_at__gt=timezone.now())
    return list(coming.for_display().order_by("starts_at", "pk")[:3])


def commitments_after(organisation: Organisation, on: dt.date) -> list[Commitment]:
    """The live bookings of the structure that begin that day or later, as a departure tells them. One query."""
    begins = timezone.make_aware(dt.datetime.combine(on, dt.time.min))
    coming = Booking.objects.live().filter(organisation=organisation, starts_at__gte=begins)
    return [
        Commitment(each.starts_at, f"{each.unit}, {french.slot(each.starts_at, each.ends_at)}")
        for each in coming.for_display().order_by("starts_at", "pk")
    ]


def home_doors() -> list[Pool]:
    """Places to show on the hub's home: six at most."""
    return list(Pool.objects.live(timezone.localdate()).select_related("site").by_rank()[:6])


def things_named(names: Collection[str], actor: Actor) -> dict[str, Thing]:
    """The bookings, places and sites named « spaces.booking:12 »; places have a page for who manages them."""
    found: dict[str, Thing] = {}
    if ids := ids_of("spaces.booking", names):
        for booking in Booking.objects.filter(pk__in=ids).select_related("unit"):
            url = reverse("spaces:staff_booking", args=[booking.public_id])
            found[f"spaces.booking:{booking.pk}"] = Thing(label=str(booking), url=url)
    manages = rules.manages_places(actor)
    if ids := ids_of("spaces.pool", names):
        for pk, name in Pool.objects.filter(pk__in=ids).values_list("pk", "name"):
            url = reverse("spaces:staff_place", args=[pk]) if manages else reverse("spaces:staff_places")
            found[f"spaces.pool:{pk}"] = Thing(label=name, url=url)
    if ids := ids_of("spaces.site", names):
        for pk, name in Site.objects.filter(pk__in=ids).values_list("pk", "name"):
            url = reverse("spaces:hours", args=[pk]) if manages else reverse("spaces:staff_places")
            found[f"spaces.site:{pk}"] = Thing(label=name, url=url)
    return found
