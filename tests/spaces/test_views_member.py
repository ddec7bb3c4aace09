"""Mon espace: find a place, book it, look at one's bookings, cancel one."""

import uuid
from collections import Counter
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import Charge
from hubs.scope import open_hub
from parties.enums import LinkRole
from parties.models import Person
from spaces.enums import BookingState, PlaceKind
from spaces.models import Booking
from tests.billing.factories import VatRuleFactory
from tests.cast import cast_of
from tests.parties.factories import LinkFactory, OrganisationFactory
from tests.spaces.factories import BookingFactory, PoolFactory, SiteFactory
from tests.spaces.pages import error_of, links, text, value_of
from tests.spaces.races import CLIENTS, race

pytestmark = pytest.mark.usefixtures("monday")

FIND, WEEK, BOOKINGS = reverse("spaces:find"), reverse("spaces:week"), reverse("spaces:bookings")
NOT_FREE = "Ce créneau vient d’être pris. Ici, c’est libre de 11\u00a0h à 13\u00a0h."


def form(structure, **changes) -> dict:
    """Tuesday from 9 h to 11 h, for that structure."""
    return {
        "organisation": structure.pk,
        "day": "2026-10-06",
        "starts": "09:00",
        "ends": "11:00",
        "title": "Comité",
        "request_key": str(uuid.uuid4()),
        **changes,
    }


def page_of(name: str, thing) -> str:
    return reverse(f"spaces:{name}", args=[thing.public_id])


def test_who_reads_english_is_answered_in_english_and_charged_in_the_hubs_french(nord, sign_in, room):
    nord.hub.languages = ["fr", "en"]
    nord.hub.save()
    member = sign_in(nord, "administrator")
    member.cookies["coursive_language"] = "en"

    booked = member.post(page_of("place", room), form(nord.organisation), follow=True)

    assert "Booked: Salle" in text(booked)
    with open_hub(nord.hub):
        assert "mardi 6\u00a0octobre, 9\u00a0h à 11\u00a0h, réservé par" in Charge.objects.get().detail


@pytest.fixture
def mine(nord, room) -> Booking:
    """A booking of the member structure, next Monday."""
    with open_hub(nord.hub):
        return BookingFactory(unit=room.units.get(), organisation=nord.organisation, coming=True)


@pytest.fixture
def theirs(nord, room) -> Booking:
    """A booking of a competitor, on Tuesday: its name, its title and who made it must not leak."""
    with open_hub(nord.hub):
        return BookingFactory(
            unit=room.units.get(),
            organisation=OrganisationFactory(name="Radio Passerelle"),
            title="Licenciement économique",
            booked_by="Zoé Lenoir",
        )


# --- Booking -------------------------------------------------------------------------------------


@pytest.mark.feature("SP1")
def test_a_member_finds_a_room_and_books_it(nord, room, sign_in):
    member = sign_in(nord, "administrator")

    found = member.get(FIND, {"day": "2026-10-06", "starts": "09:00", "ends": "11:00", "kind": "room", "seats": 10})
    asked = f"{page_of('place', room)}?day=2026-10-06&starts=09%3A00&ends=11%3A00"
    shown = member.get(asked)
    booked = member.post(asked, form(nord.organisation), follow=True)

    assert asked in links(found)
    assert "24,00 € TTC (20,00 € HT)" in text(found)
    assert (value_of(shown, "day"), value_of(shown, "starts"), value_of(shown, "ends")) == (
        "2026-10-06",
        "09:00",
        "11:00",
    )
    assert "C’est réservé : Salle Boutaric, mardi 6 octobre, 9 h à 11 h." in text(booked)
    with open_hub(nord.hub):
        booking = Booking.objects.get()
        assert (booking.unit.pool, booking.organisation, booking.person, booking.title, booking.amount) == (
            room,
            nord.organisation,
            nord.administrator,
            "Comité",
            Decimal(20),
        )
    assert booked.redirect_chain == [(page_of("booking", booking), 302)]
    assert page_of("booking", booking) in links(member.get(BOOKINGS))


@pytest.mark.feature("SP20")
def test_what_employees_book_falls_on_the_account_of_their_structure(nord, room, sign_in):
    with open_hub(nord.hub):
        colleague = LinkFactory(organisation=nord.organisation, role=LinkRole.EMPLOYEE).person

    for person, hours in ((nord.employee, ("09:00", "11:00")), (colleague, ("14:00", "15:00"))):
        browser = sign_in(nord)
        with open_hub(nord.hub):
            browser.force_login(person.user)
        browser.post(page_of("place", room), form(nord.organisation, starts=hours[0], ends=hours[1]))

    with open_hub(nord.hub):
        charges = Charge.objects.order_by("pk").values_list(
            "account__organisation__name", "account__person", "amount_excl"
        )
        details = list(Charge.objects.order_by("pk").values_list("detail", flat=True))
        assert list(charges) == [("Compagnie nord", None, Decimal(20)), ("Compagnie nord", None, Decimal(10))]
    assert [detail.split("réservé par ")[1] for detail in details] == [str(nord.employee), str(colleague)]


def test_a_second_click_shows_the_same_booking(nord, room, sign_in):
    member, sent = sign_in(nord, "administrator"), form(nord.organisation)

    answers = [member.post(page_of("place", room), sent) for _click in range(2)]

    assert answers[0].url == answers[1].url
    with open_hub(nord.hub):
        assert (Booking.objects.count(), Charge.objects.count()) == (1, 1)


def test_who_acts_for_two_structures_is_asked_for_whom_and_remembered(nord, room, sign_in):
    with open_hub(nord.hub):
        second = OrganisationFactory(name="Atelier Zinc")
        LinkFactory(person=nord.administrator, organisation=second, role=LinkRole.ADMINISTRATOR)
    member = sign_in(nord, "administrator")

    before = member.get(page_of("place", room))
    member.post(page_of("place", room), form(second))
    after = member.get(page_of("place", room))

    assert "Pour qui ?" in text(before)
    assert f'<option value="{second.pk}" selected>' in after.text
    with open_hub(nord.hub):
        assert Booking.objects.get().organisation == second
        assert Person.objects.get(pk=nord.administrator.pk).last_acted_for == second


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"ends": "08:00"}, "ends", "La fin vient après le début."),
        ({"starts": "07:00"}, "starts", "Place Galilée est ouvert de 8\u00a0h à 20\u00a0h ce jour-là."),
        ({"day": "2026-10-11"}, "day", "Place Galilée est fermé ce jour-là."),
        ({"day": "2026-10-02"}, "starts", "Ce créneau est déjà passé. Choisissez une heure à venir."),
        ({"day": "9999-12-31"}, "day", "Choisissez une date entre 2000 et 2100."),
        ({"day": "0001-01-01"}, "day", "Choisissez une date entre 2000 et 2100."),
        (
            {"day": "2026-03-29", "starts": "02:30", "ends": "04:00"},
            "starts",
            "Cette heure n’existe pas ce jour-là\u00a0: on passe à l’heure d’été. Choisissez l’heure suivante.",
        ),
    ],
)
def test_a_refusal_keeps_what_was_typed_and_stands_beside_its_field(nord, room, sign_in, changes, field, message):
    sent = form(nord.organisation, **changes)

    page = sign_in(nord, "administrator").post(page_of("place", room), sent)

    assert (page.status_code, error_of(page, field)) == (422, message)
    assert {name: value_of(page, name) for name in sent} == {name: str(value) for name, value in sent.items()}
    with open_hub(nord.hub):
        assert Booking.objects.count() == 0


def test_a_structure_of_another_hub_is_answered_as_one_that_does_not_exist(nord, sud, room, sign_in):
    with open_hub(nord.hub):
        LinkFactory(person=nord.administrator, role=LinkRole.ADMINISTRATOR)  # who acts for two sees the field
    member = sign_in(nord, "administrator")

    answers = [
        member.post(page_of("place", room), form(nord.organisation, organisation=pk))
        for pk in (sud.organisation.pk, 987654)
    ]

    assert [(page.status_code, error_of(page, "organisation")) for page in answers] == [
        (422, "Sélectionnez un choix valide. Ce choix ne fait pas partie de ceux disponibles.")
    ] * 2


def test_a_structure_of_the_hub_for_which_one_does_not_act_is_no_choice(nord, room, theirs, sign_in):
    page = sign_in(nord, "administrator").post(page_of("place", room), form(theirs.organisation))

    assert (page.status_code, "Radio Passerelle" in page.text) == (422, False)


def test_htmx_asks_for_the_price_alone(nord, room, sign_in):
    asked = form(nord.organisation, ends="12:30")

    part = sign_in(nord, "administrator").get(page_of("place", room), asked, headers={"HX-Request": "true"})

    assert part.text.strip().startswith('<div class="panel" id="prix"')
    assert text(part) == (
        "42,00 € TTC (35,00 € HT) 3,5 h · tarif « extérieur » "
        "Annulation gratuite jusqu’au lundi 5 octobre, 9 h. Ensuite, le prix reste dû."
    )


def test_a_taken_slot_shows_where_else(nord, room, theirs, sign_in):
    with open_hub(nord.hub):
        other = PoolFactory(site=room.site, name="Salle 2", external=10)

    page = sign_in(nord, "administrator").get(
        page_of("place", room), {"day": "2026-10-06", "starts": "09:00", "ends": "11:00"}
    )

    assert f"{page_of('place', other)}?day=2026-10-06&starts=09%3A00&ends=11%3A00" in links(page)
    assert "Libres au même moment : Salle 2" in text(page)


@pytest.mark.parametrize(
    "asked", ["starts=garbage", "day=x&starts=25:00", "organisation=abc", "day=9999-12-31&starts=09:00"]
)
def test_an_address_typed_by_hand_is_a_page_all_the_same(nord, room, sign_in, asked):
    assert sign_in(nord, "administrator").get(f"{page_of('place', room)}?{asked}").status_code == 200


@pytest.mark.parametrize("asked", ["day=9999-12-31", "day=0001-01-01", "seats=0", "kind=x"])
def test_a_search_that_makes_no_sense_says_so(nord, room, sign_in, asked):
    page = sign_in(nord, "administrator").get(f"{FIND}?{asked}")

    assert (page.status_code, "Une réponse est à reprendre." in text(page) or 'class="error"' in page.text) == (
        422,
        True,
    )


@pytest.mark.parametrize("asked", ["week=9999-12-31", "week=0001-01-01", "week=x", "kind=x"])
def test_a_week_out_of_the_calendar_is_a_page_all_the_same(nord, room, sign_in, asked):
    assert sign_in(nord, "administrator").get(f"{WEEK}?{asked}").status_code == 200


# --- The same second -----------------------------------------------------------------------------


@pytest.mark.feature("SP3")
def test_sixty_four_browsers_ask_for_the_last_desk_and_one_gets_it(committed, sign_in):
    nord = cast_of("nord")
    with open_hub(nord.hub):
        VatRuleFactory()
        desk = PoolFactory(site=SiteFactory(), name="Poste", kind=PlaceKind.DESK, external=2)
    browsers = [sign_in(nord, "administrator") for _n in range(CLIENTS)]

    def attempt() -> str:
        page = browsers.pop().post(page_of("place", desk), form(nord.organisation))
        return "booked" if page.status_code == 302 else f"{page.status_code} {error_of(page, 'starts')}"

    assert race(CLIENTS, attempt) == Counter({"booked": 1, f"422 {NOT_FREE}": CLIENTS - 1})
    with open_hub(nord.hub):
        assert (Booking.objects.count(), Charge.objects.count()) == (1, 1)


# --- What others see -----------------------------------------------------------------------------


@pytest.mark.feature("SP18")
def test_others_see_that_it_is_taken_and_nothing_of_who_or_why(nord, room, theirs, mine, sign_in):
    secrets = ("Radio Passerelle", "Licenciement", "Zoé", "Lenoir", theirs.public_id)
    pages = [f"{WEEK}?week=2026-10-05", f"{FIND}?day=2026-10-06", f"{page_of('place', room)}?day=2026-10-06", BOOKINGS]

    seen = [sign_in(nord, "administrator").get(address) for address in pages]
    by_staff = sign_in(nord, "receptionist").get(reverse("spaces:staff_week"), {"week": "2026-10-05"})

    assert "Occupé9 h à 11 h" in text(seen[0])
    assert [secret for page in seen for secret in secrets if secret in page.text] == []
    # What must not leak is there to leak.
    assert "Radio Passerelle9 h à 11 hLicenciement économique" in text(by_staff)


def test_the_week_names_ones_own_bookings(nord, mine, sign_in):
    page = sign_in(nord, "employee").get(WEEK, {"week": "2026-10-12"})

    assert "Compagnie nord9 h à 11 hRéunion d’équipe" in text(page)
    assert page_of("booking", mine) in links(page)


@pytest.mark.parametrize("name", ["booking", "cancel"])
def test_a_booking_of_another_structure_does_not_exist(nord, theirs, mine, sign_in, name):
    member = sign_in(nord, "administrator")

    assert [member.get(page_of(name, each)).status_code for each in (mine, theirs)] == [200, 404]


def test_nobody_cancels_the_booking_of_another(nord, theirs, sign_in):
    answer = sign_in(nord, "administrator").post(page_of("cancel", theirs))

    with open_hub(nord.hub):
        theirs.refresh_from_db()
    assert (answer.status_code, theirs.state) == (404, BookingState.CONFIRMED)


# --- Looking and cancelling ----------------------------------------------------------------------


def test_bookings_to_come_then_gone_by(nord, room, mine, sign_in):
    with open_hub(nord.hub):
        past = BookingFactory(unit=room.units.get(), organisation=nord.organisation, past=True, title="Bilan")

    page = sign_in(nord, "employee").get(BOOKINGS)

    coming_part, past_part = text(page).split("Passées")
    assert "lundi 12 octobre, 9 h à 11 h Compagnie nord · Réunion d’équipe" in coming_part
    assert "lundi 28 septembre, 9 h à 11 h Compagnie nord · Bilan" in past_part
    assert page_of("booking", past) in links(page)


def test_cancelling_in_time_costs_nothing(nord, mine, sign_in):
    member = sign_in(nord, "employee")

    asked = member.get(page_of("cancel", mine))
    with open_hub(nord.hub):
        Booking.objects.update(amount=0)  # the row was made without its charge
    done = member.post(page_of("cancel", mine), follow=True)

    assert "Annuler maintenant ne coûte rien." in text(asked)
    assert "La réservation est annulée, le créneau est rendu." in text(done)
    with open_hub(nord.hub):
        mine.refresh_from_db()
    assert (mine.state, mine.cancelled_by) == (BookingState.CANCELLED, str(nord.employee))


def test_cancelling_late_says_first_what_it_costs(nord, room, sign_in, monday):
    with open_hub(nord.hub):
        today = BookingFactory(unit=room.units.get(), organisation=nord.organisation, day=monday.date())

    page = sign_in(nord, "administrator").get(page_of("cancel", today))

    assert (
        "Annuler maintenant coûte 24,00 € TTC (20,00 € HT). C’était gratuit jusqu’au dimanche 4 octobre, 9 h."
        in text(page)
    )


def test_cancelling_twice_says_so(nord, room, sign_in):
    with open_hub(nord.hub):
        gone = BookingFactory(unit=room.units.get(), organisation=nord.organisation, coming=True, cancelled=True)

    page = sign_in(nord, "administrator").post(page_of("cancel", gone))

    assert (page.status_code, "Cette réservation est déjà annulée." in text(page)) == (422, True)


# --- Doors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["coordinator", "receptionist", "observer", "elected", "stranger"])
def test_who_acts_for_no_structure_does_not_book_here(nord, room, sign_in, name):
    browser = sign_in(nord, name)

    assert {browser.get(page).status_code for page in (FIND, WEEK, BOOKINGS, page_of("place", room))} == {403}


def test_places_and_bookings_of_another_hub_do_not_exist(nord, sud, room, mine, sign_in):
    foreigner = sign_in(sud, "administrator")
    addresses = [page_of("place", room), page_of("booking", mine), page_of("cancel", mine)]

    assert [foreigner.get(address).status_code for address in addresses] == [404] * 3
    assert [foreigner.post(address, form(sud.organisation)).status_code for address in addresses] == [404, 405, 404]


@pytest.mark.parametrize("bad", ["aaaaaaaaaaaa", "x", "%00", "a" * 200, "é"])
def test_a_bad_id_is_no_page(nord, room, sign_in, bad):
    member = sign_in(nord, "administrator")

    assert [member.get(f"{start}{bad}/").status_code for start in (FIND, BOOKINGS)] == [404, 404]


def test_looking_writes_nothing_but_the_session(nord, room, mine, sign_in):
    member = sign_in(nord, "administrator")
    addresses = [
        FIND,
        f"{FIND}?kind=room",
        WEEK,
        BOOKINGS,
        page_of("place", room),
        page_of("booking", mine),
        page_of("cancel", mine),
    ]

    with CaptureQueriesContext(connection) as queries:
        for address in addresses:
            assert member.get(address).status_code == 200

    writes = [q["sql"] for q in queries if q["sql"].split()[0] in ("INSERT", "UPDATE", "DELETE")]
    assert [sql for sql in writes if '"hubs_session"' not in sql] == []


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("address", "count"), [(f"{FIND}?day=2026-10-12", 14), (f"{WEEK}?week=2026-10-12", 13), (BOOKINGS, 12)]
)
def test_queries_do_not_grow_with_rows(nord, room, sign_in, django_assert_num_queries, address, count, rows):
    with open_hub(nord.hub):
        for _n in range(rows):
            unit = PoolFactory(site=room.site, external=10).units.get()
            BookingFactory(unit=unit, organisation=nord.organisation, coming=True)
            BookingFactory(unit=unit, organisation=nord.organisation, past=True)
    member = sign_in(nord, "administrator")
    member.get(address)

    with django_assert_num_queries(count):
        member.get(address)
