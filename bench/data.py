"""What the pages are measured on: a hub of 1,000 structures and 50 units with 500 bookings in a week.

`fill` makes that one, `crowd` the hundred and ninety-nine others, of 300 structures each.
"""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise, product

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connections

from hubs.actions import create_hub, give_role
from hubs.actors import system
from hubs.enums import LegalForm, Role
from hubs.models import Hub, User
from hubs.scope import current_hub, open_hub
from hubs.sessions import SessionStore
from members.enums import MemberKind, PageState
from members.models import College, FiscalYear, Membership, PublicPage
from parties.enums import LinkRole
from parties.models import Link, Organisation, Person, Trade
from spaces.enums import Door, PayerKind, PlaceKind, PricePer
from spaces.models import Booking, OpeningHours, Pool, Price, Site, Unit

HUB = "mesure"
STRUCTURES, UNITS, BOOKINGS, HUBS = 1_000, 50, 500, 200
FORMS = (LegalForm.ASSOCIATION, LegalForm.SCIC, LegalForm.SCOP, LegalForm.SAS)
TOWNS = ("Dijon", "Chenôve", "Quetigny", "Talant", "Longvic", "Échenon", "Ahuy")
LONG_AGO = dt.date(2020, 1, 1)


def monday(today: dt.date) -> dt.date:
    """Of the week that is looked at: the next one, of which nothing is past."""
    return today - dt.timedelta(days=today.weekday()) + dt.timedelta(days=7)


def fill(today: dt.date) -> dict[str, str]:
    """Make the hub that is measured; the session keys of its member and of its coordinator."""
    hub = _hub(HUB, today)
    with open_hub(hub):
        structures = _structures(STRUCTURES, today)
        _places(today, structures)
        member = _person("membre", today)
        Link.objects.create(person=member, organisation=structures[0], role=LinkRole.EMPLOYEE, starts_on=LONG_AGO)
        coordinator = _person("coordination", today)
        give_role(user=coordinator.user, role=Role.COORDINATOR, by=system(hub.pk), on=today)
        # Hubs ask a second step of their staff: each of their pages looks for it.
        Authenticator.objects.create(user=coordinator.user, type=Authenticator.Type.TOTP, data={})
        return {"member": _signed_in(member.user), "coordinator": _signed_in(coordinator.user)}


def crowd(today: dt.date) -> None:
    """The other hubs of a full instance."""
    for number in range(1, HUBS):
        with open_hub(_hub(f"voisin-{number}", today)):
            _places(today, _structures(300, today))
    analyse()


def analyse() -> None:
    """What autovacuum does within a minute on a site that lives."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")


def _hub(slug: str, today: dt.date) -> Hub:
    host = f"{slug}.{settings.INSTANCE_HOST}"
    hub = create_hub(slug=slug, preset="petit-pole", host=host, name=slug.capitalize(), today=today)
    with open_hub(hub):
        # The preset's places make way for those that are counted.
        for model in (Price, Unit, Pool):
            model.objects.all().delete()
    return hub


def _person(name: str, today: dt.date) -> Person:
    user = User.objects.create_user(f"{name}@{current_hub().slug}.example")
    return Person.objects.create(given_name=name.capitalize(), family_name="Martin", email=user.email, user=user)


def _signed_in(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return session.session_key


def _structures(count: int, today: dt.date) -> list[Organisation]:
    """Members of the year in force, of seven towns, four legal forms and ten trades."""
    trades = Trade.objects.bulk_create(Trade(name=f"métier {number}") for number in range(10))
    structures = Organisation.objects.bulk_create(
        Organisation(
            name=f"Structure {number * 7919 % count:04d}",
            legal_form=FORMS[number % len(FORMS)],
            trade=trades[number % len(trades)],
            email=f"contact@structure-{number}.example",
            phone="03 80 00 00 00",
            town=TOWNS[number % len(TOWNS)],
        )
        for number in range(count)
    )
    year, college = FiscalYear.objects.opened_by(today)[0], College.objects.order_by("pk")[0]
    Membership.objects.bulk_create(
        Membership(organisation=each, fiscal_year=year, college=college, kind=MemberKind.RESIDENT)
        for each in structures
    )
    PublicPage.objects.bulk_create(_pages(structures, today))
    return structures


def _pages(structures: list[Organisation], today: dt.date) -> Iterator[PublicPage]:
    """Published, each of a few lines; one in twenty prints."""
    for number, organisation in enumerate(structures):
        craft = "sérigraphie" if number % 20 == 0 else "reliure"
        yield PublicPage(
            organisation=organisation,
            state=PageState.PUBLISHED,
            tagline=f"Un atelier de {craft} ouvert à qui veut apprendre.",
            text="Nous travaillons avec les autres structures du pôle, et recevons sur rendez-vous. " * 5,
            offer=f"Commandes, stages du samedi et location de matériel de {craft}, sur place ou chez vous.",
            published_on=today,
            confirmed_on=today,
        )


def _places(today: dt.date, structures: list[Organisation]) -> None:
    """Fifty rooms, each its own place, open every day of the week, with ten bookings each; and ten desks, free."""
    site = Site.objects.order_by("pk")[0]
    # The figures are the same at Christmas.
    Site.objects.filter(pk=site.pk).update(closed_on_holidays=False)
    OpeningHours.objects.filter(site=site).delete()
    OpeningHours.objects.bulk_create(
        OpeningHours(site=site, weekday=day, opens=dt.time(8), closes=dt.time(20)) for day in range(1, 8)
    )
    pools = Pool.objects.bulk_create(
        Pool(site=site, name=f"Salle {number:02d}", kind=PlaceKind.ROOM, seats=12, starts_on=LONG_AGO)
        for number in range(UNITS)
    )
    units = Unit.objects.bulk_create(Unit(pool=pool, name=pool.name, starts_on=LONG_AGO) for pool in pools)
    desks = Pool.objects.create(site=site, name="Poste de travail", kind=PlaceKind.DESK, starts_on=LONG_AGO)
    Unit.objects.bulk_create(Unit(pool=desks, name=f"Poste {number}", starts_on=LONG_AGO) for number in range(10))
    Price.objects.bulk_create(
        Price(
            pool=pool,
            payer=PayerKind.RESIDENT,
            per=PricePer.HOUR,
            amount=Decimal("10"),
            vat_code="service-20",
            starts_on=LONG_AGO,
        )
        for pool in (*pools, desks)
    )
    Booking.objects.bulk_create(_bookings(units, structures, monday(today)))


def _bookings(units: list[Unit], structures: list[Organisation], first: dt.date) -> Iterator[Booking]:
    zone = current_hub().zone
    for number, (unit, turn) in enumerate(product(units, range(BOOKINGS // UNITS))):
        day, hour = first + dt.timedelta(days=turn % 5), 9 + 5 * (turn // 5)
        starts = dt.datetime.combine(day, dt.time(hour), tzinfo=zone)
        ends = starts + dt.timedelta(hours=2)
        yield Booking(
            unit=unit,
            organisation=structures[number % len(structures)],
            title="Réunion d’équipe",
            starts_at=starts,
            ends_at=ends,
            blocked_from=starts,
            blocked_until=ends,
            door=Door.PORTAL,
            booked_by="Camille Martin",
            payer=PayerKind.RESIDENT,
            per=PricePer.HOUR,
            quantity=2,
            unit_price=10,
            amount=20,
            vat_code="service-20",
            free_until=starts,
        )


def free_slots(today: dt.date) -> list[tuple[str, dict[str, str]]]:
    """Address and form of bookings that nobody has made: half-hours of the ten desks, from the week after the one
    that is looked at."""
    with open_hub(Hub.objects.get(slug=HUB)):
        desks = Pool.objects.get(kind=PlaceKind.DESK).public_id
        organisation = Organisation.objects.order_by("pk")[0].pk
    first = monday(today) + dt.timedelta(days=7)
    halves = [f"{hour:02d}:{minute:02d}" for hour in range(8, 20) for minute in (0, 30)]
    return [
        (
            f"/mon-espace/reserver/{desks}/",
            {
                "day": (first + dt.timedelta(days=day)).isoformat(),
                "starts": start,
                "ends": end,
                "organisation": str(organisation),
            },
        )
        for day, (start, end), _desk in product(range(120), pairwise(halves), range(10))
    ]
