"""A sheet is merged into one that stands: no chain, no circle, whichever of two merges comes first."""

HOLD_MERGES = """
CREATE FUNCTION parties_merged_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stands boolean;
    has_others boolean;
BEGIN
    -- Held until the commit, so that a merge of the other sheet waits and then sees this one.
    EXECUTE format('SELECT merged_into_id IS NULL FROM %I WHERE id = $1 FOR SHARE', TG_TABLE_NAME)
        INTO stands USING NEW.merged_into_id;
    EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE merged_into_id = $1)', TG_TABLE_NAME)
        INTO has_others USING NEW.id;
    IF NEW.merged_into_id = NEW.id OR NOT stands OR has_others THEN
        RAISE EXCEPTION 'Une fiche se fusionne dans une fiche qui reste, et n’en a pas reçu d’autre.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'parties_merged_once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER parties_organisation_merged_once BEFORE INSERT OR UPDATE OF merged_into_id ON parties_organisation
    FOR EACH ROW WHEN (NEW.merged_into_id IS NOT NULL) EXECUTE FUNCTION parties_merged_once();
CREATE TRIGGER parties_person_merged_once BEFORE INSERT OR UPDATE OF merged_into_id ON parties_person
    FOR EACH ROW WHEN (NEW.merged_into_id IS NOT NULL) EXECUTE FUNCTION parties_merged_once();
"""

RELEASE_MERGES = """
DROP TRIGGER parties_person_merged_once ON parties_person;
DROP TRIGGER parties_organisation_merged_once ON parties_organisation;
DROP FUNCTION parties_merged_once();
"""
