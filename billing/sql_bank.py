"""A line of the bank is matched whole or not at all, and what was read from the bank never changes."""

BANK_GUARDS = """
CREATE TRIGGER billing_bankstatement_guard BEFORE UPDATE OR DELETE ON billing_bankstatement
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends();
CREATE TRIGGER billing_bankline_guard BEFORE UPDATE OR DELETE ON billing_bankline
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('state', 'aside', 'aside_note');
CREATE TRIGGER billing_match_guard BEFORE UPDATE OR DELETE ON billing_match
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('undone_at', 'undone_by', 'undo_reason');
CREATE TRIGGER billing_chequeslip_guard BEFORE UPDATE OR DELETE ON billing_chequeslip
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('cancelled_at', 'cancel_reason');
CREATE TRIGGER billing_slipcheque_guard BEFORE UPDATE OR DELETE ON billing_slipcheque
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('released_at');
CREATE TRIGGER billing_payout_guard BEFORE UPDATE OR DELETE ON billing_payout
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends();
CREATE TRIGGER billing_payoutpayment_guard BEFORE UPDATE OR DELETE ON billing_payoutpayment
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('account_id', 'because', 'is_aside');
CREATE TRIGGER billing_receipt_guard BEFORE UPDATE OR DELETE ON billing_receipt
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends();

-- The parts of a line are written by one statement, and sum to it.
CREATE FUNCTION billing_match_sums() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM billing_bankline line
        JOIN billing_match match ON match.line_id = line.id AND match.undone_at IS NULL
        WHERE line.id IN (SELECT line_id FROM written)
        GROUP BY line.id, line.amount HAVING sum(match.amount) <> line.amount
    ) THEN
        RAISE EXCEPTION 'Les parts d’une ligne de relevé font son montant.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_match_sums';
    END IF;
    IF EXISTS (
        SELECT FROM written
        JOIN billing_payment payment ON payment.id = written.payment_id
        WHERE payment.amount <> abs(written.amount) OR (payment.cancelled_at IS NOT NULL AND written.kind = 'payment')
    ) THEN
        RAISE EXCEPTION 'Un paiement se rapproche en entier, et tant qu’il n’est pas annulé.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_match_whole_payment';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER billing_match_sums AFTER INSERT ON billing_match
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION billing_match_sums();

CREATE FUNCTION billing_bankline_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.state = 'matched')
        <> EXISTS (SELECT FROM billing_match WHERE line_id = NEW.id AND undone_at IS NULL) THEN
        RAISE EXCEPTION 'Une ligne est rapprochée quand elle a ses parts, et alors seulement.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_bankline_state';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER billing_bankline_state BEFORE INSERT OR UPDATE OF state ON billing_bankline
    FOR EACH ROW EXECUTE FUNCTION billing_bankline_state();

CREATE FUNCTION billing_slipcheque_sums() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM billing_chequeslip slip
        JOIN billing_slipcheque cheque ON cheque.slip_id = slip.id AND cheque.released_at IS NULL
        JOIN billing_payment payment ON payment.id = cheque.payment_id
        WHERE slip.id IN (SELECT slip_id FROM written)
        GROUP BY slip.id, slip.total
        HAVING sum(payment.amount) <> slip.total
            OR bool_or(payment.method <> 'cheque' OR payment.cancelled_at IS NOT NULL)
    ) THEN
        RAISE EXCEPTION 'Une remise fait le total de ses chèques.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_slipcheque_sums';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER billing_slipcheque_sums AFTER INSERT ON billing_slipcheque
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION billing_slipcheque_sums();
"""

NO_BANK_GUARDS = """
DROP TRIGGER billing_slipcheque_sums ON billing_slipcheque;
DROP TRIGGER billing_bankline_state ON billing_bankline;
DROP TRIGGER billing_match_sums ON billing_match;
DROP TRIGGER billing_receipt_guard ON billing_receipt;
DROP TRIGGER billing_payoutpayment_guard ON billing_payoutpayment;
DROP TRIGGER billing_payout_guard ON billing_payout;
DROP TRIGGER billing_slipcheque_guard ON billing_slipcheque;
DROP TRIGGER billing_chequeslip_guard ON billing_chequeslip;
DROP TRIGGER billing_match_guard ON billing_match;
DROP TRIGGER billing_bankline_guard ON billing_bankline;
DROP TRIGGER billing_bankstatement_guard ON billing_bankstatement;
DROP FUNCTION billing_slipcheque_sums();
DROP FUNCTION billing_bankline_state();
DROP FUNCTION billing_match_sums();
"""
