from collections.abc import Iterable

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from documents.models import Document, StoredFile
from documents.storage import private_storage, write_once
from hubs.actions import name_of
from hubs.refusals import Refusal


class DocumentDiffers(Refusal):
    message = _("Ce document existe déjà avec un autre contenu\u00a0: il faut une nouvelle version.")


def store_file(*, name: str, content_type: str, content: bytes) -> StoredFile:
    """Keep these bytes for the open hub; the same bytes are kept once, under their first name."""
    sha256, key = write_once(content)
    stored, _is_new = StoredFile.objects.get_or_create(
        sha256=sha256,
        defaults={"size": len(content), "content_type": content_type, "name": name[:200], "key": key},
    )
    return stored


def attach_document(*, about: models.Model, kind: str, file: StoredFile, version: int = 1) -> Document:
    """Say that `file` is this version of the paper of `about`; saying it twice changes nothing.

    Raises DocumentDiffers when the version exists with other bytes.
    """
    document, _ = Document.objects.select_related("file").get_or_create(
        source=name_of(about), kind=kind, version=version, defaults={"file": file}
    )
    if document.file_id != file.pk:
        raise DocumentDiffers
    return document


@transaction.atomic
def forget_documents(sources: Iterable[str]) -> None:
    """Drop the papers of these things for an erasure, with their bytes unless something else has the same."""
    named = list(sources)
    files = set(Document.objects.filter(source__in=named).values_list("file", flat=True))
    Document.objects.filter(source__in=named).delete()
    forget_files(files)


def forget_files(file_ids: Iterable[int]) -> None:
    """Let go of those of these files that nothing points at any more, and of their bytes after the commit."""
    alone = StoredFile.objects.filter(pk__in=list(file_ids))
    for pointer in StoredFile._meta.get_fields(include_hidden=True):
        if isinstance(pointer, models.ManyToOneRel):
            name = pointer.field.name
            taken = pointer.related_model._default_manager.filter(**{f"{name}__isnull": False})
            alone = alone.exclude(pk__in=taken.values(name))
    keys = list(alone.values_list("key", flat=True))
    alone.delete()

    def delete_bytes() -> None:
        for key in keys:
            private_storage().delete(key)

    transaction.on_commit(delete_bytes, robust=True)
