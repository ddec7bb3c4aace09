"""A document given is what its kind says, and stays as it was given."""

HOLD_PAPERS = """
CREATE FUNCTION parties_paper_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted parties_paperkind;
BEGIN
    SELECT * INTO wanted FROM parties_paperkind WHERE id = NEW.kind_id;
    IF (wanted.about = 'organisation') <> (NEW.organisation_id IS NOT NULL) THEN
        RAISE EXCEPTION 'Ce document n’est pas de cette sorte de fiche.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'parties_paper_of_its_kind';
    END IF;
    IF wanted.expires AND NEW.expires_on IS NULL THEN
        RAISE EXCEPTION 'Ce document a une date de fin.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'parties_paper_has_end';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER parties_paper_fits BEFORE INSERT OR UPDATE OF kind_id, organisation_id, person_id, expires_on
    ON parties_paper FOR EACH ROW EXECUTE FUNCTION parties_paper_fits();

CREATE FUNCTION parties_paper_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    may_change text[] := ARRAY['issued_on', 'expires_on', 'announced_at', 'ended_at', 'reason'];
BEGIN
    IF to_jsonb(NEW) - may_change <> to_jsonb(OLD) - may_change
        OR (OLD.ended_at IS NOT NULL AND NEW IS DISTINCT FROM OLD) THEN
        RAISE EXCEPTION 'Un document remis ne se modifie pas : déposez une nouvelle version.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'parties_paper_frozen';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER parties_paper_frozen BEFORE UPDATE ON parties_paper
    FOR EACH ROW EXECUTE FUNCTION parties_paper_frozen();
"""

RELEASE_PAPERS = """
DROP TRIGGER parties_paper_frozen ON parties_paper;
DROP FUNCTION parties_paper_frozen();
DROP TRIGGER parties_paper_fits ON parties_paper;
DROP FUNCTION parties_paper_fits();
"""
