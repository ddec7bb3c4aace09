import datetime as dt

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hubs.isolation import hub_guards
from hubs.models import DatedQuerySet, HubModel, dates_in_force, hub_objects
from parties.enums import RelationKind
from parties.models.structures import Organisation, Trade


class OtherTrade(HubModel):
    """A trade of a structure beside its main one, which is a column of its own."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="other_trades", verbose_name=_("structure")
    )
    trade = models.ForeignKey(
        Trade, on_delete=models.PROTECT, related_name="other_structures", verbose_name=_("métier")
    )

    class Meta:
        verbose_name = _("autre métier")
        constraints = [
            *hub_guards("parties_othertrade", "organisation", "trade"),
            models.UniqueConstraint(fields=["hub", "organisation", "trade"], name="parties_othertrade_once"),
        ]

    def __str__(self) -> str:
        return f"{self.trade}"


class Relation(HubModel):
    """What a structure is to the hub beside a member: partner, supplier, funder… from a date to a date."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="relations", verbose_name=_("structure")
    )
    kind = models.CharField(_("relation"), max_length=10, choices=RelationKind.choices)
    note = models.CharField(_("précision"), max_length=160, blank=True)
    starts_on = models.DateField(_("depuis le"))
    ends_on = models.DateField(_("jusqu’au (exclu)"), null=True, blank=True)

    objects = hub_objects(DatedQuerySet)

    class Meta:
        verbose_name = _("relation avec le pôle")
        constraints = [
            *hub_guards("parties_relation", "organisation"),
            models.CheckConstraint(
                name="parties_relation_period",
                # Ended on its first day, it never was.
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("La relation finit après avoir commencé."),
            ),
            ExclusionConstraint(
                name="parties_relation_no_overlap",
                expressions=[
                    ("organisation", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    (dates_in_force(), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Cette relation est déjà notée à ces dates."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}, {self.get_kind_display()}"

    @property
    def last_day(self) -> dt.date | None:
        """The last day of the relation, as it is said; None while it goes on."""
        return self.ends_on - dt.timedelta(days=1) if self.ends_on else None
