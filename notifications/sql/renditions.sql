-- A message sent once more in a language that was approved late: to those alone who got its fallback, and once.
CREATE OR REPLACE FUNCTION notifications_guard_rendition() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    offender bigint;
BEGIN
    SELECT n.id INTO offender
    FROM added n
    JOIN notifications_messagerevision v ON v.id = n.revision_id
    WHERE n.rendition <> '' AND (
        NOT v.content->'texts' ? n.rendition
        OR NOT EXISTS (SELECT 1 FROM notifications_languageapproval l
                       WHERE l.message_id = n.message_id AND l.language = n.rendition)
        OR NOT EXISTS (SELECT 1 FROM notifications_delivery d
                       WHERE d.message_id = n.message_id AND d.customer_id = n.customer_id AND d.rendition = ''))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'guard.rendition: delivery % is in a language nobody approved, or to somebody who got no fallback', offender
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER guard_rendition AFTER INSERT ON notifications_delivery
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION notifications_guard_rendition();

-- The language of a copy is settled when it is frozen.
CREATE OR REPLACE TRIGGER guard_delivery_rendition BEFORE UPDATE OF rendition ON notifications_delivery
    FOR EACH ROW WHEN (OLD.rendition IS DISTINCT FROM NEW.rendition)
    EXECUTE FUNCTION notifications_refuse_delivery_change();
