"""A list begun keeps its version, a charter stays as it was written, and who accepted it does not change."""

HOLD_CHECKLISTS = """
CREATE FUNCTION members_checkliststep_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM members_checklist WHERE template_id IN (
            CASE WHEN TG_OP <> 'INSERT' THEN OLD.template_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.template_id END
        )
    ) THEN
        RAISE EXCEPTION 'Une liste commencée garde ses étapes : écrivez-en une autre version.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'members_checkliststep_frozen';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER members_checkliststep_frozen BEFORE INSERT OR UPDATE OR DELETE ON members_checkliststep
    FOR EACH ROW EXECUTE FUNCTION members_checkliststep_frozen();

-- The empty name is no column: nothing of a charter changes.
CREATE TRIGGER members_charter_guard BEFORE UPDATE OR DELETE ON members_charter
    FOR EACH ROW EXECUTE FUNCTION billing_only_ends('');

CREATE TRIGGER members_checklistitem_guard BEFORE UPDATE OR DELETE ON members_checklistitem
    FOR EACH ROW WHEN (OLD.charter_id IS NOT NULL)
    EXECUTE FUNCTION billing_only_ends('done_by', 'owner_id', 'due_on');
"""

RELEASE_CHECKLISTS = """
DROP TRIGGER members_checklistitem_guard ON members_checklistitem;
DROP TRIGGER members_charter_guard ON members_charter;
DROP TRIGGER members_checkliststep_frozen ON members_checkliststep;
DROP FUNCTION members_checkliststep_frozen();
"""
