"""Lines of issued invoices stay: looked at once for each statement, since a month writes thousands of lines at once."""

BY_STATEMENT = """
DROP TRIGGER billing_invoiceline_guard ON billing_invoiceline;
DROP FUNCTION billing_invoiceline_guard();

CREATE FUNCTION billing_invoiceline_guard(invoices bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    issued_as text;
BEGIN
    -- Waits for the transaction that is issuing one of them, and reads afterwards what it left.
    PERFORM FROM billing_invoice WHERE id = ANY (invoices) ORDER BY id FOR SHARE;
    SELECT number INTO issued_as FROM billing_invoice
        WHERE id = ANY (invoices) AND issued_at IS NOT NULL ORDER BY id LIMIT 1;
    IF issued_as IS NOT NULL THEN
        RAISE EXCEPTION 'La facture % est émise : ses lignes ne changent plus. Établissez un avoir.', issued_as
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'billing_invoice_frozen';
    END IF;
END $$;

CREATE FUNCTION billing_invoiceline_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM billing_invoiceline_guard(ARRAY(SELECT DISTINCT invoice_id FROM written));
    RETURN NULL;
END $$;
CREATE FUNCTION billing_invoiceline_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM billing_invoiceline_guard(
        ARRAY(SELECT invoice_id FROM written UNION SELECT invoice_id FROM erased)
    );
    RETURN NULL;
END $$;
CREATE FUNCTION billing_invoiceline_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM billing_invoiceline_guard(ARRAY(SELECT DISTINCT invoice_id FROM erased));
    RETURN NULL;
END $$;
CREATE TRIGGER billing_invoiceline_written AFTER INSERT ON billing_invoiceline
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION billing_invoiceline_written();
CREATE TRIGGER billing_invoiceline_changed AFTER UPDATE ON billing_invoiceline
    REFERENCING NEW TABLE AS written OLD TABLE AS erased
    FOR EACH STATEMENT EXECUTE FUNCTION billing_invoiceline_changed();
CREATE TRIGGER billing_invoiceline_erased AFTER DELETE ON billing_invoiceline
    REFERENCING OLD TABLE AS erased FOR EACH STATEMENT EXECUTE FUNCTION billing_invoiceline_erased();
"""

BY_ROW = """
DROP TRIGGER billing_invoiceline_erased ON billing_invoiceline;
DROP TRIGGER billing_invoiceline_changed ON billing_invoiceline;
DROP TRIGGER billing_invoiceline_written ON billing_invoiceline;
DROP FUNCTION billing_invoiceline_erased();
DROP FUNCTION billing_invoiceline_changed();
DROP FUNCTION billing_invoiceline_written();
DROP FUNCTION billing_invoiceline_guard(bigint[]);
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
"""
