"""Facts for other systems: read the fact sheet, propose a value."""

from datetime import datetime
from typing import Annotated, Literal

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Path, Router, Schema

from incidents import clock, facts
from incidents.api.protocol import ERRORS, Bearer, Input, Line, Prose, Reference, caller, incident_of
from incidents.enums import ApiScope, FactStatus, Sensitivity
from incidents.models import Fact

router = Router(tags=["facts"])
READ, WRITE = Bearer(ApiScope.INCIDENTS_READ), Bearer(ApiScope.FACTS_WRITE)
Key = Annotated[str, Path(pattern=r"^[a-z0-9_.]+$", max_length=80)]
Value = bool | int | float | str | list[str] | None


class FactOut(Schema):
    """One line of the fact sheet; a value that reads the same in every language stands under the empty key."""

    key: str
    type: str
    value: dict[str, Value]
    status: FactStatus
    source: str
    is_publishable: bool
    is_answered: bool
    version: int
    updated_at: datetime | None


class NewFact(Input):
    """A new value: texts per language, or one shared value under the empty key; and where it comes from."""

    value: dict[Literal["", "en", "zh", "ru"], bool | int | float | Prose | list[Line]]
    status: Literal["unknown", "reported", "estimated", "verified", "retracted"]
    source: Line


@router.get("/{reference}/facts", response={200: list[FactOut], **ERRORS}, auth=READ, operation_id="list_facts")
def list_facts(request: HttpRequest, reference: Reference) -> QuerySet[Fact]:
    """List the facts of an incident; restricted ones stay inside."""
    rows = incident_of(reference).facts.exclude(sensitivity=Sensitivity.RESTRICTED)
    return rows.order_by("position", "key")


@router.put("/{reference}/facts/{key}", response={200: FactOut, **ERRORS}, auth=WRITE, operation_id="put_fact")
def put_fact(request: HttpRequest, reference: Reference, key: Key, body: NewFact) -> Fact:
    """Propose the value of one fact. It reaches customers only after a person confirmed the fact sheet."""
    change = facts.FactChange(
        key=key,
        value={str(language): value for language, value in body.value.items()},
        status=FactStatus(body.status),
        source=body.source,
    )
    return facts.put(incident_of(reference), change=change, by=caller(request), now=clock.now())
