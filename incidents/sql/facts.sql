-- Guards of what is told: nothing that affects customers is withheld, and no admission without two people.

-- The history of facts is append-only.
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON incidents_factversion
    FOR EACH ROW EXECUTE FUNCTION incidents_refuse_change();
CREATE OR REPLACE TRIGGER append_only_truncate BEFORE TRUNCATE ON incidents_factversion
    FOR EACH STATEMENT EXECUTE FUNCTION incidents_refuse_change();

-- A fact is taken from customers only by a withholding in force, and what affects them never; a check constraint
-- keeps the latter publishable, and nobody declares afterwards that it does not affect them.
CREATE OR REPLACE FUNCTION incidents_guard_fact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.affects_customer AND NOT NEW.affects_customer THEN
        RAISE EXCEPTION 'guard.fact: % affects customers and stays so', OLD.key USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.is_publishable AND NOT NEW.is_publishable AND NOT EXISTS (
        SELECT 1 FROM incidents_withholding w
        WHERE w.fact_id = NEW.id AND w.approved_at IS NOT NULL AND w.lifted_at IS NULL
    ) THEN
        RAISE EXCEPTION 'guard.fact: % is withheld only with a reason that another person approved', OLD.key
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER guard_fact BEFORE UPDATE OF affects_customer, is_publishable ON incidents_fact
    FOR EACH ROW EXECUTE FUNCTION incidents_guard_fact();

CREATE OR REPLACE FUNCTION incidents_guard_withholding() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'guard.withholding: why a fact was withheld stays on record' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT 1 FROM incidents_fact f WHERE f.id = NEW.fact_id AND f.affects_customer) THEN
        RAISE EXCEPTION 'guard.withholding: a fact that affects customers is never withheld'
            USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND (NEW.fact_id, NEW.reason, NEW.explanation, NEW.asked_by_id, NEW.asked_at)
        IS DISTINCT FROM (OLD.fact_id, OLD.reason, OLD.explanation, OLD.asked_by_id, OLD.asked_at)
    THEN
        RAISE EXCEPTION 'guard.withholding: the ground of a withheld fact is never rewritten'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER guard_withholding BEFORE INSERT OR UPDATE OR DELETE ON incidents_withholding
    FOR EACH ROW EXECUTE FUNCTION incidents_guard_withholding();

-- Responsibility is accepted by two people, the executive sponsor and legal counsel; the newest word of each counts.
CREATE OR REPLACE FUNCTION incidents_admission_stamp(incident bigint, wanted text) RETURNS incidents_decision
LANGUAGE sql STABLE AS $$
    SELECT d FROM incidents_decision d
    WHERE d.incident_id = incident AND d.kind = 'admission' AND d.data->>'role' = wanted
    ORDER BY d.at DESC, d.id DESC LIMIT 1
$$;

CREATE OR REPLACE FUNCTION incidents_guard_admission() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    sponsor incidents_decision := incidents_admission_stamp(NEW.id, 'executive_sponsor');
    counsel incidents_decision := incidents_admission_stamp(NEW.id, 'legal_counsel');
BEGIN
    IF NOT NEW.responsibility_accepted OR (TG_OP = 'UPDATE' AND OLD.responsibility_accepted) THEN
        RETURN NEW;
    END IF;
    IF sponsor.outcome = 'accepted' AND counsel.outcome = 'accepted' AND sponsor.by_id <> counsel.by_id THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'guard.admission: responsibility is accepted by the executive sponsor and legal counsel, two people'
        USING ERRCODE = 'check_violation';
END $$;

CREATE OR REPLACE TRIGGER guard_admission BEFORE INSERT OR UPDATE OF responsibility_accepted ON incidents_incident
    FOR EACH ROW EXECUTE FUNCTION incidents_guard_admission();

CREATE OR REPLACE FUNCTION incidents_guard_admission_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM incidents_teamassignment t
        WHERE t.incident_id = NEW.incident_id AND t.role = NEW.data->>'role' AND NEW.by_id IN (t.user_id, t.deputy_id)
    ) OR NEW.data->>'role' NOT IN ('executive_sponsor', 'legal_counsel') THEN
        RAISE EXCEPTION 'guard.admission: only the executive sponsor and legal counsel decide on responsibility'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER guard_admission_stamp BEFORE INSERT ON incidents_decision
    FOR EACH ROW WHEN (NEW.kind = 'admission') EXECUTE FUNCTION incidents_guard_admission_stamp();
