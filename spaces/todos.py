"""What waits for a decision about places and bookings."""

import datetime as dt

from django.db.models import Exists, OuterRef
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from hubs import french
from hubs.parts import HANDFUL, Todo
from spaces.models import Booking, Closure, Pool, Price


def without_price(today: dt.date) -> list[Todo]:
    """Places that nobody can book, for want of a price."""
    priced = Price.objects.live(today).filter(pool=OuterRef("pk"))
    return [
        Todo(
            f"spaces.price:{pool.pk}",
            _("Espaces"),
            pool.name,
            _("Il n’a pas de prix\u00a0: personne ne peut le réserver. Zéro est un prix."),
            reverse("spaces:staff_place", args=[pool.pk]),
            pool.starts_on,
            verb=_("Donner un prix"),
        )
        for pool in Pool.objects.live(today).filter(~Exists(priced)).by_rank()
    ]


def on_closed_days(now: dt.datetime) -> list[Todo]:
    """Bookings to come on days when the site is closed: each is cancelled with whoever made it, or kept knowingly."""
    closed = Closure.objects.filter(
        site=OuterRef("unit__pool__site"), starts_on__lte=OuterRef("day"), ends_on__gt=OuterRef("day")
    )
    found = list(
        Booking.objects.live()
        .filter(starts_at__gte=now)
        .annotate(day=TruncDate("starts_at"))
        .filter(Exists(closed))
        .for_display()
        .order_by("starts_at", "pk")
    )
    kind = _("Réservations")
    if len(found) > HANDFUL:
        label = _("%(n)s réservations tombent un jour de fermeture") % {"n": len(found)}
        slot = french.slot(found[0].starts_at, found[0].ends_at)
        reason = _("La première\u00a0: %(who)s, %(slot)s.") % {"who": found[0].organisation, "slot": slot}
        url = f"{reverse('spaces:staff_week')}?week={timezone.localdate(found[0].starts_at).isoformat()}"
        since = min(timezone.localdate(booking.booked_at) for booking in found)
        return [Todo("spaces.closed", kind, label, reason, url, since, verb=_("Voir le planning"))]
    return [
        Todo(
            f"spaces.closed:{booking.pk}",
            kind,
            f"{booking.organisation}, {booking.unit}",
            _("%(slot)s\u00a0: le lieu est fermé ce jour-là.")
            % {"slot": french.slot(booking.starts_at, booking.ends_at).capitalize()},
            reverse("spaces:staff_booking", args=[booking.public_id]),
            timezone.localdate(booking.booked_at),
            verb=_("Voir la réservation"),
        )
        for booking in found
    ]
