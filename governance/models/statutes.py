import datetime as dt

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hubs.isolation import hub_guards
from hubs.models import DatedQuerySet, HubModel, dates_in_force, hub_objects


class AssemblyRules(models.Model):
    """What statutes say of an assembly: no law sets any of it for an association (1901)."""

    notice_days = models.PositiveSmallIntegerField(_("jours de convocation"), default=15, db_default=0)
    proxies_per_holder = models.PositiveSmallIntegerField(_("pouvoirs par personne"), default=1)
    quorum_percent = models.PositiveSmallIntegerField(_("quorum, en pourcentage"), default=0)
    contest_days = models.PositiveSmallIntegerField(_("jours pour contester la liste"), default=0, db_default=0)
    asks_paid_dues = models.BooleanField(_("cotisation à jour pour voter"), default=False, db_default=False)
    allows_remote = models.BooleanField(_("présence à distance admise"), default=False, db_default=False)
    article = models.TextField(_("article des statuts"), blank=True, default="", db_default="")

    RULES = (
        "notice_days",
        "proxies_per_holder",
        "quorum_percent",
        "contest_days",
        "asks_paid_dues",
        "allows_remote",
        "article",
    )

    class Meta:
        abstract = True

    @property
    def rules(self) -> dict[str, int | bool | str]:
        """The rules alone, as they are copied on an assembly."""
        return {name: getattr(self, name) for name in self.RULES}


class Statutes(AssemblyRules, HubModel):
    """What the hub's statutes say of assemblies, from a day on: proposed when one is prepared, then copied on it."""

    starts_on = models.DateField(_("à partir du"))
    ends_on = models.DateField(_("jusqu’au (exclu)"), null=True, blank=True)

    objects = hub_objects(DatedQuerySet)

    class Meta:
        verbose_name = _("règles des statuts")
        constraints = [
            *hub_guards("governance_statutes"),
            ExclusionConstraint(
                name="governance_statutes_no_overlap",
                expressions=[("hub", RangeOperators.EQUAL), (dates_in_force(), RangeOperators.OVERLAPS)],
                violation_error_message=_("D’autres règles couvrent déjà ces dates."),
            ),
            models.CheckConstraint(
                name="governance_statutes_period",
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")),
                violation_error_message=_("Ces règles finissent après avoir commencé."),
            ),
            models.CheckConstraint(
                name="governance_statutes_quorum",
                condition=Q(quorum_percent__lte=100),
                violation_error_message=_("Un quorum va de 0 à 100\u00a0%."),
            ),
            models.CheckConstraint(
                name="governance_statutes_within_a_year",
                condition=Q(notice_days__lte=365, contest_days__lte=365),
                violation_error_message=_("Un délai se compte en jours, un an au plus."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on:%Y-%m-%d}"

    @property
    def last_day(self) -> dt.date | None:
        """The last day in force, as it is said; None while they go on."""
        return self.ends_on - dt.timedelta(days=1) if self.ends_on else None
