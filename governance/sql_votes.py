"""Weights, resolutions and votes: triggers and policies that hold whoever writes, raw SQL included.

What the database alone writes (the weights of an assembly, the results, the secret ballots) is closed to the portal
by policies; the functions that write it are the owner's (SECURITY DEFINER). A secret count cannot be read before
its vote is closed; what this does not hold is in docs/adr/0015.
"""

from hubs.isolation import OPEN_HUB

WEIGH = """
CREATE FUNCTION governance_voices_whole() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    written governance_collegevoice := coalesce(NEW, OLD);
    total numeric;
    lowest numeric;
    highest numeric;
BEGIN
    SELECT sum(percent), min(percent), max(percent) INTO total, lowest, highest FROM governance_collegevoice
        WHERE hub_id = written.hub_id AND starts_on = written.starts_on;
    IF total <> 100 THEN
        RAISE EXCEPTION 'Les poids des collèges font 100 %%.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'governance_collegevoice_whole';
    END IF;
    IF (lowest < 10 OR highest > 50) AND EXISTS (
        SELECT FROM hubs_hubsettings WHERE hub_id = written.hub_id AND legal_form = 'scic'
            AND starts_on <= written.starts_on AND (ends_on IS NULL OR ends_on > written.starts_on)
    ) THEN
        RAISE EXCEPTION 'Dans une SCIC, un collège pèse de 10 à 50 %%.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'governance_collegevoice_scic';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER governance_collegevoice_whole AFTER INSERT OR UPDATE OR DELETE ON governance_collegevoice
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION governance_voices_whole();

CREATE FUNCTION governance_copy_voices() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    since date;
    forgotten text;
BEGIN
    SELECT max(starts_on) INTO since FROM governance_collegevoice
        WHERE hub_id = NEW.hub_id AND starts_on <= NEW.starts_at::date;
    IF since IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT min(college.name) INTO forgotten FROM governance_rollentry entry
        JOIN members_college college ON college.id = entry.college_id
        WHERE entry.assembly_id = NEW.id AND entry.votes AND NOT EXISTS (
            SELECT FROM governance_collegevoice voice
            WHERE voice.hub_id = NEW.hub_id AND voice.starts_on = since AND voice.college_id = entry.college_id);
    IF forgotten IS NOT NULL THEN
        RAISE EXCEPTION 'Le collège « % » vote et n’a pas de poids.', forgotten
            USING ERRCODE = 'check_violation', CONSTRAINT = 'governance_voice_missing';
    END IF;
    INSERT INTO governance_assemblyvoice (hub_id, assembly_id, college_id, percent)
        SELECT hub_id, NEW.id, college_id, percent FROM governance_collegevoice
        WHERE hub_id = NEW.hub_id AND starts_on = since;
    RETURN NULL;
END $$;
CREATE TRIGGER governance_copy_voices AFTER UPDATE OF state ON governance_assembly
    FOR EACH ROW WHEN (NEW.state = 'frozen' AND OLD.state <> 'frozen') EXECUTE FUNCTION governance_copy_voices();
"""

RESOLVE = """
CREATE FUNCTION governance_resolution_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    meeting text;
    moving text[] := ARRAY['state'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.state = 'draft' THEN
            RETURN OLD;
        END IF;
    ELSE
        -- FOR SHARE waits for whoever is closing the assembly.
        SELECT state INTO meeting FROM governance_assembly WHERE id = NEW.assembly_id FOR SHARE;
        IF TG_OP = 'INSERT' AND NEW.state = 'draft' AND meeting NOT IN ('closed', 'cancelled') THEN
            RETURN NEW;
        ELSIF TG_OP = 'UPDATE' AND OLD.state = 'draft' AND NEW.state = 'draft'
                AND NEW.assembly_id = OLD.assembly_id THEN
            RETURN NEW;
        ELSIF TG_OP = 'UPDATE' AND OLD.state = 'draft' AND NEW.state = 'open' THEN
            IF meeting <> 'open' THEN
                RAISE EXCEPTION 'Le vote s’ouvre pendant l’assemblée.'
                    USING ERRCODE = 'restrict_violation', CONSTRAINT = 'governance_resolution_not_now';
            ELSIF NEW.counting = 'colleges' AND NOT EXISTS (
                    SELECT FROM governance_assemblyvoice WHERE assembly_id = NEW.assembly_id) THEN
                RAISE EXCEPTION 'Les collèges de cette assemblée n’ont pas de poids.'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'governance_resolution_no_voices';
            END IF;
            moving := ARRAY['state', 'opened_at'];
        ELSIF TG_OP = 'UPDATE' AND OLD.state = 'open' AND NEW.state = 'closed' THEN
            moving := ARRAY['state', 'closed_at'];
        ELSIF TG_OP = 'UPDATE' AND OLD.state = 'closed' AND NEW.state = 'published' THEN
            moving := ARRAY['state', 'outcome'];
        ELSE
            moving := NULL;
        END IF;
        IF moving IS NOT NULL AND TG_OP = 'UPDATE' AND to_jsonb(NEW) - moving = to_jsonb(OLD) - moving THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'Une résolution mise au vote ne se modifie plus.'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'governance_resolution_frozen';
END $$;
CREATE TRIGGER governance_resolution_guard BEFORE INSERT OR UPDATE OR DELETE ON governance_resolution
    FOR EACH ROW EXECUTE FUNCTION governance_resolution_guard();

CREATE FUNCTION governance_assembly_votes_over() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM governance_resolution WHERE assembly_id = NEW.id AND state = 'open') THEN
        RAISE EXCEPTION 'Un vote est encore ouvert.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'governance_assembly_vote_open';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER governance_assembly_votes_over BEFORE UPDATE OF state ON governance_assembly
    FOR EACH ROW WHEN (NEW.state = 'closed') EXECUTE FUNCTION governance_assembly_votes_over();

CREATE FUNCTION governance_is_here(of_entry bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM governance_attendance WHERE entry_id = of_entry AND left_at IS NULL)
$$;
CREATE FUNCTION governance_is_represented(of_entry bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM governance_proxy proxy JOIN governance_attendance came ON came.entry_id = proxy.holder_id
        WHERE proxy.giver_id = of_entry AND proxy.revoked_at IS NULL AND came.left_at IS NULL)
$$;

CREATE FUNCTION governance_hand_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked governance_resolution;
    written governance_handcount := coalesce(NEW, OLD);
BEGIN
    SELECT * INTO asked FROM governance_resolution WHERE id = written.resolution_id FOR SHARE;
    IF asked.state <> 'open' OR asked.ballot <> 'hands' THEN
        RAISE EXCEPTION 'Ce vote n’est pas ouvert.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'governance_vote_not_open';
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.in_favour + NEW.against + NEW.abstained > (
        SELECT coalesce(sum(weight), 0) FROM governance_rollentry
        WHERE assembly_id = asked.assembly_id AND college_id = NEW.college_id AND votes
            AND (governance_is_here(id) OR governance_is_represented(id))
    ) THEN
        RAISE EXCEPTION 'Plus de mains que de voix dans la salle.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'governance_handcount_within_room';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER governance_hand_guard BEFORE INSERT OR UPDATE OR DELETE ON governance_handcount
    FOR EACH ROW EXECUTE FUNCTION governance_hand_guard();

-- The vote of `of_entry` may be taken in this resolution now, or the reason why not.
CREATE FUNCTION governance_check_vote(asked governance_resolution, kind text, of_entry bigint) RETURNS void
    LANGUAGE plpgsql AS $$
BEGIN
    IF asked.state IS DISTINCT FROM 'open' OR asked.ballot <> kind THEN
        RAISE EXCEPTION 'Ce vote n’est pas ouvert.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'governance_vote_not_open';
    END IF;
    IF NOT EXISTS (
        SELECT FROM governance_rollentry WHERE id = of_entry AND assembly_id = asked.assembly_id AND votes
            AND (governance_is_here(id) OR governance_is_represented(id))
    ) THEN
        RAISE EXCEPTION 'Ne votent que les membres présents ou représentés.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'governance_vote_absent';
    END IF;
END $$;

CREATE FUNCTION governance_nominal_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked governance_resolution;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'Un vote ne se modifie pas.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'governance_nominalvote_frozen';
    END IF;
    SELECT * INTO asked FROM governance_resolution WHERE id = NEW.resolution_id FOR SHARE;
    PERFORM governance_check_vote(asked, 'nominal', NEW.entry_id);
    RETURN NEW;
END $$;
CREATE TRIGGER governance_nominal_guard BEFORE INSERT OR UPDATE OR DELETE ON governance_nominalvote
    FOR EACH ROW EXECUTE FUNCTION governance_nominal_guard();
"""

SEAL = """
CREATE FUNCTION governance_secret_open() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO governance_secretmarker (hub_id, resolution_id, entry_id, has_voted)
        SELECT entry.hub_id, NEW.id, entry.id, false FROM governance_rollentry entry
        WHERE entry.assembly_id = NEW.assembly_id AND entry.votes ORDER BY entry.id;
    INSERT INTO governance_secretcount (hub_id, resolution_id, college_id, weight, choice, ballots)
        SELECT NEW.hub_id, NEW.id, kind.college_id, kind.weight, chosen, 0
        FROM (SELECT DISTINCT college_id, weight FROM governance_rollentry
            WHERE assembly_id = NEW.assembly_id AND votes) AS kind,
            unnest(ARRAY['for', 'against', 'abstain']) AS chosen;
    RETURN NULL;
END $$;
CREATE TRIGGER governance_secret_open AFTER UPDATE OF state ON governance_resolution
    FOR EACH ROW WHEN (NEW.state = 'open' AND OLD.state = 'draft' AND NEW.ballot = 'secret')
    EXECUTE FUNCTION governance_secret_open();

-- One secret vote. Every marker and every counter of the resolution is written anew, with the same values but one:
-- what voter and what choice this transaction was for cannot be read from xmin nor from ctid.
CREATE FUNCTION governance_secret_vote(of_resolution bigint, of_entry bigint, chosen text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    asked governance_resolution;
    voter governance_rollentry;
BEGIN
    SELECT * INTO asked FROM governance_resolution WHERE id = of_resolution AND hub_id = OPEN_HUB
        FOR NO KEY UPDATE;
    PERFORM governance_check_vote(asked, 'secret', of_entry);
    IF (SELECT has_voted FROM governance_secretmarker WHERE resolution_id = asked.id AND entry_id = of_entry) THEN
        RAISE EXCEPTION 'Cette voix a déjà voté.'
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'governance_secretmarker_voted';
    END IF;
    IF chosen NOT IN ('for', 'against', 'abstain') THEN
        RAISE EXCEPTION 'Un vote est pour, contre ou abstention.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'governance_secretcount_choice';
    END IF;
    SELECT * INTO voter FROM governance_rollentry WHERE id = of_entry;
    UPDATE governance_secretmarker SET has_voted = has_voted OR entry_id = of_entry WHERE resolution_id = asked.id;
    UPDATE governance_secretcount
        SET ballots = ballots
            + (college_id = voter.college_id AND weight = voter.weight AND choice = chosen)::integer
        WHERE resolution_id = asked.id;
END $$;

CREATE POLICY governance_secretcount_sealed ON governance_secretcount AS RESTRICTIVE FOR SELECT USING (
    EXISTS (SELECT FROM governance_resolution asked
        WHERE asked.id = resolution_id AND asked.state IN ('closed', 'published')));
""".replace("OPEN_HUB", OPEN_HUB)

TALLY = """
CREATE FUNCTION governance_count_votes() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO governance_collegeresult (hub_id, resolution_id, college_id, percent, voters, present, represented,
        voices, voices_here, in_favour, against, abstained)
    WITH voter AS (
        SELECT id, college_id, weight, governance_is_here(id) AS here, governance_is_represented(id) AS represented,
            EXISTS (SELECT FROM governance_nominalvote WHERE resolution_id = NEW.id AND entry_id = entry.id)
            OR EXISTS (SELECT FROM governance_secretmarker
                WHERE resolution_id = NEW.id AND entry_id = entry.id AND has_voted) AS has_voted
        FROM governance_rollentry entry WHERE assembly_id = NEW.assembly_id AND votes
    ), cast_votes AS (
        SELECT college_id, in_favour, against, abstained FROM governance_handcount WHERE resolution_id = NEW.id
        UNION ALL
        SELECT voter.college_id, sum(weight) FILTER (WHERE choice = 'for'),
            sum(weight) FILTER (WHERE choice = 'against'), sum(weight) FILTER (WHERE choice = 'abstain')
        FROM governance_nominalvote vote JOIN voter ON voter.id = vote.entry_id
        WHERE vote.resolution_id = NEW.id GROUP BY voter.college_id
        UNION ALL
        SELECT college_id, sum(weight * ballots) FILTER (WHERE choice = 'for'),
            sum(weight * ballots) FILTER (WHERE choice = 'against'),
            sum(weight * ballots) FILTER (WHERE choice = 'abstain')
        FROM governance_secretcount WHERE resolution_id = NEW.id GROUP BY college_id
    )
    SELECT NEW.hub_id, NEW.id, voter.college_id,
        CASE NEW.counting WHEN 'colleges' THEN max(voice.percent) END,
        count(*), count(*) FILTER (WHERE here), count(*) FILTER (WHERE represented AND NOT here),
        sum(weight), coalesce(sum(weight) FILTER (WHERE here OR represented OR has_voted), 0),
        coalesce(max(in_favour), 0), coalesce(max(against), 0), coalesce(max(abstained), 0)
    FROM voter LEFT JOIN cast_votes USING (college_id)
        LEFT JOIN governance_assemblyvoice voice
            ON voice.assembly_id = NEW.assembly_id AND voice.college_id = voter.college_id
    GROUP BY voter.college_id;
    RETURN NULL;
END $$;
CREATE TRIGGER governance_count_votes AFTER UPDATE OF state ON governance_resolution
    FOR EACH ROW WHEN (NEW.state = 'closed' AND OLD.state = 'open') EXECUTE FUNCTION governance_count_votes();
"""

# Written by the functions above and by nobody else.
_SEALED = ("assemblyvoice", "collegeresult", "secretcount", "secretmarker")
_CLOSED_TO = {"insert": "WITH CHECK", "update": "USING", "delete": "USING"}
CLOSE_TABLES = "\n".join(
    f"CREATE POLICY governance_{table}_no_{verb} ON governance_{table} AS RESTRICTIVE FOR {verb.upper()} {clause} (false);"
    for table in _SEALED
    for verb, clause in _CLOSED_TO.items()
)
HOLD_VOTES = WEIGH + RESOLVE + SEAL + TALLY + CLOSE_TABLES

RELEASE_VOTES = (
    "\n".join(
        f"DROP POLICY governance_{table}_no_{verb} ON governance_{table};" for table in _SEALED for verb in _CLOSED_TO
    )
    + """
DROP TRIGGER governance_count_votes ON governance_resolution;
DROP FUNCTION governance_count_votes();
DROP POLICY governance_secretcount_sealed ON governance_secretcount;
DROP FUNCTION governance_secret_vote(bigint, bigint, text);
DROP TRIGGER governance_secret_open ON governance_resolution;
DROP FUNCTION governance_secret_open();
DROP TRIGGER governance_nominal_guard ON governance_nominalvote;
DROP FUNCTION governance_nominal_guard();
DROP FUNCTION governance_check_vote(governance_resolution, text, bigint);
DROP TRIGGER governance_hand_guard ON governance_handcount;
DROP FUNCTION governance_hand_guard();
DROP FUNCTION governance_is_represented(bigint);
DROP FUNCTION governance_is_here(bigint);
DROP TRIGGER governance_assembly_votes_over ON governance_assembly;
DROP FUNCTION governance_assembly_votes_over();
DROP TRIGGER governance_resolution_guard ON governance_resolution;
DROP FUNCTION governance_resolution_guard();
DROP TRIGGER governance_copy_voices ON governance_assembly;
DROP FUNCTION governance_copy_voices();
DROP TRIGGER governance_collegevoice_whole ON governance_collegevoice;
DROP FUNCTION governance_voices_whole();
"""
)
