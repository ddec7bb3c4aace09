"""When the team is not there: the leave of one of them, and the days on which the whole hub is closed."""

import datetime as dt

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hubs.isolation import hub_guards
from hubs.models.base import DatedQuerySet, HubModel, dates_in_force, hub_objects
from hubs.models.people import User


class _Days(HubModel):
    """From a day to another, left out. Taken back before it begins, it ends on the day it starts."""

    starts_on = models.DateField(_("du"))
    ends_on = models.DateField(_("au (exclu)"))

    objects = hub_objects(DatedQuerySet)

    class Meta:
        abstract = True

    @property
    def last_day(self) -> dt.date:
        return self.ends_on - dt.timedelta(days=1)


class Leave(_Days):
    """Someone of the team is away; a colleague, if one is named, sees to what was theirs."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", verbose_name=_("compte"))
    who = models.CharField(_("qui s’absente"), max_length=200)
    colleague = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("compte du relais")
    )
    colleague_name = models.CharField(_("relais"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("absence")
        constraints = [
            *hub_guards("hubs_leave"),
            models.CheckConstraint(
                name="hubs_leave_period",
                condition=Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("L’absence finit après avoir commencé."),
            ),
            models.CheckConstraint(
                name="hubs_leave_other",
                condition=Q(colleague=None) | ~Q(colleague=F("user")),
                violation_error_message=_("Choisissez quelqu’un d’autre comme relais."),
            ),
            ExclusionConstraint(
                name="hubs_leave_no_overlap",
                expressions=[
                    ("hub", RangeOperators.EQUAL),
                    ("user", RangeOperators.EQUAL),
                    (dates_in_force(), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Cette personne a déjà une absence à ces dates."),
            ),
        ]

    def __str__(self) -> str:
        return self.who


class HubClosure(_Days):
    """Nobody works for the hub: what it computes waits for the day when the team is back."""

    reason = models.CharField(_("motif"), max_length=120)

    class Meta:
        verbose_name = _("fermeture du pôle")
        constraints = [
            *hub_guards("hubs_hubclosure"),
            models.CheckConstraint(
                name="hubs_hubclosure_period",
                condition=Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("La fermeture finit après avoir commencé."),
            ),
            ExclusionConstraint(
                name="hubs_hubclosure_no_overlap",
                expressions=[
                    ("hub", RangeOperators.EQUAL),
                    (dates_in_force(), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Le pôle est déjà fermé à ces dates."),
            ),
        ]

    def __str__(self) -> str:
        return self.reason
