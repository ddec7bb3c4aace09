from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hubs.isolation import hub_guards
from hubs.models import HubModel
from parties.enums import (
    RequestOutcome,
)
from parties.models.people import Person


class ErasureRequest(HubModel):
    """Someone asks to be erased: the hub has a month to do it, or to say why not (RGPD, art. 12-3)."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="erasure_requests")
    asked_at = models.DateTimeField(_("demandé le"))
    due_on = models.DateField(_("à faire avant le"))
    settled_at = models.DateTimeField(_("réglé le"), null=True, blank=True)
    outcome = models.CharField(_("issue"), max_length=10, choices=RequestOutcome.choices, blank=True)
    answer = models.TextField(_("réponse"), blank=True)

    class Meta:
        verbose_name = _("demande d’effacement")
        constraints = [
            *hub_guards("parties_erasurerequest", "person"),
            models.UniqueConstraint(
                fields=["hub", "person"], condition=Q(settled_at=None), name="parties_erasurerequest_one_open"
            ),
            models.CheckConstraint(
                name="parties_erasurerequest_settled_has_outcome",
                condition=Q(settled_at=None, outcome="") | (Q(settled_at__isnull=False) & ~Q(outcome="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}"
