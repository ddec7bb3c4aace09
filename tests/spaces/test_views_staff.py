"""Gestion: the week, bookings taken by phone, places with their hours and prices."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import Charge, VatRule
from hubs.scope import open_hub
from spaces.actions import book
from spaces.enums import BookingState, Door, PlaceKind
from spaces.models import Booking, Closure, OpeningHours, Pool, Price
from spaces.slots import Slot
from tests.billing.factories import VatRuleFactory
from tests.parties.factories import OrganisationFactory
from tests.spaces.factories import PARIS, BookingFactory, PoolFactory, SiteFactory
from tests.spaces.pages import error_of, links, text, value_of

pytestmark = pytest.mark.usefixtures("monday")

WEEK, PHONE = reverse("spaces:staff_week"), reverse("spaces:phone")
DAY = reverse("spaces:staff_day")
PLACES, NEW = reverse("spaces:staff_places"), reverse("spaces:new_place")
STAFF = ["coordinator", "accountant", "adviser", "receptionist"]
OTHERS = ["elected", "observer", "administrator", "employee", "stranger"]


def call(pool, structure, **changes) -> dict:
    """What staff type while on the phone: Tuesday, 9 h to 11 h."""
    return {
        "place": pool.pk,
        "organisation": structure.pk,
        "day": "2026-10-06",
        "starts": "09:00",
        "ends": "11:00",
        "title": "Entretiens",
        "request_key": str(uuid.uuid4()),
        "unit": "",
    } | changes


def place(**changes) -> dict:
    """What the coordinator types to open a place."""
    return {
        "name": "Vidéoprojecteur",
        "kind": "equipment",
        "units": "3",
        "seats": "1",
        "description": "",
        "buffer_minutes": "0",
        "min_minutes": "30",
        "max_minutes": "1440",
        "horizon_days": "180",
        "free_cancel_hours": "24",
    } | changes


@pytest.fixture
def booking(nord, room) -> Booking:
    """Tuesday, 9 h to 11 h, for « Radio Passerelle », charged 20 €."""
    with open_hub(nord.hub):
        return book(
            pool=room,
            slot=Slot.on(dt.date(2026, 10, 6), dt.time(9), dt.time(11), PARIS),
            organisation=OrganisationFactory(name="Radio Passerelle"),
            by=nord.actor("coordinator"),
            now=dt.datetime(2026, 10, 1, tzinfo=PARIS),
            title="Conseil",
        )


# --- The week and the phone ----------------------------------------------------------------------


def test_the_plan_of_the_day_says_who_is_where_and_books_what_is_free(nord, room, booking, sign_in):
    page = sign_in(nord, "receptionist").get(DAY, {"day": "2026-10-06"})

    assert "Mardi 6 octobre 2026" in text(page)
    assert "Salle BoutaricRadio Passerelle9 h à 11 hConseil" in text(page)
    free = [link for link in links(page) if link.startswith(f"{PHONE}?")]
    assert [link.partition("&day=")[2] for link in free] == ["2026-10-06&starts=08%3A00", "2026-10-06&starts=11%3A00"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"day": "2026-10-11"}, "Fermé ce jour-là"),
        ({"day": "2026-10-06", "kind": "workshop"}, "Aucun espace de ce type"),
        ({"day": "bientôt"}, "Lundi 5 octobre 2026"),
        ({"day": "9999-12-31"}, "Jeudi 30 décembre 2100"),
    ],
)
def test_a_plan_with_nothing_to_show_says_why(nord, room, sign_in, asked, words):
    assert words in text(sign_in(nord, "coordinator").get(DAY, asked))


def test_a_week_of_many_units_is_a_table_of_boxes(nord, room, booking, sign_in):
    with open_hub(nord.hub):
        PoolFactory(site=room.site, name="Cabine", units=13)

    page = sign_in(nord, "coordinator").get(WEEK)

    assert (page.context["grid"], len(page.context["table"].rows)) == (None, 14)
    assert "9 h à 11 hRadio Passerelle" in text(page)
    to_days = [link for link in links(page) if link.startswith(f"{DAY}?day=2026-10-06")]
    first_free = [link for link in links(page) if link.startswith(PHONE) and "day=2026-10-06" in link]
    assert to_days and len(first_free) == 14


@pytest.mark.feature("SP1")
@pytest.mark.parametrize("name", STAFF)
def test_staff_note_a_booking_for_any_structure(nord, room, sign_in, name):
    with open_hub(nord.hub):
        caller = OrganisationFactory(name="Radio Passerelle")
    browser = sign_in(nord, name)
    hour = next(link for link in links(browser.get(WEEK)) if link.startswith(f"{PHONE}?") and "2026-10-06" in link)

    filled = browser.get(hour)
    noted = browser.post(hour, call(room, caller), follow=True)

    assert (value_of(filled, "day"), value_of(filled, "starts"), value_of(filled, "ends")) == (
        "2026-10-06", "08:00", "09:00",
    )  # fmt: skip
    assert "Noté pour Radio Passerelle : Salle Boutaric, mardi 6 octobre, 9 h à 11 h." in text(noted)
    assert "Radio Passerelle9 h à 11 hEntretiens" in text(noted)
    with open_hub(nord.hub):
        made = Booking.objects.get()
        assert (made.organisation, made.door, made.booked_by) == (caller, Door.DESK, str(getattr(nord, name)))
        assert list(Charge.objects.values_list("account__organisation__name", "amount_excl")) == [
            ("Radio Passerelle", Decimal(20))
        ]


def test_a_refusal_keeps_what_was_typed(nord, room, sign_in):
    sent = call(room, nord.organisation, starts="07:00", unit="12")

    page = sign_in(nord, "receptionist").post(PHONE, sent)

    assert (page.status_code, error_of(page, "starts")) == (
        422,
        "Place Galilée est ouvert de 8\u00a0h à 20\u00a0h ce jour-là.",
    )
    typed = ("day", "starts", "ends", "title", "request_key", "unit")
    assert {name: value_of(page, name) for name in typed} == {name: sent[name] for name in typed}
    assert f'<option value="{room.pk}" selected>' in page.text


@pytest.mark.parametrize("field", ["place", "organisation"])
def test_an_id_of_another_hub_is_answered_as_one_that_does_not_exist(nord, sud, room, sign_in, field):
    with open_hub(sud.hub):
        foreign = {"place": PoolFactory(external=10).pk, "organisation": sud.organisation.pk}
    browser = sign_in(nord, "receptionist")

    answers = [browser.post(PHONE, call(room, nord.organisation, **{field: pk})) for pk in (foreign[field], 987654)]

    assert [(page.status_code, error_of(page, field)) for page in answers] == [
        (422, "Sélectionnez un choix valide. Ce choix ne fait pas partie de ceux disponibles.")
    ] * 2


@pytest.mark.parametrize("unit", ["foreign", "987654", "²", "-1", "x", "9" * 40])
def test_a_unit_that_is_not_of_the_place_is_forgotten(nord, sud, room, sign_in, unit):
    with open_hub(sud.hub):
        foreign = PoolFactory(external=10).units.get()
    sent = call(room, nord.organisation, unit=foreign.pk if unit == "foreign" else unit)

    answer = sign_in(nord, "receptionist").post(PHONE, sent)

    assert answer.status_code == 302
    with open_hub(nord.hub):
        assert Booking.objects.get().unit.name == "Salle Boutaric"


def test_the_unit_of_the_cell_is_the_one_booked(nord, room, sign_in):
    with open_hub(nord.hub):
        desks = PoolFactory(site=room.site, name="Poste", kind=PlaceKind.DESK, units=3, external=2)
        second = desks.units.get(name="Poste 2")

    sign_in(nord, "receptionist").post(PHONE, call(desks, nord.organisation, unit=second.pk))

    with open_hub(nord.hub):
        assert Booking.objects.get().unit == second


@pytest.mark.parametrize("asked", ["starts=x", "starts=23:30", "place=abc&unit=abc", "day=0001-01-01"])
def test_a_phone_page_typed_by_hand_is_a_page_all_the_same(nord, room, sign_in, asked):
    assert sign_in(nord, "receptionist").get(f"{PHONE}?{asked}").status_code == 200


# --- Cancelling ----------------------------------------------------------------------------------


def page_of(booking: Booking) -> str:
    return reverse("spaces:staff_booking", args=[booking.public_id])


def test_staff_cancel_in_time_and_the_amount_is_given_back(nord, booking, sign_in):
    browser = sign_in(nord, "receptionist")

    shown, done = browser.get(page_of(booking)), browser.post(page_of(booking), follow=True)

    assert "Annuler maintenant ne coûte rien à la structure." in text(shown)
    assert "La réservation est annulée, le créneau est rendu." in text(done)
    with open_hub(nord.hub):
        assert list(Charge.objects.order_by("pk").values_list("amount_excl", flat=True)) == [20, -20]


@pytest.fixture
def late(nord, booking) -> Booking:
    """The same, when cancelling is no longer free."""
    with open_hub(nord.hub):
        booking.free_until = booking.starts_at - dt.timedelta(days=5)
        booking.save()
    return booking


@pytest.mark.parametrize(
    ("sent", "amounts"),
    [({}, [20]), ({"waive": "on", "reason": "Chauffage en panne"}, [20, -20])],
)
def test_a_late_cancellation_stays_due_unless_staff_let_it_go(nord, late, sign_in, sent, amounts):
    sign_in(nord, "accountant").post(page_of(late), sent)

    with open_hub(nord.hub):
        late.refresh_from_db()
        assert list(Charge.objects.order_by("pk").values_list("amount_excl", flat=True)) == amounts
    assert late.state == BookingState.CANCELLED


def test_letting_it_go_takes_a_reason(nord, late, sign_in):
    page = sign_in(nord, "coordinator").post(page_of(late), {"waive": "on"})

    assert (page.status_code, error_of(page, "reason")) == (422, "Dites pourquoi le montant est abandonné.")
    assert '<input type="checkbox" name="waive" id="id_waive" checked>' in page.text


# --- Places --------------------------------------------------------------------------------------


@pytest.mark.feature("SP2")
def test_three_projectors_are_one_place_of_three(nord, room, sign_in):
    coordinator, member = sign_in(nord, "coordinator"), sign_in(nord, "employee")

    opened = coordinator.post(NEW, place(site=room.site_id))
    with open_hub(nord.hub):
        projectors = Pool.objects.get(name="Vidéoprojecteur")
    price = {"payer": "external", "per": "day", "amount": "8", "vat": _vat_pk(nord), "starts_on": "2026-10-05"}
    priced = coordinator.post(opened.url, price, follow=True)
    answers = [member.post(reverse("spaces:place", args=[projectors.public_id]), _asked(nord)) for _n in range(4)]

    assert "3 exemplaires" in text(priced)
    assert [answer.status_code for answer in answers] == [302, 302, 302, 422]
    assert error_of(answers[3], "starts") == (
        "Ce créneau vient d’être pris. Ici, c’est libre de 11\u00a0h à 13\u00a0h."
    )
    with open_hub(nord.hub):
        assert list(Booking.objects.order_by("pk").values_list("unit__name", "amount")) == [
            (f"Vidéoprojecteur {n}", Decimal(8)) for n in (1, 2, 3)
        ]


def _vat_pk(nord) -> int:
    with open_hub(nord.hub):
        return VatRule.objects.get().pk


def _asked(nord) -> dict:
    return {
        "organisation": nord.organisation.pk,
        "day": "2026-10-06",
        "starts": "09:00",
        "ends": "11:00",
        "request_key": str(uuid.uuid4()),
    }


def test_a_place_is_changed_and_its_units_too(nord, room, sign_in):
    address = reverse("spaces:change_place", args=[room.pk])
    sent = place(name="Salle Galilée", kind="room", site=room.site_id, units="2", buffer_minutes="15")

    answer = sign_in(nord, "coordinator").post(address, sent)

    assert answer.url == reverse("spaces:staff_place", args=[room.pk])
    with open_hub(nord.hub):
        room.refresh_from_db()
        assert (room.name, room.buffer_minutes, list(room.units.order_by("pk").values_list("name", flat=True))) == (
            "Salle Galilée",
            15,
            ["Salle Boutaric", "Salle Galilée 2"],
        )


def test_units_with_bookings_to_come_stay(nord, room, sign_in):
    with open_hub(nord.hub):
        desks = PoolFactory(site=room.site, name="Poste", kind=PlaceKind.DESK, units=3)
        BookingFactory(unit=desks.units.get(name="Poste 3"), coming=True)
    sent = place(name="Poste", kind="desk", site=room.site_id, units="2")

    page = sign_in(nord, "coordinator").post(reverse("spaces:change_place", args=[desks.pk]), sent)

    assert (page.status_code, error_of(page, "units"), value_of(page, "units")) == (
        422,
        "Des exemplaires à retirer ont des réservations à venir. Déplacez-les ou annulez-les d’abord.",
        "2",
    )


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"name": "Salle Boutaric"}, "name", "Un espace de ce lieu porte déjà ce nom."),
        ({"site": "987654"}, "site", "Sélectionnez un choix valide. Ce choix ne fait pas partie de ceux disponibles."),
        ({"site": "foreign"}, "site", "Sélectionnez un choix valide. Ce choix ne fait pas partie de ceux disponibles."),
        ({"units": "0"}, "units", "Assurez-vous que cette valeur est supérieure ou égale à 1."),
    ],
)
def test_a_place_is_refused_beside_its_field(nord, sud, room, sign_in, changes, field, message):
    with open_hub(sud.hub):
        foreign = SiteFactory()
    sent = place(site=room.site_id) | changes
    if sent["site"] == "foreign":
        sent["site"] = foreign.pk

    page = sign_in(nord, "coordinator").post(NEW, sent)

    assert (page.status_code, error_of(page, field)) == (422, message)
    with open_hub(nord.hub):
        assert Pool.objects.count() == 1


def test_durations_that_cross_are_refused(nord, room, sign_in):
    page = sign_in(nord, "coordinator").post(NEW, place(site=room.site_id, min_minutes="90", max_minutes="60"))

    assert page.status_code == 422
    assert "La durée maximale dépasse la durée minimale, d’au moins 15 minutes." in text(page)


def test_a_new_price_ends_the_one_in_force(nord, room, sign_in):
    address = reverse("spaces:staff_place", args=[room.pk])
    sent = {"payer": "external", "per": "hour", "amount": "12,50", "vat": _vat_pk(nord), "starts_on": "2026-11-01"}

    answer = sign_in(nord, "coordinator").post(address, sent)

    assert answer.url == address
    with open_hub(nord.hub):
        assert list(Price.objects.order_by("starts_on").values_list("amount", "starts_on", "ends_on")) == [
            (Decimal(10), dt.date(2020, 1, 1), dt.date(2026, 11, 1)),
            (Decimal("12.5"), dt.date(2026, 11, 1), None),
        ]


def test_a_price_before_one_already_set_is_refused(nord, room, sign_in):
    with open_hub(nord.hub):
        Price.objects.update(starts_on=dt.date(2027, 1, 1))
    sent = {"payer": "external", "per": "hour", "amount": "12", "vat": _vat_pk(nord), "starts_on": "2026-11-01"}

    page = sign_in(nord, "coordinator").post(reverse("spaces:staff_place", args=[room.pk]), sent)

    assert (page.status_code, error_of(page, "starts_on"), value_of(page, "amount")) == (
        422,
        "Un prix plus récent existe déjà. Choisissez une date après son début.",
        "12",
    )


def test_the_week_of_a_site_is_replaced(nord, room, sign_in):
    sent = {"opens_1_1": "09:00", "closes_1_1": "12:00", "opens_1_2": "14:00", "closes_1_2": "00:00"}

    answer = sign_in(nord, "coordinator").post(reverse("spaces:hours", args=[room.site_id]), sent)

    assert answer.url == PLACES
    with open_hub(nord.hub):
        assert list(OpeningHours.objects.order_by("opens").values_list("weekday", "opens", "closes")) == [
            (1, dt.time(9), dt.time(12)),
            (1, dt.time(14), dt.time(0)),
        ]


@pytest.mark.parametrize(
    ("sent", "field", "message"),
    [
        ({"opens_1_1": "09:00"}, "closes_1_1", "Il faut les deux heures, ou aucune."),
        ({"opens_1_1": "09:00", "closes_1_1": "08:00"}, "closes_1_1", "La fermeture vient après l’ouverture."),
        (
            {"opens_1_1": "09:00", "closes_1_1": "12:00", "opens_1_2": "09:00", "closes_1_2": "13:00"},
            "opens_1_2",
            "Les deux plages du jour se chevauchent.",
        ),
        (
            {"opens_1_1": "09:00", "closes_1_1": "00:00", "opens_1_2": "14:00", "closes_1_2": "18:00"},
            "opens_1_2",
            "Les deux plages du jour se chevauchent.",
        ),
    ],
)
def test_hours_that_make_no_sense_are_refused(nord, room, sign_in, sent, field, message):
    page = sign_in(nord, "coordinator").post(reverse("spaces:hours", args=[room.site_id]), sent)

    assert (page.status_code, error_of(page, field)) == (422, message)
    assert {name: value_of(page, name) for name in sent} == sent
    with open_hub(nord.hub):
        assert OpeningHours.objects.count() == 5


def test_a_site_closes_for_days_both_in(nord, room, sign_in):
    sent = {"starts_on": "2026-12-24", "last_day": "2027-01-02", "reason": "Congés d’hiver"}

    page = sign_in(nord, "coordinator").post(reverse("spaces:closures", args=[room.site_id]), sent, follow=True)

    assert "Congés d’hiver du 24 décembre 2026 au 2 janvier 2027 inclus" in text(page)
    with open_hub(nord.hub):
        assert Closure.objects.values_list("starts_on", "ends_on").get() == (dt.date(2026, 12, 24), dt.date(2027, 1, 3))


@pytest.mark.parametrize(
    ("sent", "field", "message"),
    [
        (
            {"starts_on": "2026-12-24", "last_day": "2026-12-20", "reason": "x"},
            "last_day",
            "La fermeture finit après avoir commencé.",
        ),
        (
            {"starts_on": "2026-12-24", "last_day": "9999-12-31", "reason": "x"},
            "last_day",
            "Choisissez une date entre 2000 et 2100.",
        ),
        ({}, "starts_on", "Ce champ est obligatoire."),
    ],
)
def test_a_closure_that_makes_no_sense_is_refused(nord, room, sign_in, sent, field, message):
    page = sign_in(nord, "coordinator").post(reverse("spaces:closures", args=[room.site_id]), sent)

    assert (page.status_code, error_of(page, field)) == (422, message)


# --- Doors ---------------------------------------------------------------------------------------


def _diary(room, booking) -> list[str]:
    return [WEEK, PHONE, PLACES, page_of(booking)]


def _management(room) -> list[str]:
    pages = [("staff_place", room.pk), ("change_place", room.pk), ("hours", room.site_id), ("closures", room.site_id)]
    return [NEW, *(reverse(f"spaces:{name}", args=[pk]) for name, pk in pages)]


@pytest.mark.parametrize("name", STAFF)
def test_staff_keep_the_diary_and_the_coordinator_the_places(nord, room, booking, sign_in, name):
    browser = sign_in(nord, name)
    opens = 200 if name == "coordinator" else 403

    assert {browser.get(page).status_code for page in _diary(room, booking)} == {200}
    assert {browser.get(page).status_code for page in _management(room)} == {opens}
    assert {browser.post(page).status_code for page in _management(room)} <= {403, 422, 302}


def test_only_who_may_change_places_is_shown_the_way(nord, room, sign_in):
    ways = set(_management(room)) - {reverse("spaces:change_place", args=[room.pk])}

    assert ways <= set(links(sign_in(nord, "coordinator").get(PLACES)))
    assert ways.isdisjoint(links(sign_in(nord, "receptionist").get(PLACES)))


@pytest.mark.parametrize("name", OTHERS)
def test_nobody_else_opens_gestion(nord, room, booking, sign_in, name):
    browser = sign_in(nord, name)

    assert {browser.get(page).status_code for page in (*_diary(room, booking), *_management(room))} == {403}


def test_pages_of_another_hub_do_not_exist(nord, sud, room, booking, sign_in):
    browser = sign_in(sud, "coordinator")
    addresses = [page_of(booking), *_management(room)[1:]]

    assert {browser.get(address).status_code for address in addresses} == {404}
    assert {browser.post(address, {}).status_code for address in addresses} == {404}


@pytest.mark.parametrize(
    "address",
    [
        "/gestion/espaces/987654/",
        "/gestion/espaces/x/",
        "/gestion/lieux/987654/horaires/",
        f"{WEEK}reservations/aaaaaaaaaaaa/",
    ],
)
def test_a_bad_id_is_no_page(nord, room, sign_in, address):
    assert sign_in(nord, "coordinator").get(address).status_code == 404


def test_looking_writes_nothing_but_the_session(nord, room, booking, sign_in):
    browser = sign_in(nord, "coordinator")

    with CaptureQueriesContext(connection) as queries:
        for address in (*_diary(room, booking), *_management(room)):
            assert browser.get(address).status_code == 200

    writes = [q["sql"] for q in queries if q["sql"].split()[0] in ("INSERT", "UPDATE", "DELETE")]
    assert [sql for sql in writes if '"hubs_session"' not in sql] == []


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("address", "count"), [(PLACES, 12), (f"{WEEK}?week=2026-10-12", 13), (f"{DAY}?day=2026-10-12", 13)]
)
def test_queries_do_not_grow_with_rows(nord, sign_in, django_assert_num_queries, address, count, rows):
    with open_hub(nord.hub):
        VatRuleFactory()
        site = SiteFactory()
        for _n in range(rows):
            pool = PoolFactory(site=site, external=10)
            BookingFactory(unit=pool.units.get(), coming=True)
    browser = sign_in(nord, "coordinator")
    browser.get(address)

    with django_assert_num_queries(count):
        browser.get(address)


@pytest.mark.parametrize(("name", "seen"), [("coordinator", True), ("accountant", True), ("receptionist", False)])
def test_reception_knows_who_is_where_and_reads_no_amount(nord, room, sign_in, monday, name, seen):
    with open_hub(nord.hub):
        booking = BookingFactory(
            unit=room.units.get(), organisation=nord.organisation, free_until=monday - dt.timedelta(hours=1)
        )
    browser = sign_in(nord, name)
    pages = [browser.get(f"/gestion/planning/reservations/{booking.public_id}/"), browser.get(WEEK)]
    told = pages[0].text

    assert nord.organisation.name in told
    assert ("24,00" in told, "€" in told) == (seen, seen)
    assert ("Annuler maintenant laisse son prix à payer à la structure." in told) == (not seen)
    assert "€" not in pages[1].text
