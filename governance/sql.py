"""The roll and the proxies of an assembly: triggers that hold whoever writes, raw SQL included."""

GUARDS = """
CREATE FUNCTION governance_roll_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    standing text;
BEGIN
    SELECT state INTO standing FROM governance_assembly
        WHERE id = CASE TG_OP WHEN 'INSERT' THEN NEW.assembly_id ELSE OLD.assembly_id END FOR SHARE;
    IF standing NOT IN ('draft', 'convened')
        OR (TG_OP = 'UPDATE' AND NEW.assembly_id <> OLD.assembly_id) THEN
        RAISE EXCEPTION 'La liste électorale est arrêtée.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'governance_rollentry_frozen';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER governance_roll_guard BEFORE INSERT OR UPDATE OR DELETE ON governance_rollentry
    FOR EACH ROW EXECUTE FUNCTION governance_roll_guard();

CREATE FUNCTION governance_proxy_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    gives governance_rollentry;
    holds governance_rollentry;
    meeting governance_assembly;
BEGIN
    SELECT * INTO gives FROM governance_rollentry WHERE id = NEW.giver_id;
    SELECT * INTO holds FROM governance_rollentry WHERE id = NEW.holder_id;
    -- One at a time in an assembly: two proxies never pass the cap together.
    SELECT * INTO meeting FROM governance_assembly WHERE id = gives.assembly_id FOR NO KEY UPDATE;
    IF meeting.state NOT IN ('convened', 'frozen') THEN
        RAISE EXCEPTION 'Les pouvoirs ne changent plus.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'governance_proxy_too_late';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.revoked_at IS NOT NULL OR to_jsonb(NEW) - 'revoked_at' <> to_jsonb(OLD) - 'revoked_at' THEN
            RAISE EXCEPTION 'Un pouvoir ne se modifie pas : il se révoque.'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'governance_proxy_frozen';
        END IF;
        RETURN NEW;
    END IF;
    IF holds.assembly_id <> gives.assembly_id OR holds.college_id <> gives.college_id
        OR NOT holds.votes OR NOT gives.votes THEN
        RAISE EXCEPTION 'Un pouvoir se donne à un membre votant du même collège.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'governance_proxy_same_college';
    END IF;
    IF EXISTS (SELECT FROM governance_proxy WHERE revoked_at IS NULL
            AND (giver_id = NEW.holder_id OR holder_id = NEW.giver_id)) THEN
        RAISE EXCEPTION 'Qui donne pouvoir n’en reçoit pas.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'governance_proxy_no_chain';
    END IF;
    IF (SELECT count(*) FROM governance_proxy WHERE holder_id = NEW.holder_id AND revoked_at IS NULL)
        >= meeting.proxies_per_holder THEN
        RAISE EXCEPTION 'Cette personne a déjà tous les pouvoirs qu’elle peut recevoir.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'governance_proxy_cap';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER governance_proxy_guard BEFORE INSERT OR UPDATE ON governance_proxy
    FOR EACH ROW EXECUTE FUNCTION governance_proxy_guard();
"""

UNGUARD = """
DROP TRIGGER governance_proxy_guard ON governance_proxy;
DROP TRIGGER governance_roll_guard ON governance_rollentry;
DROP FUNCTION governance_proxy_guard();
DROP FUNCTION governance_roll_guard();
"""
