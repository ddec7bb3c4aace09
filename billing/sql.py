"""What is issued stays: triggers that hold whoever writes, raw SQL included (CGI ann. II, 242 nonies A)."""

FREEZE = """
CREATE FUNCTION billing_invoice_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lines numeric;
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.issued_at IS NOT NULL THEN
        RAISE EXCEPTION 'La facture % est émise : elle ne se modifie ni ne se supprime. Établissez un avoir.',
            OLD.number USING ERRCODE = 'restrict_violation', CONSTRAINT = 'billing_invoice_frozen';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF NEW.issued_at IS NOT NULL THEN
        SELECT coalesce(sum(amount_excl), 0) INTO lines FROM billing_invoiceline WHERE invoice_id = NEW.id;
        IF lines <> NEW.total_excl THEN
            RAISE EXCEPTION 'Le total de la facture % n’est pas la somme de ses lignes.', NEW.number
                USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_invoice_lines_sum';
        END IF;
        IF NEW.corrects_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM billing_invoice WHERE id = NEW.corrects_id AND issued_at IS NOT NULL AND kind = 'invoice'
        ) THEN
            RAISE EXCEPTION 'Un avoir corrige une facture émise.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_invoice_corrects_issued';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER billing_invoice_guard BEFORE INSERT OR UPDATE OR DELETE ON billing_invoice
    FOR EACH ROW EXECUTE FUNCTION billing_invoice_guard();

CREATE FUNCTION billing_invoiceline_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_invoice bigint;
    issued_as text;
BEGIN
    FOREACH of_invoice IN ARRAY CASE TG_OP
        WHEN 'INSERT' THEN ARRAY[NEW.invoice_id]
        WHEN 'DELETE' THEN ARRAY[OLD.invoice_id]
        ELSE ARRAY[OLD.invoice_id, NEW.invoice_id] END
    LOOP
        -- FOR SHARE waits for the transaction that is issuing this invoice, if there is one.
        SELECT number INTO issued_as FROM billing_invoice WHERE id = of_invoice AND issued_at IS NOT NULL FOR SHARE;
        IF issued_as IS NOT NULL THEN
            RAISE EXCEPTION 'La facture % est émise : ses lignes ne changent plus. Établissez un avoir.', issued_as
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'billing_invoice_frozen';
        END IF;
    END LOOP;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER billing_invoiceline_guard BEFORE INSERT OR UPDATE OR DELETE ON billing_invoiceline
    FOR EACH ROW EXECUTE FUNCTION billing_invoiceline_guard();

-- Rows that only gain an end: every column but those named stays as it was written.
CREATE FUNCTION billing_only_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR to_jsonb(NEW) - TG_ARGV <> to_jsonb(OLD) - TG_ARGV THEN
        RAISE EXCEPTION 'Un mouvement de compte ne se modifie ni ne se supprime : il s’annule.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_TABLE_NAME || '_frozen';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER billing_charge_guard BEFORE UPDATE OR DELETE ON billing_charge
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('reversed_at');
CREATE TRIGGER billing_payment_guard BEFORE UPDATE OR DELETE ON billing_payment
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('cancelled_at', 'cancelled_on', 'cancel_reason');
CREATE TRIGGER billing_allocation_guard BEFORE UPDATE OR DELETE ON billing_allocation
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('released_at');

CREATE FUNCTION billing_allocation_sums() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    paid billing_payment;
    due billing_invoice;
BEGIN
    SELECT * INTO paid FROM billing_payment WHERE id = NEW.payment_id FOR NO KEY UPDATE;
    SELECT * INTO due FROM billing_invoice WHERE id = NEW.invoice_id FOR NO KEY UPDATE;
    IF due.issued_at IS NULL OR due.kind <> 'invoice' OR due.account_id <> paid.account_id
        OR paid.cancelled_at IS NOT NULL
        OR EXISTS (SELECT FROM billing_invoice WHERE corrects_id = due.id AND issued_at IS NOT NULL) THEN
        RAISE EXCEPTION 'Un paiement règle les factures émises de son compte.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_allocation_of_account';
    END IF;
    IF paid.amount < (SELECT sum(amount) FROM billing_allocation WHERE payment_id = paid.id AND released_at IS NULL)
    THEN
        RAISE EXCEPTION 'Ce paiement est réparti au-delà de son montant.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_allocation_within_payment';
    END IF;
    IF due.total_incl < (SELECT sum(amount) FROM billing_allocation WHERE invoice_id = due.id AND released_at IS NULL)
    THEN
        RAISE EXCEPTION 'La facture % serait payée au-delà de son montant.', due.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_allocation_within_invoice';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER billing_allocation_sums AFTER INSERT ON billing_allocation
    FOR EACH ROW EXECUTE FUNCTION billing_allocation_sums();
"""

UNFREEZE = """
DROP TRIGGER billing_allocation_sums ON billing_allocation;
DROP TRIGGER billing_allocation_guard ON billing_allocation;
DROP TRIGGER billing_payment_guard ON billing_payment;
DROP TRIGGER billing_charge_guard ON billing_charge;
DROP TRIGGER billing_invoiceline_guard ON billing_invoiceline;
DROP TRIGGER billing_invoice_guard ON billing_invoice;
DROP FUNCTION billing_allocation_sums();
DROP FUNCTION billing_only_ends();
DROP FUNCTION billing_invoiceline_guard();
DROP FUNCTION billing_invoice_guard();
"""

SUPPLIERS_FREEZE = """
CREATE TRIGGER billing_supplierinvoice_guard BEFORE UPDATE OR DELETE ON billing_supplierinvoice
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('state', 'decided_at', 'refusal_reason', 'paid_on');
-- The empty name is no column: nothing of these rows changes.
CREATE TRIGGER billing_supplierinvoiceline_guard BEFORE UPDATE OR DELETE ON billing_supplierinvoiceline
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('');
CREATE TRIGGER billing_supplierinvoicetax_guard BEFORE UPDATE OR DELETE ON billing_supplierinvoicetax
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('');
"""

SUPPLIERS_UNFREEZE = """
DROP TRIGGER billing_supplierinvoicetax_guard ON billing_supplierinvoicetax;
DROP TRIGGER billing_supplierinvoiceline_guard ON billing_supplierinvoiceline;
DROP TRIGGER billing_supplierinvoice_guard ON billing_supplierinvoice;
"""
