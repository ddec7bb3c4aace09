import datetime as dt

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.enums import AssemblyKind, AssemblyState
from governance.models.statutes import AssemblyRules
from hubs.isolation import hub_guards
from hubs.models import HubModel, public_id


class Assembly(AssemblyRules, HubModel):
    """A general assembly, with the rules of the statutes as they were when it was prepared."""

    public_id = models.CharField(_("identifiant"), max_length=12, default=public_id, editable=False)
    kind = models.CharField(_("nature"), max_length=20, choices=AssemblyKind.choices, default=AssemblyKind.ORDINARY)
    title = models.CharField(_("titre"), max_length=160)
    starts_at = models.DateTimeField(_("commence à"))
    place = models.CharField(_("lieu"), max_length=200, blank=True)
    # Where those who are not in the room join: shown to the members on the roll alone.
    remote_url = models.URLField(_("lien de la visioconférence"), blank=True, default="", db_default="")
    roll_on = models.DateField(_("membres au"))
    convened_on = models.DateField(_("convoquée le"), null=True, blank=True)
    state = models.CharField(_("état"), max_length=10, choices=AssemblyState.choices, default=AssemblyState.DRAFT)

    class Meta:
        verbose_name = _("assemblée")
        constraints = [
            *hub_guards("governance_assembly"),
            models.UniqueConstraint(fields=["hub", "public_id"], name="governance_assembly_public_id"),
            models.CheckConstraint(
                name="governance_assembly_quorum",
                condition=models.Q(quorum_percent__lte=100),
                violation_error_message=_("Un quorum va de 0 à 100\u00a0%."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def day(self) -> dt.date:
        """The day it is held, in the hub's zone."""
        return timezone.localdate(self.starts_at)

    @property
    def last_notice_day(self) -> dt.date:
        """The last day on which it may be convened: so many whole days before, that of the notice left out."""
        return self.day - dt.timedelta(days=self.notice_days)

    @property
    def last_contest_day(self) -> dt.date | None:
        """The last day on which the roll is contested; the eve of the assembly at the latest. None without a window."""
        if self.convened_on is None or not self.contest_days:
            return None
        return min(self.convened_on + dt.timedelta(days=self.contest_days), self.day - dt.timedelta(days=1))

    def may_be_contested(self, on: dt.date) -> bool:
        last = self.last_contest_day
        return self.state == AssemblyState.CONVENED and last is not None and on <= last
