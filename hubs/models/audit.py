from django.contrib.postgres.indexes import BTreeIndex
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hubs.isolation import hub_guards
from hubs.models.base import HubModel


class AuditEntry(HubModel):
    """Who did what to which thing, before and after. No foreign key: what is gone stays told."""

    at = models.DateTimeField(_("le"), auto_now_add=True)
    user_id = models.BigIntegerField(_("compte"), null=True)
    who = models.CharField(_("qui"), max_length=200)
    verb = models.CharField(_("quoi"), max_length=60)
    thing = models.CharField(_("sur"), max_length=80)
    # What else it is read under: the account of a payment, the person of a role.
    concerns = models.CharField(_("concerne"), max_length=80, blank=True, default="", db_default="")
    label = models.CharField(_("nom"), max_length=240)
    before = models.JSONField(_("avant"), null=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(_("après"), null=True, encoder=DjangoJSONEncoder)
    reason = models.CharField(_("motif"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("ligne du journal")
        constraints = [*hub_guards("hubs_auditentry")]
        indexes = [
            BTreeIndex(fields=["hub", "thing", "at"], name="hubs_audit_thing"),
            BTreeIndex(fields=["hub", "at", "id"], name="hubs_audit_order"),
            BTreeIndex(fields=["hub", "user_id", "at"], name="hubs_audit_user"),
            BTreeIndex(fields=["hub", "concerns", "at"], condition=~Q(concerns=""), name="hubs_audit_concerns"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.thing}"
