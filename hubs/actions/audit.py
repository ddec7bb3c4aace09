"""The audit log: who did what to which thing."""

from collections.abc import Mapping
from typing import Any

from django.db import models

from hubs import languages
from hubs.actors import Actor
from hubs.models import AuditEntry


def name_of(thing: models.Model) -> str:
    """How the log, the outbox and the charges name a row: `spaces.booking:12`."""
    return f"{thing._meta.label_lower}:{thing.pk}"


def record(
    *,
    by: Actor,
    verb: str,
    thing: models.Model,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    concerns: models.Model | None = None,
) -> AuditEntry:
    """Add a line to the audit log, in the transaction of what it tells.

    It is read under `thing`, and under what else it `concerns`: the account of a payment, the person of a role.
    """
    with languages.of_hub():
        label = str(thing)
    return AuditEntry.objects.create(
        user_id=by.user_id,
        who=by.name,
        verb=verb,
        thing=name_of(thing),
        concerns=name_of(concerns) if concerns else "",
        label=label[:240],
        before=before,
        after=after,
        reason=reason,
    )
