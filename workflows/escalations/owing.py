"""What customers were promised or asked for, and deliveries whose fate nobody knows."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count

from incidents.enums import CommitmentKind, FeedbackKind, Role
from incidents.models import Commitment, Feedback
from incidents.phases import LIVE
from incidents.sentences import gettext as _
from notifications.enums import DeliveryStatus
from notifications.models import Delivery, Message
from workflows.enums import AlertKind
from workflows.escalations import registry
from workflows.escalations.registry import Late, finder


@finder(AlertKind.COMMITMENT_LATE)
def commitments(now: datetime) -> Iterator[Late]:
    """A promise other than the next update is overdue; those have alerts of their own."""
    overdue = Commitment.objects.overdue(now).exclude(kind=CommitmentKind.NEXT_UPDATE)
    for promise in overdue.filter(incident__phase__in=LIVE).select_related("incident").order_by("pk"):
        owner = {promise.owner_id} if promise.owner_id else registry.leads(promise.incident)
        yield Late(
            key=f"{AlertKind.COMMITMENT_LATE}:{promise.pk}",
            kind=AlertKind.COMMITMENT_LATE,
            incident=promise.incident,
            # Words captured in a call may name a person: they stay in the log.
            text=_("%(kind)s no. %(number)s is overdue.")
            % {"kind": CommitmentKind(promise.kind).label, "number": promise.pk},
            people=owner,
        )


@finder(AlertKind.QUESTION_LATE)
def questions(now: datetime) -> Iterator[Late]:
    """A customer's question or complaint was not answered by its time; the customer's words stay in the log."""
    waiting = Feedback.objects.unanswered().filter(due_at__lte=now, incident__phase__in=LIVE)
    for entry in waiting.select_related("incident").order_by("pk"):
        yield Late(
            key=f"{AlertKind.QUESTION_LATE}:{entry.pk}",
            kind=AlertKind.QUESTION_LATE,
            incident=entry.incident,
            text=_("%(kind)s no. %(number)s waits for an answer.")
            % {"kind": FeedbackKind(entry.kind).label, "number": entry.pk},
            people={entry.owner_id} if entry.owner_id else registry.leads(entry.incident),
        )


@finder(AlertKind.DELIVERY_STUCK)
def deliveries(now: datetime) -> Iterator[Late]:
    """Deliveries whose outcome nobody knows wait for a person's decision."""
    stuck = (
        Delivery.objects.filter(status=DeliveryStatus.UNCERTAIN, incident__phase__in=LIVE)
        .values("message")
        .annotate(rows=Count("pk"))
        .order_by("message")
    )
    for row in stuck:
        message = Message.objects.select_related("incident").get(pk=row["message"])
        yield Late(
            key=f"{AlertKind.DELIVERY_STUCK}:{message.pk}",
            kind=AlertKind.DELIVERY_STUCK,
            incident=message.incident,
            text=_("%(message)s: deliveries with an unknown outcome need a decision.") % {"message": message},
            people=registry.holders(message.incident, [Role.COMMUNICATIONS_LEAD], with_deputies=False),
        )
