"""What is published or decided stays, and a consultation that is decided takes no answer: triggers."""

HOLD_MINUTES = """
CREATE FUNCTION governance_minutes_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.published_at IS NOT NULL THEN
        RAISE EXCEPTION 'Un procès-verbal publié ne se modifie pas.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'governance_minutes_frozen';
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.published_at IS NOT NULL AND (
        NOT EXISTS (SELECT FROM governance_assembly WHERE id = NEW.assembly_id AND state = 'closed')
        OR EXISTS (SELECT FROM governance_resolution
            WHERE assembly_id = NEW.assembly_id AND state IN ('open', 'closed'))
    ) THEN
        RAISE EXCEPTION 'Le procès-verbal se publie une fois l’assemblée close et ses résultats proclamés.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'governance_minutes_too_early';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER governance_minutes_guard BEFORE INSERT OR UPDATE OR DELETE ON governance_minutes
    FOR EACH ROW EXECUTE FUNCTION governance_minutes_guard();

CREATE TRIGGER governance_decision_guard BEFORE UPDATE OR DELETE ON governance_decision
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('who', 'due_on', 'done_on');

CREATE FUNCTION governance_poll_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.decided_on IS NOT NULL THEN
        RAISE EXCEPTION 'Une consultation décidée ne se modifie pas.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'governance_poll_decided';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER governance_poll_guard BEFORE UPDATE OR DELETE ON governance_poll
    FOR EACH ROW EXECUTE FUNCTION governance_poll_guard();

CREATE FUNCTION governance_pollanswer_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM governance_poll WHERE id = NEW.poll_id AND decided_on IS NOT NULL FOR SHARE)
        AND NOT (TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'reason' = to_jsonb(OLD) - 'reason') THEN
        RAISE EXCEPTION 'Cette consultation est décidée.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'governance_poll_decided';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER governance_pollanswer_guard BEFORE INSERT OR UPDATE ON governance_pollanswer
    FOR EACH ROW EXECUTE FUNCTION governance_pollanswer_guard();
"""

RELEASE_MINUTES = """
DROP TRIGGER governance_pollanswer_guard ON governance_pollanswer;
DROP FUNCTION governance_pollanswer_guard();
DROP TRIGGER governance_poll_guard ON governance_poll;
DROP FUNCTION governance_poll_guard();
DROP TRIGGER governance_decision_guard ON governance_decision;
DROP TRIGGER governance_minutes_guard ON governance_minutes;
DROP FUNCTION governance_minutes_guard();
"""
