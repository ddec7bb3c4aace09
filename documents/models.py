from django.db import models
from django.utils.translation import gettext_lazy as _

from hubs.isolation import hub_guards
from hubs.models import HubModel


class StoredFile(HubModel):
    """Private bytes, kept once per hub whatever the number of names they go by."""

    sha256 = models.CharField(_("empreinte"), max_length=64)
    size = models.PositiveBigIntegerField(_("taille"))
    content_type = models.CharField(_("type"), max_length=100)
    name = models.CharField(_("nom"), max_length=200)
    # Of the private storage: hubs/<hub>/<sha256>.
    key = models.CharField(_("clé"), max_length=120)
    created_at = models.DateTimeField(_("déposé le"), auto_now_add=True)

    class Meta:
        verbose_name = _("fichier")
        constraints = [
            *hub_guards("documents_storedfile"),
            models.UniqueConstraint(fields=["hub", "sha256"], name="documents_storedfile_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Document(HubModel):
    """The paper of a thing, by version: the PDF of `billing.invoice:12`, the minutes of an assembly."""

    source = models.CharField(_("de"), max_length=80)
    kind = models.CharField(_("nature"), max_length=40)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    # What was given to someone stays: the bytes are never swept under a document.
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="documents", verbose_name=_("fichier"))
    created_at = models.DateTimeField(_("établi le"), auto_now_add=True)

    class Meta:
        verbose_name = _("document")
        constraints = [
            *hub_guards("documents_document", "file"),
            models.UniqueConstraint(fields=["hub", "source", "kind", "version"], name="documents_document_once"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.kind} {self.version}"
