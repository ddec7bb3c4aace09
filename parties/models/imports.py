import datetime as dt

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hubs.isolation import hub_guards
from hubs.models import HubModel, hub_objects, public_id
from parties.models.people import Person


class ImportDraftQuerySet(models.QuerySet["ImportDraft"]):
    def live(self, now: dt.datetime) -> "ImportDraftQuerySet":
        return self.filter(created_at__gt=now - ImportDraft.KEPT)


class ImportDraft(HubModel):
    """A file dropped by its owner, kept for a day between the dry run and the import. Nobody else reads it."""

    KEPT = dt.timedelta(days=1)

    public_id = models.CharField(max_length=12, default=public_id, editable=False)
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("déposé par"))
    # Which import it is for: `members`.
    purpose = models.CharField(_("pour"), max_length=20)
    name = models.CharField(_("fichier"), max_length=160)
    content = models.BinaryField(_("contenu"))
    options = models.JSONField(_("choix"), default=dict, encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField(_("déposé le"))
    imported_at = models.DateTimeField(_("importé le"), null=True, blank=True)
    result = models.JSONField(_("résultat"), null=True, blank=True, encoder=DjangoJSONEncoder)

    objects = hub_objects(ImportDraftQuerySet)

    class Meta:
        verbose_name = _("fichier à importer")
        constraints = [
            *hub_guards("parties_importdraft", "owner"),
            models.UniqueConstraint(fields=["hub", "public_id"], name="parties_importdraft_public_id"),
            models.CheckConstraint(
                name="parties_importdraft_imported_has_result",
                condition=Q(imported_at=None, result=None) | Q(imported_at__isnull=False, result__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name
