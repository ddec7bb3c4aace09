"""The chain of seals of billing/sql_books.py, which holds refunds and the moves of deposits as well.

What was sealed before keeps its seal and its place: these come after it.
"""

MORE_SEALS = """
CREATE FUNCTION billing_refund_payload(sealed billing_refund, cancelled boolean) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT (jsonb_build_object(
        'account', sealed.account_id, 'paid_on', sealed.paid_on, 'amount', sealed.amount, 'method', sealed.method,
        'reference', sealed.reference, 'paid_to', sealed.paid_to, 'reason', sealed.reason,
        'recorded_at', sealed.recorded_at AT TIME ZONE 'UTC'
    ) || CASE WHEN cancelled THEN jsonb_build_object(
        'cancelled_at', sealed.cancelled_at AT TIME ZONE 'UTC', 'cancelled_on', sealed.cancelled_on,
        'cancel_reason', sealed.cancel_reason
    ) ELSE '{}'::jsonb END)::text
$$;

-- With what was agreed of the deposit, which never changes either.
CREATE FUNCTION billing_depositmove_payload(sealed billing_depositmove, cancelled boolean) RETURNS text
    LANGUAGE sql STABLE AS $$
    SELECT (jsonb_build_object(
        'kind', sealed.kind, 'amount', sealed.amount, 'on', sealed."on", 'method', sealed.method,
        'reference', sealed.reference, 'paid_to', sealed.paid_to, 'reason', sealed.reason,
        'charge', sealed.charge_id, 'payment', sealed.payment_id,
        'recorded_at', sealed.recorded_at AT TIME ZONE 'UTC',
        'deposit', (
            SELECT jsonb_build_object(
                'id', id, 'account', account_id, 'issuer', issuer_id, 'nature', nature, 'label', label,
                'amount', amount, 'asked_on', asked_on)
            FROM billing_deposit WHERE id = sealed.deposit_id
        )
    ) || CASE WHEN cancelled THEN jsonb_build_object(
        'cancelled_at', sealed.cancelled_at AT TIME ZONE 'UTC', 'cancelled_on', sealed.cancelled_on,
        'cancel_reason', sealed.cancel_reason
    ) ELSE '{}'::jsonb END)::text
$$;

CREATE FUNCTION billing_seal_refund() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM billing_seal(
        NEW.hub_id, CASE TG_OP WHEN 'INSERT' THEN 'refund' ELSE 'refund_off' END, NEW.id,
        billing_refund_payload(NEW, TG_OP <> 'INSERT')
    );
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER billing_refund_seal_insert AFTER INSERT ON billing_refund
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_seal_refund();
CREATE CONSTRAINT TRIGGER billing_refund_seal_update AFTER UPDATE ON billing_refund
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.cancelled_at IS NULL AND NEW.cancelled_at IS NOT NULL)
    EXECUTE FUNCTION billing_seal_refund();

CREATE FUNCTION billing_seal_depositmove() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM billing_seal(
        NEW.hub_id, CASE TG_OP WHEN 'INSERT' THEN 'deposit' ELSE 'deposit_off' END, NEW.id,
        billing_depositmove_payload(NEW, TG_OP <> 'INSERT')
    );
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER billing_depositmove_seal_insert AFTER INSERT ON billing_depositmove
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_seal_depositmove();
CREATE CONSTRAINT TRIGGER billing_depositmove_seal_update AFTER UPDATE ON billing_depositmove
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.cancelled_at IS NULL AND NEW.cancelled_at IS NOT NULL)
    EXECUTE FUNCTION billing_seal_depositmove();
"""

# The triggers are there first: they hold the tables, and nothing is noted between them and this. The guard that leaves
# seals to triggers alone stands aside until its end.
SEAL_WHAT_IS_THERE = """
ALTER TABLE billing_seal DISABLE TRIGGER billing_seal_guard;
DO $$
DECLARE
    event record;
BEGIN
    FOR event IN
        SELECT hub_id, 'refund' AS what, id, recorded_at AS at FROM billing_refund
        UNION ALL SELECT hub_id, 'refund_off', id, cancelled_at FROM billing_refund WHERE cancelled_at IS NOT NULL
        UNION ALL SELECT hub_id, 'deposit', id, recorded_at FROM billing_depositmove
        UNION ALL SELECT hub_id, 'deposit_off', id, cancelled_at FROM billing_depositmove WHERE cancelled_at IS NOT NULL
        ORDER BY 1, 4, 2, 3
    LOOP
        PERFORM billing_seal(event.hub_id, event.what, event.id, CASE
            WHEN event.what LIKE 'refund%' THEN (SELECT billing_refund_payload(r, event.what = 'refund_off')
                FROM billing_refund r WHERE r.id = event.id)
            ELSE (SELECT billing_depositmove_payload(m, event.what = 'deposit_off')
                FROM billing_depositmove m WHERE m.id = event.id) END)
        WHERE NOT EXISTS (
            SELECT FROM billing_seal WHERE hub_id = event.hub_id AND what = event.what AND thing_id = event.id
        );
    END LOOP;
END $$;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE billing_seal ENABLE TRIGGER billing_seal_guard;
"""

# The seals stay: the chain would break without them.
FEWER_SEALS = """
DROP TRIGGER billing_depositmove_seal_update ON billing_depositmove;
DROP TRIGGER billing_depositmove_seal_insert ON billing_depositmove;
DROP TRIGGER billing_refund_seal_update ON billing_refund;
DROP TRIGGER billing_refund_seal_insert ON billing_refund;
DROP FUNCTION billing_seal_depositmove();
DROP FUNCTION billing_seal_refund();
DROP FUNCTION billing_depositmove_payload(billing_depositmove, boolean);
DROP FUNCTION billing_refund_payload(billing_refund, boolean);
"""
