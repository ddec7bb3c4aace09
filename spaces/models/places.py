import datetime as dt

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hubs.isolation import hub_guards
from hubs.models import DatedQuerySet, HubModel, dates_in_force, hub_objects, public_id
from spaces.enums import PayerKind, PlaceKind, PricePer, Weekday


class Site(HubModel):
    """An address where there are places to book. It opens, moves and closes at a date."""

    name = models.CharField(_("nom"), max_length=120)
    address = models.CharField(_("adresse"), max_length=200, blank=True)
    postcode = models.CharField(_("code postal"), max_length=10, blank=True)
    town = models.CharField(_("commune"), max_length=80, blank=True)
    closed_on_holidays = models.BooleanField(_("fermé les jours fériés"), default=True)
    starts_on = models.DateField(_("ouvert depuis le"))
    ends_on = models.DateField(_("jusqu’au (exclu)"), null=True, blank=True)

    objects = hub_objects(DatedQuerySet)

    class Meta:
        verbose_name = _("lieu")
        constraints = [
            *hub_guards("spaces_site"),
            models.UniqueConstraint(
                fields=["hub", "name"],
                condition=Q(ends_on=None),
                name="spaces_site_name_once",
                violation_error_message=_("Un lieu ouvert porte déjà ce nom."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class OpeningHours(HubModel):
    """When a site is open on a weekday. Several rows a day make a break; closing at 0 h is midnight."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="hours", verbose_name=_("lieu"))
    weekday = models.PositiveSmallIntegerField(_("jour"), choices=Weekday.choices)
    opens = models.TimeField(_("ouvre à"))
    closes = models.TimeField(_("ferme à"))

    class Meta:
        verbose_name = _("horaires")
        constraints = [
            *hub_guards("spaces_openinghours", "site"),
            models.UniqueConstraint(
                fields=["hub", "site", "weekday", "opens"],
                name="spaces_openinghours_once",
                violation_error_message=_("Ce jour a déjà une ouverture à cette heure."),
            ),
            models.CheckConstraint(
                name="spaces_openinghours_order",
                condition=Q(closes__gt=F("opens")) | Q(closes=dt.time(0)),
                violation_error_message=_("La fermeture vient après l’ouverture."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"


class Closure(HubModel):
    """Days on which a site is closed: August, works, a festival."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="closures", verbose_name=_("lieu"))
    starts_on = models.DateField(_("du"))
    ends_on = models.DateField(_("au (exclu)"))
    reason = models.CharField(_("motif"), max_length=120)

    class Meta:
        verbose_name = _("fermeture")
        constraints = [
            *hub_guards("spaces_closure", "site"),
            models.CheckConstraint(
                name="spaces_closure_order",
                condition=Q(ends_on__gt=F("starts_on")),
                violation_error_message=_("La fermeture finit après avoir commencé."),
            ),
        ]

    def __str__(self) -> str:
        return self.reason


class PoolQuerySet(DatedQuerySet):
    def by_rank(self) -> "PoolQuerySet":
        return self.order_by("rank", "name", "pk")


class Pool(HubModel):
    """A place as people choose it: one room, or ten identical desks. What is booked is one of its units."""

    public_id = models.CharField(max_length=12, default=public_id, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="pools", verbose_name=_("lieu"))
    name = models.CharField(_("nom"), max_length=80)
    kind = models.CharField(_("type"), max_length=12, choices=PlaceKind.choices)
    description = models.TextField(_("description"), blank=True)
    seats = models.PositiveSmallIntegerField(
        _("nombre de personnes"), default=1, validators=[MinValueValidator(1), MaxValueValidator(2000)]
    )
    area = models.DecimalField(_("surface (m²)"), max_digits=7, decimal_places=2, null=True, blank=True)
    wheelchair = models.BooleanField(_("accessible en fauteuil roulant"), default=True)
    buffer_minutes = models.PositiveSmallIntegerField(
        _("battement après chaque réservation (minutes)"), default=0, validators=[MaxValueValidator(240)]
    )
    min_minutes = models.PositiveSmallIntegerField(_("durée minimale (minutes)"), default=30)
    max_minutes = models.PositiveSmallIntegerField(_("durée maximale (minutes)"), default=24 * 60)
    horizon_days = models.PositiveSmallIntegerField(_("ouvert à la réservation (jours à l’avance)"), default=180)
    free_cancel_hours = models.PositiveSmallIntegerField(_("annulation gratuite jusqu’à (heures avant)"), default=24)
    rank = models.PositiveSmallIntegerField(_("ordre"), default=50)
    starts_on = models.DateField(_("depuis le"))
    ends_on = models.DateField(_("jusqu’au (exclu)"), null=True, blank=True)

    objects = hub_objects(PoolQuerySet)

    class Meta:
        verbose_name = _("espace")
        constraints = [
            *hub_guards("spaces_pool", "site"),
            models.UniqueConstraint(fields=["hub", "public_id"], name="spaces_pool_public_id"),
            models.UniqueConstraint(
                fields=["hub", "site", "name"],
                condition=Q(ends_on=None),
                name="spaces_pool_name_once",
                violation_error_message=_("Un espace de ce lieu porte déjà ce nom."),
            ),
            models.CheckConstraint(
                name="spaces_pool_durations",
                condition=Q(min_minutes__gte=15, max_minutes__gte=F("min_minutes")),
                violation_error_message=_("La durée maximale dépasse la durée minimale, d’au moins 15 minutes."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Unit(HubModel):
    """The thing booked: the room itself, desk 3, projector 2."""

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="units", verbose_name=_("espace"))
    name = models.CharField(_("nom"), max_length=80)
    starts_on = models.DateField(_("depuis le"))
    ends_on = models.DateField(_("jusqu’au (exclu)"), null=True, blank=True)

    objects = hub_objects(DatedQuerySet)

    class Meta:
        verbose_name = _("unité")
        constraints = [
            *hub_guards("spaces_unit", "pool"),
            models.UniqueConstraint(fields=["hub", "pool", "name"], name="spaces_unit_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Price(HubModel):
    """What a place costs, without tax, to a kind of payer, from a date to a date."""

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="prices", verbose_name=_("espace"))
    payer = models.CharField(_("pour"), max_length=12, choices=PayerKind.choices)
    per = models.CharField(_("par"), max_length=10, choices=PricePer.choices)
    amount = models.DecimalField(
        _("prix hors taxe (€)"), max_digits=12, decimal_places=4, validators=[MinValueValidator(0)]
    )
    vat_code = models.CharField(_("règle de TVA"), max_length=30)
    starts_on = models.DateField(_("à partir du"))
    ends_on = models.DateField(_("jusqu’au (exclu)"), null=True, blank=True)

    objects = hub_objects(DatedQuerySet)

    class Meta:
        verbose_name = _("prix")
        constraints = [
            *hub_guards("spaces_price", "pool"),
            models.CheckConstraint(
                name="spaces_price_not_negative",
                condition=Q(amount__gte=0),
                violation_error_message=_("Un prix n’est pas négatif."),
            ),
            ExclusionConstraint(
                name="spaces_price_no_overlap",
                expressions=[
                    ("pool", RangeOperators.EQUAL),
                    ("payer", RangeOperators.EQUAL),
                    ("per", RangeOperators.EQUAL),
                    (dates_in_force(), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Un prix couvre déjà ces dates."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pool}, {self.get_payer_display()}, {self.get_per_display()}"
