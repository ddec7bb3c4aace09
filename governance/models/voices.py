from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.models.assembly import Assembly
from hubs.isolation import hub_guards
from hubs.models import HubModel
from members.models import College


class CollegeVoice(HubModel):
    """What a college weighs in a vote by colleges, in percent, from a day on: the rows of one day are one set.

    governance/sql_votes.py holds that a set makes 100, and for a SCIC that no college passes 50 % or is under 10 %
    (law 47-1775, art. 19 octies).
    """

    college = models.ForeignKey(College, on_delete=models.PROTECT, related_name="+", verbose_name=_("collège"))
    percent = models.DecimalField(
        _("poids (%)"), max_digits=5, decimal_places=2, validators=[MinValueValidator(0), MaxValueValidator(100)]
    )
    starts_on = models.DateField(_("à partir du"))

    class Meta:
        verbose_name = _("poids d’un collège")
        constraints = [
            *hub_guards("governance_collegevoice", "college"),
            models.UniqueConstraint(fields=["hub", "starts_on", "college"], name="governance_collegevoice_once"),
            models.CheckConstraint(
                name="governance_collegevoice_percent",
                condition=models.Q(percent__gt=0, percent__lte=100),
                violation_error_message=_("Un poids va de plus de 0 à 100\u00a0%."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.college} {self.percent}"


class AssemblyVoice(HubModel):
    """The weight of a college in one assembly, copied by the database when its roll is frozen, and never changed."""

    assembly = models.ForeignKey(Assembly, on_delete=models.PROTECT, related_name="voices", verbose_name=_("assemblée"))
    college = models.ForeignKey(College, on_delete=models.PROTECT, related_name="+", verbose_name=_("collège"))
    percent = models.DecimalField(_("poids (%)"), max_digits=5, decimal_places=2)

    class Meta:
        verbose_name = _("poids d’un collège à une assemblée")
        constraints = [
            *hub_guards("governance_assemblyvoice", "assembly", "college"),
            models.UniqueConstraint(fields=["hub", "assembly", "college"], name="governance_assemblyvoice_once"),
        ]

    def __str__(self) -> str:
        return f"{self.college} {self.percent}"
