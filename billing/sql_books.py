"""What holds the books whoever writes: entries that stay and balance, the lock date, the chain of seals.

Functions that run at the commit are the owner's (SECURITY DEFINER): by then the hub may be closed again.
"""

ENTRIES = """
CREATE FUNCTION billing_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Ce qui est écrit dans les livres ne se modifie ni ne se supprime.'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_TABLE_NAME || '_frozen';
END $$;
CREATE TRIGGER billing_journalentry_frozen BEFORE UPDATE OR DELETE ON billing_journalentry
    FOR EACH ROW EXECUTE FUNCTION billing_never_changes();
CREATE TRIGGER billing_lockdate_frozen BEFORE UPDATE OR DELETE ON billing_lockdate
    FOR EACH ROW EXECUTE FUNCTION billing_never_changes();
CREATE TRIGGER billing_seal_frozen BEFORE UPDATE OR DELETE ON billing_seal
    FOR EACH ROW EXECUTE FUNCTION billing_never_changes();
CREATE TRIGGER billing_journalline_frozen BEFORE UPDATE OR DELETE ON billing_journalline
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('letter', 'lettered_on');
CREATE TRIGGER billing_booksyear_frozen BEFORE UPDATE ON billing_booksyear
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('closed_at');

CREATE FUNCTION billing_locked_until(of_issuer bigint) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT until FROM billing_lockdate WHERE issuer_id = of_issuer ORDER BY id DESC LIMIT 1
$$;

-- The issuer whose books a day belongs to: the last one begun, or else the first to begin.
CREATE FUNCTION billing_issuer_on(of_hub bigint, day date) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT id FROM billing_issuer WHERE hub_id = of_hub
        ORDER BY starts_on <= day DESC, CASE WHEN starts_on <= day THEN starts_on END DESC, starts_on LIMIT 1
$$;

-- Waits for whoever is stopping these books (they hold FOR UPDATE), then compares.
CREATE FUNCTION billing_refuse_locked(of_issuer bigint, day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    locked date;
BEGIN
    PERFORM FROM billing_issuer WHERE id = of_issuer FOR KEY SHARE;
    locked := billing_locked_until(of_issuer);
    IF day <= locked THEN
        RAISE EXCEPTION 'Les comptes sont arrêtés au %.', to_char(locked, 'DD/MM/YYYY')
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_lockdate_holds';
    END IF;
END $$;

CREATE FUNCTION billing_journalentry_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_year billing_booksyear;
BEGIN
    SELECT * INTO of_year FROM billing_booksyear WHERE id = NEW.year_id;
    IF of_year.issuer_id <> NEW.issuer_id OR NEW."on" < of_year.starts_on OR NEW."on" >= of_year.ends_on THEN
        RAISE EXCEPTION 'L’écriture n’est pas de cet exercice.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_journalentry_in_year';
    END IF;
    IF NEW.sequence <> 1 AND NOT EXISTS (
        SELECT FROM billing_journalentry
        WHERE hub_id = NEW.hub_id AND year_id = NEW.year_id AND journal = NEW.journal AND sequence = NEW.sequence - 1
    ) THEN
        RAISE EXCEPTION 'Les numéros d’un journal se suivent.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_journalentry_no_hole';
    END IF;
    PERFORM billing_refuse_locked(NEW.issuer_id, NEW."on");
    RETURN NEW;
END $$;
CREATE TRIGGER billing_journalentry_guard BEFORE INSERT ON billing_journalentry
    FOR EACH ROW EXECUTE FUNCTION billing_journalentry_guard();

CREATE FUNCTION billing_entry_balanced() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    checked bigint := CASE TG_TABLE_NAME WHEN 'billing_journalentry' THEN NEW.id END;
    wrong boolean;
BEGIN
    IF checked IS NULL THEN
        checked := (to_jsonb(NEW) ->> 'entry_id')::bigint;
    END IF;
    SELECT coalesce(sum(line.debit), -1) <> entry.total OR coalesce(sum(line.credit), -1) <> entry.total INTO wrong
        FROM billing_journalentry entry
        LEFT JOIN billing_journalline line ON line.hub_id = entry.hub_id AND line.entry_id = entry.id
        WHERE entry.id = checked GROUP BY entry.id;
    IF wrong THEN
        RAISE EXCEPTION 'L’écriture n’est pas équilibrée.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_journalentry_balanced';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER billing_journalentry_balanced AFTER INSERT ON billing_journalentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_entry_balanced();
CREATE CONSTRAINT TRIGGER billing_journalline_balanced AFTER INSERT ON billing_journalline
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_entry_balanced();

CREATE FUNCTION billing_invoice_lock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM billing_refuse_locked(NEW.issuer_id, NEW.issue_date);
    RETURN NEW;
END $$;
CREATE TRIGGER billing_invoice_lock_insert BEFORE INSERT ON billing_invoice
    FOR EACH ROW WHEN (NEW.issued_at IS NOT NULL) EXECUTE FUNCTION billing_invoice_lock();
CREATE TRIGGER billing_invoice_lock_update BEFORE UPDATE ON billing_invoice
    FOR EACH ROW WHEN (OLD.issued_at IS NULL AND NEW.issued_at IS NOT NULL) EXECUTE FUNCTION billing_invoice_lock();

CREATE FUNCTION billing_payment_lock() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    day date := CASE TG_OP WHEN 'INSERT' THEN NEW.received_on ELSE NEW.cancelled_on END;
BEGIN
    PERFORM billing_refuse_locked(billing_issuer_on(NEW.hub_id, day), day);
    RETURN NEW;
END $$;
CREATE TRIGGER billing_payment_lock_insert BEFORE INSERT ON billing_payment
    FOR EACH ROW EXECUTE FUNCTION billing_payment_lock();
CREATE TRIGGER billing_payment_lock_update BEFORE UPDATE ON billing_payment
    FOR EACH ROW WHEN (OLD.cancelled_at IS NULL AND NEW.cancelled_at IS NOT NULL)
    EXECUTE FUNCTION billing_payment_lock();
"""

# Columns are named one by one: one more column some day changes no seal. Moments are in UTC, whatever the session's.
SEALS = """
CREATE FUNCTION billing_invoice_payload(sealed billing_invoice) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'kind', sealed.kind, 'account', sealed.account_id, 'issuer', sealed.issuer_id, 'period', sealed.period,
        'corrects', sealed.corrects_id, 'reason', sealed.reason, 'number', sealed.number,
        'issue_date', sealed.issue_date, 'due_date', sealed.due_date, 'seller', sealed.seller, 'buyer', sealed.buyer,
        'total_excl', sealed.total_excl, 'total_vat', sealed.total_vat, 'total_incl', sealed.total_incl,
        'issued_at', sealed.issued_at AT TIME ZONE 'UTC',
        'lines', (
            SELECT jsonb_agg(jsonb_build_object(
                'position', position, 'on', "on", 'description', description, 'detail', detail,
                'quantity', quantity, 'unit_label', unit_label, 'unit_price_excl', unit_price_excl,
                'vat_category', vat_category, 'vat_rate', vat_rate, 'exemption_text', exemption_text,
                'amount_excl', amount_excl) ORDER BY position)
            FROM billing_invoiceline WHERE invoice_id = sealed.id
        )
    )::text
$$;

CREATE FUNCTION billing_payment_payload(sealed billing_payment, cancelled boolean) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT (jsonb_build_object(
        'account', sealed.account_id, 'received_on', sealed.received_on, 'amount', sealed.amount,
        'method', sealed.method, 'reference', sealed.reference, 'note', sealed.note,
        'recorded_at', sealed.recorded_at AT TIME ZONE 'UTC'
    ) || CASE WHEN cancelled THEN jsonb_build_object(
        'cancelled_at', sealed.cancelled_at AT TIME ZONE 'UTC', 'cancelled_on', sealed.cancelled_on,
        'cancel_reason', sealed.cancel_reason
    ) ELSE '{}'::jsonb END)::text
$$;

CREATE FUNCTION billing_seal_hash(of_hub bigint, of_rank bigint, of_what text, of_id bigint, payload text, before text)
    RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT encode(sha256(convert_to(concat_ws('|', of_hub, of_rank, of_what, of_id, payload, before), 'UTF8')), 'hex')
$$;

-- One at a time in a hub, from here to the end of the commit.
CREATE FUNCTION billing_seal(of_hub bigint, of_what text, of_id bigint, content text) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    payload text := encode(sha256(convert_to(content, 'UTF8')), 'hex');
    last billing_seal;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('billing_seal', of_hub));
    SELECT * INTO last FROM billing_seal WHERE hub_id = of_hub ORDER BY rank DESC LIMIT 1;
    INSERT INTO billing_seal (hub_id, rank, what, thing_id, payload_sha256, previous, hash, sealed_at)
    VALUES (
        of_hub, coalesce(last.rank, 0) + 1, of_what, of_id, payload, coalesce(last.hash, ''),
        billing_seal_hash(of_hub, coalesce(last.rank, 0) + 1, of_what, of_id, payload, coalesce(last.hash, '')),
        clock_timestamp()
    );
END $$;

CREATE FUNCTION billing_seal_invoice() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM billing_seal(NEW.hub_id, 'invoice', NEW.id, billing_invoice_payload(NEW));
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER billing_invoice_seal_insert AFTER INSERT ON billing_invoice
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.issued_at IS NOT NULL)
    EXECUTE FUNCTION billing_seal_invoice();
CREATE CONSTRAINT TRIGGER billing_invoice_seal_update AFTER UPDATE ON billing_invoice
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.issued_at IS NULL AND NEW.issued_at IS NOT NULL)
    EXECUTE FUNCTION billing_seal_invoice();

CREATE FUNCTION billing_seal_payment() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM billing_seal(NEW.hub_id, 'payment', NEW.id, billing_payment_payload(NEW, false));
    ELSE
        PERFORM billing_seal(NEW.hub_id, 'cancellation', NEW.id, billing_payment_payload(NEW, true));
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER billing_payment_seal_insert AFTER INSERT ON billing_payment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_seal_payment();
CREATE CONSTRAINT TRIGGER billing_payment_seal_update AFTER UPDATE ON billing_payment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.cancelled_at IS NULL AND NEW.cancelled_at IS NOT NULL)
    EXECUTE FUNCTION billing_seal_payment();

-- What was frozen before the chain began is sealed in the order in which it happened.
DO $$
DECLARE
    event record;
BEGIN
    FOR event IN
        SELECT hub_id, 'invoice' AS what, id, issued_at AS at FROM billing_invoice WHERE issued_at IS NOT NULL
        UNION ALL SELECT hub_id, 'payment', id, recorded_at FROM billing_payment
        UNION ALL SELECT hub_id, 'cancellation', id, cancelled_at FROM billing_payment WHERE cancelled_at IS NOT NULL
        ORDER BY 1, 4, 2 DESC, 3
    LOOP
        PERFORM billing_seal(event.hub_id, event.what, event.id, CASE event.what
            WHEN 'invoice' THEN (SELECT billing_invoice_payload(i) FROM billing_invoice i WHERE i.id = event.id)
            ELSE (SELECT billing_payment_payload(p, event.what = 'cancellation') FROM billing_payment p
                WHERE p.id = event.id) END);
    END LOOP;
END $$;

-- From here on the triggers above are the only ones to seal.
CREATE FUNCTION billing_seal_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'Seule la base pose un sceau.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'billing_seal_by_trigger';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER billing_seal_guard BEFORE INSERT ON billing_seal
    FOR EACH ROW EXECUTE FUNCTION billing_seal_guard();
"""

WITHOUT_SEALS = """
DROP TRIGGER billing_seal_guard ON billing_seal;
DROP FUNCTION billing_seal_guard();
DROP TRIGGER billing_payment_seal_update ON billing_payment;
DROP TRIGGER billing_payment_seal_insert ON billing_payment;
DROP TRIGGER billing_invoice_seal_update ON billing_invoice;
DROP TRIGGER billing_invoice_seal_insert ON billing_invoice;
DROP FUNCTION billing_seal_payment();
DROP FUNCTION billing_seal_invoice();
DROP FUNCTION billing_seal(bigint, text, bigint, text);
DROP FUNCTION billing_seal_hash(bigint, bigint, text, bigint, text, text);
DROP FUNCTION billing_payment_payload(billing_payment, boolean);
DROP FUNCTION billing_invoice_payload(billing_invoice);
"""

WITHOUT_ENTRIES = """
DROP TRIGGER billing_payment_lock_update ON billing_payment;
DROP TRIGGER billing_payment_lock_insert ON billing_payment;
DROP TRIGGER billing_invoice_lock_update ON billing_invoice;
DROP TRIGGER billing_invoice_lock_insert ON billing_invoice;
DROP TRIGGER billing_journalline_balanced ON billing_journalline;
DROP TRIGGER billing_journalentry_balanced ON billing_journalentry;
DROP TRIGGER billing_journalentry_guard ON billing_journalentry;
DROP TRIGGER billing_booksyear_frozen ON billing_booksyear;
DROP TRIGGER billing_journalline_frozen ON billing_journalline;
DROP TRIGGER billing_seal_frozen ON billing_seal;
DROP TRIGGER billing_lockdate_frozen ON billing_lockdate;
DROP TRIGGER billing_journalentry_frozen ON billing_journalentry;
DROP FUNCTION billing_payment_lock();
DROP FUNCTION billing_invoice_lock();
DROP FUNCTION billing_entry_balanced();
DROP FUNCTION billing_journalentry_guard();
DROP FUNCTION billing_refuse_locked(bigint, date);
DROP FUNCTION billing_issuer_on(bigint, date);
DROP FUNCTION billing_locked_until(bigint);
DROP FUNCTION billing_never_changes();
"""
