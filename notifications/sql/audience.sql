-- What outranks every rule about who is written to, at the place no rule can pass by: the outbox.

-- An exercise stays one, and a real incident that has written to somebody never becomes one.
CREATE OR REPLACE FUNCTION notifications_guard_drill() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.is_drill OR EXISTS (SELECT 1 FROM notifications_delivery WHERE incident_id = OLD.id) THEN
        RAISE EXCEPTION 'guard.drill: incident % cannot change between exercise and reality', OLD.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER guard_drill BEFORE UPDATE OF is_drill ON incidents_incident
    FOR EACH ROW WHEN (OLD.is_drill IS DISTINCT FROM NEW.is_drill) EXECUTE FUNCTION notifications_guard_drill();

CREATE OR REPLACE FUNCTION notifications_guard_recipients() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    concerned record;
    offender bigint;
BEGIN
    FOR concerned IN
        SELECT i.* FROM incidents_incident i WHERE i.id IN (SELECT DISTINCT incident_id FROM added)
    LOOP
        IF concerned.is_drill THEN
            SELECT n.id INTO offender FROM added n
            WHERE n.incident_id = concerned.id AND n.status NOT IN ('suppressed', 'failed') AND NOT EXISTS (
                SELECT 1 FROM incidents_company c WHERE c.test_recipients ? n.address)
            LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'guard.drill: an exercise writes to its test recipients alone (delivery %)', offender
                    USING ERRCODE = 'check_violation';
            END IF;
        ELSIF concerned.is_market_first AND concerned.market_disclosed_at IS NULL
            AND NOT concerned.is_safety_warning
        THEN
            RAISE EXCEPTION 'guard.market: the market hears of incident % before any customer', concerned.id
                USING ERRCODE = 'check_violation';
        END IF;
    END LOOP;
    SELECT n.customer_id INTO offender
    FROM added n
    JOIN incidents_incident o ON o.id = n.incident_id
    LEFT JOIN incidents_impact i ON i.incident_id = n.incident_id AND i.customer_id = n.customer_id
    WHERE n.failure_code IN ('excluded', 'duplicate')
      AND (o.is_safety_warning OR o.needs_individual_notice OR i.harm IN ('safety', 'legal_right'))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'guard.exclusion: customer % must hear: safety or a statutory right outranks every rule', offender
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER guard_recipients AFTER INSERT ON notifications_delivery
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION notifications_guard_recipients();

-- Where a copy goes is settled when it is frozen.
CREATE OR REPLACE TRIGGER guard_delivery_address BEFORE UPDATE OF address, incident_id, through_id
    ON notifications_delivery FOR EACH ROW WHEN (
        OLD.address IS DISTINCT FROM NEW.address OR OLD.incident_id IS DISTINCT FROM NEW.incident_id
        OR OLD.through_id IS DISTINCT FROM NEW.through_id
    ) EXECUTE FUNCTION notifications_refuse_delivery_change();

-- What is published is told to customers, too.
CREATE OR REPLACE FUNCTION notifications_guard_page() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM incidents_incident i
        WHERE i.id = NEW.incident_id AND i.is_market_first AND i.market_disclosed_at IS NULL
          AND NOT i.is_safety_warning AND NOT i.is_drill
    ) THEN
        RAISE EXCEPTION 'guard.market: the market hears of incident % before any customer', NEW.incident_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER guard_page BEFORE INSERT ON notifications_pagepost
    FOR EACH ROW EXECUTE FUNCTION notifications_guard_page();
