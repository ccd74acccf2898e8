"""Metrics of the messages themselves: approved in time, whole, consistent, corrected, and staff told first."""

from notifications import wording
from notifications.enums import MessageKind
from notifications.models import Message, MessageRevision
from workflows.models import BriefAcknowledgement, Improvement
from workflows.scorecard.registry import Question, Result, durations, metric, one_row, ratio

COUNTED_SEVERITIES = frozenset({"error", "warning"})


def _sent(question: Question) -> list[Message]:
    rows = Message.objects.filter(incident=question.incident, released_at__isnull=False)
    return list(rows.select_related("current").order_by("number"))


@metric("approval_time")
def approval_time(question: Question) -> Result:
    """From asking for approval to the last stamp."""
    return durations(
        """
        SELECT extract(epoch FROM approved_at - submitted_at)::float AS seconds FROM notifications_message
        WHERE incident_id = %(incident)s AND approved_at IS NOT NULL AND submitted_at IS NOT NULL
        """,
        question,
    )


@metric("correction_count")
def correction_count(question: Question) -> Result:
    """Corrections sent."""
    return {"value": sum(1 for message in _sent(question) if message.corrects_id is not None)}


@metric("correction_latency")
def correction_latency(question: Question) -> Result:
    """From the wrong message to its correction."""
    return durations(
        """
        SELECT extract(epoch FROM c.released_at - w.released_at)::float AS seconds
        FROM notifications_message c JOIN notifications_message w ON w.id = c.corrects_id
        WHERE c.incident_id = %(incident)s AND c.released_at IS NOT NULL
        """,
        question,
    )


@metric("correction_reach")
def correction_reach(question: Question) -> Result:
    """Recipients of a wrong message who received its correction, of its recipients."""
    corrected, wrong = one_row(
        """
        SELECT count(*) FILTER (WHERE EXISTS (
                   SELECT 1 FROM notifications_delivery d WHERE d.message_id = c.id AND d.customer_id = w.customer_id
                     AND d.status IN ('accepted', 'delivered', 'acknowledged'))), count(*)
        FROM notifications_message c
        JOIN notifications_delivery w ON w.message_id = c.corrects_id
        WHERE c.incident_id = %(incident)s AND c.released_at IS NOT NULL
          AND w.status IN ('accepted', 'delivered', 'acknowledged')
        """,
        question,
    )
    return ratio(corrected, wrong)


@metric("consistency_rate")
def consistency_rate(question: Question) -> Result:
    """Messages that never had to be corrected, of all messages sent."""
    sent = _sent(question)
    corrected = {message.corrects_id for message in sent if message.corrects_id is not None}
    return ratio(sum(1 for message in sent if message.pk not in corrected), len(sent))


@metric("completeness_rate")
def completeness_rate(question: Question) -> Result:
    """Messages whose every language has a subject and no empty section, of all messages sent."""
    sent = [message.current for message in _sent(question) if message.current]
    return ratio(sum(1 for revision in sent if _is_whole(revision)), len(sent))


def _is_whole(revision: MessageRevision) -> bool:
    texts = revision.content["texts"].values()
    return all(
        text["subject"].strip() and all(section["text"].strip() for section in text["sections"]) for text in texts
    )


@metric("rule_findings_per_message")
def rule_findings_per_message(question: Question) -> Result:
    """Findings of the wording rules (errors and warnings) per message: as sent, and at first draft."""
    sent = [message for message in _sent(question) if message.current]
    if not sent:
        return None
    drafts = MessageRevision.objects.filter(message__in=sent, number=1).order_by("message_id")
    at_draft = sum(_findings(revision) for revision in drafts)
    at_sending = sum(_findings(message.current) for message in sent if message.current)
    return {"value": at_sending / len(sent), "at_first_draft": at_draft / len(sent), "n": len(sent)}


def _findings(revision: MessageRevision) -> int:
    by_language = wording.check_revision(revision).values()
    return sum(1 for findings in by_language for finding in findings if finding.severity in COUNTED_SEVERITIES)


@metric("staff_brief_ack_before_customers")
def staff_brief_ack_before_customers(question: Question) -> Result:
    """Front-line staff who had acknowledged a brief before the first notice left, of all who were asked to."""
    first = (
        Message.objects.filter(incident=question.incident, kind=MessageKind.FIRST_NOTICE, released_at__isnull=False)
        .order_by("released_at")
        .first()
    )
    listed = BriefAcknowledgement.objects.filter(brief__incident=question.incident)
    if first is None:
        return None
    knew = listed.filter(acknowledged_at__lte=first.released_at).values("user").distinct().count()
    return ratio(knew, listed.values("user").distinct().count())


@metric("improvement_closure")
def improvement_closure(question: Question) -> Result:
    """Improvements done, with their test passed, of all improvements."""
    rows = Improvement.objects.filter(review__incident=question.incident)
    return ratio(rows.filter(done_at__isnull=False, has_passed=True).count(), rows.count())
