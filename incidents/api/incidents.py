"""Incidents for other systems: list, read, report, dismiss a report that is none; and who is on duty."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from incidents import clock, duty, lifecycle
from incidents.api.protocol import (
    ERRORS,
    LARGEST_ID,
    Bearer,
    Before,
    IdempotencyKey,
    Input,
    Limit,
    Line,
    Moment,
    Place,
    Prose,
    Reference,
    Word,
    caller,
    incident_of,
    once,
    page,
    refuse_without,
    visible,
)
from incidents.enums import ApiScope, Role
from incidents.models import Incident
from incidents.phases import Phase

router, duties = Router(tags=["incidents"]), Router(tags=["duty"])
READ, WRITE, DECLARE = (
    Bearer(scope) for scope in (ApiScope.INCIDENTS_READ, ApiScope.INCIDENTS_WRITE, ApiScope.INCIDENTS_DECLARE)
)


class IncidentOut(Schema):
    """An incident as it stands."""

    reference: str
    title: str
    type: str
    subtype: str
    relationship_type: str
    severity: str
    phase: Phase
    is_drill: bool
    is_embargoed: bool
    is_candidate: bool
    is_on_hold: bool
    jurisdictions: list[str]
    impact_started_at: datetime | None
    detected_at: datetime | None
    declared_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    created_at: datetime


class IncidentPage(Schema):
    """Some incidents, newest first."""

    items: list[IncidentOut]
    next_before: int | None


class NewReport(Input):
    """What is known when something is reported; everything but the title may come later."""

    title: Line
    type: Word = ""
    subtype: Word = ""
    relationship_type: Word = ""
    detection_source: Word = ""
    impact_started_at: Moment | None = None
    detected_at: Moment | None = None
    jurisdictions: list[Place] = []
    is_drill: bool = False
    is_embargoed: bool = False


class NewDismissal(Input):
    """Why a report is no incident; everybody can read it."""

    reason: Prose


class DutyOut(Schema):
    """Who is on duty for a role now, by log-in name; without `until` it is the roster's holder."""

    role: Role
    user: str
    deputy: str | None
    until: datetime | None

    @staticmethod
    def resolve_user(one: duty.Duty) -> str:
        """Name the person by log-in."""
        return one.user.get_username()

    @staticmethod
    def resolve_deputy(one: duty.Duty) -> str | None:
        """Name who stands in by log-in."""
        return one.deputy.get_username() if one.deputy else None


@router.get("", response={200: IncidentPage, **ERRORS}, auth=READ, operation_id="list_incidents")
def list_incidents(
    request: HttpRequest, phase: Phase | None = None, limit: Limit = 50, before: Before = LARGEST_ID
) -> dict[str, Any]:
    """List the incidents, newest first, of one phase if asked."""
    rows = Incident.objects.filter(phase=phase) if phase else Incident.objects.all()
    return page(visible(rows, request), before=before, limit=limit)


@router.post("", response={201: IncidentOut, **ERRORS}, auth=WRITE, operation_id="report_incident")
def report_incident(request: HttpRequest, key: IdempotencyKey, body: NewReport) -> HttpResponse:
    """Report that something happened. People judge it, declare it and decide what is said."""

    def act() -> Schema:
        report = lifecycle.Report(**body.model_dump())
        return IncidentOut.from_orm(lifecycle.report(report, by=caller(request), now=clock.now()))

    return once(request, key=key, body=body, act=act, status=201)


@router.get("/{reference}", response={200: IncidentOut, **ERRORS}, auth=READ, operation_id="read_incident")
def read_incident(request: HttpRequest, reference: Reference) -> Incident:
    """Read one incident."""
    return incident_of(reference)


@router.post(
    "/{reference}/dismissal", response={200: IncidentOut, **ERRORS}, auth=DECLARE, operation_id="dismiss_incident"
)
def dismiss_incident(
    request: HttpRequest, reference: Reference, key: IdempotencyKey, body: NewDismissal
) -> HttpResponse:
    """Say that a report is no incident. The caller needs the right to declare."""
    refuse_without(request, "incidents.declare_incident")
    incident = incident_of(reference)

    def act() -> Schema:
        lifecycle.dismiss(incident, reason=body.reason, by=caller(request), now=clock.now())
        return IncidentOut.from_orm(incident)

    return once(request, key=key, body=body, act=act)


@duties.get("/duty", response={200: list[DutyOut], **ERRORS}, auth=READ, operation_id="list_duty")
def list_duty(request: HttpRequest) -> list[duty.Duty]:
    """List who is on duty now."""
    return duty.now_on(clock.now())
