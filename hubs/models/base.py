"""What every hub-owned row is made of."""

import secrets
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from hubs.scope import current_hub_id

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def public_id() -> str:
    """A random id for what is shared: 12 characters that nobody misreads aloud (59 bits)."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(12))


def hub_objects(queryset: type[models.QuerySet] = models.QuerySet) -> Any:
    """The manager of a hub-owned model: it raises when no hub is open, and else reads that hub only."""
    return ScopedManager(_manager_class=models.Manager.from_queryset(queryset), hub="hub")


class HubModel(models.Model):
    """A row of one hub. Its Meta lists `hub_guards(table, *foreign keys to hub-owned rows)`."""

    hub = models.ForeignKey(
        "hubs.Hub",
        verbose_name=_("pôle"),
        on_delete=models.PROTECT,
        default=current_hub_id,
        editable=False,
        related_name="+",
        # (hub, id) is unique in every table, and indexed by that.
        db_index=False,
    )

    objects = hub_objects()

    class Meta:
        abstract = True
