"""Audiences for other systems: try and keep segments, name who is affected and who is left out."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Router, Schema
from pydantic import Field, StringConstraints

from incidents import clock, exclusions, impacts, segments
from incidents.api.protocol import (
    ERRORS,
    LARGEST_ID,
    Bearer,
    Before,
    IdempotencyKey,
    Input,
    Limit,
    Line,
    Reference,
    Storable,
    caller,
    incident_of,
    once,
    page,
)
from incidents.enums import ApiScope, Harm
from incidents.errors import Refusal
from incidents.models import Segment

router = Router(tags=["audience"])
READ, WRITE = Bearer(ApiScope.AUDIENCE_READ), Bearer(ApiScope.AUDIENCE_WRITE)
Query = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), Storable]
CrmIds = Annotated[list[Line], Field(min_length=1, max_length=10_000)]


class OneOfThree(Refusal):
    """Customers are named in one way: by segment, by query or by their ids."""


class SegmentOut(Schema):
    """A saved segment."""

    name: str
    query: str
    note: str
    updated_at: datetime


class NewSegment(Input):
    """A segment to keep; one of this name is changed."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80), Storable]
    query: Query
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), Storable] = ""


class TriedQuery(Input):
    """A query to try."""

    query: Query


class CustomerOut(Schema):
    """A customer by id and name."""

    crm_id: str
    name: str


class PreviewOut(Schema):
    """How many active customers a query finds, and a few of them."""

    count: int
    sample: list[CustomerOut]


class Chosen(Input):
    """Customers: those of a segment, of a query, or with these CRM ids."""

    segment: Line | None = None
    query: Query | None = None
    crm_ids: CrmIds | None = None


class LeftOut(Chosen):
    """Customers no message of the incident goes to, and why."""

    reason: Line


class AddedOut(Schema):
    """What changed, and the customers per tier now."""

    added: int
    already: int
    unknown: list[str]
    tiers: dict[int, int]


class LeftOutOut(Schema):
    """How many customers are newly left out."""

    added: int


class ImpactOut(Schema):
    """One affected customer, with the arithmetic of the tier."""

    crm_id: str
    tier: Literal[1, 2, 3] | None
    arithmetic: str
    harm: Harm
    affected_items: str

    @staticmethod
    def resolve_crm_id(row: Any) -> str:
        return str(row.customer.crm_id)


class ImpactPage(Schema):
    """Some affected customers, added last first."""

    items: list[ImpactOut]
    next_before: int | None


@router.get("/segments", response={200: list[SegmentOut], **ERRORS}, auth=READ, operation_id="list_segments")
def list_segments(request: HttpRequest) -> QuerySet[Segment]:
    """List the saved segments."""
    return Segment.objects.order_by("name")


@router.post("/segments", response={201: SegmentOut, **ERRORS}, auth=WRITE, operation_id="keep_segment")
def keep_segment(request: HttpRequest, key: IdempotencyKey, body: NewSegment) -> HttpResponse:
    """Keep a segment, or change the one of this name. A query that cannot be read is refused with its place."""

    def act() -> Schema:
        present = Segment.objects.filter(name__iexact=body.name).first()
        kept = segments.keep(**body.model_dump(), by=caller(request), now=clock.now(), segment=present)
        return SegmentOut.from_orm(kept)

    return once(request, key=key, body=body, act=act, status=201)


@router.post("/segments/preview", response={200: PreviewOut, **ERRORS}, auth=READ, operation_id="try_query")
def try_query(request: HttpRequest, body: TriedQuery) -> segments.Preview:
    """Count the customers a query finds and name a few; nothing is kept."""
    return segments.preview(body.query)


@router.get(
    "/incidents/{reference}/impacts", response={200: ImpactPage, **ERRORS}, auth=READ, operation_id="list_impacts"
)
def list_impacts(
    request: HttpRequest, reference: Reference, limit: Limit = 50, before: Before = LARGEST_ID
) -> dict[str, Any]:
    """List who is affected, with tier and arithmetic."""
    return page(incident_of(reference).impacts.select_related("customer"), before=before, limit=limit)


@router.post(
    "/incidents/{reference}/impacts", response={200: AddedOut, **ERRORS}, auth=WRITE, operation_id="add_impacts"
)
def add_impacts(request: HttpRequest, reference: Reference, key: IdempotencyKey, body: Chosen) -> HttpResponse:
    """Count customers as affected: by segment, query or ids."""

    def act() -> Schema:
        incident, by, now = incident_of(reference), caller(request), clock.now()
        if body.crm_ids is not None and body.segment is None and body.query is None:
            return AddedOut.from_orm(impacts.add_by_crm_ids(incident, crm_ids=body.crm_ids, by=by, now=now))
        return AddedOut.from_orm(impacts.add_by_filter(incident, spec=_spec(body), by=by, now=now))

    return once(request, key=key, body=body, act=act)


@router.post(
    "/incidents/{reference}/exclusions",
    response={200: LeftOutOut, **ERRORS},
    auth=WRITE,
    operation_id="exclude_customers",
)
def exclude_customers(request: HttpRequest, reference: Reference, key: IdempotencyKey, body: LeftOut) -> HttpResponse:
    """Leave customers out of the incident, with a reason; never where safety or a legal right is at stake."""

    def act() -> Schema:
        incident, by, now = incident_of(reference), caller(request), clock.now()
        added = exclusions.exclude(incident, spec=_spec(body), reason=body.reason, by=by, now=now)
        return LeftOutOut(added=added)

    return once(request, key=key, body=body, act=act)


def _spec(body: Chosen) -> dict[str, Any]:
    given = [one for one in (body.segment, body.query, body.crm_ids) if one is not None]
    if len(given) != 1:
        raise OneOfThree("Name the customers in one way: segment, query or crm_ids.")
    if body.segment is not None:
        return segments.spec(get_object_or_404(Segment, name__iexact=body.segment))
    return {"query": body.query} if body.query is not None else {"crm_ids": body.crm_ids}
