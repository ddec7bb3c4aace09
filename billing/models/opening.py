"""What is remembered of the files by which a hub brings its accounts in."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hubs.isolation import hub_guards
from hubs.models import HubModel


class OpeningMapping(HubModel):
    """Which column means what in the files of one kind, as whoever dropped the last ones said."""

    # The key of the importer: `invoices`.
    kind = models.CharField(_("pour"), max_length=20)
    # Header without accents nor capitals → key of the column, or "" for one that is left out.
    columns = models.JSONField(_("colonnes"), default=dict)

    class Meta:
        verbose_name = _("colonnes d’un fichier")
        constraints = [
            *hub_guards("billing_openingmapping"),
            models.UniqueConstraint(fields=["hub", "kind"], name="billing_openingmapping_once"),
        ]

    def __str__(self) -> str:
        return self.kind
