-- Guards of what makes a text cleared: the complete set of stamps, objections, emergencies, severity and audience.

-- The set is complete when there is a requirement, and every requirement has an approval of this digest. An emergency
-- that was opened for this very text lets one of these approvals stand for all; none but another person's ever counts.
CREATE OR REPLACE FUNCTION notifications_is_approved(revision bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM notifications_approvalrequirement r WHERE r.revision_id = revision)
       AND (NOT EXISTS (
            SELECT 1 FROM notifications_approvalrequirement r
            WHERE r.revision_id = revision AND NOT EXISTS (
                SELECT 1 FROM notifications_approval a
                JOIN notifications_messagerevision v ON v.id = a.revision_id AND v.sha256 = a.sha256
                WHERE a.revision_id = revision AND r.any_of ? a.role
                  AND a.approver_id IS DISTINCT FROM v.author_id))
        OR EXISTS (
            SELECT 1 FROM notifications_emergencyapproval e
            JOIN notifications_approval a ON a.revision_id = e.revision_id
            JOIN notifications_messagerevision v ON v.id = a.revision_id AND v.sha256 = a.sha256
            JOIN notifications_approvalrequirement r ON r.revision_id = a.revision_id AND r.any_of ? a.role
            WHERE e.revision_id = revision AND a.approver_id IS DISTINCT FROM v.author_id
              AND (v.author_id IS NOT NULL OR a.approver_id <> e.opened_by_id)))
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
    IF is_cleared AND EXISTS (SELECT 1 FROM notifications_objection o WHERE o.message_id = NEW.id AND o.ended_at IS NULL)
       AND (TG_OP = 'INSERT' OR NEW.state IS DISTINCT FROM OLD.state) AND NEW.state <> 'sent'
    THEN
        RAISE EXCEPTION 'guard.message: a strong objection to message % stands', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND is_cleared AND (NEW.cleared_severity IS DISTINCT FROM OLD.cleared_severity
                                            OR NEW.cleared_size IS DISTINCT FROM OLD.cleared_size)
    THEN
        RAISE EXCEPTION 'guard.message: for how many and how grave message % is meant is said before it is approved', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    -- SEV1 is the gravest; an incident without a severity is graver than none.
    IF TG_OP = 'UPDATE' AND NEW.state = 'sending' AND OLD.state <> 'sending' AND NEW.cleared_severity IS NOT NULL
       AND EXISTS (SELECT 1 FROM incidents_incident i WHERE i.id = NEW.incident_id AND i.severity <> ''
                   AND i.severity < coalesce(nullif(NEW.cleared_severity, ''), 'SEV9'))
    THEN
        RAISE EXCEPTION 'guard.message: the incident of message % is graver than when the approvals were asked for', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER guard_message BEFORE INSERT OR UPDATE OF
    state, current_id, incident_id, audience, channels, promises, kind, uncertain_policy, cleared_severity, cleared_size
    ON notifications_message
    FOR EACH ROW EXECUTE FUNCTION notifications_guard_message();

-- An emergency is opened by one of the team for a text that waits, and afterwards only judged, once.
CREATE OR REPLACE FUNCTION notifications_guard_emergency() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.judged_at IS NOT NULL OR NEW.revision_id <> OLD.revision_id OR NEW.opened_by_id <> OLD.opened_by_id
           OR NEW.reason <> OLD.reason OR NEW.opened_at <> OLD.opened_at
        THEN
            RAISE EXCEPTION 'guard.emergency: what was opened stays as it was, and is judged once'
                USING ERRCODE = 'check_violation';
        END IF;
    ELSIF NOT EXISTS (
        SELECT 1 FROM notifications_message m
        JOIN incidents_teamassignment t ON t.incident_id = m.incident_id AND NEW.opened_by_id IN (t.user_id, t.deputy_id)
        JOIN incidents_user u ON u.id = NEW.opened_by_id AND u.is_active
        WHERE m.current_id = NEW.revision_id AND m.state = 'in_review'
    ) THEN
        RAISE EXCEPTION 'guard.emergency: one of the team opens it, for the present text of a message in review'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER guard_emergency BEFORE INSERT OR UPDATE ON notifications_emergencyapproval
    FOR EACH ROW EXECUTE FUNCTION notifications_guard_emergency();

-- An objection stays as it was raised, and ends once; the author of the text does not overrule it.
CREATE OR REPLACE FUNCTION notifications_guard_objection() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL OR NEW.message_id <> OLD.message_id OR NEW.revision_id <> OLD.revision_id
       OR NEW.raised_by_id <> OLD.raised_by_id OR NEW.role <> OLD.role OR NEW.reason <> OLD.reason
       OR NEW.raised_at <> OLD.raised_at
    THEN
        RAISE EXCEPTION 'guard.objection: an objection stays as it was raised, and ends once'
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW."end" = 'overruled' AND EXISTS (
        SELECT 1 FROM notifications_message m JOIN notifications_messagerevision v ON v.id = m.current_id
        WHERE m.id = NEW.message_id AND v.author_id = NEW.ended_by_id)
    THEN
        RAISE EXCEPTION 'guard.objection: the author of a text does not overrule an objection to it'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER guard_objection BEFORE UPDATE ON notifications_objection
    FOR EACH ROW EXECUTE FUNCTION notifications_guard_objection();

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['notifications_emergencyapproval', 'notifications_objection'] LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER never_removed BEFORE DELETE ON %I '
                       'FOR EACH ROW EXECUTE FUNCTION incidents_refuse_change()', name);
        EXECUTE format('CREATE OR REPLACE TRIGGER never_removed_truncate BEFORE TRUNCATE ON %I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION incidents_refuse_change()', name);
    END LOOP;
END $$;

-- A text leaves to no more customers than its approvals were asked for.
CREATE OR REPLACE FUNCTION notifications_guard_size() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    offender bigint;
BEGIN
    SELECT n.message_id INTO offender
    FROM (SELECT message_id, count(DISTINCT customer_id) AS size FROM added GROUP BY message_id) n
    JOIN notifications_message m ON m.id = n.message_id
    WHERE n.size > m.cleared_size
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'guard.delivery: message % was approved for fewer customers', offender
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER guard_size AFTER INSERT ON notifications_delivery
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION notifications_guard_size();
