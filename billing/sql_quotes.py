"""Quotes that were sent, deposits asked on them, and credit notes in part: what holds whoever writes."""

CREDITS = """
-- The sums of a correction: it takes back no more than each line, and no more than the whole, whatever came before.
CREATE FUNCTION billing_credit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    corrected billing_invoice;
    credited numeric;
    allocated numeric;
BEGIN
    -- Two credit notes of one invoice meet here, one at a time.
    SELECT * INTO corrected FROM billing_invoice WHERE id = NEW.corrects_id FOR NO KEY UPDATE;
    SELECT sum(total_incl) INTO credited FROM billing_invoice WHERE corrects_id = corrected.id AND issued_at IS NOT NULL;
    IF credited > corrected.total_incl OR corrected.account_id <> NEW.account_id THEN
        RAISE EXCEPTION 'Les avoirs dépasseraient la facture %.', corrected.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_credit_within_invoice';
    END IF;
    IF EXISTS (
        SELECT FROM billing_invoiceline note LEFT JOIN billing_invoiceline line ON line.id = note.corrects_id
        WHERE note.invoice_id = NEW.id AND line.invoice_id IS DISTINCT FROM corrected.id
    ) OR EXISTS (
        SELECT FROM billing_invoiceline line
        JOIN billing_invoiceline part ON part.corrects_id = line.id
        JOIN billing_invoice note ON note.id = part.invoice_id AND note.issued_at IS NOT NULL
        WHERE line.invoice_id = corrected.id
        GROUP BY line.id, line.amount_excl
        HAVING abs(sum(part.amount_excl)) > abs(line.amount_excl)
            OR min(part.amount_excl * sign(line.amount_excl)) < 0
    ) THEN
        RAISE EXCEPTION 'Un avoir reprend des lignes de la facture %, et pas plus que chacune.', corrected.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_credit_within_line';
    END IF;
    SELECT coalesce(sum(amount), 0) INTO allocated FROM billing_allocation
        WHERE invoice_id = corrected.id AND released_at IS NULL;
    IF allocated > corrected.total_incl - credited THEN
        RAISE EXCEPTION 'La facture % resterait payée au-delà de ce qu’elle demande.', corrected.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_allocation_within_invoice';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER billing_credit_guard AFTER INSERT OR UPDATE ON billing_invoice
    FOR EACH ROW WHEN (NEW.issued_at IS NOT NULL AND NEW.kind = 'credit_note')
    EXECUTE FUNCTION billing_credit_guard();

CREATE OR REPLACE FUNCTION billing_allocation_sums() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    paid billing_payment;
    due billing_invoice;
    credited numeric;
BEGIN
    SELECT * INTO paid FROM billing_payment WHERE id = NEW.payment_id FOR NO KEY UPDATE;
    SELECT * INTO due FROM billing_invoice WHERE id = NEW.invoice_id FOR NO KEY UPDATE;
    IF due.issued_at IS NULL OR due.kind = 'credit_note' OR due.account_id <> paid.account_id
        OR paid.cancelled_at IS NOT NULL THEN
        RAISE EXCEPTION 'Un paiement règle les factures émises de son compte.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_allocation_of_account';
    END IF;
    IF paid.amount < (SELECT sum(amount) FROM billing_allocation WHERE payment_id = paid.id AND released_at IS NULL)
    THEN
        RAISE EXCEPTION 'Ce paiement est réparti au-delà de son montant.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_allocation_within_payment';
    END IF;
    SELECT coalesce(sum(total_incl), 0) INTO credited FROM billing_invoice
        WHERE corrects_id = due.id AND issued_at IS NOT NULL;
    IF due.total_incl - credited
        < (SELECT sum(amount) FROM billing_allocation WHERE invoice_id = due.id AND released_at IS NULL) THEN
        RAISE EXCEPTION 'La facture % serait payée au-delà de ce qu’elle demande.', due.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_allocation_within_invoice';
    END IF;
    RETURN NULL;
END $$;

-- As before, but that a deposit invoice is corrected too.
CREATE OR REPLACE FUNCTION billing_invoice_guard() RETURNS trigger LANGUAGE plpgsql AS $$
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
            SELECT FROM billing_invoice WHERE id = NEW.corrects_id AND issued_at IS NOT NULL AND kind <> 'credit_note'
        ) THEN
            RAISE EXCEPTION 'Un avoir corrige une facture émise.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_invoice_corrects_issued';
        END IF;
    END IF;
    RETURN NEW;
END $$;
"""

QUOTES = """
CREATE FUNCTION billing_quote_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lines numeric;
    ends text[] := ARRAY[
        'decision', 'decided_at', 'decided_on', 'decided_by', 'decision_note', 'order_number', 'charged_at'];
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.sent_at IS NOT NULL THEN
        IF TG_OP = 'DELETE' OR OLD.charged_at IS NOT NULL
            OR (OLD.decision <> '' AND to_jsonb(NEW) - 'charged_at' <> to_jsonb(OLD) - 'charged_at')
            OR to_jsonb(NEW) - ends <> to_jsonb(OLD) - ends THEN
            RAISE EXCEPTION 'Le devis % est envoyé : il ne se modifie ni ne se supprime.', OLD.number
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'billing_quote_frozen';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF NEW.sent_at IS NOT NULL THEN
        SELECT coalesce(sum(amount_excl), 0) INTO lines FROM billing_quoteline WHERE quote_id = NEW.id;
        IF lines <> NEW.total_excl THEN
            RAISE EXCEPTION 'Le total du devis % n’est pas la somme de ses lignes.', NEW.number
                USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_quote_lines_sum';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER billing_quote_guard BEFORE INSERT OR UPDATE OR DELETE ON billing_quote
    FOR EACH ROW EXECUTE FUNCTION billing_quote_guard();

CREATE FUNCTION billing_quoteline_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_quote bigint;
    sent_as text;
BEGIN
    FOREACH of_quote IN ARRAY CASE TG_OP
        WHEN 'INSERT' THEN ARRAY[NEW.quote_id]
        WHEN 'DELETE' THEN ARRAY[OLD.quote_id]
        ELSE ARRAY[OLD.quote_id, NEW.quote_id] END
    LOOP
        -- FOR SHARE waits for the transaction that is sending this quote, if there is one.
        SELECT number INTO sent_as FROM billing_quote WHERE id = of_quote AND sent_at IS NOT NULL FOR SHARE;
        IF sent_as IS NOT NULL THEN
            RAISE EXCEPTION 'Le devis % est envoyé : ses lignes ne changent plus.', sent_as
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'billing_quote_frozen';
        END IF;
    END LOOP;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER billing_quoteline_guard BEFORE INSERT OR UPDATE OR DELETE ON billing_quoteline
    FOR EACH ROW EXECUTE FUNCTION billing_quoteline_guard();

CREATE FUNCTION billing_deposit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    quoted billing_quote;
    asked numeric;
BEGIN
    -- Two deposits on one quote meet here, one at a time.
    SELECT * INTO quoted FROM billing_quote WHERE id = NEW.quote_id FOR NO KEY UPDATE;
    IF quoted.decision <> 'accepted' OR quoted.charged_at IS NOT NULL OR quoted.account_id <> NEW.account_id
        OR quoted.issuer_id <> NEW.issuer_id THEN
        RAISE EXCEPTION 'Un acompte se demande sur un devis accepté, avant qu’il soit porté au compte.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_deposit_of_accepted';
    END IF;
    -- Without tax: rate by rate, several deposits may round a cent away from the whole.
    SELECT sum(CASE kind WHEN 'deposit' THEN total_excl ELSE -total_excl END) INTO asked FROM billing_invoice
        WHERE issued_at IS NOT NULL
        AND (quote_id = quoted.id OR corrects_id IN (SELECT id FROM billing_invoice WHERE quote_id = quoted.id));
    IF asked > quoted.total_excl THEN
        RAISE EXCEPTION 'Les acomptes dépasseraient le devis %.', quoted.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_deposit_within_quote';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER billing_deposit_guard AFTER INSERT OR UPDATE ON billing_invoice
    FOR EACH ROW WHEN (NEW.issued_at IS NOT NULL AND NEW.kind = 'deposit')
    EXECUTE FUNCTION billing_deposit_guard();
"""

UNDO = """
DROP TRIGGER billing_deposit_guard ON billing_invoice;
DROP TRIGGER billing_quoteline_guard ON billing_quoteline;
DROP TRIGGER billing_quote_guard ON billing_quote;
DROP TRIGGER billing_credit_guard ON billing_invoice;
DROP FUNCTION billing_deposit_guard();
DROP FUNCTION billing_quoteline_guard();
DROP FUNCTION billing_quote_guard();
DROP FUNCTION billing_credit_guard();
"""
