"""What a released text promises beside the next update: estimates and remedies, each a commitment with its source."""

from datetime import datetime

from incidents import commitments
from incidents.enums import CommitmentKind, CommitmentState
from incidents.models import Commitment, Fact
from incidents.sentences import gettext as _
from notifications import bodies, compose, rendering
from notifications.enums import MessageKind
from notifications.models import Message

ETA = "incident.eta"
REMEDY = "remedy.description"


def record(message: Message, *, now: datetime) -> None:
    """Write down what the text promises, and how earlier estimates ended."""
    if message.kind == MessageKind.RESOLUTION:
        _judge_estimates(message, now=now)
        return
    if ETA in _said(message):
        _estimate(message, now=now)
    if REMEDY in _said(message):
        _remedy(message, now=now)


def _said(message: Message) -> set[str]:
    """The variables the text prints, or would print if they had a value."""
    texts = compose.current(message).content["texts"].values()
    sources = [source for text in texts for source in bodies.sources(text)]
    return {use.variable for source in sources for use in rendering.analyse(source)}


def _estimate(message: Message, *, now: datetime) -> None:
    named = compose.current(message).content["times"].get(ETA)
    if not named:
        return
    due_at = datetime.fromisoformat(named)
    earlier = Commitment.objects.unsettled().filter(incident=message.incident, kind=CommitmentKind.ESTIMATE)
    if earlier.filter(due_at=due_at).exists():
        return
    for estimate in earlier.order_by("pk"):
        is_late = estimate.due_at is not None and estimate.due_at <= now
        state = CommitmentState.BROKEN if is_late else CommitmentState.WITHDRAWN
        outcome = _("A later message named another time.")
        commitments.settle(estimate, state=state, outcome=outcome, by=None, now=now)
    fact = Fact.objects.get(incident=message.incident, key=ETA)
    promise = commitments.Promise(
        text=fact.label, kind=CommitmentKind.ESTIMATE, source_reference=message.reference, due_at=due_at
    )
    commitments.promise(message.incident, promise=promise, now=now)


def _remedy(message: Message, *, now: datetime) -> None:
    values = compose.current(message).content["values"]
    text = {language: own[REMEDY] for language, own in values.items() if own.get(REMEDY)}
    if not text or Commitment.objects.filter(incident=message.incident, kind=CommitmentKind.REMEDY, text=text).exists():
        return
    promise = commitments.Promise(text=text, kind=CommitmentKind.REMEDY, source_reference=message.reference)
    commitments.promise(message.incident, promise=promise, now=now)


def _judge_estimates(message: Message, *, now: datetime) -> None:
    resolved_at = message.incident.resolved_at
    assert resolved_at is not None
    estimates = Commitment.objects.unsettled().filter(incident=message.incident, kind=CommitmentKind.ESTIMATE)
    for estimate in estimates.order_by("pk"):
        is_kept = estimate.due_at is None or resolved_at <= estimate.due_at
        state = CommitmentState.KEPT if is_kept else CommitmentState.BROKEN
        outcome = _("The incident was resolved in time.") if is_kept else _("The incident was resolved later.")
        commitments.settle(estimate, state=state, outcome=outcome, by=None, now=now)
