"""billing_match_sums of billing/sql_bank.py, where a part may be a refund or the money of a deposit as well.

billing/sql_bank.py stays as it is: the migration that made the bank runs it.
"""

MATCH_SUMS = """
CREATE OR REPLACE FUNCTION billing_match_sums() RETURNS trigger LANGUAGE plpgsql AS $$
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
{money}
    RETURN NULL;
END $$;
"""

_MONEY = """
    IF EXISTS (
        SELECT FROM written
        JOIN billing_refund refund ON refund.id = written.refund_id
        WHERE refund.amount <> -written.amount OR refund.cancelled_at IS NOT NULL OR refund.method = 'cash'
    ) OR EXISTS (
        SELECT FROM written
        JOIN billing_depositmove move ON move.id = written.move_id
        WHERE move.cancelled_at IS NOT NULL OR move.method = 'cash'
            OR move.amount * CASE move.kind WHEN 'received' THEN 1 WHEN 'refunded' THEN -1 ELSE 0 END <> written.amount
    ) THEN
        RAISE EXCEPTION 'Une somme rendue se rapproche en entier, et tant qu’elle n’est pas annulée.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_match_whole_money';
    END IF;
"""

MATCHES_OF_MONEY = MATCH_SUMS.replace("{money}", _MONEY)
MATCHES_OF_PAYMENTS = MATCH_SUMS.replace("{money}", "")
