"""The chain of seals: written by the database when an invoice is issued, and when money moves or is cancelled."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.enums import SealOf
from hubs.isolation import hub_guards
from hubs.models import HubModel, Run


class Seal(HubModel):
    """The SHA-256 of what was frozen, tied to the seal before it: what is rewritten no longer fits."""

    rank = models.PositiveBigIntegerField(_("rang"))
    what = models.CharField(_("quoi"), max_length=12, choices=SealOf.choices)
    thing_id = models.BigIntegerField(_("de"))
    payload_sha256 = models.CharField(_("empreinte du contenu"), max_length=64)
    previous = models.CharField(_("sceau précédent"), max_length=64, blank=True)
    hash = models.CharField(_("sceau"), max_length=64)
    sealed_at = models.DateTimeField(_("scellé le"))

    class Meta:
        verbose_name = _("sceau")
        constraints = [
            *hub_guards("billing_seal"),
            models.UniqueConstraint(fields=["hub", "rank"], name="billing_seal_rank"),
            models.UniqueConstraint(fields=["hub", "what", "thing_id"], name="billing_seal_once"),
        ]

    def __str__(self) -> str:
        return f"{self.rank} {self.hash[:12]}"


class SealCheck(HubModel):
    """What the reading of a stretch of the chain found, one row per item of its run."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+", verbose_name=_("vérification"))
    first = models.PositiveBigIntegerField(_("du rang"))
    last = models.PositiveBigIntegerField(_("au rang"))
    faults = models.JSONField(_("écarts"), default=list)
    checked_at = models.DateTimeField(_("vérifié le"))

    class Meta:
        verbose_name = _("vérification de la chaîne")
        constraints = [
            *hub_guards("billing_sealcheck", "run"),
            models.UniqueConstraint(fields=["hub", "run", "first"], name="billing_sealcheck_once"),
        ]

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"
