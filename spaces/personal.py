"""What bookings say about a person, and what remains of them when nobody needs to know who it was."""

import datetime as dt
from collections.abc import Sequence

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubs.personal import ERASED, Fate, Hindrance, Keeping, Section, Subject
from spaces.models import Booking


def personal_data(subject: Subject) -> list[Section]:
    theirs = Q(person=subject.person_id)
    if not subject.has_namesake:
        theirs |= Q(booked_by=subject.name) | Q(cancelled_by=subject.name)
    bookings = Booking.objects.filter(theirs).for_display().order_by("-starts_at", "-pk")
    return [
        Section(
            key="reservations",
            title=_("Réservations faites par la personne ou pour elle"),
            purpose=_("Savoir qui attend qui, et où, et facturer la structure."),
            ground=_("Le contrat avec sa structure (RGPD, art. 6-1-b)."),
            kept=_("Trois ans, sauf autre durée choisie par le pôle\u00a0; la réservation reste ensuite, sans le nom."),
            fate=Fate.NAMELESS,
            afterwards=_("La réservation reste à la structure, sans le nom ni ce qu’elle disait."),
            header=[
                _("Début"),
                _("Espace"),
                _("Pour quoi faire"),
                _("Structure"),
                _("État"),
                _("Fin"),
                _("Réservé par"),
            ],
            rows=[
                [
                    booking.starts_at,
                    booking.unit.name,
                    booking.title,
                    booking.organisation.name,
                    booking.get_state_display(),
                    booking.ends_at,
                    booking.booked_by,
                ]
                for booking in bookings
            ],
            columns=5,
            rank=30,
        )
    ]


def hindrances(subject: Subject, now: dt.datetime) -> list[Hindrance]:
    """Someone is awaited: the booking is cancelled, or given to someone else, first."""
    coming = Booking.objects.live().filter(person=subject.person_id, ends_at__gt=now).order_by("starts_at", "pk")
    count = len(bookings := list(coming))
    if not count:
        return []
    text = ngettext(
        "%(count)s réservation à venir est à son nom\u00a0: annulez-la d’abord.",
        "%(count)s réservations à venir sont à son nom\u00a0: annulez-les d’abord.",
        count,
    ) % {"count": count}
    return [Hindrance(text, reverse("spaces:staff_booking", args=[bookings[0].public_id]))]


def erase(subject: Subject) -> list[str]:
    bookings = Booking.objects.filter(person=subject.person_id)
    count = bookings.count()
    if not subject.has_namesake:
        Booking.objects.filter(booked_by=subject.name).update(booked_by=ERASED)
        Booking.objects.filter(cancelled_by=subject.name).update(cancelled_by=ERASED)
    else:
        bookings.filter(booked_by=subject.name).update(booked_by=ERASED)
        bookings.filter(cancelled_by=subject.name).update(cancelled_by=ERASED)
    bookings.update(person=None, title="")
    if not count:
        return []
    return [
        ngettext("%(count)s réservation passée, sans le nom.", "%(count)s réservations passées, sans le nom.", count)
        % {"count": count}
    ]


def keepings() -> list[Keeping]:
    return [
        Keeping(
            key="spaces.bookings",
            title=_("Qui a réservé, et pour quoi faire"),
            reason=_("Répondre d’une réservation facturée."),
            ground=_("le temps de contester une facture, cinq ans au plus (C. com. L110-4)."),
            outcome=_("réservations passées sans nom"),
            default=36,
            least=12,
            most=60,
            due=_named_bookings,
            let_go=_unname,
        )
    ]


def _named_bookings(before: dt.datetime, now: dt.datetime) -> models.QuerySet:
    named = Q(person__isnull=False) | ~Q(title="") | ~Q(booked_by__in=["", ERASED])
    return Booking.objects.filter(named, ends_at__lt=before)


def _unname(rows: Sequence[Booking], now: dt.datetime) -> int:
    bookings = Booking.objects.filter(pk__in=[row.pk for row in rows])
    bookings.exclude(cancelled_by="").update(cancelled_by=ERASED)
    return bookings.update(person=None, title="", booked_by=ERASED)
