"""What left and what was told of it is evidence: it gains an end, and is neither rewritten nor removed."""

FREEZE_PLATFORM = """
CREATE TRIGGER billing_transmission_guard BEFORE UPDATE OR DELETE ON billing_transmission
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('key', 'reference', 'sent_at', 'handled_at');
CREATE TRIGGER billing_transmissionstatus_guard BEFORE UPDATE OR DELETE ON billing_transmissionstatus
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('');
CREATE TRIGGER billing_platformarrival_guard BEFORE UPDATE OR DELETE ON billing_platformarrival
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('read_at', 'invoice_id', 'file_id', 'fault', 'handled_at');
"""

UNFREEZE_PLATFORM = """
DROP TRIGGER billing_platformarrival_guard ON billing_platformarrival;
DROP TRIGGER billing_transmissionstatus_guard ON billing_transmissionstatus;
DROP TRIGGER billing_transmission_guard ON billing_transmission;
"""
