"""Prefilled preparation sheets for other systems: read them, and say that a person looked at them."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import StringConstraints

from incidents import clock
from incidents.api.protocol import (
    ERRORS,
    Bearer,
    IdempotencyKey,
    Input,
    Reference,
    caller,
    incident_of,
    once,
    refuse_without,
)
from incidents.enums import ApiScope
from workflows import sheet_drafts
from workflows.sheet_drafts import Draft

router = Router(tags=["desk"])
READ, WRITE = Bearer(ApiScope.DESK_READ), Bearer(ApiScope.DESK_WRITE)
MAY_CALL = "workflows.change_outreachtask"
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class SheetOut(Schema):
    """A prefilled sheet; `gaps` are required fields with nothing on record, `is_poor` a lack of options."""

    contact: int
    customer: str
    fields: dict[str, Any]
    gaps: list[str]
    is_poor: bool

    @staticmethod
    def resolve_contact(draft: Draft) -> int:
        """Name the contact by its number."""
        return draft.task.pk

    @staticmethod
    def resolve_customer(draft: Draft) -> str:
        """Name the customer by the CRM id."""
        return draft.task.customer.crm_id

    @staticmethod
    def resolve_fields(draft: Draft) -> dict[str, Any]:
        """Return the fields by their keys."""
        return draft.sheet


class SheetsOut(Schema):
    """The sheets of tier 1 that nobody looked at, and the digest that names exactly these."""

    digest: str
    sheets: list[SheetOut]


class SheetsSeen(Input):
    """The digest of the sheets that were read."""

    digest: Digest


class LookedOut(Schema):
    """How many sheets are ready, and the CRM ids of those that stay open for want of options."""

    ready: int
    left_open: list[str]


@router.get("/incidents/{reference}/sheets", response={200: SheetsOut, **ERRORS}, auth=READ, operation_id="list_sheets")
def list_sheets(request: HttpRequest, reference: Reference) -> dict[str, Any]:
    """Read the preparation sheets of tier 1 as the system filled them."""
    refuse_without(request, MAY_CALL)
    drafts = sheet_drafts.waiting(incident_of(reference), now=clock.now())
    return {"digest": sheet_drafts.digest(drafts), "sheets": drafts}


@router.post(
    "/incidents/{reference}/sheets/looked-at",
    response={200: LookedOut, **ERRORS},
    auth=WRITE,
    operation_id="look_at_sheets",
)
def look_at_sheets(request: HttpRequest, reference: Reference, key: IdempotencyKey, body: SheetsSeen) -> HttpResponse:
    """Say that the caller looked at these sheets: those with two options are ready."""
    refuse_without(request, MAY_CALL)
    incident = incident_of(reference)

    def act() -> Schema:
        looked = sheet_drafts.look(incident, seen=body.digest, by=caller(request), now=clock.now())
        return LookedOut(ready=looked.ready, left_open=looked.left_open)

    return once(request, key=key, body=body, act=act)
