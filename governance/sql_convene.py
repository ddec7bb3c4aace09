"""The notice, the agenda, the papers and the contests of an assembly: triggers that hold whoever writes.

The guards of the roll and of the proxies are written anew, so that a person's name can be erased.
"""

GUARDS = """
CREATE FUNCTION governance_assembly_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'draft' AND (
        NEW.starts_at, NEW.roll_on, NEW.convened_on, NEW.notice_days, NEW.proxies_per_holder, NEW.quorum_percent,
        NEW.contest_days, NEW.asks_paid_dues, NEW.article
    ) IS DISTINCT FROM (
        OLD.starts_at, OLD.roll_on, OLD.convened_on, OLD.notice_days, OLD.proxies_per_holder, OLD.quorum_percent,
        OLD.contest_days, OLD.asks_paid_dues, OLD.article
    ) THEN
        RAISE EXCEPTION 'Une assemblée convoquée garde sa date et ses règles.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'governance_assembly_frozen';
    END IF;
    IF OLD.state = 'draft' AND NEW.state = 'convened' AND (
        NEW.convened_on IS NULL
        OR (NEW.starts_at AT TIME ZONE (SELECT time_zone FROM hubs_hub WHERE id = NEW.hub_id))::date - NEW.convened_on
            < NEW.notice_days
    ) THEN
        RAISE EXCEPTION 'Le délai de convocation des statuts est passé.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'governance_assembly_notice';
    END IF;
    IF NEW.state = 'frozen' AND OLD.state <> 'frozen' AND EXISTS (
        SELECT FROM governance_rollcontest WHERE assembly_id = NEW.id AND granted IS NULL
    ) THEN
        RAISE EXCEPTION 'Une contestation attend sa réponse.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'governance_assembly_contested';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER governance_assembly_guard BEFORE UPDATE ON governance_assembly
    FOR EACH ROW EXECUTE FUNCTION governance_assembly_guard();

-- The arguments: the states in which a row is added.
CREATE FUNCTION governance_contents_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    standing text;
BEGIN
    SELECT state INTO standing FROM governance_assembly
        WHERE id = CASE TG_OP WHEN 'INSERT' THEN NEW.assembly_id ELSE OLD.assembly_id END FOR SHARE;
    IF (CASE TG_OP WHEN 'INSERT' THEN standing <> ALL (TG_ARGV) ELSE standing <> 'draft' END)
        OR (TG_OP = 'UPDATE' AND NEW.assembly_id <> OLD.assembly_id) THEN
        RAISE EXCEPTION 'L’assemblée est convoquée : son ordre du jour et ses pièces restent.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_TABLE_NAME || '_frozen';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER governance_agendaitem_guard BEFORE INSERT OR UPDATE OR DELETE ON governance_agendaitem
    FOR EACH ROW EXECUTE FUNCTION governance_contents_guard('draft');
CREATE TRIGGER governance_paper_guard BEFORE INSERT OR UPDATE OR DELETE ON governance_paper
    FOR EACH ROW EXECUTE FUNCTION governance_contents_guard('draft', 'convened', 'frozen', 'open');

CREATE TRIGGER governance_notice_guard BEFORE UPDATE OR DELETE ON governance_notice
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('handed_on', 'handed_how');

CREATE FUNCTION governance_rollcontest_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM FROM governance_assembly WHERE id = NEW.assembly_id AND state = 'convened' FOR SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'La liste se conteste entre la convocation et son arrêt.'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'governance_rollcontest_too_late';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE'
        OR to_jsonb(NEW) - ARRAY['words', 'granted', 'answer', 'answered_at']
            <> to_jsonb(OLD) - ARRAY['words', 'granted', 'answer', 'answered_at']
        OR (OLD.granted IS NOT NULL
            AND (NEW.granted, NEW.answer, NEW.answered_at) IS DISTINCT FROM (OLD.granted, OLD.answer, OLD.answered_at))
    THEN
        RAISE EXCEPTION 'Une contestation et sa réponse restent.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'governance_rollcontest_frozen';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER governance_rollcontest_guard BEFORE INSERT OR UPDATE OR DELETE ON governance_rollcontest
    FOR EACH ROW EXECUTE FUNCTION governance_rollcontest_guard();
"""

UNGUARD = """
DROP TRIGGER governance_rollcontest_guard ON governance_rollcontest;
DROP TRIGGER governance_notice_guard ON governance_notice;
DROP TRIGGER governance_paper_guard ON governance_paper;
DROP TRIGGER governance_agendaitem_guard ON governance_agendaitem;
DROP TRIGGER governance_assembly_guard ON governance_assembly;
DROP FUNCTION governance_rollcontest_guard();
DROP FUNCTION governance_contents_guard();
DROP FUNCTION governance_assembly_guard();
"""

# Written for rows with or without the columns that an erasure changes: they stay when the migration is undone.
ERASABLE = """
CREATE OR REPLACE FUNCTION governance_roll_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    standing text;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.name = 'Personne effacée'
        AND to_jsonb(NEW) - ARRAY['name', 'erased_at'] = to_jsonb(OLD) - ARRAY['name', 'erased_at'] THEN
        RETURN NEW;
    END IF;
    SELECT state INTO standing FROM governance_assembly
        WHERE id = CASE TG_OP WHEN 'INSERT' THEN NEW.assembly_id ELSE OLD.assembly_id END FOR SHARE;
    IF standing NOT IN ('draft', 'convened')
        OR (TG_OP = 'UPDATE' AND NEW.assembly_id <> OLD.assembly_id) THEN
        RAISE EXCEPTION 'La liste électorale est arrêtée.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'governance_rollentry_frozen';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE OR REPLACE FUNCTION governance_proxy_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    gives governance_rollentry;
    holds governance_rollentry;
    meeting governance_assembly;
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) ->> 'brought_by' IN ('', 'Personne effacée')
        AND to_jsonb(NEW) ->> 'scan_id' IS NULL
        AND to_jsonb(NEW) - ARRAY['brought_by', 'scan_id'] = to_jsonb(OLD) - ARRAY['brought_by', 'scan_id'] THEN
        RETURN NEW;
    END IF;
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
"""

# Assemblies become a module that a hub opens or closes: those that had them keep them.
OPEN_MODULE = """
UPDATE hubs_hub SET modules = array_append(modules, 'governance')
    WHERE 'members' = ANY (modules) AND NOT 'governance' = ANY (modules);
"""
CLOSE_MODULE = "UPDATE hubs_hub SET modules = array_remove(modules, 'governance');"
