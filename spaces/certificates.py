"""What spaces attests: the rooms that a structure had in a year, and what they are worth."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.money import ZERO
from hubs import french
from hubs.scope import current_hub
from members.parts import Attested, CertificateKind, Period
from parties.models import Organisation, Person
from spaces.enums import PayerKind
from spaces.models import Booking, Price
from spaces.models.bookings import BookingQuerySet
from spaces.quotes import quote
from spaces.slots import Slot, instant

HOUR = Decimal(3600)


def _held(organisation: Organisation, today: dt.date) -> BookingQuerySet:
    """Bookings whose day is over."""
    midnight = instant(today, dt.time(0), current_hub().zone)
    return Booking.objects.live().filter(organisation=organisation, ends_at__lte=midnight)


def _periods(holder: Organisation | Person, today: dt.date) -> list[Period]:
    if isinstance(holder, Person):
        return []
    zone = current_hub().zone
    years = _held(holder, today).order_by().datetimes("starts_at", "year", order="DESC", tzinfo=zone)
    return [Period(f"{year.year}", _("année %s") % year.year) for year in years]


def _attest(holder: Organisation | Person, period: str, today: dt.date) -> Attested | None:
    if isinstance(holder, Person) or not (period.isdecimal() and len(period) == 4 and period > "0000"):
        return None
    year, zone = int(period), current_hub().zone
    first, last = dt.date(year, 1, 1), min(dt.date(year, 12, 31), today - dt.timedelta(days=1))
    start = instant(first, dt.time(0), zone)
    end = instant(last + dt.timedelta(days=1), dt.time(0), zone)
    bookings = list(
        _held(holder, today).filter(starts_at__gte=start, starts_at__lt=end).select_related("unit__pool")
        .order_by("unit__pool__rank", "unit__pool_id", "starts_at", "pk")
    )  # fmt: skip
    if not bookings:
        return None
    public = _public_prices({each.unit.pool_id for each in bookings})
    lines: dict[int, list[Booking]] = defaultdict(list)
    for each in bookings:
        lines[each.unit.pool_id].append(each)
    hours = _hours(bookings)
    worth = sum((_worth(each, public) for each in bookings), ZERO)
    asked = sum((each.amount for each in bookings), ZERO)
    given = {
        "period": french.period(first, last),
        "hours": french.number(hours.normalize() + 0),
        "worth": french.euros(worth),
    }
    statement = _(
        "a disposé de locaux et de matériel du pôle %(period)s\u00a0: %(hours)s\u00a0h, d’une valeur de %(worth)s hors taxe "
        "au tarif public."
    )
    return Attested(
        statement % given,
        [
            (_("Valeur hors taxe"), french.euros(worth)),
            (_("Demandé hors taxe"), french.euros(asked)),
            (_("Avantage consenti"), french.euros(max(worth - asked, ZERO))),
        ],
        header=(_("Espace"), _("Réservations"), _("Heures"), _("Valeur HT"), _("Demandé HT")),
        rows=[_row(of_place, public) for of_place in lines.values()],
    )


def _row(bookings: Sequence[Booking], public: dict[int, list[Price]]) -> tuple[str, ...]:
    return (
        bookings[0].unit.pool.name,
        french.number(len(bookings)),
        french.number(_hours(bookings).normalize() + 0),
        french.euros(sum((_worth(each, public) for each in bookings), ZERO)),
        french.euros(sum((each.amount for each in bookings), ZERO)),
    )


def _hours(bookings: Sequence[Booking]) -> Decimal:
    """To the hundredth of an hour."""
    seconds = sum(int((each.ends_at - each.starts_at).total_seconds()) for each in bookings)
    return (seconds / HOUR).quantize(Decimal("0.01"))


def _public_prices(pool_ids: set[int]) -> dict[int, list[Price]]:
    found: dict[int, list[Price]] = defaultdict(list)
    for price in Price.objects.filter(pool__in=pool_ids, payer=PayerKind.EXTERNAL).order_by("pk"):
        found[price.pool_id].append(price)
    return found


def _worth(booking: Booking, public: dict[int, list[Price]]) -> Decimal:
    """What others would have paid without tax that day; what was agreed where nothing is priced for them."""
    day = booking.starts_at.astimezone(current_hub().zone).date()
    prices = [
        each
        for each in public[booking.unit.pool_id]
        if each.starts_on <= day and (each.ends_on is None or each.ends_on > day)
    ]
    told = quote(Slot(booking.starts_at, booking.ends_at), prices)
    return told.amount if told else booking.amount


KINDS = (
    CertificateKind(
        key="spaces.rooms",
        title=gettext_lazy("Attestation de mise à disposition de locaux"),
        lead=gettext_lazy(
            "Les espaces que vous avez pris dans l’année, et ce qu’ils valent\u00a0: pour un bilan, un financeur."
        ),
        periods=_periods,
        attest=_attest,
        nothing_yet=gettext_lazy("Elle se prend le lendemain d’une première réservation."),
    ),
)
