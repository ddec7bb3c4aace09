from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hubs.isolation import hub_guards
from hubs.models import HubModel
from parties.enums import (
    FiguresSource,
)
from parties.models.structures import Organisation


class YearFigures(HubModel):
    """What a structure weighed in a year. Budget and turnover differ: seed S1, lines 43-45."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="figures", verbose_name=_("structure")
    )
    year = models.PositiveSmallIntegerField(_("année"))
    fte = models.DecimalField(_("ETP"), max_digits=8, decimal_places=2, null=True, blank=True)
    permanent = models.PositiveIntegerField(_("salariés permanents"), null=True, blank=True)
    budget = models.DecimalField(_("budget (€)"), max_digits=14, decimal_places=2, null=True, blank=True)
    turnover = models.DecimalField(_("chiffre d’affaires (€)"), max_digits=14, decimal_places=2, null=True, blank=True)
    equity = models.DecimalField(_("fonds propres (€)"), max_digits=14, decimal_places=2, null=True, blank=True)
    area = models.DecimalField(_("bureaux occupés (m²)"), max_digits=8, decimal_places=2, null=True, blank=True)
    source = models.CharField(_("source"), max_length=10, choices=FiguresSource.choices)

    class Meta:
        verbose_name = _("chiffres de l’année")
        constraints = [
            *hub_guards("parties_yearfigures", "organisation"),
            models.UniqueConstraint(fields=["hub", "organisation", "year"], name="parties_yearfigures_once"),
            models.CheckConstraint(name="parties_yearfigures_year", condition=Q(year__range=(1950, 2100))),
            models.CheckConstraint(
                name="parties_yearfigures_not_negative",
                condition=(Q(fte=None) | Q(fte__gte=0))
                & (Q(area=None) | Q(area__gte=0))
                & (Q(budget=None) | Q(budget__gte=0)),
                violation_error_message=_("Les ETP, le budget et les surfaces ne sont pas négatifs."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.year}"
