"""Sites, places, their hours and their prices."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import NotAllowed, Refusal, refusing
from spaces import rules
from spaces.enums import PayerKind, PricePer
from spaces.models import Booking, Closure, OpeningHours, Pool, Price, Site, Unit


class NameTaken(Refusal):
    message = _("Un espace de ce lieu porte déjà ce nom.")
    field = "name"


class UnitsInUse(Refusal):
    message = _("Des exemplaires à retirer ont des réservations à venir. Déplacez-les ou annulez-les d’abord.")
    field = "units"


class PriceInThePast(Refusal):
    message = _("Un prix plus récent existe déjà. Choisissez une date après son début.")
    field = "starts_on"


def _check(by: Actor) -> None:
    if not rules.manages_places(by):
        raise NotAllowed


@transaction.atomic
def open_site(*, name: str, address: str, postcode: str, town: str, starts_on: dt.date, by: Actor) -> Site:
    """A new address with places to book."""
    _check(by)
    site = Site.objects.create(name=name, address=address, postcode=postcode, town=town, starts_on=starts_on)
    record(by=by, verb="spaces.site_opened", thing=site)
    return site


@transaction.atomic
def open_pool(*, pool: Pool, units: int, by: Actor, on: dt.date) -> Pool:
    """Open a new place, made of `units` identical things. Raises NameTaken."""
    _check(by)
    pool.starts_on = on
    with refusing({"spaces_pool_name_once": NameTaken}):
        pool.save(force_insert=True)
    _add_units(pool, units, on)
    record(by=by, verb="spaces.pool_opened", thing=pool, after={"units": units})
    return pool


def _add_units(pool: Pool, count: int, on: dt.date) -> None:
    already = pool.units.count()
    names = [pool.name] if already == 0 and count == 1 else [f"{pool.name} {already + n + 1}" for n in range(count)]
    Unit.objects.bulk_create([Unit(pool=pool, name=name, starts_on=on) for name in names])


@transaction.atomic
def change_pool(*, pool: Pool, units: int, by: Actor, on: dt.date) -> Pool:
    """Save what the form changed; more units open, and the last ones close if nothing is booked on them.

    Bookings already made keep their price and their terms. Raises NameTaken, UnitsInUse.
    """
    _check(by)
    before = Pool.objects.select_for_update(of=("self",)).values("name", "seats", "buffer_minutes").get(pk=pool.pk)
    with refusing({"spaces_pool_name_once": NameTaken}):
        pool.save()
    live = list(Unit.objects.live(on).filter(pool=pool).select_for_update(of=("self",), no_key=True).order_by("pk"))
    if units > len(live):
        _add_units(pool, units - len(live), on)
    elif units < len(live):
        leaving = live[units:]
        if Booking.objects.live().filter(unit__in=leaving, ends_at__date__gte=on).exists():
            raise UnitsInUse
        Unit.objects.filter(pk__in=[unit.pk for unit in leaving]).update(ends_on=on)
    after = {"name": pool.name, "seats": pool.seats, "buffer_minutes": pool.buffer_minutes, "units": units}
    record(by=by, verb="spaces.pool_changed", thing=pool, before={**before, "units": len(live)}, after=after)
    return pool


@transaction.atomic
def set_price(
    *, pool: Pool, payer: PayerKind, per: PricePer, amount: Decimal, vat_code: str, starts_on: dt.date, by: Actor
) -> Price:
    """From `starts_on` the place costs `amount` EUR without tax; the price in force ends that day.

    Bookings already made keep theirs. Raises PriceInThePast.
    """
    _check(by)
    same = Price.objects.filter(pool=pool, payer=payer, per=per)
    Price.objects.filter(pk__in=same.live(starts_on).values("pk"), starts_on=starts_on).delete()
    before = same.live(starts_on).first()
    same.live(starts_on).update(ends_on=starts_on)
    with refusing({"spaces_price_no_overlap": PriceInThePast}):
        price = Price.objects.create(
            pool=pool, payer=payer, per=per, amount=amount, vat_code=vat_code, starts_on=starts_on
        )
    record(
        by=by,
        verb="spaces.price_set",
        thing=pool,
        before={"amount": before.amount if before else None},
        after={"payer": payer, "per": per, "amount": amount, "from": starts_on},
    )
    return price


@transaction.atomic
def set_hours(*, site: Site, stretches: Iterable[tuple[int, dt.time, dt.time]], by: Actor) -> None:
    """Replace the site's week. Bookings already made stay, even outside the new hours."""
    _check(by)
    before = [str(row) for row in site.hours.order_by("weekday", "opens")]
    site.hours.all().delete()
    rows = OpeningHours.objects.bulk_create(
        [OpeningHours(site=site, weekday=day, opens=opens, closes=closes) for day, opens, closes in stretches]
    )
    record(
        by=by, verb="spaces.hours_set", thing=site, before={"week": before}, after={"week": [str(row) for row in rows]}
    )


@transaction.atomic
def close_site_for(*, site: Site, starts_on: dt.date, ends_on: dt.date, reason: str, by: Actor) -> Closure:
    """Close the site from a day to another (left out). Bookings already made are not touched."""
    _check(by)
    closure = Closure.objects.create(site=site, starts_on=starts_on, ends_on=ends_on, reason=reason)
    record(by=by, verb="spaces.closed", thing=site, after={"from": starts_on, "to": ends_on}, reason=reason)
    return closure
