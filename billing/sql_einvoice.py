"""The triggers of billing/sql.py once more, where a call for dues is owed as an invoice is."""

INVOICE_GUARD = """
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
            SELECT FROM billing_invoice WHERE id = NEW.corrects_id AND issued_at IS NOT NULL AND kind IN ({owed})
        ) THEN
            RAISE EXCEPTION 'Un avoir corrige une facture émise.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_invoice_corrects_issued';
        END IF;
    END IF;
    RETURN NEW;
END $$;
"""

# Category O shares no document with another (EN 16931, BR-O-11 and BR-O-12).
LINES_OF_KIND = """
CREATE FUNCTION billing_invoice_lines_of_kind() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.issued_at IS NOT NULL AND NEW.kind IN ('invoice', 'dues') AND EXISTS (
        SELECT FROM billing_invoiceline
        WHERE invoice_id = NEW.id AND (vat_category = 'O') <> (NEW.kind = 'dues')
    ) THEN
        RAISE EXCEPTION 'Ce qui est hors du champ de la TVA ne partage pas un document avec ce qui y entre.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_invoice_lines_of_kind';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER billing_invoice_lines_of_kind BEFORE INSERT OR UPDATE ON billing_invoice
    FOR EACH ROW EXECUTE FUNCTION billing_invoice_lines_of_kind();
"""

ALLOCATION_SUMS = """
CREATE OR REPLACE FUNCTION billing_allocation_sums() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    paid billing_payment;
    due billing_invoice;
BEGIN
    SELECT * INTO paid FROM billing_payment WHERE id = NEW.payment_id FOR NO KEY UPDATE;
    SELECT * INTO due FROM billing_invoice WHERE id = NEW.invoice_id FOR NO KEY UPDATE;
    IF due.issued_at IS NULL OR due.kind NOT IN ({owed}) OR due.account_id <> paid.account_id
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
"""


def _owing(kinds: str) -> str:
    return INVOICE_GUARD.replace("{owed}", kinds) + ALLOCATION_SUMS.replace("{owed}", kinds)


DUES_ARE_OWED = _owing("'invoice', 'dues'") + LINES_OF_KIND
INVOICES_ARE_OWED = (
    "DROP TRIGGER billing_invoice_lines_of_kind ON billing_invoice; DROP FUNCTION billing_invoice_lines_of_kind();"
    + _owing("'invoice'")
)
