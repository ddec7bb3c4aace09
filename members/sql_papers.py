"""A certificate stays as it was issued: it is withdrawn once, and an erased person's name leaves it."""

HOLD_PAPERS = """
CREATE FUNCTION members_certificate_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
        OR to_jsonb(NEW) - ARRAY['withdrawn_on', 'withdrawn_reason', 'holder_name']
            <> to_jsonb(OLD) - ARRAY['withdrawn_on', 'withdrawn_reason', 'holder_name']
        OR (OLD.withdrawn_on IS NOT NULL AND (
            NEW.withdrawn_on IS DISTINCT FROM OLD.withdrawn_on OR NEW.withdrawn_reason <> OLD.withdrawn_reason
        ))
        OR (NEW.holder_name <> OLD.holder_name AND (
            OLD.person_id IS NULL OR NEW.withdrawn_on IS NULL OR NEW.holder_name <> 'Personne effacée'
        ))
    THEN
        RAISE EXCEPTION 'Une attestation ne se modifie ni ne se supprime : elle se retire.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'members_certificate_frozen';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER members_certificate_frozen BEFORE UPDATE OR DELETE ON members_certificate
    FOR EACH ROW EXECUTE FUNCTION members_certificate_frozen();
"""

RELEASE_PAPERS = """
DROP TRIGGER members_certificate_frozen ON members_certificate;
DROP FUNCTION members_certificate_frozen();
"""
