"""Claims and a recall's progress for other systems: they note and count, people verify and answer."""

from datetime import datetime
from typing import Annotated

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from incidents import clock
from incidents.api.protocol import (
    ERRORS,
    LARGEST_ID,
    Bearer,
    IdempotencyKey,
    Input,
    Line,
    Prose,
    Reference,
    caller,
    incident_of,
    once,
)
from incidents.enums import ApiScope
from workflows import claims, recall
from workflows.enums import Truth
from workflows.models import Claim

router = Router(tags=["claims and recalls"])
READ, WRITE = Bearer(ApiScope.INCIDENTS_READ), Bearer(ApiScope.FACTS_WRITE)


class ClaimOut(Schema):
    """What others claim, whether it is true, and how it is answered."""

    id: int
    text: str
    said_where: str
    truth: Truth
    stance: str
    noted_at: datetime
    classified_at: datetime | None


class NewClaim(Input):
    """One claim as others make it."""

    text: Prose
    said_where: Line


class RecallOut(Schema):
    """Customers at each step of a recall, and units where they are counted."""

    affected: int
    notified: int
    reached: int
    understood: int
    acted: int
    corrected: int
    units_affected: int | None
    units_corrected: int | None
    ratio: float


class NewProgress(Input):
    """How many units are put right up to now, and who counted."""

    units_corrected: Annotated[int, Field(ge=0, le=LARGEST_ID)]
    source: Line


@router.get("/{reference}/claims", response={200: list[ClaimOut], **ERRORS}, auth=READ, operation_id="list_claims")
def list_claims(request: HttpRequest, reference: Reference) -> QuerySet[Claim]:
    """List the claims of others in an incident."""
    return incident_of(reference).claims.order_by("pk")


@router.post("/{reference}/claims", response={201: ClaimOut, **ERRORS}, auth=WRITE, operation_id="note_claim")
def note_claim(request: HttpRequest, reference: Reference, key: IdempotencyKey, body: NewClaim) -> HttpResponse:
    """Note what a monitoring system found. People find out whether it is true."""
    incident = incident_of(reference)

    def act() -> Schema:
        claim = claims.note(incident, text=body.text, said_where=body.said_where, by=caller(request), now=clock.now())
        return ClaimOut.from_orm(claim)

    return once(request, key=key, body=body, act=act, status=201)


@router.get("/{reference}/recall", response={200: RecallOut, **ERRORS}, auth=READ, operation_id="read_recall")
def read_recall(request: HttpRequest, reference: Reference) -> recall.Funnel:
    """Read how far a recall has come."""
    return recall.funnel(incident_of(reference))


@router.post("/{reference}/recall", response={200: RecallOut, **ERRORS}, auth=WRITE, operation_id="report_recall")
def report_recall(request: HttpRequest, reference: Reference, key: IdempotencyKey, body: NewProgress) -> HttpResponse:
    """Report how many units are put right up to now."""
    incident = incident_of(reference)

    def act() -> Schema:
        recall.report_progress(
            incident,
            units_corrected=body.units_corrected,
            source=body.source,
            by=caller(request),
            now=clock.now(),
        )
        return RecallOut.from_orm(recall.funnel(incident))

    return once(request, key=key, body=body, act=act)
