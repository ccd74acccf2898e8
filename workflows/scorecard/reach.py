"""Metrics of being first and of reaching everybody."""

from workflows.scorecard.registry import CONTACTS, Question, Result, durations, metric, one_row, ratio, single


@metric("time_to_declare")
def time_to_declare(question: Question) -> Result:
    """From detection to declaration."""
    incident = question.incident
    if incident.declared_at is None or incident.detected_at is None:
        return None
    return single((incident.declared_at - incident.detected_at).total_seconds())


@metric("time_to_first_statement")
def time_to_first_statement(question: Question) -> Result:
    """From declaration to the release of the first holding statement or first notice."""
    (seconds,) = one_row(
        """
        SELECT extract(epoch FROM min(released_at) - %(declared)s::timestamptz)::float FROM notifications_message
        WHERE incident_id = %(incident)s AND kind IN ('holding_statement', 'first_notice')
        """,
        question,
    )
    return single(seconds)


@metric("tier1_first_notice_time")
def tier1_first_notice_time(question: Question) -> Result:
    """From declaration to the first contact of each tier 1 customer."""
    return durations(f"WITH {CONTACTS} {_FIRST_SECONDS} AND tier = 1 {_PER_CUSTOMER}", question)


_FIRST_SECONDS = """
    SELECT extract(epoch FROM min(at) - %(declared)s::timestamptz)::float AS seconds
    FROM contacts WHERE at IS NOT NULL
"""
_PER_CUSTOMER = "GROUP BY customer_id"


@metric("first_notice_on_time_rate", by_tier=True)
def first_notice_on_time_rate(question: Question) -> Result:
    """Customers first contacted within the plan's window, of all affected ones."""
    on_time, total = one_row(
        f"""
        WITH {CONTACTS}, firsts AS (SELECT customer_id, min(at) AS at FROM contacts GROUP BY customer_id),
        windows AS (
            SELECT a.tier, a.first_contact_interval FROM workflows_planaudience a
            JOIN workflows_communicationplan p ON p.id = a.plan_id
            WHERE p.incident_id = %(incident)s AND p.state <> 'superseded'
        )
        SELECT count(*) FILTER (WHERE f.at <= %(declared)s::timestamptz + w.first_contact_interval), count(*)
        FROM affected a LEFT JOIN firsts f USING (customer_id) JOIN windows w ON w.tier = a.tier
        """,
        question,
    )
    return ratio(on_time, total)


@metric("reach_rate_by_tier", by_tier=True)
def reach_rate_by_tier(question: Question) -> Result:
    """Affected customers with at least one contact, of all affected ones."""
    reached, total = one_row(
        f"""
        WITH {CONTACTS}
        SELECT count(*) FILTER (WHERE customer_id IN (SELECT customer_id FROM contacts)), count(*) FROM affected
        """,
        question,
    )
    return ratio(reached, total)


@metric("acknowledge_rate", by_tier=True)
def acknowledge_rate(question: Question) -> Result:
    """Customers who acknowledged a message or were spoken to, of those reached."""
    acknowledged, reached = one_row(
        f"""
        WITH {CONTACTS}, heard AS (
            SELECT customer_id FROM notifications_delivery
            WHERE incident_id = %(incident)s AND status = 'acknowledged'
            UNION
            SELECT customer_id FROM workflows_outreachtask WHERE incident_id = %(incident)s AND state = 'done'
        )
        SELECT count(*) FILTER (WHERE customer_id IN (SELECT customer_id FROM heard)), count(*)
        FROM affected WHERE customer_id IN (SELECT customer_id FROM contacts)
        """,
        question,
    )
    return ratio(acknowledged, reached)


@metric("proactive_contact_rate", by_tier=True)
def proactive_contact_rate(question: Question) -> Result:
    """Affected customers we contacted before they contacted us, of all affected ones."""
    proactive, total = one_row(
        f"""
        WITH {CONTACTS}, firsts AS (SELECT customer_id, min(at) AS at FROM contacts GROUP BY customer_id),
        theirs AS (
            SELECT customer_id, min(received_at) AS at FROM incidents_feedback
            WHERE incident_id = %(incident)s GROUP BY customer_id
        )
        SELECT count(*) FILTER (WHERE f.at IS NOT NULL AND (t.at IS NULL OR f.at < t.at)), count(*)
        FROM affected LEFT JOIN firsts f USING (customer_id) LEFT JOIN theirs t USING (customer_id)
        """,
        question,
    )
    return ratio(proactive, total)


@metric("failed_contact_recovery")
def failed_contact_recovery(question: Question) -> Result:
    """Failed deliveries whose customer was reached later in person, of all failed ones."""
    recovered, failed = one_row(
        """
        SELECT count(*) FILTER (WHERE EXISTS (
                   SELECT 1 FROM workflows_outreachtask o WHERE o.failed_delivery_id = d.id AND o.state = 'done')),
               count(*)
        FROM notifications_delivery d WHERE d.incident_id = %(incident)s AND d.status = 'failed'
        """,
        question,
    )
    return ratio(recovered, failed)


@metric("own_language_rate", by_tier=True)
def own_language_rate(question: Question) -> Result:
    """Affected customers who were written to in their own language, of those written to."""
    own, written = one_row(
        f"""
        WITH {CONTACTS}
        SELECT count(DISTINCT d.customer_id) FILTER (WHERE d.language = c.language), count(DISTINCT d.customer_id)
        FROM affected a
        JOIN notifications_delivery d ON d.customer_id = a.customer_id AND d.incident_id = %(incident)s
        JOIN incidents_customer c ON c.id = a.customer_id
        WHERE d.status IN ('accepted', 'delivered', 'acknowledged')
        """,
        question,
    )
    return ratio(own, written)


@metric("information_equality_gap")
def information_equality_gap(question: Question) -> Result:
    """Between the tier that got the first notice first and the tier that got it last."""
    (seconds,) = one_row(
        f"""
        WITH {CONTACTS}, firsts AS (
            SELECT tier, min(at) AS at FROM contacts WHERE kind = 'first_notice' GROUP BY tier)
        SELECT CASE WHEN count(*) > 1 THEN extract(epoch FROM max(at) - min(at))::float END FROM firsts
        """,
        question,
    )
    return single(seconds)
