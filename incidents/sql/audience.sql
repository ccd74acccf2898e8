-- Nobody is left out where the incident owes a word to everybody, or where the customer's own harm forbids it.
CREATE OR REPLACE FUNCTION incidents_guard_exclusions() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    offender bigint;
BEGIN
    SELECT n.customer_id INTO offender
    FROM added n
    JOIN incidents_incident o ON o.id = n.incident_id
    LEFT JOIN incidents_impact i ON i.incident_id = n.incident_id AND i.customer_id = n.customer_id
    WHERE n.lifted_at IS NULL
      AND (o.is_safety_warning OR o.needs_individual_notice OR i.harm IN ('safety', 'legal_right'))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'guard.exclusion: customer % must hear: safety or a statutory right outranks every rule', offender
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER guard_exclusions_insert AFTER INSERT ON incidents_exclusion
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION incidents_guard_exclusions();
CREATE OR REPLACE TRIGGER guard_exclusions_update AFTER UPDATE ON incidents_exclusion
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION incidents_guard_exclusions();

-- A duty to everybody ends every exclusion first.
CREATE OR REPLACE FUNCTION incidents_guard_duty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM incidents_exclusion WHERE incident_id = NEW.id AND lifted_at IS NULL) THEN
        RAISE EXCEPTION 'guard.exclusion: incident % owes a word to everybody; lift its exclusions first', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER guard_duty BEFORE UPDATE OF is_safety_warning, needs_individual_notice ON incidents_incident
    FOR EACH ROW WHEN (NEW.is_safety_warning OR NEW.needs_individual_notice) EXECUTE FUNCTION incidents_guard_duty();
