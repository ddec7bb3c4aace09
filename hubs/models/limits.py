from django.db import models
from django.utils.translation import gettext_lazy as _

from hubs.isolation import hub_guards
from hubs.models.base import HubModel


class Tally(HubModel):
    """How often something was tried in one stretch of time, while Valkey is away. See `hubs.limits`."""

    key = models.CharField(_("qui essaie quoi"), max_length=64)
    ends_at = models.DateTimeField(_("jusqu’à"))
    count = models.IntegerField(_("essais"))

    class Meta:
        verbose_name = _("compte d’essais")
        constraints = [
            *hub_guards("hubs_tally"),
            models.UniqueConstraint(fields=["hub", "key", "ends_at"], name="hubs_tally_once"),
        ]

    def __str__(self) -> str:
        return f"{self.count}"
