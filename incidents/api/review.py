"""For other systems: what an incident cost, and what became of its customers."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Router, Schema
from pydantic import Field, StringConstraints

from incidents import clock, costs, outcomes
from incidents.api.protocol import (
    ERRORS,
    LARGEST_ID,
    Bearer,
    Before,
    Id,
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
    visible,
)
from incidents.enums import ApiScope, CostKind
from incidents.models import CostItem

router = Router(tags=["costs and customers afterwards"])
READ, WRITE = Bearer(ApiScope.REVIEW_READ), Bearer(ApiScope.REVIEW_WRITE)
Currency = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]
Money = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)]
CrmId = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80), Storable]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300), Storable]
Channel = Annotated[str, StringConstraints(pattern="^[a-z_]{0,20}$")]


class CostOut(Schema):
    """One record of cost; `corrects` is the record it takes the place of."""

    id: int
    kind: CostKind
    amount: Decimal
    currency: str
    is_estimate: bool
    channel: str
    note: str
    corrects: int | None
    reason: str
    at: datetime

    @staticmethod
    def resolve_corrects(item: CostItem) -> int | None:
        """Name the earlier record by its number."""
        return item.corrects_id


class CostPage(Schema):
    """Some records, newest first, corrected ones among them."""

    items: list[CostOut]
    next_before: int | None


class NewCost(Input):
    """One cost; `channel` only for the cost of a channel."""

    kind: CostKind
    amount: Money
    currency: Currency
    is_estimate: bool = False
    channel: Channel = ""
    note: Note = ""


class CorrectedCost(NewCost):
    """What stands in the place of a record, and why; an amount of 0 takes it out."""

    reason: Line


class OutcomeOut(Schema):
    """One customer as observed on one day."""

    crm_id: str
    observed_on: date
    is_customer: bool
    orders: int | None
    revenue: Decimal | None
    currency: str

    @staticmethod
    def resolve_crm_id(row: Any) -> str:
        """Name the customer by the CRM id."""
        return str(row.customer.crm_id)


class OutcomePage(Schema):
    """Some observations, added last first."""

    items: list[OutcomeOut]
    next_before: int | None


class NewOutcome(Input):
    """One customer on one day; orders and revenue since the incident was declared."""

    crm_id: CrmId
    observed_on: date
    is_customer: bool
    orders: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    revenue: Annotated[Decimal, Field(max_digits=14, decimal_places=2)] | None = None
    currency: Currency | None = None


class NewOutcomes(Input):
    """Observations of customers, affected or not; a day told again corrects what was told of it."""

    outcomes: Annotated[list[NewOutcome], Field(min_length=1, max_length=10_000)]


class LineOut(Schema):
    """What was left out: its place in the list, and why."""

    line: int
    value: str
    message: str


class TakenOut(Schema):
    """What came of a list."""

    created: int
    changed: int
    unchanged: int
    bad_lines: int
    errors: list[LineOut]


@router.get("/incidents/{reference}/costs", response={200: CostPage, **ERRORS}, auth=READ, operation_id="list_costs")
def list_costs(
    request: HttpRequest, reference: Reference, limit: Limit = 50, before: Before = LARGEST_ID
) -> dict[str, Any]:
    """List what an incident cost; a record that another one corrects counts no more."""
    return page(incident_of(reference).costs.all(), before=before, limit=limit)


@router.post("/incidents/{reference}/costs", response={201: CostOut, **ERRORS}, auth=WRITE, operation_id="record_cost")
def record_cost(request: HttpRequest, reference: Reference, key: IdempotencyKey, body: NewCost) -> HttpResponse:
    """Record one cost."""
    incident = incident_of(reference)

    def act() -> Schema:
        cost = costs.Cost(**body.model_dump())
        return CostOut.from_orm(costs.record(incident, cost=cost, by=caller(request), now=clock.now()))

    return once(request, key=key, body=body, act=act, status=201)


@router.post("/costs/{cost_id}/correction", response={201: CostOut, **ERRORS}, auth=WRITE, operation_id="correct_cost")
def correct_cost(request: HttpRequest, cost_id: Id, key: IdempotencyKey, body: CorrectedCost) -> HttpResponse:
    """Put a new record in the place of a wrong one."""
    item = get_object_or_404(visible(CostItem.objects.all(), request), pk=cost_id)

    def act() -> Schema:
        cost = costs.Cost(**body.model_dump(exclude={"reason"}))
        made = costs.correct(item, cost=cost, reason=body.reason, by=caller(request), now=clock.now())
        return CostOut.from_orm(made)

    return once(request, key=key, body=body, act=act, status=201)


@router.get(
    "/incidents/{reference}/outcomes", response={200: OutcomePage, **ERRORS}, auth=READ, operation_id="list_outcomes"
)
def list_outcomes(
    request: HttpRequest, reference: Reference, limit: Limit = 50, before: Before = LARGEST_ID
) -> dict[str, Any]:
    """List what became of customers after an incident."""
    return page(incident_of(reference).outcomes.select_related("customer"), before=before, limit=limit)


@router.post(
    "/incidents/{reference}/outcomes", response={200: TakenOut, **ERRORS}, auth=WRITE, operation_id="tell_outcomes"
)
def tell_outcomes(request: HttpRequest, reference: Reference, key: IdempotencyKey, body: NewOutcomes) -> HttpResponse:
    """Tell what became of customers, by CRM id and day; what cannot be taken is named, the rest is taken."""
    incident = incident_of(reference)

    def act() -> Schema:
        rows = [outcomes.Outcome(**{**one.model_dump(), "currency": one.currency or ""}) for one in body.outcomes]
        report = outcomes.note(incident, outcomes=rows, by=caller(request), now=clock.now())
        return TakenOut(**report.as_json())

    return once(request, key=key, body=body, act=act)
