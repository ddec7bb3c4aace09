"""Every write of places and bookings."""

import datetime as dt
import uuid
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from billing.actions import AlreadyInvoiced, NothingToReverse, account_for, charge, reverse
from hubs import french, languages
from hubs.actions import name_of, record
from hubs.actors import Actor
from hubs.refusals import NotAllowed, Refusal, refusing
from hubs.scope import current_hub
from parties.enums import LinkRole
from parties.models import Link, Organisation, Person
from spaces import queries, rules
from spaces.enums import BookingState, Door, PayerKind
from spaces.models import Booking, Pool, Unit
from spaces.quotes import Quote
from spaces.slots import QUARTER, Slot


class SlotTaken(Refusal):
    """Nothing is free then. The message names what is."""

    field = "starts"


class OutsideHours(Refusal):
    field = "starts"


class InThePast(Refusal):
    message = gettext_lazy("Ce créneau est déjà passé. Choisissez une heure à venir.")
    field = "starts"


class NotAQuarter(Refusal):
    message = gettext_lazy("Les heures vont de quart d’heure en quart d’heure\u00a0: 9 h, 9 h 15, 9 h 30…")
    field = "starts"


class WrongLength(Refusal):
    field = "ends"


class TooFarAhead(Refusal):
    field = "day"


class AfterInvitation(Refusal):
    message = _("Votre invitation ne va pas jusqu’à ce jour.")
    field = "day"


class NoPrice(Refusal):
    message = gettext_lazy("Cet espace n’a pas de prix pour cette structure. Écrivez à l’équipe du pôle.")


class AlreadyCancelled(Refusal):
    message = gettext_lazy("Cette réservation est déjà annulée.")


class AlreadyBilled(Refusal):
    """The month was issued before it was over, with this booking on it."""

    message = gettext_lazy(
        "Cette réservation est déjà facturée. L’équipe du pôle peut établir un avoir, puis l’annuler avec vous."
    )


class AlreadyStarted(Refusal):
    message = gettext_lazy(
        "Ce créneau a déjà commencé\u00a0: il ne s’annule plus ici. L’équipe du pôle peut vous aider."
    )


@transaction.atomic
def book(
    *,
    pool: Pool,
    slot: Slot,
    organisation: Organisation,
    by: Actor,
    now: dt.datetime,
    unit: Unit | None = None,
    person: Person | None = None,
    title: str = "",
    request_key: uuid.UUID | None = None,
) -> Booking:
    """Book a unit of `pool` (that one, or any that is free) for a structure, and charge its account.

    The price is that of the day, kept on the booking. The same thing sent again with the same `request_key`
    gives the booking already made; a form sent back with other hours is a new booking.
    Raises NotAllowed, NotAQuarter, WrongLength, InThePast, TooFarAhead, OutsideHours, AfterInvitation, NoPrice,
    SlotTaken.
    """
    if not rules.may_book_for(by, organisation.pk):
        raise NotAllowed(_("Vous ne pouvez pas réserver pour cette structure."))
    key = request_key or uuid.uuid4()
    if made := _already_made(request_key):
        if _is_same(made, pool, slot, organisation):
            return made
        key = uuid.uuid4()
    _check_slot(pool, slot, by, now)
    _check_guest(slot, organisation, by)
    day = slot.start.astimezone(current_hub().zone).date()
    payer = queries.payer_kind(organisation, day)
    agreed = queries.quote_for(pool, slot, payer)
    if agreed is None:
        raise NoPrice
    unit = _take_unit(pool, slot, payer, unit)
    held = queries.with_buffer(pool, slot)
    with refusing({"spaces_booking_no_overlap": lambda: SlotTaken(_taken_message(pool, slot, payer))}):
        booking = Booking.objects.create(
            request_key=key,
            unit=unit,
            organisation=organisation,
            person=person,
            title=title,
            starts_at=slot.start,
            ends_at=slot.end,
            blocked_from=held.start,
            blocked_until=held.end,
            door=Door.PORTAL if by.acts_for(organisation.pk) else Door.DESK,
            booked_by=by.name,
            payer=payer,
            per=agreed.per,
            quantity=agreed.quantity,
            unit_price=agreed.unit_price,
            amount=agreed.amount,
            vat_code=agreed.vat_code,
            free_until=slot.start - dt.timedelta(hours=pool.free_cancel_hours),
        )
    _charge(booking, agreed, day, by)
    after = {"organisation": organisation.name, "unit": unit.name, "start": slot.start, "end": slot.end}
    record(by=by, verb="spaces.booked", thing=booking, after=after)
    return booking


def _already_made(request_key: uuid.UUID | None) -> Booking | None:
    """The booking made by this form. A second click waits for the first one to be done."""
    if request_key is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(request_key.bytes[:8], signed=True)])
    return Booking.objects.filter(request_key=request_key).select_related("unit").first()


def _is_same(made: Booking, pool: Pool, slot: Slot, organisation: Organisation) -> bool:
    return (made.state, made.unit.pool_id, made.organisation_id, made.starts_at, made.ends_at) == (
        BookingState.CONFIRMED,
        pool.pk,
        organisation.pk,
        slot.start,
        slot.end,
    )


def _check_slot(pool: Pool, slot: Slot, by: Actor, now: dt.datetime) -> None:
    zone = current_hub().zone
    day = slot.start.astimezone(zone).date()
    if any(moment.timestamp() % QUARTER.total_seconds() for moment in (slot.start, slot.end)):
        raise NotAQuarter
    # Staff note in the afternoon who sat there in the morning; nobody books a day gone by.
    earliest = now - QUARTER
    if rules.keeps_the_diary(by):
        earliest = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    if slot.start < earliest:
        raise InThePast
    if slot.minutes < pool.min_minutes:
        raise WrongLength(_("Cet espace se réserve pour %(time)s au moins.") % {"time": lasting(pool.min_minutes)})
    if slot.minutes > pool.max_minutes:
        raise WrongLength(_("Cet espace se réserve pour %(time)s au plus.") % {"time": lasting(pool.max_minutes)})
    last_day = now.astimezone(zone).date() + dt.timedelta(days=pool.horizon_days)
    if day > last_day and not rules.keeps_the_diary(by):
        words = ngettext(
            "Cet espace se réserve jusqu’à %(n)s jour à l’avance.",
            "Cet espace se réserve jusqu’à %(n)s jours à l’avance.",
            pool.horizon_days,
        )
        raise TooFarAhead(words % {"n": pool.horizon_days})
    opening = queries.opening_of(pool.site, day)
    if not opening:
        raise OutsideHours(_("%(site)s est fermé ce jour-là.") % {"site": pool.site}, field="day")
    if not slot.within(opening):
        hours = ", ".join(french.hours_between(french.hour(each.start), closing(each.end)) for each in opening)
        raise OutsideHours(_("%(site)s est ouvert de %(hours)s ce jour-là.") % {"site": pool.site, "hours": hours})


def _check_guest(slot: Slot, organisation: Organisation, by: Actor) -> None:
    """A guest books for the time of the invitation, not beyond."""
    if by.organisations.get(organisation.pk) != LinkRole.GUEST or rules.keeps_the_diary(by):
        return
    day = slot.start.astimezone(current_hub().zone).date()
    if not Link.objects.acting(day).filter(person=by.person_id, organisation=organisation).exists():
        raise AfterInvitation


def _take_unit(pool: Pool, slot: Slot, payer: PayerKind, wanted: Unit | None) -> Unit:
    """Lock a free unit. First one that nobody else is taking; if all are being taken, wait and look again."""
    free = queries.free_units(pool, slot, slot.start.astimezone(current_hub().zone).date())
    if wanted is not None:
        free = free.filter(pk=wanted.pk)
    unit = _first_unlocked(free)
    if unit is None:
        list(pool.units.select_for_update(of=("self",), no_key=True).order_by("pk"))
        unit = free.first()
    if unit is None:
        raise SlotTaken(_taken_message(pool, slot, payer))
    return unit


def _first_unlocked(free: QuerySet[Unit]) -> Unit | None:
    """The first free unit that nobody holds, locked; None, and no lock kept, when there is none."""
    mark = transaction.savepoint()
    unit = free.select_for_update(of=("self",), no_key=True, skip_locked=True).first()
    # The lock may have been given up by a booking that our snapshot did not see. Who kept this one while
    # waiting for the others would wait for ever for whoever does the same.
    if unit is None or not free.filter(pk=unit.pk).exists():
        transaction.savepoint_rollback(mark)
        return None
    transaction.savepoint_commit(mark)
    return unit


def lasting(minutes: int) -> str:
    """« 30 minutes », « 1 h 30 »."""
    return french.clock(*divmod(minutes, 60)) if minutes >= 60 else _("%(n)s minutes") % {"n": minutes}


def closing(end: dt.datetime) -> str:
    """« 18 h », or « 24 h » for a day that ends at midnight."""
    local = timezone.localtime(end)
    return french.clock(24) if local.time() == dt.time(0) else french.hour(local)


def _taken_message(pool: Pool, slot: Slot, payer: PayerKind) -> str:
    if following := queries.next_after(pool, slot):
        latest = following - dt.timedelta(minutes=pool.buffer_minutes)
        return _(
            "Il faut %(n)s minutes de battement avant la réservation de %(next)s\u00a0: finissez à %(latest)s au plus tard."
        ) % {"n": pool.buffer_minutes, "next": french.hour(following), "latest": french.hour(latest)}
    if others := queries.alternatives(pool, slot, payer):
        names = ", ".join(other.name for other in others)
        return _("Ce créneau vient d’être pris. Libres au même moment\u00a0: %(names)s.") % {"names": names}
    if later := queries.next_free(pool, slot):
        return _("Ce créneau vient d’être pris. Ici, c’est libre de %(start)s à %(end)s.") % {
            "start": french.hour(later.start),
            "end": closing(later.end),
        }
    return _("Ce créneau vient d’être pris, et il n’y a plus rien de libre ce jour-là. Essayez un autre jour.")


def _charge(booking: Booking, agreed: Quote, day: dt.date, by: Actor) -> None:
    if agreed.amount == 0:
        return
    who = str(booking.person) if booking.person else booking.booked_by
    with languages.of_hub():
        charge(
            by=by,
            account=account_for(organisation=booking.organisation),
            source=name_of(booking),
            kind="booking",
            period=day.replace(day=1),
            on=day,
            description=booking.unit.name,
            detail=_("%(slot)s, réservé par %(who)s")
            % {"slot": french.slot(booking.starts_at, booking.ends_at), "who": who},
            quantity=agreed.quantity,
            unit_label=agreed.unit_label,
            unit_price_excl=agreed.unit_price,
            vat_code=agreed.vat_code,
        )


def cost_of_cancelling(booking: Booking, *, now: dt.datetime) -> Decimal:
    """EUR without tax that stay due if the booking is cancelled now: shown before the click."""
    return Decimal(0) if now <= booking.free_until else booking.amount


@transaction.atomic
def cancel(*, booking: Booking, by: Actor, now: dt.datetime, waive: bool = False, reason: str = "") -> Booking:
    """Free the slot. Past the free time the price stays due, unless staff waive it with a reason.

    Raises NotAllowed, AlreadyCancelled, AlreadyStarted, AlreadyBilled.
    """
    booking = Booking.objects.select_for_update(of=("self",)).for_display().get(pk=booking.pk)
    if not rules.may_read(by, booking) or (waive and not rules.may_waive(by)):
        raise NotAllowed(_("Vous ne pouvez pas annuler cette réservation."))
    if booking.state == BookingState.CANCELLED:
        raise AlreadyCancelled
    if now >= booking.starts_at and not rules.keeps_the_diary(by):
        raise AlreadyStarted
    if waive and not reason:
        raise Refusal(_("Dites pourquoi le montant est abandonné."), field="reason")
    due = Decimal(0) if waive else cost_of_cancelling(booking, now=now)
    booking.state, booking.cancelled_at, booking.cancelled_by = BookingState.CANCELLED, now, by.name
    booking.save(update_fields=["state", "cancelled_at", "cancelled_by"])
    if due == 0 and booking.amount:
        try:
            with languages.of_hub():
                reason_kept = reason or _("réservation annulée")
            reverse(by=by, source=name_of(booking), kind="booking", reason=reason_kept)
        except AlreadyInvoiced as refusal:
            raise AlreadyBilled from refusal
        except NothingToReverse:
            pass  # a credit note has taken it off the account already
    record(
        by=by,
        verb="spaces.cancelled",
        thing=booking,
        before={"amount": booking.amount},
        after={"due": due},
        reason=reason,
    )
    return booking
