import datetime as dt
import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from hubs import french
from hubs.isolation import hub_guards
from hubs.models import HubModel, hub_objects, public_id
from parties.models import Organisation, Person
from spaces.enums import BookingState, Door, PayerKind, PricePer
from spaces.models.places import Unit


class BookingQuerySet(models.QuerySet["Booking"]):
    def live(self) -> "BookingQuerySet":
        """Bookings that hold their unit."""
        return self.filter(state=BookingState.CONFIRMED)

    def between(self, start: dt.datetime, end: dt.datetime) -> "BookingQuerySet":
        """Bookings that touch [start, end), buffers left out.

        Plain instants and not ranges, bounded below by the longest booking: under row-level
        security the range operators would lose their index (docs/adr/0005).
        """
        return self.filter(starts_at__gte=start - Booking.LONGEST, starts_at__lt=end, ends_at__gt=start)

    def blocking(self, start: dt.datetime, end: dt.datetime) -> "BookingQuerySet":
        """Live bookings whose unit is not free in [start, end), buffers counted."""
        margin = Booking.LONGEST + Booking.LONGEST_BUFFER
        return self.live().filter(
            starts_at__gte=start - margin, starts_at__lt=end + margin, blocked_from__lt=end, blocked_until__gt=start
        )

    def for_display(self) -> "BookingQuerySet":
        return self.select_related("unit__pool__site", "organisation", "person")


class Booking(HubModel):
    """One unit, from an instant to an instant, with the price agreed then."""

    LONGEST = dt.timedelta(days=1, hours=1)
    LONGEST_BUFFER = dt.timedelta(hours=4)

    public_id = models.CharField(max_length=12, default=public_id, editable=False)
    # Made by the form: sent twice, it books once.
    request_key = models.UUIDField(default=uuid.uuid4, editable=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="bookings", verbose_name=_("espace"))
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="bookings", verbose_name=_("structure")
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="bookings", verbose_name=_("personne")
    )
    title = models.CharField(_("pour quoi faire"), max_length=120, blank=True)
    starts_at = models.DateTimeField(_("début"))
    ends_at = models.DateTimeField(_("fin"))
    blocked_from = models.DateTimeField(editable=False)
    blocked_until = models.DateTimeField(editable=False)
    state = models.CharField(_("état"), max_length=10, choices=BookingState.choices, default=BookingState.CONFIRMED)
    door = models.CharField(_("réservé"), max_length=10, choices=Door.choices)
    booked_at = models.DateTimeField(_("réservé le"), auto_now_add=True)
    booked_by = models.CharField(_("réservé par"), max_length=200)
    cancelled_at = models.DateTimeField(_("annulé le"), null=True, blank=True)
    cancelled_by = models.CharField(_("annulé par"), max_length=200, blank=True)
    # What was agreed: a later change of catalogue changes nothing here.
    payer = models.CharField(_("tarif"), max_length=12, choices=PayerKind.choices)
    per = models.CharField(_("compté par"), max_length=10, choices=PricePer.choices)
    quantity = models.DecimalField(_("quantité"), max_digits=8, decimal_places=2)
    unit_price = models.DecimalField(_("prix hors taxe (€)"), max_digits=12, decimal_places=4)
    amount = models.DecimalField(_("montant hors taxe (€)"), max_digits=12, decimal_places=2)
    vat_code = models.CharField(_("règle de TVA"), max_length=30)
    free_until = models.DateTimeField(_("annulation gratuite jusqu’au"))

    objects = hub_objects(BookingQuerySet)

    class Meta:
        verbose_name = _("réservation")
        constraints = [
            *hub_guards("spaces_booking", "unit", "organisation", "person"),
            models.UniqueConstraint(fields=["hub", "public_id"], name="spaces_booking_public_id"),
            models.UniqueConstraint(fields=["hub", "request_key"], name="spaces_booking_request_once"),
            ExclusionConstraint(
                name="spaces_booking_no_overlap",
                expressions=[
                    ("unit", RangeOperators.EQUAL),
                    (
                        Func(F("blocked_from"), F("blocked_until"), Value("[)"), function="tstzrange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(state=BookingState.CONFIRMED),
                violation_error_message=_("Ce créneau vient d’être pris."),
            ),
            models.CheckConstraint(
                name="spaces_booking_order",
                condition=Q(ends_at__gt=F("starts_at")),
                violation_error_message=_("La fin vient après le début."),
            ),
            models.CheckConstraint(
                name="spaces_booking_longest",
                condition=Q(ends_at__lte=F("starts_at") + dt.timedelta(days=1, hours=1)),
                violation_error_message=_("Une réservation tient dans une journée."),
            ),
            models.CheckConstraint(
                name="spaces_booking_buffers",
                condition=Q(
                    blocked_from__lte=F("starts_at"),
                    blocked_until__gte=F("ends_at"),
                    blocked_from__gte=F("starts_at") - dt.timedelta(hours=4),
                    blocked_until__lte=F("ends_at") + dt.timedelta(hours=4),
                ),
            ),
            models.CheckConstraint(
                name="spaces_booking_cancelled_has_date",
                condition=Q(state=BookingState.CANCELLED, cancelled_at__isnull=False)
                | Q(state=BookingState.CONFIRMED, cancelled_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(fields=["hub", "unit", "starts_at"], name="spaces_booking_unit_start"),
            models.Index(fields=["hub", "starts_at"], name="spaces_booking_start"),
            models.Index(fields=["hub", "organisation", "starts_at"], name="spaces_booking_org_start"),
        ]

    def __str__(self) -> str:
        return f"{self.unit}, {french.slot(self.starts_at, self.ends_at, year=True)}"
