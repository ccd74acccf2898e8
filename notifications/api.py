"""Messages for other systems: read only; nobody approves or releases by machine."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Path, Router, Schema

from incidents.api.protocol import ERRORS, LARGEST_ID, Bearer, Before, Limit, Reference, incident_of, page
from incidents.enums import ApiScope
from notifications.enums import MessageKind, MessageState
from notifications.models import Message

router = Router(tags=["messages"])
READ = Bearer(ApiScope.INCIDENTS_READ)
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


class MessageOut(Schema):
    """A message and where it stands."""

    reference: str
    number: int
    kind: MessageKind
    state: MessageState
    update_number: int
    is_standing_approved: bool
    needs_correction: bool
    created_at: datetime
    approved_at: datetime | None
    released_at: datetime | None
    completed_at: datetime | None
    frozen_count: int


class MessageDetail(MessageOut):
    """A message with its text, which is a template: customers' own values are not in it."""

    sha256: str
    languages: list[str]
    texts: dict[str, Any]

    @staticmethod
    def resolve_sha256(message: Message) -> str:
        """Name the revision that approvals are bound to."""
        return message.current.sha256 if message.current else ""

    @staticmethod
    def resolve_languages(message: Message) -> list[str]:
        """List the languages it is written in."""
        return list(message.current.content["texts"]) if message.current else []

    @staticmethod
    def resolve_texts(message: Message) -> dict[str, Any]:
        """Return the texts per language."""
        return dict(message.current.content["texts"]) if message.current else {}


class MessagePage(Schema):
    """Some messages, newest first."""

    items: list[MessageOut]
    next_before: int | None


@router.get("/{reference}/messages", response={200: MessagePage, **ERRORS}, auth=READ, operation_id="list_messages")
def list_messages(
    request: HttpRequest, reference: Reference, limit: Limit = 50, before: Before = LARGEST_ID
) -> dict[str, Any]:
    """List the messages of an incident, newest first."""
    rows = Message.objects.filter(incident=incident_of(reference)).select_related("incident")
    return page(rows, before=before, limit=limit)


@router.get(
    "/{reference}/messages/{number}",
    response={200: MessageDetail, **ERRORS},
    auth=READ,
    operation_id="read_message",
)
def read_message(request: HttpRequest, reference: Reference, number: Number) -> Message:
    """Read one message with its text."""
    rows = Message.objects.select_related("incident", "current")
    return get_object_or_404(rows, incident=incident_of(reference), number=number)
