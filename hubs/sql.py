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


# allauth's table: a passkey is shown on its own host, the rest belongs to the account. An account that is deleted in
# one hub takes the passkeys that this hub does not see.
PASSKEYS_OF_HOST = """
ALTER TABLE mfa_authenticator ENABLE ROW LEVEL SECURITY;
CREATE POLICY mfa_authenticator_of_host ON mfa_authenticator
    USING (type <> 'webauthn' OR data ->> 'host' = nullif(current_setting('coursive.host', true), ''));
DO $$
DECLARE name text;
BEGIN
    SELECT conname INTO STRICT name FROM pg_constraint
        WHERE conrelid = 'mfa_authenticator'::regclass AND confrelid = 'hubs_user'::regclass;
    EXECUTE format('ALTER TABLE mfa_authenticator DROP CONSTRAINT %I, ADD CONSTRAINT %I FOREIGN KEY (user_id) '
        'REFERENCES hubs_user (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED', name, name);
END $$
"""
PASSKEYS_OF_NO_HOST = """
DROP POLICY mfa_authenticator_of_host ON mfa_authenticator;
ALTER TABLE mfa_authenticator DISABLE ROW LEVEL SECURITY
"""
