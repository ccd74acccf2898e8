-- An exercise makes no contact with a real customer: not by a plan, a failed mail, a request, care afterwards or a merge.

-- A customer whose main mailbox is one of the company's test recipients.
CREATE OR REPLACE FUNCTION workflows_is_test_customer(customer bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM incidents_contactpoint p
        JOIN incidents_company c ON true
        CROSS JOIN LATERAL jsonb_array_elements_text(c.test_recipients) AS t(address)
        WHERE p.customer_id = customer AND p.kind = 'email' AND p.is_primary AND p.normalised = lower(btrim(t.address))
    )
$$;

CREATE OR REPLACE FUNCTION workflows_guard_exercise() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM incidents_incident WHERE id = NEW.incident_id AND is_drill)
        AND NOT workflows_is_test_customer(NEW.customer_id)
    THEN
        RAISE EXCEPTION 'guard.drill: an exercise calls its test recipients alone (customer %)', NEW.customer_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER guard_exercise BEFORE INSERT OR UPDATE OF incident_id, customer_id ON workflows_outreachtask
    FOR EACH ROW EXECUTE FUNCTION workflows_guard_exercise();

-- An incident with contacts on the call desk is real, and stays it.
CREATE OR REPLACE FUNCTION workflows_guard_becoming_exercise() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM workflows_outreachtask WHERE incident_id = NEW.id) THEN
        RAISE EXCEPTION 'guard.drill: incident % has contacts with customers', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER guard_becoming_exercise BEFORE UPDATE OF is_drill ON incidents_incident
    FOR EACH ROW WHEN (NEW.is_drill AND NOT OLD.is_drill) EXECUTE FUNCTION workflows_guard_becoming_exercise();
