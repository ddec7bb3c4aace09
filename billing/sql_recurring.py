"""What was agreed of a recurring charge stays as it was written; it only gains an end."""

FREEZE_RECURRING = """
CREATE TRIGGER billing_recurringcharge_guard BEFORE UPDATE OR DELETE ON billing_recurringcharge
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('ends_on');
CREATE TRIGGER billing_recurringprice_guard BEFORE UPDATE OR DELETE ON billing_recurringprice
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('ends_on');
CREATE TRIGGER billing_recurringskip_guard BEFORE UPDATE OR DELETE ON billing_recurringskip
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('undone_at');
CREATE TRIGGER billing_heldback_guard BEFORE UPDATE OR DELETE ON billing_heldback
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('undone_at');
"""

UNFREEZE_RECURRING = """
DROP TRIGGER billing_heldback_guard ON billing_heldback;
DROP TRIGGER billing_recurringskip_guard ON billing_recurringskip;
DROP TRIGGER billing_recurringprice_guard ON billing_recurringprice;
DROP TRIGGER billing_recurringcharge_guard ON billing_recurringcharge;
"""
