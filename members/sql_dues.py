"""What a vote adopted stays; the brackets of a scale leave no hole, whoever writes them."""

HOLD_DUES = """
CREATE FUNCTION members_duesscale_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.adopted_on IS NOT NULL AND (
        TG_OP = 'DELETE' OR to_jsonb(NEW) - 'vote' <> to_jsonb(OLD) - 'vote'
    ) THEN
        RAISE EXCEPTION 'Un barème adopté ne se modifie pas : adoptez-en un autre.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'members_duesscale_frozen';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER members_duesscale_frozen BEFORE UPDATE OR DELETE ON members_duesscale
    FOR EACH ROW EXECUTE FUNCTION members_duesscale_frozen();

CREATE FUNCTION members_duesbracket_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM members_duesscale WHERE adopted_on IS NOT NULL AND id IN (
            CASE WHEN TG_OP <> 'INSERT' THEN OLD.scale_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.scale_id END
        ) FOR SHARE
    ) THEN
        RAISE EXCEPTION 'Un barème adopté ne se modifie pas : adoptez-en un autre.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'members_duesscale_frozen';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER members_duesbracket_frozen BEFORE INSERT OR UPDATE OR DELETE ON members_duesbracket
    FOR EACH ROW EXECUTE FUNCTION members_duesbracket_frozen();

CREATE FUNCTION members_duesbracket_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_scale bigint := coalesce(
        (to_jsonb(NEW)->>'scale_id')::bigint, (to_jsonb(OLD)->>'scale_id')::bigint, NEW.id
    );
BEGIN
    IF EXISTS (
        SELECT FROM (
            SELECT from_value, to_value,
                lag(to_value) OVER (ORDER BY from_value) AS before,
                row_number() OVER (ORDER BY from_value) AS rank,
                row_number() OVER (ORDER BY from_value DESC) AS rank_from_last
            FROM members_duesbracket WHERE scale_id = of_scale
        ) AS told
        WHERE (rank = 1 AND from_value <> 0)
            OR (rank > 1 AND before IS DISTINCT FROM from_value)
            OR (rank_from_last = 1) <> (to_value IS NULL)
    ) OR EXISTS (
        SELECT FROM members_duesscale scale WHERE scale.id = of_scale AND scale.adopted_on IS NOT NULL
            AND NOT EXISTS (SELECT FROM members_duesbracket WHERE scale_id = of_scale)
    ) THEN
        RAISE EXCEPTION 'Les tranches d’un barème se suivent sans trou, de zéro à la dernière, qui reste ouverte.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'members_duesbracket_whole';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER members_duesbracket_whole AFTER INSERT OR UPDATE OR DELETE ON members_duesbracket
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION members_duesbracket_whole();
CREATE CONSTRAINT TRIGGER members_duesscale_whole AFTER INSERT OR UPDATE ON members_duesscale
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION members_duesbracket_whole();

CREATE TRIGGER members_duescall_guard BEFORE UPDATE OR DELETE ON members_duescall
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('');
"""

RELEASE_DUES = """
DROP TRIGGER members_duescall_guard ON members_duescall;
DROP TRIGGER members_duesscale_whole ON members_duesscale;
DROP TRIGGER members_duesbracket_whole ON members_duesbracket;
DROP FUNCTION members_duesbracket_whole();
DROP TRIGGER members_duesbracket_frozen ON members_duesbracket;
DROP FUNCTION members_duesbracket_frozen();
DROP TRIGGER members_duesscale_frozen ON members_duesscale;
DROP FUNCTION members_duesscale_frozen();
"""
