-- Guards of the carrying side: no delivery without the complete approval of that very text by another person.

-- Revisions, requirements and approvals are append-only.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'notifications_messagerevision', 'notifications_approval', 'notifications_approvalrequirement'
    ] LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON %I '
                       'FOR EACH ROW EXECUTE FUNCTION incidents_refuse_change()', name);
        EXECUTE format('CREATE OR REPLACE TRIGGER append_only_truncate BEFORE TRUNCATE ON %I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION incidents_refuse_change()', name);
    END LOOP;
END $$;

-- An approval: another active person than the author of the text, holding the role in this incident, on this digest.
CREATE OR REPLACE FUNCTION notifications_guard_approval() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    revision notifications_messagerevision;
    incident bigint;
BEGIN
    SELECT * INTO revision FROM notifications_messagerevision WHERE id = NEW.revision_id;
    SELECT incident_id INTO incident FROM notifications_message
        WHERE id = revision.message_id AND current_id = revision.id AND state = 'in_review';
    IF incident IS NULL THEN
        RAISE EXCEPTION 'guard.approval: only the present text of a message in review is approved'
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.sha256 <> revision.sha256 THEN
        RAISE EXCEPTION 'guard.approval: the approval names another text than the revision holds'
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.approver_id IS NOT DISTINCT FROM revision.author_id THEN
        RAISE EXCEPTION 'guard.approval: the author of a text cannot approve it' USING ERRCODE = 'check_violation';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM incidents_user WHERE id = NEW.approver_id AND is_active) THEN
        RAISE EXCEPTION 'guard.approval: the approver has no active log-in' USING ERRCODE = 'check_violation';
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM incidents_teamassignment t
        WHERE t.incident_id = incident AND t.role = NEW.role AND NEW.approver_id IN (t.user_id, t.deputy_id)
    ) THEN
        RAISE EXCEPTION 'guard.approval: the approver does not hold the role % in this incident', NEW.role
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER guard_approval BEFORE INSERT ON notifications_approval
    FOR EACH ROW EXECUTE FUNCTION notifications_guard_approval();

-- A requirement is set when a text is submitted, never after it was approved.
CREATE OR REPLACE FUNCTION notifications_guard_requirement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF jsonb_typeof(NEW.any_of) <> 'array' OR jsonb_array_length(NEW.any_of) = 0 THEN
        RAISE EXCEPTION 'guard.requirement: a required approval names at least one role'
            USING ERRCODE = 'check_violation';
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM notifications_message
        WHERE current_id = NEW.revision_id AND state IN ('draft', 'in_review')
    ) THEN
        RAISE EXCEPTION 'guard.requirement: approvals are asked for before a text is approved'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER guard_requirement BEFORE INSERT ON notifications_approvalrequirement
    FOR EACH ROW EXECUTE FUNCTION notifications_guard_requirement();

-- Deliveries exist only for the approved current revision of a released message of the same incident.
CREATE OR REPLACE FUNCTION notifications_guard_deliveries() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    offender bigint;
BEGIN
    SELECT n.message_id INTO offender
    FROM (SELECT DISTINCT message_id, revision_id, incident_id FROM added) n
    LEFT JOIN notifications_message m
        ON m.id = n.message_id AND m.current_id = n.revision_id AND m.incident_id = n.incident_id
    WHERE m.id IS NULL OR m.state NOT IN ('sending', 'sent') OR NOT notifications_is_approved(n.revision_id)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'guard.delivery: message % is not approved in the text these deliveries carry', offender
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER guard_deliveries AFTER INSERT ON notifications_delivery
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION notifications_guard_deliveries();

-- What a delivery carries never changes, and a final status never becomes live again.
CREATE OR REPLACE FUNCTION notifications_refuse_delivery_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'guard.delivery: delivery % cannot go from % to % or change what it carries',
        OLD.id, OLD.status, NEW.status USING ERRCODE = 'check_violation';
END $$;

CREATE OR REPLACE TRIGGER guard_delivery_content BEFORE UPDATE ON notifications_delivery
    FOR EACH ROW WHEN (
        OLD.revision_id IS DISTINCT FROM NEW.revision_id OR OLD.message_id IS DISTINCT FROM NEW.message_id
        OR OLD.customer_id IS DISTINCT FROM NEW.customer_id OR OLD.channel IS DISTINCT FROM NEW.channel
        OR OLD.reference IS DISTINCT FROM NEW.reference
        OR (NEW.status IN ('queued', 'retry', 'sending')
            AND OLD.status IN ('accepted', 'delivered', 'acknowledged', 'failed', 'suppressed', 'superseded',
                               'expired', 'cancelled'))
    ) EXECUTE FUNCTION notifications_refuse_delivery_change();
