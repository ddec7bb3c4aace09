"""What every hub-owned row is made of."""

import datetime as dt
import secrets
from typing import Any, Self

from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from hubs.scope import current_hub_id

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def public_id() -> str:
    """A random id for what is shared: 12 characters that nobody misreads aloud (59 bits)."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(12))


class DatedQuerySet(models.QuerySet):
    """Rows in force from `starts_on` to `ends_on`, the end left out; without an end, for good."""

    def live(self, on: dt.date) -> Self:
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=on), starts_on__lte=on)

    def unended(self, on: dt.date) -> Self:
        """Rows that are in force on that day or after it."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=on)).exclude(ends_on=F("starts_on"))


def dates_in_force() -> Func:
    """The range from `starts_on` to `ends_on`, for constraints that forbid overlap."""
    return Func(F("starts_on"), F("ends_on"), Value("[)"), function="daterange")


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
