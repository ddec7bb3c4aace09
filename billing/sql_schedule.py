"""What reminders and schedules wrote stays; the dates of an invoice sum to it, whoever writes them."""

HOLD = """
CREATE TRIGGER billing_reminder_guard BEFORE UPDATE OR DELETE ON billing_reminder
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('');
CREATE TRIGGER billing_dispute_guard BEFORE UPDATE OR DELETE ON billing_dispute
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('closed_at', 'closed_by_id', 'answer');
CREATE TRIGGER billing_reminderexception_guard BEFORE UPDATE OR DELETE ON billing_reminderexception
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('ends_on');
CREATE TRIGGER billing_schedule_guard BEFORE UPDATE OR DELETE ON billing_schedule
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('ended_at');
CREATE TRIGGER billing_instalment_guard BEFORE UPDATE OR DELETE ON billing_instalment
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('');

CREATE FUNCTION billing_schedule_sums() RETURNS trigger LANGUAGE plpgsql AS $$
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
    IF due.issued_at IS NULL OR due.kind <> 'invoice' THEN
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
CREATE CONSTRAINT TRIGGER billing_schedule_has_dates AFTER INSERT ON billing_schedule
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_schedule_sums();
CREATE CONSTRAINT TRIGGER billing_instalment_sums AFTER INSERT ON billing_instalment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_schedule_sums();
"""

RELEASE = """
DROP TRIGGER billing_instalment_sums ON billing_instalment;
DROP TRIGGER billing_schedule_has_dates ON billing_schedule;
DROP FUNCTION billing_schedule_sums();
DROP TRIGGER billing_instalment_guard ON billing_instalment;
DROP TRIGGER billing_schedule_guard ON billing_schedule;
DROP TRIGGER billing_reminderexception_guard ON billing_reminderexception;
DROP TRIGGER billing_dispute_guard ON billing_dispute;
DROP TRIGGER billing_reminder_guard ON billing_reminder;
"""
