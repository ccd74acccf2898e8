-- Guards of the incident side. The application's roles own no table, so they cannot switch these off.

-- A phase changes only beside a row of incidents_phasetransition written by the same transaction.
CREATE OR REPLACE FUNCTION incidents_stamp_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.transaction_id := txid_current();
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER stamp_transition BEFORE INSERT ON incidents_phasetransition
    FOR EACH ROW EXECUTE FUNCTION incidents_stamp_transition();

CREATE OR REPLACE FUNCTION incidents_guard_phase() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.phase <> 'identify' THEN
            RAISE EXCEPTION 'guard.phase: an incident begins in identify, not in %', NEW.phase
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM incidents_phasetransition t
        WHERE t.incident_id = NEW.id AND t.source = OLD.phase AND t.target = NEW.phase
          AND t.transaction_id = txid_current()
    ) THEN
        RAISE EXCEPTION 'guard.phase: the phase changes only through the lifecycle (% to %)', OLD.phase, NEW.phase
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER guard_phase_insert BEFORE INSERT ON incidents_incident
    FOR EACH ROW EXECUTE FUNCTION incidents_guard_phase();
CREATE OR REPLACE TRIGGER guard_phase_update BEFORE UPDATE OF phase ON incidents_incident
    FOR EACH ROW WHEN (OLD.phase IS DISTINCT FROM NEW.phase) EXECUTE FUNCTION incidents_guard_phase();

-- Append-only tables: what was done stays.
CREATE OR REPLACE FUNCTION incidents_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'guard.append_only: rows of % are never changed or removed', TG_TABLE_NAME
        USING ERRCODE = 'check_violation';
END $$;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'incidents_auditevent', 'incidents_timelineentry', 'incidents_phasetransition', 'incidents_gatewaiver',
        'incidents_decision', 'incidents_evidence'
    ] LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON %I '
                       'FOR EACH ROW EXECUTE FUNCTION incidents_refuse_change()', name);
        EXECUTE format('CREATE OR REPLACE TRIGGER append_only_truncate BEFORE TRUNCATE ON %I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION incidents_refuse_change()', name);
    END LOOP;
END $$;

-- The audit chain: one per incident (and one for events without), each link holding the digest of the one before.
CREATE OR REPLACE FUNCTION incidents_audit_digest(event incidents_auditevent) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(concat_ws('|',
        event.previous_hash, coalesce(event.incident_id, 0), event.sequence, event.action, coalesce(event.actor_id, 0),
        to_char(event.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), event.data::text), 'UTF8')), 'hex')
$$;

CREATE OR REPLACE FUNCTION incidents_chain_audit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last incidents_auditevent;
BEGIN
    PERFORM pg_advisory_xact_lock(20261, coalesce(NEW.incident_id, 0)::int);
    SELECT * INTO last FROM incidents_auditevent
        WHERE incident_id IS NOT DISTINCT FROM NEW.incident_id ORDER BY sequence DESC LIMIT 1;
    NEW.sequence := coalesce(last.sequence, 0) + 1;
    NEW.previous_hash := coalesce(last.hash, '');
    NEW.hash := incidents_audit_digest(NEW);
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER chain_audit BEFORE INSERT ON incidents_auditevent
    FOR EACH ROW EXECUTE FUNCTION incidents_chain_audit();

-- A fact sheet is frozen; only its one confirmation may be added.
CREATE OR REPLACE FUNCTION incidents_guard_fact_sheet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.confirmed_by_id IS NOT NULL
        OR (NEW.incident_id, NEW.version, NEW.content, NEW.sha256, NEW.created_by_id, NEW.created_at)
           IS DISTINCT FROM
           (OLD.incident_id, OLD.version, OLD.content, OLD.sha256, OLD.created_by_id, OLD.created_at)
    THEN
        RAISE EXCEPTION 'guard.fact_sheet: a fact sheet is never changed; write a new version'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER guard_fact_sheet BEFORE UPDATE OR DELETE ON incidents_factsheet
    FOR EACH ROW EXECUTE FUNCTION incidents_guard_fact_sheet();
