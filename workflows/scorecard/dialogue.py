"""Metrics of listening, answering and making good."""

from typing import Any

from django.db.models import Count

from incidents.models import Feedback, RemedyChoice
from workflows.scorecard.registry import Question, Result, all_rows, durations, metric, one_row, ratio

MOOD_SCORES = {"distress": -1.0, "angry": -1.0, "worried": -0.5, "neutral": 0.0, "content": 1.0}
SCALE_ITEMS = ("informed_in_time", "understood", "believed", "treated_with_respect", "remedy_fair")
DAY = 86400.0


@metric("first_response_time")
def first_response_time(question: Question) -> Result:
    """From a customer's words to our first answer."""
    return durations(
        """
        SELECT extract(epoch FROM answered_at - received_at)::float AS seconds FROM incidents_feedback
        WHERE incident_id = %(incident)s AND answered_at IS NOT NULL
        """,
        question,
    )


@metric("reason_coverage")
def reason_coverage(question: Question) -> Result:
    """Entries with a theme beside the customer's words, of all entries."""
    rows = Feedback.objects.filter(incident=question.incident)
    return ratio(rows.exclude(theme="").count(), rows.count())


@metric("escalation_rate")
def escalation_rate(question: Question) -> Result:
    """Affected customers that turned to management, an authority, a court or the media, of all affected ones."""
    if not Feedback.objects.filter(incident=question.incident).exists():
        return None
    turned = Feedback.objects.filter(incident=question.incident).exclude(escalated_to="").values("customer")
    return ratio(question.incident.impacts.filter(customer__in=turned).count(), question.incident.impacts.count())


@metric("inbound_load")
def inbound_load(question: Question) -> Result:
    """Contacts from customers per 100 affected customers and day."""
    affected = question.incident.impacts.count()
    begun = question.incident.declared_at
    if not affected or begun is None:
        return None
    count = Feedback.objects.filter(incident=question.incident).count()
    days = max(((question.incident.closed_at or question.now) - begun).total_seconds() / DAY, 1.0)
    return {"value": count * 100 / affected / days, "n": count}


@metric("hotline_wait_time")
def hotline_wait_time(question: Question) -> Result:
    """How long callers of the company's line waited while the incident was open, as measured: mean, median and p90."""
    measured = """
        SELECT extract(epoch FROM wait)::float AS seconds FROM incidents_hotlinewait
        WHERE measured_at >= %(declared)s AND measured_at <= %(until)s
    """
    until = question.incident.closed_at or question.now
    found = durations(measured, question, until=until)
    if found is None:
        return None
    (mean,) = one_row(f"SELECT avg(seconds) FROM ({measured}) AS measured", question, until=until)
    return {**found, "mean": float(mean)}


@metric("sentiment_trend")
def sentiment_trend(question: Question) -> Result:
    """Mean mood per day, from −1 (angry) to 1 (content), with the number of entries."""
    rows = all_rows(
        """
        SELECT received_at::date, avg((%(scores)s::jsonb ->> mood)::float), count(*) FROM incidents_feedback
        WHERE incident_id = %(incident)s GROUP BY 1 ORDER BY 1
        """,
        question,
        scores=str(MOOD_SCORES).replace("'", '"'),
    )
    if not rows:
        return None
    return {"points": [{"x": day.isoformat(), "y": mean, "n": count} for day, mean, count in rows]}


@metric("csat_post_incident")
def csat_post_incident(question: Question) -> Result:
    """Mean of the survey items on the 1 to 5 scale, with the number of customers who answered and were asked."""
    mean, answered = one_row(
        """
        SELECT avg((item.value)::float), count(DISTINCT r.id)
        FROM incidents_surveyresponse r, jsonb_each_text(r.answers) AS item
        WHERE r.incident_id = %(incident)s AND item.key = ANY(%(items)s) AND item.value ~ '^[1-5]$'
        """,
        question,
        items=list(SCALE_ITEMS),
    )
    return {"value": float(mean), "n": answered, "asked": _asked(question)} if answered else None


def _asked(question: Question) -> int:
    (count,) = one_row(
        """
        SELECT count(DISTINCT d.customer_id) FROM notifications_delivery d
        JOIN notifications_message m ON m.id = d.message_id
        WHERE d.incident_id = %(incident)s AND m.kind = 'follow_up_survey'
          AND d.status IN ('accepted', 'delivered', 'acknowledged')
        """,
        question,
    )
    return int(count)


def survey_items(question: Question) -> list[dict[str, Any]]:
    """Return the mean of each survey item on the 1 to 5 scale, in the order of the questionnaire."""
    rows = all_rows(
        """
        SELECT item.key, avg((item.value)::float), count(*)
        FROM incidents_surveyresponse r, jsonb_each_text(r.answers) AS item
        WHERE r.incident_id = %(incident)s AND item.key = ANY(%(items)s) AND item.value ~ '^[1-5]$'
        GROUP BY item.key ORDER BY array_position(%(items)s, item.key)
        """,
        question,
        items=list(SCALE_ITEMS),
    )
    return [{"id": key, "mean": float(mean), "n": count} for key, mean, count in rows]


@metric("option_uptake")
def option_uptake(question: Question) -> Result:
    """Customers who chose an offered remedy, of the affected ones while any remedy was on offer; and by option."""
    if not question.incident.remedy_options.filter(approved_at__isnull=False).exists():
        return None
    chosen = RemedyChoice.objects.filter(incident=question.incident)
    by_option = chosen.values_list("option__key").annotate(n=Count("pk")).order_by("option__key")
    found = ratio(chosen.count(), question.incident.impacts.count())
    return {**found, "by_option": dict(by_option)} if found else None


@metric("remedy_delivery_rate")
def remedy_delivery_rate(question: Question) -> Result:
    """Remedies delivered, of those chosen."""
    rows = RemedyChoice.objects.filter(incident=question.incident)
    return ratio(rows.filter(delivered_at__isnull=False).count(), rows.count())
