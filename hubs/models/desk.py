"""What the staff keep on the desk: who sees to what, and what everybody is told."""

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hubs.enums import AnnouncementKind, Audience
from hubs.isolation import hub_guards
from hubs.models.base import DatedQuerySet, HubModel, hub_objects
from hubs.models.people import User


class TodoClaim(HubModel):
    """« Je m’en occupe »: one person sees to a line of à faire, named by the key that its app gives it."""

    key = models.CharField(_("ligne"), max_length=120)
    # Who left the instance sees to nothing any more.
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", verbose_name=_("compte"))
    who = models.CharField(_("qui s’en occupe"), max_length=200)
    since = models.DateTimeField(_("depuis le"))

    class Meta:
        verbose_name = _("tâche prise")
        constraints = [
            *hub_guards("hubs_todoclaim"),
            models.UniqueConstraint(fields=["hub", "key"], name="hubs_todoclaim_once"),
        ]

    def __str__(self) -> str:
        return f"{self.key}, {self.who}"


class Announcement(HubModel):
    """A sentence at the top of the pages, from a day to a day."""

    text = models.CharField(_("texte"), max_length=300)
    kind = models.CharField(
        _("ton"), max_length=12, choices=AnnouncementKind.choices, default=AnnouncementKind.INFORMATION
    )
    audience = models.CharField(_("pour"), max_length=10, choices=Audience.choices, default=Audience.EVERYONE)
    starts_on = models.DateField(_("à partir du"))
    ends_on = models.DateField(_("jusqu’au (exclu)"))

    objects = hub_objects(DatedQuerySet)

    class Meta:
        verbose_name = _("annonce")
        constraints = [
            *hub_guards("hubs_announcement"),
            # One that is ended on its first day has been told for no whole day.
            models.CheckConstraint(
                name="hubs_announcement_period",
                condition=Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("L’annonce finit après avoir commencé."),
            ),
        ]
        indexes = [models.Index(fields=["hub", "ends_on"], name="hubs_announcement_end")]

    def __str__(self) -> str:
        return self.text

    @property
    def last_day(self) -> dt.date:
        """The last day it is told, as it is said."""
        return self.ends_on - dt.timedelta(days=1)
