"""billing_schedule_sums of billing/sql_schedule.py, where a call for dues may be paid in several dates as well."""

SCHEDULE_SUMS = """
CREATE OR REPLACE FUNCTION billing_schedule_sums() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_schedule bigint := coalesce((to_jsonb(NEW)->>'schedule_id')::bigint, NEW.id);
    due billing_invoice;
    parts numeric;
BEGIN
    SELECT invoice.* INTO due FROM billing_invoice invoice
        JOIN billing_schedule schedule ON schedule.invoice_id = invoice.id WHERE schedule.id = of_schedule;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF due.issued_at IS NULL OR due.kind NOT IN ({kinds}) THEN
        RAISE EXCEPTION 'Un échéancier est celui d’une facture émise.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_schedule_of_issued';
    END IF;
    SELECT sum(amount) INTO parts FROM billing_instalment WHERE schedule_id = of_schedule;
    IF parts IS DISTINCT FROM due.total_incl THEN
        RAISE EXCEPTION 'Les échéances de la facture % n’en font pas le total.', due.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_schedule_sums';
    END IF;
    IF EXISTS (
        SELECT FROM (
            SELECT up_to, due_on, sum(amount) OVER (ORDER BY position) AS running,
                lag(due_on) OVER (ORDER BY position) AS before
            FROM billing_instalment WHERE schedule_id = of_schedule
        ) AS told WHERE up_to <> running OR due_on <= before
    ) THEN
        RAISE EXCEPTION 'Les échéances se suivent, chacune avec son cumul.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_schedule_in_order';
    END IF;
    RETURN NULL;
END $$;
"""

SCHEDULES_OF_DUES = SCHEDULE_SUMS.replace("{kinds}", "'invoice', 'dues'")
SCHEDULES_OF_INVOICES = SCHEDULE_SUMS.replace("{kinds}", "'invoice'")
