"""Tabs of the crisis room that only tell: what to do now, messages, feedback, commitments, the timeline."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest

from incidents import clock
from incidents.enums import FeedbackState
from incidents.models import Incident
from incidents.phases import Enforcement
from notifications.enums import MessageState
from notifications.models import Message
from workflows import playbooks_loader
from workflows.escalations import desk
from workflows.models import Alert

PER_PAGE = 50


def now_tab(incident: Incident, _request: HttpRequest) -> dict[str, Any]:
    """Return what is late and what was done last."""
    return {
        "alerts": Alert.objects.filter(incident=incident, over_at=None)
        .select_related("taken_by")
        .order_by("raised_at"),
        "latest": incident.timeline.select_related("by").order_by("-at", "-pk")[:8],
        "waivers": incident.waivers.select_related("by").order_by("-at"),
        "hard": Enforcement.HARD,
        "classification": playbooks_loader.classification(incident),
    }


def messages_tab(incident: Incident, _request: HttpRequest) -> dict[str, Any]:
    """Return the messages, newest first; those in review with the roles they wait for."""
    rows = incident.messages.select_related("incident", "author", "current").order_by("-number")
    needed = rows.prefetch_related("current__requirements", "current__approvals")
    return {"messages_shown": [{"row": row, "missing": _missing(row)} for row in needed]}


def _missing(message: Message) -> list[str]:
    if message.state != MessageState.IN_REVIEW or message.current is None:
        return []
    given = {approval.role for approval in message.current.approvals.all()}
    wanted = [one.any_of for one in message.current.requirements.all() if not given & set(one.any_of)]
    return list(dict.fromkeys(role for roles in wanted for role in roles))


def feedback_tab(incident: Incident, request: HttpRequest) -> dict[str, Any]:
    """Return the log of this incident, what waits first."""
    rows = incident.feedback.select_related("customer", "owner")
    waiting = rows.filter(state=FeedbackState.OPEN).order_by("due_at", "received_at")
    return {
        "waiting": waiting,
        "themes": desk.open_themes(now=clock.now(), incident=incident),
        "page": Paginator(rows.exclude(state=FeedbackState.OPEN).order_by("-received_at"), PER_PAGE).get_page(
            request.GET.get("page")
        ),
    }


def commitments_tab(incident: Incident, _request: HttpRequest) -> dict[str, Any]:
    """Return every promise, the open ones first."""
    rows = incident.commitments.select_related("owner", "customer").order_by("settled_at", "due_at", "pk")
    return {"promises_made": rows}


def timeline_tab(incident: Incident, request: HttpRequest) -> dict[str, Any]:
    """Return the story, newest first."""
    rows = incident.timeline.select_related("by").order_by("-at", "-pk")
    return {"page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))}
