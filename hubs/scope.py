"""The first guard between hubs: which hub this thread of execution is in.

Opening a hub sets five things and leaving it restores them: a transaction, the django-scopes
scope, the database settings that row-level security reads, the time zone and the language.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils import timezone, translation
from django_scopes import get_scope, scope
from django_scopes.exceptions import ScopeError

if TYPE_CHECKING:
    from hubs.models import Hub


def current_hub() -> "Hub":
    """The open hub. Raises ScopeError when none is."""
    hub = get_scope().get("hub")
    if hub is None:
        raise ScopeError("No hub is open: use hubs.scope.open_hub().")
    return hub


def current_hub_id() -> int:
    """The id of the open hub: the default of every hub-owned row."""
    return current_hub().pk


def current_host() -> str:
    """The host by which the hub was opened, nothing outside of a request: passkeys are of a host."""
    return get_scope().get("host", "")


def _tell_database(hub_id: int | None, host: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('coursive.hub_id', %s, true), set_config('coursive.host', %s, true)",
            [str(hub_id or ""), host],
        )


@contextmanager
def open_hub(hub: "Hub", host: str = "", language: str = "") -> Iterator["Hub"]:
    """Work inside `hub`, in one transaction (a savepoint when one is open already), in its language unless told."""
    outer, outer_host = get_scope().get("hub"), current_host()
    nested = connection.in_atomic_block
    with transaction.atomic():
        _tell_database(hub.pk, host)
        with scope(hub=hub, host=host), timezone.override(hub.zone), translation.override(language or hub.language):
            yield hub
        # An error never comes here: rolling back restores the setting by itself.
        if nested:
            _tell_database(outer.pk if outer else None, outer_host)
