"""What was signed, announced and sent to a bank stays: triggers that hold whoever writes, raw SQL included."""

FREEZE_DEBITS = """
CREATE TRIGGER billing_mandate_guard BEFORE UPDATE OR DELETE ON billing_mandate
    FOR EACH ROW WHEN (OLD.signed_on IS NOT NULL)
    EXECUTE FUNCTION billing_only_ends('suspended_on', 'suspend_reason', 'revoked_on', 'revoke_reason');
CREATE TRIGGER billing_debitbatch_guard BEFORE UPDATE OR DELETE ON billing_debitbatch
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('deposited_on', 'collected_on');
CREATE TRIGGER billing_debit_guard BEFORE UPDATE OR DELETE ON billing_debit
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends(
        'state', 'announced_on', 'batch_id', 'end_to_end', 'payment_id', 'ended_on', 'end_code', 'end_reason');
CREATE TRIGGER billing_bankreturn_guard BEFORE UPDATE OR DELETE ON billing_bankreturn
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('applied_on');

-- A debit goes in one file, for ever, and its states follow one another.
CREATE FUNCTION billing_debit_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.batch_id IS NOT NULL AND NEW.batch_id IS DISTINCT FROM OLD.batch_id THEN
        RAISE EXCEPTION 'Ce prélèvement est déjà dans un fichier.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'billing_debit_in_one_file';
    END IF;
    IF NEW.state <> OLD.state AND NOT (OLD.state, NEW.state) IN (
        ('proposed', 'announced'), ('proposed', 'cancelled'), ('announced', 'in_file'), ('announced', 'cancelled'),
        ('in_file', 'collected'), ('in_file', 'rejected'), ('collected', 'returned')
    ) THEN
        RAISE EXCEPTION 'Un prélèvement ne passe pas de % à %.', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_debit_moves';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER billing_debit_moves BEFORE UPDATE ON billing_debit
    FOR EACH ROW EXECUTE FUNCTION billing_debit_moves();
"""

UNFREEZE_DEBITS = """
DROP TRIGGER billing_debit_moves ON billing_debit;
DROP FUNCTION billing_debit_moves();
DROP TRIGGER billing_bankreturn_guard ON billing_bankreturn;
DROP TRIGGER billing_debit_guard ON billing_debit;
DROP TRIGGER billing_debitbatch_guard ON billing_debitbatch;
DROP TRIGGER billing_mandate_guard ON billing_mandate;
"""
