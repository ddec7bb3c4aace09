"""Web and workers must be held by row-level security: the owner of a table, or a superuser, is not."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.base.base import BaseDatabaseWrapper

# USAGE: a member of the owner's role has its rights too.
HELD = """
SELECT NOT (rolsuper OR rolbypassrls) AND NOT EXISTS (
    SELECT FROM pg_class WHERE relkind IN ('r', 'p') AND relrowsecurity AND pg_has_role(current_user, relowner, 'USAGE')
) FROM pg_roles WHERE rolname = current_user
"""


class SeesEveryHub(ImproperlyConfigured):
    """DATABASE_URL names a role that row-level security does not hold."""


def is_held(connection: BaseDatabaseWrapper) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(HELD)
        return bool(cursor.fetchone()[0])


def refuse_owner(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """On every new connection of `default`: one that sees every hub is closed before it is used."""
    if connection.alias == "default" and not is_held(connection):
        connection.close()
        raise SeesEveryHub("DATABASE_URL connects as a role that sees every hub: it must be coursive_app.")
