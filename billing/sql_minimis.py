"""A certificate stays as it was given; a regime, a market price and a declared aid only gain an end."""

FREEZE_MINIMIS = """
CREATE TRIGGER billing_minimisregime_guard BEFORE UPDATE OR DELETE ON billing_minimisregime
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('ends_on');
CREATE TRIGGER billing_marketprice_guard BEFORE UPDATE OR DELETE ON billing_marketprice
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('ends_on');
CREATE TRIGGER billing_declaredaid_guard BEFORE UPDATE OR DELETE ON billing_declaredaid
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('undone_at');
CREATE TRIGGER billing_minimiscertificate_guard BEFORE UPDATE OR DELETE ON billing_minimiscertificate
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('');
"""

UNFREEZE_MINIMIS = """
DROP TRIGGER billing_declaredaid_guard ON billing_declaredaid;
DROP TRIGGER billing_minimiscertificate_guard ON billing_minimiscertificate;
DROP TRIGGER billing_marketprice_guard ON billing_marketprice;
DROP TRIGGER billing_minimisregime_guard ON billing_minimisregime;
"""
