"""A step of a strike-off, once written, stays; so does a letter, unless the person it names is erased."""

HOLD_DEPARTURES = """
CREATE FUNCTION members_resignation_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
        OR to_jsonb(NEW) - '{withdrawn_on,noted_on,reason,by}'::text[]
            <> to_jsonb(OLD) - '{withdrawn_on,noted_on,reason,by}'::text[]
        OR OLD.withdrawn_on IS NOT NULL AND NEW.withdrawn_on IS DISTINCT FROM OLD.withdrawn_on THEN
        RAISE EXCEPTION 'Une démission notée ne se modifie pas : elle se retire avant son jour.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'members_resignation_frozen';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER members_resignation_guard BEFORE UPDATE OR DELETE ON members_resignation
    FOR EACH ROW EXECUTE FUNCTION members_resignation_guard();

CREATE FUNCTION members_strikeoff_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    texts text[] := '{grounds,heard,stop_reason}';
    name text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.heard_on IS NOT NULL OR NEW.decided_on IS NOT NULL OR NEW.stopped_on IS NOT NULL THEN
            RAISE EXCEPTION 'Une radiation commence par une mise en demeure.'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'members_strikeoff_frozen';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'Une radiation engagée ne se supprime pas : elle s’arrête.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'members_strikeoff_frozen';
    END IF;
    -- Texts may lose a person's name; every other value is written once, from empty.
    FOR name IN SELECT key FROM jsonb_each_text(to_jsonb(OLD) - texts) WHERE coalesce(value, '') <> '' LOOP
        IF to_jsonb(NEW)->name IS DISTINCT FROM to_jsonb(OLD)->name THEN
            RAISE EXCEPTION 'Une étape de radiation notée ne se modifie pas.'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'members_strikeoff_frozen';
        END IF;
    END LOOP;
    IF (OLD.decided_on IS NOT NULL OR OLD.stopped_on IS NOT NULL)
        AND to_jsonb(NEW) - texts <> to_jsonb(OLD) - texts THEN
        RAISE EXCEPTION 'Cette procédure est close.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'members_strikeoff_frozen';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER members_strikeoff_guard BEFORE INSERT OR UPDATE OR DELETE ON members_strikeoff
    FOR EACH ROW EXECUTE FUNCTION members_strikeoff_guard();

CREATE FUNCTION members_letter_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR NEW.emptied_on IS NULL AND to_jsonb(NEW) <> to_jsonb(OLD) THEN
        RAISE EXCEPTION 'Une lettre écrite ne se modifie pas.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'members_letter_frozen';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER members_letter_guard BEFORE UPDATE OR DELETE ON members_letter
    FOR EACH ROW EXECUTE FUNCTION members_letter_guard();
"""

RELEASE_DEPARTURES = """
DROP TRIGGER members_letter_guard ON members_letter;
DROP FUNCTION members_letter_guard();
DROP TRIGGER members_strikeoff_guard ON members_strikeoff;
DROP FUNCTION members_strikeoff_guard();
DROP TRIGGER members_resignation_guard ON members_resignation;
DROP FUNCTION members_resignation_guard();
"""
