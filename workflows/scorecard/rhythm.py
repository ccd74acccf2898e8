"""Metrics of rhythm, promises and estimates."""

from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.dateparse import parse_datetime

from incidents.models import Commitment
from workflows.enums import ClockState
from workflows.models import ClockRun
from workflows.scorecard.registry import CONTACTS, Question, Result, durations, metric, one_row, ratio


@metric("cadence_adherence", by_tier=True)
def cadence_adherence(question: Question) -> Result:
    """Promised updates whose last recipient accepted by the promised time, of all due ones."""
    on_time, due = one_row(
        """
        SELECT count(*) FILTER (WHERE NOT EXISTS (
                   SELECT 1 FROM notifications_delivery d WHERE d.message_id = s.message_id
                     AND d.status IN ('queued', 'retry', 'sending', 'uncertain', 'expired'))
                 AND EXISTS (
                   SELECT 1 FROM notifications_delivery d WHERE d.message_id = s.message_id
                   HAVING max(d.accepted_at) <= s.promised_at)), count(*)
        FROM workflows_updateslot s
        WHERE s.incident_id = %(incident)s AND s.promised_to > 0 AND s.state <> 'withdrawn'
          AND s.promised_at <= %(now)s AND (%(tier)s::int IS NULL OR s.tier = %(tier)s::int)
        """,
        question,
    )
    return ratio(on_time, due)


@metric("longest_silence", by_tier=True)
def longest_silence(question: Question) -> Result:
    """The longest time between two contacts of one customer while the incident was open: per customer, summarised."""
    until = question.incident.resolved_at or question.now
    return durations(
        f"""
        WITH {CONTACTS}, steps AS (
            SELECT c.customer_id, c.at - lag(c.at) OVER (PARTITION BY c.customer_id ORDER BY c.at) AS gap
            FROM contacts c JOIN affected USING (customer_id) WHERE c.at <= %(until)s
        )
        SELECT extract(epoch FROM max(gap))::float AS seconds FROM steps WHERE gap IS NOT NULL GROUP BY customer_id
        """,
        question,
        until=until,
    )


@metric("promise_keeping_rate")
def promise_keeping_rate(question: Question) -> Result:
    """Commitments kept by their time, of those that came due and were not renegotiated or withdrawn."""
    due = Commitment.objects.filter(incident=question.incident, due_at__lte=question.now).exclude(
        state__in=["withdrawn", "renegotiated"]
    )
    kept = due.filter(state="kept").count()
    return ratio(kept, due.count())


@metric("promise_evidence_rate")
def promise_evidence_rate(question: Question) -> Result:
    """Commitments made on evidence that they can be kept, of all promises but the rhythm itself."""
    rows = Commitment.objects.filter(incident=question.incident).exclude(kind="next_update")
    return ratio(rows.exclude(feasibility_evidence="").count(), rows.count())


@metric("eta_accuracy")
def eta_accuracy(question: Question) -> Result:
    """1 − |actual − last estimate| / (actual − time of the estimate), not below 0."""
    estimates, actual = _estimates(question), question.incident.resolved_at
    if not estimates or actual is None or estimates[-1][1] >= actual:
        return None
    stated, made = estimates[-1]
    miss = abs((actual - stated).total_seconds()) / (actual - made).total_seconds()
    return {"value": max(0.0, 1 - miss), "numerator": None, "denominator": None}


@metric("eta_revision_count")
def eta_revision_count(question: Question) -> Result:
    """How often a published estimate changed, and by how much in total (seconds)."""
    estimates = _estimates(question)
    if not estimates:
        return None
    moves = [(later[0] - earlier[0]).total_seconds() for earlier, later in zip(estimates, estimates[1:], strict=False)]
    return {"value": len(moves), "slip": sum(moves)}


def _estimates(question: Question) -> list[tuple[datetime, datetime]]:
    """Return the published estimates that differ from the one before, as (estimate, time it was stated)."""
    found: list[tuple[datetime, datetime]] = []
    messages = question.incident.messages.filter(released_at__isnull=False).select_related("current")
    for message in messages.order_by("released_at"):
        stated = _stated(message.current.content if message.current else {})
        if stated is not None and message.released_at and (not found or found[-1][0] != stated):
            found.append((stated, message.released_at))
    return found


def _stated(content: dict[str, Any]) -> datetime | None:
    text = content.get("times", {}).get("incident.eta")
    return parse_datetime(text) if text else None


@metric("statutory_deadline_met")
def statutory_deadline_met(question: Question) -> Result:
    """Legal clocks met with a receipt by their deadline, of those that came due or were met; stopped ones count not."""
    runs = ClockRun.objects.filter(incident=question.incident, due_at__isnull=False)
    due = runs.filter(state=ClockState.DONE) | runs.filter(state=ClockState.RUNNING, due_at__lte=question.now)
    in_time = runs.filter(state=ClockState.DONE, done_at__lte=F("due_at")).count()
    return ratio(in_time, due.count())
