-- A cost is never rewritten: who finds it wrong writes a new record that names it, with a reason.
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON incidents_costitem
    FOR EACH ROW EXECUTE FUNCTION incidents_refuse_change();
CREATE OR REPLACE TRIGGER append_only_truncate BEFORE TRUNCATE ON incidents_costitem
    FOR EACH STATEMENT EXECUTE FUNCTION incidents_refuse_change();
