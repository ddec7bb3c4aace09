"""Who looked at whose data, how long each kind is kept, and what the nights let go."""

import datetime as dt

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hubs.isolation import hub_guards
from hubs.models.base import DatedQuerySet, HubModel, dates_in_force, hub_objects


class Reading(HubModel):
    """Something was looked at: one row per person, thing and day, written on GET and read by no rule (adr/0012)."""

    what = models.CharField(_("quoi"), max_length=60)
    thing = models.CharField(_("sur"), max_length=80)
    user_id = models.BigIntegerField(_("compte"), null=True)
    who = models.CharField(_("qui"), max_length=200)
    day = models.DateField(_("le"))
    count = models.PositiveIntegerField(_("fois"), default=1)

    class Meta:
        verbose_name = _("consultation")
        constraints = [
            *hub_guards("hubs_reading"),
            models.UniqueConstraint(
                fields=["hub", "thing", "what", "day", "user_id"], name="hubs_reading_once_a_day", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.thing}"


class Retention(HubModel):
    """For how many months a kind of data is kept, from a day on. What the law allowed then stands beside it."""

    kind = models.CharField(_("donnée"), max_length=40)
    months = models.PositiveSmallIntegerField(_("mois"))
    least = models.PositiveSmallIntegerField(_("au moins"))
    most = models.PositiveSmallIntegerField(_("au plus"))
    starts_on = models.DateField(_("à partir du"))
    ends_on = models.DateField(_("jusqu’au (exclu)"), null=True, blank=True)

    objects = hub_objects(DatedQuerySet)

    class Meta:
        verbose_name = _("durée de conservation")
        constraints = [
            *hub_guards("hubs_retention"),
            ExclusionConstraint(
                name="hubs_retention_no_overlap",
                expressions=[
                    ("hub", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    (dates_in_force(), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Une durée couvre déjà ces dates."),
            ),
            models.CheckConstraint(
                name="hubs_retention_within_law",
                condition=Q(months__gte=F("least"), months__lte=F("most")),
                violation_error_message=_("Cette durée n’est pas dans ce que la loi permet."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.months}"


class RetentionNight(HubModel):
    """What one night let go of one kind of data: the report, counted batch by batch in the batch's transaction."""

    kind = models.CharField(_("donnée"), max_length=40)
    day = models.DateField(_("nuit du"))
    done = models.PositiveIntegerField(_("faits"), default=0)
    held = models.PositiveIntegerField(_("retenus"), default=0)
    warned = models.PositiveIntegerField(_("prévenus"), default=0)
    error = models.CharField(_("erreur"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("nuit de rangement")
        constraints = [
            *hub_guards("hubs_retentionnight"),
            models.UniqueConstraint(fields=["hub", "kind", "day"], name="hubs_retentionnight_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.day:%Y-%m-%d}"


def months_before(day: dt.datetime, months: int) -> dt.datetime:
    """The same moment so many months ago, at the end of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    last = (dt.date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1) - dt.timedelta(days=1)).day
    return day.replace(year=year, month=month + 1, day=min(day.day, last))
