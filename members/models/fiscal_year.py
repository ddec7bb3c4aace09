import datetime as dt

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hubs.isolation import hub_guards
from hubs.models import HubModel, dates_in_force, hub_objects


class FiscalYearQuerySet(models.QuerySet["FiscalYear"]):
    def opened_by(self, on: dt.date) -> "FiscalYearQuerySet":
        """The years begun by that day, the latest first. The first is the one in force: until the next is
        opened, an old year goes on, and nobody stops being a member on the first of January by oversight."""
        return self.filter(starts_on__lte=on).order_by("-starts_on")

    def by_date(self) -> "FiscalYearQuerySet":
        return self.order_by("-starts_on")


class FiscalYear(HubModel):
    """The year that memberships and accounts count in: calendar or not, half-open."""

    label = models.CharField(_("exercice"), max_length=40)
    starts_on = models.DateField(_("à partir du"))
    ends_on = models.DateField(_("jusqu’au (exclu)"))

    objects = hub_objects(FiscalYearQuerySet)

    class Meta:
        verbose_name = _("exercice")
        constraints = [
            *hub_guards("members_fiscalyear"),
            models.CheckConstraint(
                name="members_fiscalyear_period",
                condition=Q(ends_on__gt=F("starts_on")),
                violation_error_message=_("L’exercice finit après avoir commencé."),
            ),
            ExclusionConstraint(
                name="members_fiscalyear_no_overlap",
                expressions=[
                    ("hub", RangeOperators.EQUAL),
                    (dates_in_force(), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Un autre exercice couvre déjà une partie de ces dates."),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def last_day(self) -> dt.date:
        """The last day of the year, as it is said."""
        return self.ends_on - dt.timedelta(days=1)
