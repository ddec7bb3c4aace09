"""SQL that no model can say, run by migrations as `coursive_owner`."""

from django.conf import settings
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

# unaccent() is only STABLE, since its dictionary might change; ours is the one PostgreSQL ships.
PLAIN_TEXT = """
CREATE FUNCTION public.coursive_plain(text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT lower(public.unaccent('public.unaccent'::regdictionary, $1)) $$
"""


def grant_to_app(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give the role of web and workers data rights, on tables made so far and on those to come."""
    app_role = schema_editor.quote_name(settings.DATABASES["default"]["USER"])
    schema_editor.execute(
        f"GRANT USAGE ON SCHEMA public TO {app_role};"
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {app_role};"
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {app_role};"
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app_role};"
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {app_role};",
        None,
    )
