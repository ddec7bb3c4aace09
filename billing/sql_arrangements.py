"""What was agreed with a late payer stays, and sums to what it is for, whoever writes."""

HOLD_ARRANGEMENTS = """
CREATE TRIGGER billing_arrangement_guard BEFORE UPDATE OR DELETE ON billing_arrangement
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('ended_on', 'end_reason');
CREATE TRIGGER billing_arrangedinvoice_guard BEFORE UPDATE OR DELETE ON billing_arrangedinvoice
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('');
CREATE TRIGGER billing_arrangedpart_guard BEFORE UPDATE OR DELETE ON billing_arrangedpart
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('');

-- At the commit, when the hub may be closed again: the owner's rights.
CREATE FUNCTION billing_arrangement_sums() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    agreed billing_arrangement;
BEGIN
    SELECT * INTO agreed FROM billing_arrangement
        WHERE id = coalesce((to_jsonb(NEW)->>'arrangement_id')::bigint, NEW.id);
    IF agreed.total IS DISTINCT FROM (SELECT sum(amount) FROM billing_arrangedpart WHERE arrangement_id = agreed.id)
        OR agreed.total IS DISTINCT FROM (
            SELECT sum(amount) FROM billing_arrangedinvoice WHERE arrangement_id = agreed.id
        ) THEN
        RAISE EXCEPTION 'Les échéances ne font pas ce qui est à régler.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_arrangement_sums';
    END IF;
    IF EXISTS (
        SELECT FROM billing_arrangedinvoice arranged JOIN billing_invoice invoice ON invoice.id = arranged.invoice_id
        WHERE arranged.arrangement_id = agreed.id
            AND (invoice.account_id <> agreed.account_id OR invoice.issued_at IS NULL OR invoice.kind = 'credit_note')
    ) THEN
        RAISE EXCEPTION 'Un échéancier de compte porte sur ses factures émises.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_arrangement_of_account';
    END IF;
    IF EXISTS (
        SELECT FROM (
            SELECT up_to, due_on, sum(amount) OVER (ORDER BY position) AS running,
                lag(due_on, 1, agreed.agreed_on - 1) OVER (ORDER BY position) AS before
            FROM billing_arrangedpart WHERE arrangement_id = agreed.id
        ) AS told WHERE up_to <> running OR due_on <= before
    ) THEN
        RAISE EXCEPTION 'Les échéances se suivent, chacune avec son cumul, à partir du jour convenu.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_arrangement_in_order';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER billing_arrangement_has_dates AFTER INSERT ON billing_arrangement
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_arrangement_sums();
CREATE CONSTRAINT TRIGGER billing_arrangedinvoice_sums AFTER INSERT ON billing_arrangedinvoice
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_arrangement_sums();
CREATE CONSTRAINT TRIGGER billing_arrangedpart_sums AFTER INSERT ON billing_arrangedpart
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_arrangement_sums();
"""

RELEASE_ARRANGEMENTS = """
DROP TRIGGER billing_arrangedpart_sums ON billing_arrangedpart;
DROP TRIGGER billing_arrangedinvoice_sums ON billing_arrangedinvoice;
DROP TRIGGER billing_arrangement_has_dates ON billing_arrangement;
DROP FUNCTION billing_arrangement_sums();
DROP TRIGGER billing_arrangedpart_guard ON billing_arrangedpart;
DROP TRIGGER billing_arrangedinvoice_guard ON billing_arrangedinvoice;
DROP TRIGGER billing_arrangement_guard ON billing_arrangement;
"""
