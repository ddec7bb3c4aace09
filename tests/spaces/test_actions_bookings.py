"""Booking and cancelling: what is refused and in which words, what is charged, and who wins a race for the last desk."""

import datetime as dt
import threading
import uuid
from decimal import Decimal

import pytest
from django.db import connections

from billing.actions import credit_invoice, issue_invoice, issue_month
from billing.models import Charge, Invoice
from hubs.actors import system
from hubs.models import AuditEntry
from hubs.refusals import NotAllowed, Refusal
from hubs.scope import open_hub
from members.enums import MemberKind
from spaces.actions import (
    AlreadyBilled,
    AlreadyCancelled,
    AlreadyStarted,
    InThePast,
    NoPrice,
    NotAQuarter,
    OutsideHours,
    SlotTaken,
    TooFarAhead,
    WrongLength,
    book,
    cancel,
    set_price,
)
from spaces.enums import BookingState, Door, PayerKind, PlaceKind, PricePer
from spaces.models import Booking, Price
from spaces.queries import free_units
from spaces.slots import Slot
from tests.billing.factories import IssuerFactory, VatRuleFactory
from tests.cast import cast_of
from tests.members.factories import MembershipFactory
from tests.parties.factories import OrganisationFactory
from tests.spaces.conftest import NOW
from tests.spaces.factories import (
    ALWAYS,
    PARIS,
    BookingFactory,
    ClosureFactory,
    PoolFactory,
    PriceFactory,
    SiteFactory,
)
from tests.spaces.races import CLIENTS, race

TUESDAY = dt.date(2026, 10, 6)


def slot(hours: str, day: dt.date = TUESDAY) -> Slot:
    """`slot("09:00-11:30")`"""
    return Slot.on(day, *map(dt.time.fromisoformat, hours.split("-")), PARIS)


@pytest.fixture
def reserve(hub, nord, room):
    """Book «\u00a0Salle Boutaric\u00a0» on Tuesday from 9 h to 11 h for the member structure, as its administrator."""

    def reserved(hours: str = "09:00-11:00", day: dt.date = TUESDAY, **changes) -> Booking:
        asked = {"pool": room, "slot": slot(hours, day), "organisation": nord.organisation, "now": NOW}
        return book(**{**asked, "by": nord.actor("administrator"), **changes})

    return reserved


def charged(**fields) -> list[Decimal]:
    return list(Charge.objects.filter(**fields).order_by("pk").values_list("amount_excl", flat=True))


# --- Booking -------------------------------------------------------------------------------------


def test_a_booking_is_charged_once_to_the_account_of_its_structure(reserve, nord):
    booking = reserve(title="Conseil d’administration", person=nord.administrator)

    assert list(
        Charge.objects.values_list(
            "account__organisation__name", "source", "period", "on", "description", "detail",
            "quantity", "unit_label", "unit_price_excl", "vat_rate", "amount_excl",
        )
    ) == [
        (
            "Compagnie nord",
            f"spaces.booking:{booking.pk}",
            dt.date(2026, 10, 1),
            TUESDAY,
            "Salle Boutaric",
            f"mardi 6\u00a0octobre, 9\u00a0h à 11\u00a0h, réservé par {nord.administrator}",
            Decimal(2),
            "h",
            Decimal(10),
            Decimal(20),
            Decimal(20),
        )
    ]  # fmt: skip


def test_a_booking_is_told_in_the_log(reserve, nord):
    booking = reserve()

    told = AuditEntry.objects.filter(verb="spaces.booked").values_list("who", "thing", "after")

    assert list(told) == [
        (
            str(nord.administrator),
            f"spaces.booking:{booking.pk}",
            {
                "organisation": "Compagnie nord",
                "unit": "Salle Boutaric",
                "start": "2026-10-06T07:00:00Z",
                "end": "2026-10-06T09:00:00Z",
            },
        )
    ]


def test_the_same_form_sent_twice_books_and_charges_once(reserve):
    key = uuid.uuid4()

    first, again = reserve(request_key=key), reserve(request_key=key)

    assert (again, Booking.objects.count(), charged()) == (first, 1, [Decimal(20)])


def test_a_form_sent_back_with_other_hours_is_another_booking(reserve):
    key = uuid.uuid4()

    first, other = reserve(request_key=key), reserve("14:00-15:00", request_key=key)

    assert (first.starts_at, other.starts_at) == (slot("09:00-11:00").start, slot("14:00-15:00").start)


def test_a_form_sent_back_after_cancelling_books_again(reserve, nord):
    key = uuid.uuid4()
    first = reserve(request_key=key)
    cancel(booking=first, by=nord.actor("administrator"), now=NOW)

    again = reserve(request_key=key)

    assert (again.pk != first.pk, again.state) == (True, BookingState.CONFIRMED)


@pytest.mark.parametrize(
    ("kind", "payer", "amount"),
    [(MemberKind.RESIDENT, "resident", 8), (MemberKind.ASSOCIATE, "associate", 12), (None, "external", 20)],
)
def test_the_price_is_that_of_the_kind_of_member(reserve, nord, room, kind, payer, amount):
    PriceFactory(pool=room, payer=PayerKind.RESIDENT, amount=4)
    PriceFactory(pool=room, payer=PayerKind.ASSOCIATE, amount=6)
    if kind:
        MembershipFactory(organisation=nord.organisation, kind=kind)

    booking = reserve()

    assert (booking.payer, booking.amount) == (payer, amount)


def test_a_later_change_of_catalogue_changes_nothing_agreed(reserve, hub, room):
    booking = reserve()
    set_price(
        pool=room, payer=PayerKind.EXTERNAL, per=PricePer.HOUR, amount=Decimal(99), vat_code="service-20",
        starts_on=TUESDAY, by=system(hub.pk),
    )  # fmt: skip

    booking.refresh_from_db()

    assert (booking.unit_price, booking.amount, charged()) == (Decimal(10), Decimal(20), [Decimal(20)])
    assert reserve("14:00-16:00").amount == Decimal(198)


def test_a_free_place_charges_nothing(reserve, room):
    Price.objects.update(amount=0)

    assert (reserve().amount, charged()) == (0, [])


# --- What is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "refusal", "field", "message"),
    [
        (
            {"day": NOW.date(), "hours": "08:00-10:00"},
            InThePast, "starts", "Ce créneau est déjà passé. Choisissez une heure à venir.",
        ),
        (
            {"hours": "07:00-09:00"},
            OutsideHours, "starts", "Place Galilée est ouvert de 8\u00a0h à 20\u00a0h ce jour-là.",
        ),
        ({"day": dt.date(2026, 10, 11)}, OutsideHours, "day", "Place Galilée est fermé ce jour-là."),
        # Armistice.
        ({"day": dt.date(2026, 11, 11)}, OutsideHours, "day", "Place Galilée est fermé ce jour-là."),
        # The closure below.
        ({"day": dt.date(2026, 12, 28)}, OutsideHours, "day", "Place Galilée est fermé ce jour-là."),
        (
            {"hours": "09:10-11:00"},
            NotAQuarter, "starts", "Les heures vont de quart d’heure en quart d’heure\u00a0: 9 h, 9 h 15, 9 h 30…",
        ),
        (
            {"hours": "09:00:30-11:00"},
            NotAQuarter, "starts", "Les heures vont de quart d’heure en quart d’heure\u00a0: 9 h, 9 h 15, 9 h 30…",
        ),
        ({"hours": "09:00-09:15"}, WrongLength, "ends", "Cet espace se réserve pour 30 minutes au moins."),
        ({"hours": "09:00-14:00"}, WrongLength, "ends", "Cet espace se réserve pour 4\u00a0h\u00a030 au plus."),
        ({"day": dt.date(2027, 4, 5)}, TooFarAhead, "day", "Cet espace se réserve jusqu’à 180 jours à l’avance."),
    ],
)  # fmt: skip
def test_a_slot_is_refused_with_its_reason(reserve, room, asked, refusal, field, message):
    room.max_minutes = 270
    ClosureFactory(site=room.site, starts_on=dt.date(2026, 12, 24), ends_on=dt.date(2027, 1, 3))

    with pytest.raises(Refusal) as refused:
        reserve(**asked)

    assert (type(refused.value), refused.value.field, str(refused.value.message)) == (refusal, field, message)
    assert (Booking.objects.count(), charged()) == (0, [])


def test_a_place_with_no_price_for_the_payer_is_refused(reserve, nord):
    MembershipFactory(organisation=nord.organisation, kind=MemberKind.RESIDENT)

    with pytest.raises(NoPrice) as refused:
        reserve()

    assert str(refused.value.message) == (
        "Cet espace n’a pas de prix pour cette structure. Écrivez à l’équipe du pôle."
    )


@pytest.mark.parametrize("name", ["administrator", "stranger", "observer", "elected"])
def test_nobody_books_for_a_structure_that_is_not_theirs(reserve, nord, name):
    with pytest.raises(NotAllowed) as refused:
        reserve(organisation=OrganisationFactory(), by=nord.actor(name))

    assert str(refused.value.message) == "Vous ne pouvez pas réserver pour cette structure."


@pytest.mark.parametrize("name", ["coordinator", "accountant", "adviser", "receptionist"])
def test_staff_book_for_anyone_and_may_note_the_morning(reserve, nord, name):
    other = OrganisationFactory(name="Radio Passerelle")

    booking = reserve("08:00-09:00", day=NOW.date(), organisation=other, by=nord.actor(name), now=NOW.replace(hour=17))

    assert (booking.organisation, booking.door, booking.booked_by) == (other, Door.DESK, str(getattr(nord, name)))
    assert charged(account__organisation=other) == [Decimal(10)]


def test_yesterday_is_past_for_staff_too(reserve, nord):
    with pytest.raises(InThePast):
        reserve(day=dt.date(2026, 10, 2), by=nord.actor("receptionist"))


# --- What is free --------------------------------------------------------------------------------


@pytest.fixture
def buffered(room):
    """The room, left free for half an hour after each booking; taken on Tuesday from 12 h to 14 h."""
    room.buffer_minutes = 30
    room.save()
    BookingFactory(unit=room.units.get(), day=TUESDAY, hours=(12, 14))
    return room


@pytest.mark.parametrize(("hours", "is_free"), [
    ("10:00-11:30", True), ("10:00-11:45", False), ("14:15-15:00", False), ("14:30-15:00", True),
])  # fmt: skip
def test_the_battement_is_kept_before_and_after(reserve, buffered, hours, is_free):
    if is_free:
        assert reserve(hours).pk
    else:
        with pytest.raises(SlotTaken):
            reserve(hours)


def test_neighbours_need_no_gap_without_battement(reserve):
    assert [reserve(hours).unit.name for hours in ("09:00-11:00", "11:00-12:00")] == ["Salle Boutaric"] * 2


def test_a_taken_slot_names_the_next_one_that_can_be_booked(reserve, buffered):
    # 14 h is in the battement.
    with pytest.raises(SlotTaken) as refused:
        reserve("12:30-14:00")

    assert str(refused.value.message) == (
        "Ce créneau vient d’être pris. Ici, c’est libre de 14\u00a0h\u00a030 à 16\u00a0h."
    )


def test_a_slot_too_near_the_next_booking_says_until_when(reserve, buffered):
    with pytest.raises(SlotTaken) as refused:
        reserve("10:30-12:00")

    assert str(refused.value.message) == (
        "Il faut 30 minutes de battement avant la réservation de 12\u00a0h\u00a0: finissez à 11\u00a0h\u00a030 au plus tard."
    )


def test_a_full_pool_says_what_is_free(reserve, room):
    desks = PoolFactory(site=room.site, name="Poste", kind=PlaceKind.DESK, seats=1, units=3, external=2)

    given = [reserve(pool=desks).unit.name for _n in range(3)]
    with pytest.raises(SlotTaken) as refused:
        reserve(pool=desks)

    assert given == ["Poste 1", "Poste 2", "Poste 3"]
    assert str(refused.value.message) == "Ce créneau vient d’être pris. Ici, c’est libre de 11\u00a0h à 13\u00a0h."


def test_a_taken_room_names_the_three_nearest_in_size(reserve, room):
    for name, seats in (("Salle 40", 40), ("Salle 10", 10), ("Salle 20", 20), ("Salle 5", 5)):
        PoolFactory(site=room.site, name=name, seats=seats, external=10)
    PoolFactory(site=room.site, name="Salle sans prix", seats=12)
    PoolFactory(site=room.site, name="Poste", kind=PlaceKind.DESK, external=10)
    BookingFactory(unit=PoolFactory(site=room.site, name="Salle prise", seats=12, external=1).units.get(), day=TUESDAY)
    reserve()

    with pytest.raises(SlotTaken) as refused:
        reserve()

    assert str(refused.value.message) == (
        "Ce créneau vient d’être pris. Libres au même moment\u00a0: Salle 10, Salle 5, Salle 20."
    )


def test_a_full_day_sends_to_another_day(reserve):
    reserve("08:00-20:00")

    with pytest.raises(SlotTaken) as refused:
        reserve()

    assert str(refused.value.message) == (
        "Ce créneau vient d’être pris, et il n’y a plus rien de libre ce jour-là. Essayez un autre jour."
    )


def test_a_unit_asked_for_is_the_one_given(reserve, room):
    desks = PoolFactory(site=room.site, name="Poste", units=3, external=2)
    second = desks.units.get(name="Poste 2")

    assert reserve(pool=desks, unit=second).unit == second
    with pytest.raises(SlotTaken):
        reserve(pool=desks, unit=second)


def test_the_night_that_gains_an_hour_is_charged_as_it_lasts(reserve, nord):
    night_room = PoolFactory(site=SiteFactory(hours=ALWAYS), external=10)

    booking = reserve("01:00-04:00", day=dt.date(2026, 10, 25), pool=night_room)

    assert (booking.ends_at - booking.starts_at, booking.quantity, booking.amount) == (dt.timedelta(hours=4), 4, 40)


# --- Cancelling ----------------------------------------------------------------------------------


def test_cancelling_in_time_gives_the_amount_back(reserve, nord):
    booking = reserve(day=TUESDAY + dt.timedelta(days=1))

    cancelled = cancel(booking=booking, by=nord.actor("employee"), now=NOW)

    assert (cancelled.state, cancelled.cancelled_at, cancelled.cancelled_by) == (
        BookingState.CANCELLED,
        NOW,
        str(nord.employee),
    )
    assert charged() == [Decimal(20), Decimal(-20)]


@pytest.fixture
def invoiced(reserve, nord):
    """A booking to come whose month was issued before it was over, and its invoice."""
    booking = reserve(day=TUESDAY + dt.timedelta(days=1))
    IssuerFactory()
    nord.organisation.address = "1 rue du Nord"
    nord.organisation.save()
    run = issue_month(month=TUESDAY.replace(day=1), by=nord.actor("accountant"), today=NOW.date())
    return booking, issue_invoice(invoice=Invoice.objects.get(), run=run, today=NOW.date())


def test_what_is_invoiced_is_cancelled_by_the_staff_after_a_credit_note(invoiced, nord):
    booking, _invoice = invoiced

    with pytest.raises(AlreadyBilled):
        cancel(booking=booking, by=nord.actor("administrator"), now=NOW)

    booking.refresh_from_db()
    assert booking.state == BookingState.CONFIRMED


def test_what_was_invoiced_then_credited_can_still_be_cancelled(invoiced, nord):
    booking, invoice = invoiced
    credit_invoice(invoice=invoice, by=nord.actor("accountant"), reason="annulation", today=NOW.date())

    cancel(booking=booking, by=nord.actor("coordinator"), now=NOW)

    booking.refresh_from_db()
    assert booking.state == BookingState.CANCELLED


def test_cancelling_late_leaves_it_due(reserve, nord):
    booking = reserve()

    cancel(booking=booking, by=nord.actor("administrator"), now=booking.free_until + dt.timedelta(seconds=1))

    assert charged() == [Decimal(20)]


def test_staff_let_the_amount_go_with_a_reason(reserve, nord):
    booking = reserve()
    late = booking.starts_at - dt.timedelta(hours=1)

    cancel(booking=booking, by=nord.actor("accountant"), now=late, waive=True, reason="Chauffage en panne")

    assert charged() == [Decimal(20), Decimal(-20)]
    assert AuditEntry.objects.filter(verb="spaces.cancelled").values_list("who", "after", "reason").get() == (
        str(nord.accountant),
        {"due": "0"},
        "Chauffage en panne",
    )


def test_letting_the_amount_go_takes_a_reason(reserve, nord):
    booking = reserve()

    with pytest.raises(Refusal) as refused:
        cancel(booking=booking, by=nord.actor("coordinator"), now=NOW, waive=True)

    assert (refused.value.field, str(refused.value.message)) == ("reason", "Dites pourquoi le montant est abandonné.")


@pytest.mark.parametrize("who", ["administrator", "receptionist"])
def test_only_who_sees_the_money_lets_it_go(reserve, nord, who):
    with pytest.raises(NotAllowed):
        cancel(booking=reserve(), by=nord.actor(who), now=NOW, waive=True, reason="Oubli")


def test_nobody_cancels_what_is_anothers(reserve, nord):
    booking = BookingFactory(unit=reserve().unit, day=TUESDAY, hours=(14, 16))

    with pytest.raises(NotAllowed) as refused:
        cancel(booking=booking, by=nord.actor("administrator"), now=NOW)

    assert str(refused.value.message) == "Vous ne pouvez pas annuler cette réservation."


def test_a_cancelled_slot_is_free_again(reserve, nord):
    cancel(booking=reserve(), by=nord.actor("administrator"), now=NOW)

    assert reserve().state == BookingState.CONFIRMED


def test_cancelling_twice_is_refused(reserve, nord):
    booking = cancel(booking=reserve(), by=nord.actor("administrator"), now=NOW)

    with pytest.raises(AlreadyCancelled) as refused:
        cancel(booking=booking, by=nord.actor("administrator"), now=NOW)

    assert (str(refused.value.message), charged()) == (
        "Cette réservation est déjà annulée.",
        [Decimal(20), Decimal(-20)],
    )


def test_what_has_begun_is_cancelled_by_staff_only(reserve, nord):
    booking = reserve()

    with pytest.raises(AlreadyStarted) as refused:
        cancel(booking=booking, by=nord.actor("administrator"), now=booking.starts_at)

    assert str(refused.value.message) == (
        "Ce créneau a déjà commencé\u00a0: il ne s’annule plus ici. L’équipe du pôle peut vous aider."
    )
    assert cancel(booking=booking, by=nord.actor("receptionist"), now=booking.starts_at).cancelled_at


# --- The same second -----------------------------------------------------------------------------


@pytest.fixture
def desks(committed):
    """`desks(10)` is the hub, really written, and its pool of ten desks."""

    def opened(units: int):
        nord = cast_of("nord")
        with open_hub(nord.hub):
            VatRuleFactory()
            return nord, PoolFactory(site=SiteFactory(), name="Poste", kind=PlaceKind.DESK, units=units, external=2)

    return opened


@pytest.fixture
def unguarded(committed):
    """The table of bookings without its exclusion constraint."""
    guard = next(each for each in Booking._meta.constraints if each.name == "spaces_booking_no_overlap")
    owner = connections["owner"]
    with owner.schema_editor() as editor:
        editor.remove_constraint(Booking, guard)
    yield
    with owner.cursor() as cursor:
        cursor.execute("TRUNCATE spaces_booking CASCADE")
    with owner.schema_editor() as editor:
        editor.add_constraint(Booking, guard)


def test_checking_then_writing_sells_the_last_desk_to_everyone(unguarded, desks):
    """The race that the next two tests win: with neither lock nor constraint, all who look see it free."""
    nord, pool = desks(1)
    all_looked = threading.Barrier(CLIENTS)

    def look_then_write() -> str:
        with open_hub(nord.hub):
            unit = free_units(pool, slot("09:00-11:00"), TUESDAY).first()
            all_looked.wait()
            BookingFactory(unit=unit, day=TUESDAY, organisation=nord.organisation)
        return "booked"

    assert race(CLIENTS, look_then_write) == {"booked": CLIENTS}


@pytest.mark.parametrize(
    ("units", "message"),
    [
        (1, "Ce créneau vient d’être pris. Ici, c’est libre de 11\u00a0h à 13\u00a0h."),
        (10, "Ce créneau vient d’être pris. Ici, c’est libre de 11\u00a0h à 13\u00a0h."),
    ],
)
@pytest.mark.feature("SP3")
def test_sixty_four_at_once_get_as_many_desks_as_there_are(desks, units, message):
    nord, pool = desks(units)
    with open_hub(nord.hub):
        by = nord.actor("administrator")

    def attempt() -> str:
        with open_hub(nord.hub):
            book(pool=pool, slot=slot("09:00-11:00"), organisation=nord.organisation, by=by, now=NOW)
        return "booked"

    outcomes = race(CLIENTS, attempt)

    assert outcomes == {"booked": units, message: CLIENTS - units}
    with open_hub(nord.hub):
        assert Booking.objects.values("unit").distinct().count() == units
        assert charged() == [Decimal(4)] * units


def test_the_second_click_of_a_form_waits_for_the_first(desks):
    nord, pool = desks(3)
    key = uuid.uuid4()
    with open_hub(nord.hub):
        by = nord.actor("administrator")

    def attempt() -> str:
        with open_hub(nord.hub):
            return book(
                pool=pool, slot=slot("09:00-11:00"), organisation=nord.organisation, by=by, now=NOW, request_key=key
            ).public_id

    outcomes = race(8, attempt)

    assert list(outcomes.values()) == [8]
    with open_hub(nord.hub):
        assert charged() == [Decimal(4)]
