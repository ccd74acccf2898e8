"""Approvals and the rhythm for other systems: what waits for whom, what is promised; people approve."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Path, Router, Schema

from incidents import clock
from incidents.api.protocol import ERRORS, Bearer, Reference, caller, incident_of
from incidents.enums import ApiScope
from notifications import compose
from notifications.enums import MessageState, ObjectionEnd
from notifications.models import EmergencyApproval, Message
from workflows import approvals, cadence_board, waiting
from workflows.enums import SlotState

router = Router(tags=["approvals"])
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
READ = Bearer(ApiScope.INCIDENTS_READ)


class WaitingOut(Schema):
    """A text that waits for the person this token acts as."""

    message: str
    role: str
    is_deputy: bool
    is_open: bool
    due_at: datetime | None
    deputy_from: datetime | None


class StampOut(Schema):
    """One approval of the present text."""

    role: str
    approver: str
    is_deputy: bool
    basis: str
    approved_at: datetime


class WantedOut(Schema):
    """One approval the present text lacks: any of these roles, by when, and from when on the deputy may."""

    any_of: list[str]
    due_at: datetime | None
    deputy_from: datetime | None


class ObjectionOut(Schema):
    """A strong objection and how it ended; while it stands nothing leaves."""

    raised_by: str
    role: str
    reason: str
    raised_at: datetime
    end: ObjectionEnd | None
    end_reason: str


class ApprovalsOut(Schema):
    """Where the approval of a message stands, bound to the digest of its text."""

    state: MessageState
    sha256: str
    is_emergency: bool
    cleared_severity: str | None
    cleared_size: int | None
    given: list[StampOut]
    missing: list[WantedOut]
    objections: list[ObjectionOut]


class BeatOut(Schema):
    """One promised update, how far it is, and who must act."""

    incident: str
    tier: int
    number: int
    state: SlotState
    standing: cadence_board.Standing
    promised_at: datetime
    opens_at: datetime
    promised_to: int
    message: str | None
    actors: list[str]
    is_late: bool
    paused_until: datetime | None
    also: list[str]


@router.get("/approvals/mine", response={200: list[WaitingOut], **ERRORS}, auth=READ, operation_id="my_approvals")
def my_approvals(request: HttpRequest) -> list[dict[str, Any]]:
    """List what waits for the person this token acts as, soonest first."""
    found = waiting.mine(caller(request), now=clock.now())
    return [{**vars(one), "message": one.message.reference} for one in found]


@router.get(
    "/incidents/{reference}/messages/{number}/approvals",
    response={200: ApprovalsOut, **ERRORS},
    auth=READ,
    operation_id="read_approvals",
)
def read_approvals(request: HttpRequest, reference: Reference, number: Number) -> dict[str, Any]:
    """Read who approved the present text, who is still asked, and what stands against it."""
    rows = Message.objects.select_related("incident", "current")
    message = get_object_or_404(rows, incident=incident_of(reference), number=number)
    revision = compose.current(message)
    given = revision.approvals.select_related("approver").order_by("pk")
    objections = message.objections.select_related("raised_by").order_by("pk")
    return {
        "state": message.state,
        "sha256": revision.sha256,
        "is_emergency": EmergencyApproval.objects.filter(revision=revision).exists(),
        "cleared_severity": message.cleared_severity,
        "cleared_size": message.cleared_size,
        "given": [{**_fields(one, StampOut), "approver": str(one.approver)} for one in given],
        "missing": [_fields(one, WantedOut) for one in approvals.open_requirements(message)],
        "objections": [
            {**_fields(one, ObjectionOut), "raised_by": str(one.raised_by), "end": one.end or None}
            for one in objections
        ],
    }


@router.get("/updates", response={200: list[BeatOut], **ERRORS}, auth=READ, operation_id="list_promised_updates")
def list_promised_updates(request: HttpRequest) -> list[dict[str, Any]]:
    """List every promised update of every live incident, the one due first on top."""
    found = cadence_board.lines(caller(request), now=clock.now())
    return [_beat(line) for line in found]


def _beat(line: cadence_board.Line) -> dict[str, Any]:
    slot = line.slot
    names = ("tier", "number", "state", "promised_at", "opens_at", "promised_to")
    return {
        **{name: getattr(slot, name) for name in names},
        "incident": slot.incident.reference,
        "standing": line.standing,
        "message": slot.message.reference if slot.message else None,
        "actors": line.actors,
        "is_late": line.is_late,
        "paused_until": line.pause.until if line.pause else None,
        "also": line.also,
    }


def _fields(row: Any, schema: type[Schema]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in schema.model_fields}
