"""What is held is never given back twice, whoever writes, raw SQL included."""

FREEZE_DEPOSITS = """
CREATE TRIGGER billing_deposit_guard BEFORE UPDATE OR DELETE ON billing_deposit
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('cancelled_at', 'cancelled_on', 'cancel_reason');
CREATE TRIGGER billing_depositmove_guard BEFORE UPDATE OR DELETE ON billing_depositmove
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('cancelled_at', 'cancelled_on', 'cancel_reason');
CREATE TRIGGER billing_refund_guard BEFORE UPDATE OR DELETE ON billing_refund
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('cancelled_at', 'cancelled_on', 'cancel_reason');

CREATE FUNCTION billing_deposit_sums() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept billing_deposit;
    received numeric;
    given numeric;
BEGIN
    IF TG_TABLE_NAME = 'billing_deposit' THEN
        kept := NEW;
    ELSE
        SELECT * INTO kept FROM billing_deposit WHERE id = NEW.deposit_id FOR NO KEY UPDATE;
    END IF;
    SELECT coalesce(sum(amount) FILTER (WHERE kind = 'received'), 0),
           coalesce(sum(amount) FILTER (WHERE kind <> 'received'), 0)
        INTO received, given FROM billing_depositmove WHERE deposit_id = kept.id AND cancelled_at IS NULL;
    IF given > received THEN
        RAISE EXCEPTION 'Ce dépôt rendrait plus que ce qui en est détenu.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_depositmove_within_held';
    END IF;
    IF received > kept.amount THEN
        RAISE EXCEPTION 'Ce dépôt recevrait plus que le montant convenu.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_depositmove_within_agreed';
    END IF;
    IF kept.cancelled_at IS NOT NULL AND received > 0 THEN
        RAISE EXCEPTION 'Un dépôt dont de l’argent est passé ne s’annule pas.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_deposit_cancelled_empty';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER billing_depositmove_sums AFTER INSERT OR UPDATE ON billing_depositmove
    FOR EACH ROW EXECUTE FUNCTION billing_deposit_sums();
CREATE TRIGGER billing_deposit_sums AFTER UPDATE ON billing_deposit
    FOR EACH ROW EXECUTE FUNCTION billing_deposit_sums();

-- What was given back of the account pays nothing more, and is not given back again.
CREATE FUNCTION billing_refund_sums() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_account bigint;
    paid numeric;
    used numeric;
    given numeric;
BEGIN
    IF TG_TABLE_NAME = 'billing_refund' THEN
        of_account := NEW.account_id;
    ELSE
        SELECT account_id INTO of_account FROM billing_payment WHERE id = NEW.payment_id;
    END IF;
    SELECT coalesce(sum(amount), 0) INTO given
        FROM billing_refund WHERE account_id = of_account AND cancelled_at IS NULL;
    IF given = 0 THEN
        RETURN NULL;
    END IF;
    PERFORM FROM billing_account WHERE id = of_account FOR NO KEY UPDATE;
    SELECT coalesce(sum(amount), 0) INTO paid
        FROM billing_payment WHERE account_id = of_account AND cancelled_at IS NULL;
    SELECT coalesce(sum(allocation.amount), 0) INTO used
        FROM billing_allocation allocation JOIN billing_payment payment ON payment.id = allocation.payment_id
        WHERE payment.account_id = of_account AND allocation.released_at IS NULL;
    IF used + given > paid THEN
        RAISE EXCEPTION 'Ce compte n’a plus d’avance à rendre ni à employer.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_refund_within_held';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER billing_refund_sums AFTER INSERT ON billing_refund
    FOR EACH ROW EXECUTE FUNCTION billing_refund_sums();
CREATE TRIGGER billing_allocation_after_refunds AFTER INSERT ON billing_allocation
    FOR EACH ROW EXECUTE FUNCTION billing_refund_sums();
"""

UNFREEZE_DEPOSITS = """
DROP TRIGGER billing_allocation_after_refunds ON billing_allocation;
DROP TRIGGER billing_refund_sums ON billing_refund;
DROP FUNCTION billing_refund_sums();
DROP TRIGGER billing_deposit_sums ON billing_deposit;
DROP TRIGGER billing_depositmove_sums ON billing_depositmove;
DROP FUNCTION billing_deposit_sums();
DROP TRIGGER billing_refund_guard ON billing_refund;
DROP TRIGGER billing_depositmove_guard ON billing_depositmove;
DROP TRIGGER billing_deposit_guard ON billing_deposit;
"""

# What was invoiced before the portal comes in as one line of its total, whatever it was for.
OPENINGS_APART = """
CREATE OR REPLACE FUNCTION billing_invoice_lines_of_kind() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.issued_at IS NOT NULL AND NEW.kind IN ('invoice', 'dues') AND NOT NEW.is_opening AND EXISTS (
        SELECT FROM billing_invoiceline
        WHERE invoice_id = NEW.id AND (vat_category = 'O') <> (NEW.kind = 'dues')
    ) THEN
        RAISE EXCEPTION 'Ce qui est hors du champ de la TVA ne partage pas un document avec ce qui y entre.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_invoice_lines_of_kind';
    END IF;
    RETURN NEW;
END $$;
"""

# Nothing is dated before the day until which the books are stopped.
LOCK_DEPOSITS = """
CREATE FUNCTION billing_moved_lock() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    day date := (to_jsonb(NEW) ->> CASE TG_OP WHEN 'INSERT' THEN TG_ARGV[0] ELSE 'cancelled_on' END)::date;
BEGIN
    PERFORM billing_refuse_locked(billing_issuer_on(NEW.hub_id, day), day);
    RETURN NEW;
END $$;
CREATE TRIGGER billing_refund_lock_insert BEFORE INSERT ON billing_refund
    FOR EACH ROW EXECUTE FUNCTION billing_moved_lock('paid_on');
CREATE TRIGGER billing_refund_lock_update BEFORE UPDATE ON billing_refund
    FOR EACH ROW WHEN (OLD.cancelled_at IS NULL AND NEW.cancelled_at IS NOT NULL)
    EXECUTE FUNCTION billing_moved_lock('paid_on');
CREATE TRIGGER billing_depositmove_lock_insert BEFORE INSERT ON billing_depositmove
    FOR EACH ROW EXECUTE FUNCTION billing_moved_lock('on');
CREATE TRIGGER billing_depositmove_lock_update BEFORE UPDATE ON billing_depositmove
    FOR EACH ROW WHEN (OLD.cancelled_at IS NULL AND NEW.cancelled_at IS NOT NULL)
    EXECUTE FUNCTION billing_moved_lock('on');
"""

UNLOCK_DEPOSITS = """
DROP TRIGGER billing_depositmove_lock_update ON billing_depositmove;
DROP TRIGGER billing_depositmove_lock_insert ON billing_depositmove;
DROP TRIGGER billing_refund_lock_update ON billing_refund;
DROP TRIGGER billing_refund_lock_insert ON billing_refund;
DROP FUNCTION billing_moved_lock();
"""
