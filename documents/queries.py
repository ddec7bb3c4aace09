from collections.abc import Iterable

from django.db import models

from documents.models import Document
from hubs.actions import name_of


def document_of(about: models.Model, kind: str) -> Document | None:
    """The last version of the paper of `about`."""
    return (
        Document.objects.select_related("file")
        .filter(source=name_of(about), kind=kind)
        .order_by("-version", "-pk")
        .first()
    )


def documents_of(things: Iterable[models.Model], kind: str) -> dict[int, Document]:
    """The last version of the paper of each thing, by the thing's id; one query."""
    ids = {name_of(thing): thing.pk for thing in things}
    found = Document.objects.select_related("file").filter(source__in=ids, kind=kind).order_by("version", "pk")
    return {ids[document.source]: document for document in found}
