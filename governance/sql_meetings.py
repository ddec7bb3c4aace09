"""A report is published once its meeting has begun, and what it tells of stays: triggers that hold whoever writes."""

# Written for rows with or without the column of meetings: it stays when the migration is undone.
HOLD_REPORTS = """
CREATE OR REPLACE FUNCTION governance_minutes_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.published_at IS NOT NULL THEN
        RAISE EXCEPTION 'Un procès-verbal publié ne se modifie pas.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'governance_minutes_frozen';
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.published_at IS NOT NULL THEN
        IF to_jsonb(NEW) ->> 'meeting_id' IS NOT NULL THEN
            PERFORM FROM governance_meeting
                WHERE id = NEW.meeting_id AND starts_at <= NEW.published_at AND called_off_at IS NULL
                FOR NO KEY UPDATE;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'Le compte rendu se publie une fois la réunion tenue.'
                    USING ERRCODE = 'restrict_violation', CONSTRAINT = 'governance_minutes_not_held';
            END IF;
        ELSIF NOT EXISTS (SELECT FROM governance_assembly WHERE id = NEW.assembly_id AND state = 'closed')
            OR EXISTS (SELECT FROM governance_resolution
                WHERE assembly_id = NEW.assembly_id AND state IN ('open', 'closed'))
        THEN
            RAISE EXCEPTION 'Le procès-verbal se publie une fois l’assemblée close et ses résultats proclamés.'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'governance_minutes_too_early';
        END IF;
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
"""

HOLD_MEETINGS = """
CREATE FUNCTION governance_meeting_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM governance_minutes WHERE meeting_id = OLD.id AND published_at IS NOT NULL) THEN
        RAISE EXCEPTION 'Le compte rendu est publié : la réunion reste.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'governance_meeting_reported';
    END IF;
    IF OLD.called_off_at IS NOT NULL THEN
        RAISE EXCEPTION 'Une réunion annulée reste annulée.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'governance_meeting_called_off';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER governance_meeting_guard BEFORE UPDATE OR DELETE ON governance_meeting
    FOR EACH ROW EXECUTE FUNCTION governance_meeting_guard();

CREATE FUNCTION governance_meeting_contents() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    meeting bigint;
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) ->> 'name' = 'Personne effacée' AND to_jsonb(NEW) ->> 'email' = ''
        AND to_jsonb(NEW) - ARRAY['name', 'email'] = to_jsonb(OLD) - ARRAY['name', 'email'] THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' THEN
        meeting := NEW.meeting_id;
    ELSE
        meeting := OLD.meeting_id;
    END IF;
    -- Whoever publishes the report waits for this row, or this row for them.
    PERFORM FROM governance_meeting WHERE id = meeting FOR SHARE;
    IF EXISTS (SELECT FROM governance_minutes WHERE meeting_id = meeting AND published_at IS NOT NULL)
        OR (TG_OP = 'UPDATE' AND NEW.meeting_id <> OLD.meeting_id) THEN
        RAISE EXCEPTION 'Le compte rendu est publié : les personnes invitées, les pièces et les décisions restent.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'governance_meeting_reported';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER governance_invitee_guard BEFORE INSERT OR UPDATE OR DELETE ON governance_invitee
    FOR EACH ROW EXECUTE FUNCTION governance_meeting_contents();
CREATE TRIGGER governance_decision_of_meeting BEFORE INSERT ON governance_decision
    FOR EACH ROW WHEN (NEW.meeting_id IS NOT NULL) EXECUTE FUNCTION governance_meeting_contents();
CREATE TRIGGER governance_meetingpaper_guard BEFORE INSERT OR UPDATE OR DELETE ON governance_meetingpaper
    FOR EACH ROW EXECUTE FUNCTION governance_meeting_contents();
"""

RELEASE_MEETINGS = """
DROP TRIGGER governance_decision_of_meeting ON governance_decision;
DROP TRIGGER governance_meetingpaper_guard ON governance_meetingpaper;
DROP TRIGGER governance_invitee_guard ON governance_invitee;
DROP FUNCTION governance_meeting_contents();
DROP TRIGGER governance_meeting_guard ON governance_meeting;
DROP FUNCTION governance_meeting_guard();
"""
