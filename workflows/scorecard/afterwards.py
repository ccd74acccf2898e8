"""Metrics of what became of customers: who stayed, who bought again, who came back, compared with those unaffected.

A customer's standing on day 90 is the first observation from that day on; who was gone before and was not seen since is
gone. All other customers were not observed, and are not counted. In an exercise the 90 days are shortened like the
durations of its playbook.
"""

from datetime import date, timedelta
from typing import Any

from incidents.models import CustomerOutcome
from incidents.phases import Phase
from workflows.models import CommunicationPlan
from workflows.scorecard.registry import CONTACTS, Question, Result, all_rows, metric, one_row, ratio

HORIZON = timedelta(days=90)
RETURN = timedelta(days=180)
RECURRENCE = timedelta(days=365)


@metric("retention_90d", by_tier=True)
def retention_90d(question: Question) -> Result:
    """Affected customers still there at 90 days, of those observed; and the same of the others."""
    return _shares(_STAYED, question)


@metric("churn_rate_90d", by_tier=True)
def churn_rate_90d(question: Question) -> Result:
    """The affected customers that are gone at 90 days, of those observed; and the same of the others."""
    stayed = _shares(_STAYED, question)
    return _turned(stayed) if stayed else None


@metric("repeat_purchase_rate", by_tier=True)
def repeat_purchase_rate(question: Question) -> Result:
    """Affected customers that ordered since, of those whose orders are known from day 90 on; and of the others."""
    return _shares(_BOUGHT, question)


@metric("win_back_rate")
def win_back_rate(question: Question) -> Result:
    """Affected customers seen again within 180 days after they were seen gone, of all seen gone."""
    back, gone = one_row(_WON_BACK, question, days=_scaled(question, RETURN).days)
    return ratio(back, gone)


@metric("recurrence_count")
def recurrence_count(question: Question) -> Result:
    """Closed incidents of the same type and subtype in the year before; embargoed ones and exercises are not told."""
    incident = question.incident
    if incident.declared_at is None or not incident.type:
        return None
    alike = type(incident).objects.filter(
        phase=Phase.CLOSED,
        type=incident.type,
        subtype=incident.subtype,
        is_drill=False,
        is_embargoed=False,
        declared_at__gte=incident.declared_at - RECURRENCE,
        declared_at__lt=incident.declared_at,
    )
    found = list(alike.exclude(pk=incident.pk).order_by("declared_at", "pk").values_list("reference", flat=True))
    return {"value": len(found), "references": found[:20]}


def comparison(question: Question) -> dict[str, Any]:
    """Return who stayed and bought by group: affected or not, told in time or not, by the longest silence.

    As of day 90, and while nobody was observed then, as of everybody's last observation; empty without any.
    """
    horizon, newest = _horizon(question), _newest(question)
    if newest is None or horizon is None:
        return {}
    is_early = newest < horizon
    values = {"horizon": newest if is_early else horizon, "is_early": is_early}
    rows = all_rows(_COMPARED, question, **values, until=question.incident.resolved_at or question.now)
    groups = {
        group: {"observed": observed, "stayed": stayed, "asked": asked, "bought": bought}
        for group, observed, stayed, asked, bought in rows
    }
    for group, currency, each in all_rows(_REVENUE, question, **values):
        groups[group].setdefault("revenue", {})[currency] = str(each)
    declared = question.incident.declared_at
    days = (newest - declared.date()).days if declared else 0
    return {"is_early": is_early, "newest": newest.isoformat(), "days": days, "groups": groups}


def _shares(sql: str, question: Question) -> Result:
    """Return the share among affected customers with that of the others beside it; no data before the day came."""
    horizon, newest = _horizon(question), _newest(question)
    if horizon is None or newest is None or newest < horizon:
        return None
    found = {
        is_affected: ratio(part, whole)
        for is_affected, part, whole in all_rows(sql, question, horizon=horizon, is_early=False)
    }
    mine, others = found.get(True), found.get(False)
    if mine is None:
        return None
    affected = question.incident.impacts.all()
    counted = affected if question.tier is None else affected.filter(tier=question.tier)
    result = {**mine, "of": counted.count()}
    return {**result, "unaffected": others} if others and question.tier is None else result


def _turned(result: dict[str, Any]) -> dict[str, Any]:
    turned = {
        **result,
        "numerator": result["denominator"] - result["numerator"],
        "value": (result["denominator"] - result["numerator"]) / result["denominator"],
    }
    return {**turned, "unaffected": _turned(result["unaffected"])} if "unaffected" in result else turned


def _horizon(question: Question) -> date | None:
    declared = question.incident.declared_at
    return (declared + _scaled(question, HORIZON)).date() if declared else None


def _scaled(question: Question, length: timedelta) -> timedelta:
    plans = CommunicationPlan.objects.filter(incident=question.incident).order_by("-version")
    divisor = plans.values_list("playbook__duration_divisor", flat=True).first() or 1
    return length / divisor


def _newest(question: Question) -> date | None:
    rows = CustomerOutcome.objects.filter(incident=question.incident).order_by("-observed_on")
    return rows.values_list("observed_on", flat=True).first()


# One row for each customer: the first observation from the horizon on, else the last one before it, which alone tells
# of those that are gone. With `is_early` everybody's last observation counts.
STANDING = """
    nearest AS (
        SELECT DISTINCT ON (customer_id) customer_id, observed_on, is_customer, orders, revenue, currency
        FROM incidents_customeroutcome WHERE incident_id = %(incident)s
        ORDER BY customer_id, observed_on >= %(horizon)s DESC, abs(observed_on - %(horizon)s)
    ),
    standing AS (
        SELECT * FROM nearest WHERE observed_on >= %(horizon)s OR NOT is_customer OR %(is_early)s
    ),
    affected AS (
        SELECT customer_id, tier FROM incidents_impact WHERE incident_id = %(incident)s
    )
"""

_STAYED = f"""
    WITH {STANDING}
    SELECT a.customer_id IS NOT NULL, count(*) FILTER (WHERE s.is_customer), count(*)
    FROM standing s LEFT JOIN affected a USING (customer_id)
    WHERE %(tier)s::int IS NULL OR a.tier = %(tier)s::int GROUP BY 1
"""

_BOUGHT = f"""
    WITH {STANDING}
    SELECT a.customer_id IS NOT NULL, count(*) FILTER (WHERE s.orders > 0), count(*)
    FROM standing s LEFT JOIN affected a USING (customer_id)
    WHERE s.orders IS NOT NULL AND s.observed_on >= %(horizon)s
      AND (%(tier)s::int IS NULL OR a.tier = %(tier)s::int)
    GROUP BY 1
"""

_WON_BACK = """
    WITH gone AS (
        SELECT o.customer_id, min(o.observed_on) AS since FROM incidents_customeroutcome o
        JOIN incidents_impact i ON i.customer_id = o.customer_id AND i.incident_id = o.incident_id
        WHERE o.incident_id = %(incident)s AND NOT o.is_customer GROUP BY o.customer_id
    )
    SELECT count(*) FILTER (WHERE EXISTS (
               SELECT 1 FROM incidents_customeroutcome o
               WHERE o.incident_id = %(incident)s AND o.customer_id = g.customer_id AND o.is_customer
                 AND o.observed_on > g.since AND o.observed_on <= g.since + %(days)s::int)), count(*)
    FROM gone g
"""

# Told in time: by the window of the tier, as the metric of the first notice. Silence: the longest time between two
# contacts while the incident was open, in lengths of the rhythm the plan promised to the tier.
_COMPARED = f"""
    WITH {STANDING.replace("affected AS", "hit AS")}, {CONTACTS}, heard AS (
        SELECT customer_id, min(at) AS first, max(gap) AS silence FROM (
            SELECT customer_id, at, at - lag(at) OVER (PARTITION BY customer_id ORDER BY at) AS gap
            FROM contacts WHERE at <= %(until)s
        ) AS steps GROUP BY customer_id
    ), windows AS (
        SELECT a.tier, a.first_contact_interval, a.update_interval FROM workflows_planaudience a
        JOIN workflows_communicationplan p ON p.id = a.plan_id
        WHERE p.incident_id = %(incident)s AND p.state <> 'superseded'
    ), placed AS (
        SELECT s.is_customer, s.orders, CASE WHEN t.customer_id IS NULL THEN ARRAY['unaffected'] ELSE ARRAY[
            'affected',
            CASE WHEN w.tier IS NULL THEN NULL
                 WHEN h.first <= %(declared)s::timestamptz + w.first_contact_interval THEN 'informed'
                 ELSE 'uninformed' END,
            CASE WHEN w.tier IS NULL THEN NULL
                 WHEN h.silence IS NULL THEN 'silence_unknown'
                 WHEN h.silence <= w.update_interval THEN 'silence_within'
                 WHEN h.silence <= 2 * w.update_interval THEN 'silence_double'
                 ELSE 'silence_longer' END] END AS groups
        FROM standing s
        LEFT JOIN hit t USING (customer_id)
        LEFT JOIN heard h USING (customer_id)
        LEFT JOIN windows w ON w.tier = t.tier
    )
    SELECT name, count(*), count(*) FILTER (WHERE is_customer), count(orders), count(*) FILTER (WHERE orders > 0)
    FROM placed, unnest(groups) AS name WHERE name IS NOT NULL GROUP BY name
"""

_REVENUE = f"""
    WITH {STANDING}
    SELECT CASE WHEN a.customer_id IS NULL THEN 'unaffected' ELSE 'affected' END, s.currency, round(avg(s.revenue), 2)
    FROM standing s LEFT JOIN affected a USING (customer_id)
    WHERE s.revenue IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2
"""
