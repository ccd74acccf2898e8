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

-- The set is complete when there is a requirement, and every requirement has an approval of this digest.
CREATE OR REPLACE FUNCTION notifications_is_approved(revision bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM notifications_approvalrequirement r WHERE r.revision_id = revision)
       AND NOT EXISTS (
            SELECT 1 FROM notifications_approvalrequirement r
            WHERE r.revision_id = revision AND NOT EXISTS (
                SELECT 1 FROM notifications_approval a
                JOIN notifications_messagerevision v ON v.id = a.revision_id AND v.sha256 = a.sha256
                WHERE a.revision_id = revision AND r.any_of ? a.role
                  AND a.approver_id IS DISTINCT FROM v.author_id))
$$;

-- A message is approved, scheduled, sending or sent only with a complete approval of its current revision, to the
-- audience, by the channels and with the promises that were approved. A new revision puts it back to draft, an older
-- one never returns, and what was withdrawn stays withdrawn.
CREATE OR REPLACE FUNCTION notifications_guard_message() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_cleared boolean := NEW.state IN ('approved', 'scheduled', 'sending', 'sent');
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state IN ('cancelled', 'superseded', 'expired') AND NEW.state <> OLD.state THEN
        RAISE EXCEPTION 'guard.message: message % was withdrawn and does not return', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.state IN ('sending', 'sent') AND NEW.state NOT IN ('sending', 'sent', 'superseded') THEN
        RAISE EXCEPTION 'guard.message: message % was released and cannot become unsaid', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.current_id IS DISTINCT FROM OLD.current_id AND (
        NEW.state <> 'draft' OR NEW.current_id IS DISTINCT FROM (
            SELECT id FROM notifications_messagerevision WHERE message_id = NEW.id ORDER BY number DESC LIMIT 1)
    ) THEN
        RAISE EXCEPTION 'guard.message: a changed text is the newest one, goes back to draft and is approved anew'
            USING ERRCODE = 'check_violation';
    END IF;
    IF is_cleared AND NOT EXISTS (
        SELECT 1 FROM notifications_messagerevision v
        WHERE v.id = NEW.current_id AND v.message_id = NEW.id
          AND v.content->'audience' = NEW.audience AND v.content->'channels' = NEW.channels
          AND v.content->'promises' = NEW.promises AND v.content->>'kind' = NEW.kind
          AND v.content->>'uncertain_policy' = NEW.uncertain_policy
    ) THEN
        RAISE EXCEPTION 'guard.message: message % speaks to others, elsewhere or of other times than was approved', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    IF is_cleared AND (TG_OP = 'INSERT' OR NEW.state IS DISTINCT FROM OLD.state)
       AND NOT coalesce(notifications_is_approved(NEW.current_id), false)
    THEN
        RAISE EXCEPTION 'guard.message: message % has no complete approval of its present text', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER guard_message BEFORE INSERT OR UPDATE OF
    state, current_id, incident_id, audience, channels, promises, kind, uncertain_policy ON notifications_message
    FOR EACH ROW EXECUTE FUNCTION notifications_guard_message();

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
