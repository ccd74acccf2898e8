"""The plan for other systems: what it lacks, who else must hear, what to learn from, enquiries of the press, links."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Router, Schema

from incidents import clock
from incidents.api.protocol import (
    ERRORS,
    Bearer,
    Id,
    IdempotencyKey,
    Input,
    Line,
    Moment,
    Prose,
    Reference,
    Word,
    caller,
    once,
    refuse_without,
    visible,
)
from incidents.enums import ApiScope
from incidents.models import Incident
from workflows import cases, linking, merging, parties, plan_check, plans, press, scope, timetable
from workflows.enums import CaseOutcome, LinkKind, Party, PartyState
from workflows.models import IncidentLink, PressEnquiry

router = Router(tags=["plan"])
READ, WRITE = Bearer(ApiScope.INCIDENTS_READ), Bearer(ApiScope.INCIDENTS_WRITE)


class CellOut(Schema):
    """An audience that is no customer at one stage: where its text stands."""

    party: Party
    stage: str
    channel: str
    state: PartyState
    owner: str | None
    due_at: datetime | None
    message: str | None


class StepOut(Schema):
    """One step of the order of the first words."""

    name: str
    planned_by: datetime | None
    done_at: datetime | None


class PlanOut(Schema):
    """The plan that counts now."""

    version: int
    state: str
    objective: str
    key_messages: list[str]
    owner: str | None
    lacks: list[str]
    parties: list[CellOut]
    order: list[StepOut]
    warnings: list[str]


class LikenessOut(Schema):
    """An earlier incident of like kind, the likest first."""

    reference: str
    title: str
    likeness: int
    lessons: list[str]


class CaseOut(Schema):
    """A case of the library."""

    key: str
    outcome: CaseOutcome
    title: dict[str, str]
    story: dict[str, str]
    lessons: dict[str, str]
    tags: list[str]


class LearningOut(Schema):
    """What to learn from."""

    incidents: list[LikenessOut]
    cases: list[CaseOut]


class NewEnquiry(Input):
    """Who of the press asks what, and by when they need it."""

    who: Line
    question: Prose
    outlet: Word = ""
    contact: Word = ""
    due_at: Moment | None = None


class NewPressAnswer(Input):
    """The answer that was given."""

    text: Prose


class EnquiryOut(Schema):
    """An enquiry of the press."""

    id: int
    who: str
    outlet: str
    question: str
    due_at: datetime | None
    owner: str | None
    answer: str
    answered_at: datetime | None
    received_at: datetime

    @staticmethod
    def resolve_owner(row: PressEnquiry) -> str | None:
        """Name the owner by log-in."""
        return row.owner.get_username() if row.owner else None


class NewLink(Input):
    """Another incident of the same cause, and why they belong together."""

    other: Word
    reason: Prose
    is_merge: bool = False


class LinkOut(Schema):
    """Two incidents of one cause; merged, `other` went into `incident`."""

    incident: str
    other: str
    kind: LinkKind
    reason: str
    at: datetime

    @staticmethod
    def resolve_incident(row: IncidentLink) -> str:
        """Name the incident by its reference."""
        return row.incident.reference

    @staticmethod
    def resolve_other(row: IncidentLink) -> str:
        """Name the incident by its reference."""
        return row.other.reference


def _seen(request: HttpRequest, reference: str) -> Incident:
    return get_object_or_404(visible(Incident.objects.all(), request), reference=reference)


@router.get("/{reference}/plan", response={200: PlanOut, **ERRORS}, auth=READ, operation_id="read_plan")
def read_plan(request: HttpRequest, reference: Reference) -> dict[str, Any]:
    """Read the plan: what it lacks, who else must hear, and the order of the first words."""
    plan, now = plans.required(_seen(request, reference)), clock.now()
    cells = parties.matrix(plan)
    order = timetable.steps(plan, cells=cells)
    figures = scope.warning(plan.incident)
    return {
        "version": plan.version,
        "state": plan.state,
        "objective": plan.objective,
        "key_messages": plan.key_messages.splitlines(),
        "owner": plan.owner.get_username() if plan.owner else None,
        "lacks": [gap.name for gap in plan_check.gaps(plan)],
        "parties": [_cell(cell) for cell in cells],
        "order": order,
        "warnings": [
            *([figures] if figures else []),
            *plan_check.channel_warnings(plan),
            *timetable.warnings(order, now=now),
        ],
    }


@router.get("/{reference}/learning", response={200: LearningOut, **ERRORS}, auth=READ, operation_id="list_lessons")
def list_lessons(request: HttpRequest, reference: Reference) -> dict[str, Any]:
    """List earlier incidents like this one and the cases that share its kind."""
    incident = _seen(request, reference)
    found = cases.similar(incident, within=visible(Incident.objects.all(), request))
    return {
        "incidents": [
            {
                "reference": one.incident.reference,
                "title": one.incident.title,
                "likeness": one.score,
                "lessons": one.lessons,
            }
            for one in found
        ],
        "cases": cases.told(incident),
    }


@router.get(
    "/{reference}/press-enquiries", response={200: list[EnquiryOut], **ERRORS}, auth=READ, operation_id="list_enquiries"
)
def list_enquiries(request: HttpRequest, reference: Reference) -> Any:
    """List the enquiries of the press, the newest first."""
    refuse_without(request, "workflows.view_pressenquiry")
    return _seen(request, reference).enquiries.select_related("owner").order_by("-pk")[:500]


@router.post(
    "/{reference}/press-enquiries", response={201: EnquiryOut, **ERRORS}, auth=WRITE, operation_id="log_enquiry"
)
def log_enquiry(request: HttpRequest, reference: Reference, key: IdempotencyKey, body: NewEnquiry) -> HttpResponse:
    """Log an enquiry; it goes to the spokesperson."""
    refuse_without(request, "workflows.add_pressenquiry")
    incident = _seen(request, reference)

    def act() -> Schema:
        enquiry = press.Enquiry(**body.model_dump())
        return EnquiryOut.from_orm(press.log(incident, enquiry=enquiry, by=caller(request), now=clock.now()))

    return once(request, key=key, body=body, act=act, status=201)


@router.post(
    "/{reference}/press-enquiries/{enquiry_id}/answer",
    response={200: EnquiryOut, **ERRORS},
    auth=WRITE,
    operation_id="answer_enquiry",
)
def answer_enquiry(
    request: HttpRequest, reference: Reference, enquiry_id: Id, key: IdempotencyKey, body: NewPressAnswer
) -> HttpResponse:
    """Record the answer to an enquiry, once."""
    refuse_without(request, "workflows.change_pressenquiry")
    row = get_object_or_404(PressEnquiry, pk=enquiry_id, incident=_seen(request, reference))

    def act() -> Schema:
        return EnquiryOut.from_orm(press.answer(row, text=body.text, by=caller(request), now=clock.now()))

    return once(request, key=key, body=body, act=act)


@router.post("/{reference}/links", response={201: LinkOut, **ERRORS}, auth=WRITE, operation_id="link_incidents")
def link_incidents(request: HttpRequest, reference: Reference, key: IdempotencyKey, body: NewLink) -> HttpResponse:
    """Link an incident with another of the same cause, or take the other in for good."""
    refuse_without(request, "workflows.add_incidentlink")
    incident, other = _seen(request, reference), _seen(request, body.other)
    join = merging.merge if body.is_merge else linking.link

    def act() -> Schema:
        return LinkOut.from_orm(join(incident, other=other, reason=body.reason, by=caller(request), now=clock.now()))

    return once(request, key=key, body=body, act=act, status=201)


def _cell(cell: parties.Cell) -> dict[str, Any]:
    return {
        "party": cell.row.party,
        "stage": cell.row.stage,
        "channel": cell.row.channel,
        "state": cell.state,
        "owner": cell.owner.get_username() if cell.owner else None,
        "due_at": cell.due_at,
        "message": cell.message.reference if cell.message else None,
    }
