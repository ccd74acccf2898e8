-- An approved language stays as it was read: append-only.
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON notifications_languageapproval
    FOR EACH ROW EXECUTE FUNCTION incidents_refuse_change();
CREATE OR REPLACE TRIGGER append_only_truncate BEFORE TRUNCATE ON notifications_languageapproval
    FOR EACH STATEMENT EXECUTE FUNCTION incidents_refuse_change();
