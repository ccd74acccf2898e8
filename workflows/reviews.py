"""The post-incident review: computed metrics, the meeting, lessons and improvements with owners."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from incidents import audit
from incidents.enums import TimelineKind
from incidents.errors import Refusal
from incidents.models import Incident, User
from incidents.phases import Phase
from incidents.sentences import gettext as _
from workflows import emergencies, scorecard
from workflows.models import Improvement, Review
from workflows.scorecard import afterwards, registry


class NotReviewable(Refusal):
    """The incident is not in a phase in which this part of the review makes sense, or something is missing."""


@dataclass(frozen=True)
class Meeting:
    """What the review meeting found; strengths and lessons are one a line."""

    summary: str
    strengths: str
    lessons: str
    participants: tuple[User, ...]
    has_front_line: bool
    held_at: datetime


def compute(incident: Incident, *, by: User, now: datetime) -> Review:
    """Compute every metric of the review from what was recorded and keep the table; may be repeated."""
    if incident.phase not in {Phase.EVALUATE, Phase.CLOSED}:
        raise NotReviewable(_("The metrics are computed in the phase Evaluate: finish the follow-up first."))
    with transaction.atomic():
        review = begin(incident, now=now)
        review.metrics = scorecard.compute(incident, now=now)
        review.afterwards = afterwards.comparison(registry.Question(incident, now))
        review.computed_at = now
        review.save(update_fields=["metrics", "afterwards", "computed_at"])
        known = sum(1 for result in review.metrics.values() if result["total"] is not None)
        text = _("Metrics computed: %(known)d of %(all)d have data") % {"known": known, "all": len(review.metrics)}
        _log(incident, action="review.computed", text=text, by=by, now=now)
    return review


def begin(incident: Incident, *, now: datetime) -> Review:
    """Return the incident's review, begun now if there is none."""
    review, _created = Review.objects.get_or_create(incident=incident, defaults={"created_at": now})
    return review


def hold(review: Review, *, meeting: Meeting, by: User, now: datetime) -> Review:
    """Record the review meeting: who was there, what went well, what was learnt."""
    if not meeting.participants:
        raise NotReviewable(_("Name who took part in the review meeting."))
    if not meeting.lessons.strip():
        raise NotReviewable(_("A review without a lesson teaches nothing: write at least one."))
    waiting = ", ".join(str(one.revision.message.reference) for one in emergencies.unjudged(review.incident))
    if waiting:
        raise NotReviewable(_("Judge the emergency approvals first, on their messages' pages: %s.") % waiting)
    with transaction.atomic():
        review.summary = meeting.summary.strip()
        review.strengths = meeting.strengths.strip()
        review.lessons = meeting.lessons.strip()
        review.has_front_line = meeting.has_front_line
        review.held_at = meeting.held_at
        review.save(update_fields=["summary", "strengths", "lessons", "has_front_line", "held_at"])
        review.participants.set(meeting.participants)
        text = _("Review held with %d people") % len(meeting.participants)
        _log(review.incident, action="review.held", text=text, by=by, now=now)
    return review


@dataclass(frozen=True)
class Action:
    """An improvement: what, who, by when, and how it will be verified."""

    text: str
    owner: User
    due_on: date
    test: str


def improve(review: Review, *, action: Action, by: User, now: datetime) -> Improvement:
    """Add an improvement action; without owner, date and test it would be a wish."""
    if not action.text.strip() or not action.test.strip():
        raise NotReviewable(_("An improvement needs its words and the way it will be verified."))
    with transaction.atomic():
        row = Improvement.objects.create(
            review=review, text=action.text.strip(), owner=action.owner, due_on=action.due_on, test=action.test.strip()
        )
        text = _("Improvement for %(owner)s: %(text)s") % {"owner": action.owner, "text": row.text}
        _log(review.incident, action="review.improvement", text=text, by=by, now=now)
    return row


def finish_improvement(improvement: Improvement, *, has_passed: bool, by: User, now: datetime) -> Improvement:
    """Record that an improvement is done and whether its test passed."""
    if not Improvement.objects.filter(pk=improvement.pk, done_at=None).update(done_at=now, has_passed=has_passed):
        raise NotReviewable(_("This improvement is done already."))
    improvement.refresh_from_db()
    text = _("Improvement done: %s") % improvement.text
    _log(improvement.review.incident, action="review.improvement_done", text=text, by=by, now=now)
    return improvement


def _log(incident: Incident, *, action: str, text: str, by: User, now: datetime) -> None:
    audit.tell(incident, kind=TimelineKind.REVIEW, text=text, by=by, now=now)
    audit.record(incident, action=action, actor=by, now=now, data={"text": text})
