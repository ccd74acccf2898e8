"""Judges of the end: promises kept, remedies delivered, customers asked, lessons owned."""

from datetime import datetime

from django.utils.translation import gettext as _

from incidents.enums import CommitmentKind, CommitmentState, FeedbackKind
from incidents.models import Commitment, Feedback, Impact, Incident, RemedyChoice
from incidents.phases import Gate
from notifications.enums import MessageKind
from notifications.models import Message
from workflows import durations
from workflows.gates import Missing, enumerate_names, judge
from workflows.models import Improvement, Review

_MADE_GOOD = (CommitmentState.KEPT, CommitmentState.RENEGOTIATED)
# An update that came late is counted in the review; what was promised to be done is made good.
_TO_BE_KEPT = (CommitmentKind.PROMISE, CommitmentKind.REMEDY)


@judge("commitments_closed")
def commitments_closed(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """No promise is open, and a broken one was promised anew and kept, or agreed anew with the customer."""
    rows = list(Commitment.objects.filter(incident=incident).order_by("due_at", "pk"))
    waiting = [str(row) for row in rows if row.state == CommitmentState.OPEN]
    broken = [str(row) for row in rows if _is_broken(row) and not any(_makes_good(row, other) for other in rows)]
    if not waiting and not broken:
        return None
    text = _("%(open)d promises are open and %(broken)d broken: %(names)s.") % {
        "open": len(waiting),
        "broken": len(broken),
        "names": enumerate_names(waiting + broken),
    }
    hint = _("Keep them, or agree a new one with the customer and keep that, and record it under Commitments.")
    return Missing(text, hint)


@judge("remedies_delivered")
def remedies_delivered(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """Enough of the chosen remedies reached the customers who chose them."""
    chosen = RemedyChoice.objects.filter(incident=incident)
    everything = chosen.count()
    delivered = chosen.filter(delivered_at__isnull=False).count()
    if not everything or delivered / everything >= gate.params["min_ratio"]:
        return None
    text = _("%(done)d of %(all)d chosen remedies are delivered.") % {"done": delivered, "all": everything}
    return Missing(text, _("Deliver the rest and record it on the tab Plan, under Remedies."))


@judge("survey_closed")
def survey_closed(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """Every tier with customers was sent the survey, and the time to answer is over."""
    sent = Message.objects.filter(incident=incident, kind=MessageKind.FOLLOW_UP_SURVEY, released_at__isnull=False)
    messages = list(sent.order_by("released_at"))
    asked = {tier for message in messages for tier in _tiers_of(message)}
    affected = Impact.objects.filter(incident=incident, tier__isnull=False).order_by("tier")
    silent = [tier for tier in affected.values_list("tier", flat=True).distinct() if tier not in asked]
    if silent:
        named = enumerate_names([_("tier %d") % tier for tier in silent])
        return Missing(_("the survey was not sent to: %s.") % named, _("Send it on the tab Messages."))
    if not messages or messages[-1].released_at is None:
        return None
    closes_at = messages[-1].released_at + durations.parse(gate.params["min_window"])
    if closes_at <= now:
        return None
    text = _("customers can answer until %s.") % closes_at.strftime("%Y-%m-%d %H:%M %Z")
    return Missing(text, _("Wait until then: who answers late is heard too."))


@judge("complaints_open")
def complaints_open(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """Few complaints are open, measured against the affected customers."""
    waiting = Feedback.objects.unanswered().filter(incident=incident, kind=FeedbackKind.COMPLAINT).count()
    affected = Impact.objects.filter(incident=incident).count()
    if waiting <= gate.params["max_ratio"] * affected:
        return None
    text = _("%(open)d complaints of %(all)d customers are open.") % {"open": waiting, "all": affected}
    return Missing(text, _("Answer them on the tab Feedback."))


@judge("metrics_computed")
def metrics_computed(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """The metrics were computed after the evaluation began, so that they hold the whole story."""
    review = Review.objects.filter(incident=incident).first()
    if review and review.metrics and review.computed_at and review.computed_at >= incident.phase_entered_at:
        return None
    text = _("the metrics are older than the evaluation.") if review and review.metrics else _("there are none.")
    return Missing(text, _("Compute them on the tab Review."))


@judge("meeting_held")
def meeting_held(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """The review was held, with people, the front line among them."""
    hint = _("Record on the tab Review when it was held and who took part.")
    review = Review.objects.filter(incident=incident).first()
    if review is None or review.held_at is None or review.held_at > now:
        return Missing(_("the review was not held."), hint)
    if not review.participants.exists():
        return Missing(_("nobody is named as having taken part."), hint)
    return None if review.has_front_line else Missing(_("nobody of the front line took part."), hint)


@judge("actions_owned")
def actions_owned(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """The review asks for something, and each improvement has an owner, a due date and a test."""
    rows = list(Improvement.objects.filter(review__incident=incident).order_by("pk"))
    if not rows:
        return Missing(_("no improvement is recorded."), _("Write down on the tab Review what will be done better."))
    loose = [str(row) for row in rows if row.owner_id is None or row.due_on is None or not row.test.strip()]
    if not loose:
        return None
    text = _("%(open)d of %(all)d improvements lack owner, date or test: %(names)s.") % {
        "open": len(loose),
        "all": len(rows),
        "names": enumerate_names(loose),
    }
    return Missing(text, _("Complete them on the tab Review."))


def _is_broken(row: Commitment) -> bool:
    return row.state == CommitmentState.BROKEN and row.kind in _TO_BE_KEPT


def _makes_good(broken: Commitment, other: Commitment) -> bool:
    """Whether a later promise to the same people was kept or agreed anew."""
    same_people = (other.customer_id, other.tier) == (broken.customer_id, broken.tier)
    later = broken.settled_at is not None and other.made_at >= broken.settled_at
    return same_people and later and other.kind in _TO_BE_KEPT and other.state in _MADE_GOOD


def _tiers_of(message: Message) -> list[int]:
    tiers: list[int] = message.audience.get("tiers") or [int(tier) for tier in message.channels]
    return tiers
