from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.enums import AssemblyKind, AssemblyState
from hubs.isolation import hub_guards
from hubs.models import HubModel, public_id


class Assembly(HubModel):
    """A general assembly, with the rules of the statutes as they were when it was prepared."""

    public_id = models.CharField(_("identifiant"), max_length=12, default=public_id, editable=False)
    kind = models.CharField(_("nature"), max_length=20, choices=AssemblyKind.choices, default=AssemblyKind.ORDINARY)
    title = models.CharField(_("titre"), max_length=160)
    starts_at = models.DateTimeField(_("commence à"))
    place = models.CharField(_("lieu"), max_length=200, blank=True)
    roll_on = models.DateField(_("membres au"))
    # No law sets these for an association: they come from its statutes.
    proxies_per_holder = models.PositiveSmallIntegerField(_("pouvoirs par personne"), default=1)
    quorum_percent = models.PositiveSmallIntegerField(_("quorum, en pourcentage"), default=0)
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
