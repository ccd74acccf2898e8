"""The figures a demonstration ends with."""

import time
from pathlib import Path
from typing import Any

from django.db.models import Count

from crisiscomm import embedded
from crisiscomm.demo import stage
from crisiscomm.demo.play import Play
from incidents.models import Commitment, Feedback
from notifications.enums import DeliveryStatus
from notifications.models import Delivery, Message
from workflows import cadence


def collect(play: Play, *, review_html: Path, review_pdf: Path, started: float) -> dict[str, Any]:
    """Return the figures of the incident, counted from its rows and at the inbox."""
    incident = play.incident
    deliveries = Delivery.objects.filter(incident=incident)
    due, on_time = cadence.due_and_on_time(incident)
    by_status = deliveries.values_list("status").annotate(n=Count("pk")).order_by("status")
    return {
        "incident": incident.reference,
        "phase": incident.phase,
        "customers": incident.impacts.count(),
        "messages": Message.objects.filter(incident=incident, released_at__isnull=False).count(),
        "deliveries": dict(by_status),
        "smtp_accepted": _accepted(play),
        "updates_due": due,
        "updates_on_time": on_time,
        "waivers": incident.waivers.count(),
        "feedback": Feedback.objects.filter(incident=incident).count(),
        "commitments": Commitment.objects.filter(incident=incident).count(),
        "review_html": _relative(review_html),
        "review_pdf": _relative(review_pdf),
        "seconds": round(time.monotonic() - started, 1),
    }


def _accepted(play: Play) -> int:
    """Count at the inbox; a server of the user's own cannot be read, so there our record of its 250s counts."""
    if play.options.smtp is None:
        return stage.accepted_by_inbox()
    return Delivery.objects.filter(incident=play.incident, accepted_at__isnull=False).count()


def is_quiet(play: Play) -> bool:
    """Whether nothing is left to be sent."""
    live = [DeliveryStatus.QUEUED, DeliveryStatus.RETRY, DeliveryStatus.SENDING]
    return not Delivery.objects.filter(incident=play.incident, status__in=live).exists()


def _relative(path: Path) -> str:
    path = path.absolute()
    return str(path.relative_to(embedded.PROJECT)) if path.is_relative_to(embedded.PROJECT) else str(path)
