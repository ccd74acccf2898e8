"""Incidents for other systems: list, read, report."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from incidents import clock, lifecycle
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
    Reference,
    Word,
    caller,
    incident_of,
    once,
    page,
)
from incidents.enums import ApiScope
from incidents.models import Incident
from incidents.phases import Phase

router = Router(tags=["incidents"])
READ, WRITE = Bearer(ApiScope.INCIDENTS_READ), Bearer(ApiScope.INCIDENTS_WRITE)


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
    is_on_hold: bool
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
    is_drill: bool = False


@router.get("", response={200: IncidentPage, **ERRORS}, auth=READ, operation_id="list_incidents")
def list_incidents(
    request: HttpRequest, phase: Phase | None = None, limit: Limit = 50, before: Before = LARGEST_ID
) -> dict[str, Any]:
    """List the incidents, newest first, of one phase if asked."""
    rows = Incident.objects.filter(phase=phase) if phase else Incident.objects.all()
    return page(rows, before=before, limit=limit)


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
