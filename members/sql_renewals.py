"""What was sent stays: the log of the reminders of renewal."""

HOLD_RENEWALS = """
CREATE TRIGGER members_renewalreminder_guard BEFORE UPDATE OR DELETE ON members_renewalreminder
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('');
"""

RELEASE_RENEWALS = """
DROP TRIGGER members_renewalreminder_guard ON members_renewalreminder;
"""
