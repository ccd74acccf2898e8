"""Declarations for other systems: ask the questions about the severity, declare, draft the holding statement."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from incidents import clock
from incidents.api.protocol import (
    ERRORS,
    Bearer,
    IdempotencyKey,
    Input,
    Moment,
    Place,
    Prose,
    Reference,
    Word,
    caller,
    incident_of,
    once,
    refuse_without,
)
from incidents.enums import ApiScope, Severity
from incidents.models import User
from workflows import declarations, holding, severity_questions

router = Router(tags=["declarations"])
READ, DECLARE = Bearer(ApiScope.INCIDENTS_READ), Bearer(ApiScope.INCIDENTS_DECLARE)
Texts = dict[Literal["en", "zh", "ru"], Prose]
Name = Annotated[str, Query(max_length=60, pattern=r"^[a-z0-9-]*$")]


class QuestionOut(Schema):
    """One trigger of a playbook: if it is true, the incident is at least of this severity."""

    id: str
    playbook: str
    severity: Severity
    text: dict[str, str]


class NewStatement(Input):
    """What can be said now; everything may be left out. It goes to the affected customers, else to the page alone."""

    known: Texts = {}
    unknown: Texts = {}
    regions: list[Word] | None = Field(
        None, description="Given, it goes to the customers of these regions; empty: all."
    )
    next_update_at: Moment | None = None
    is_submitted: bool = True


class NewDeclaration(Input):
    """What is declared. Without a severity the questions answered with yes decide it."""

    type: Word
    subtype: Word
    relationship_type: Word = ""
    triggers: list[Word] = []
    severity: Severity | None = None
    severity_reason: Annotated[str, Field(max_length=1000)] = ""
    lead: Word = Field("", description="Log-in name of who leads; the caller where it is left out.")
    impact_started_at: Moment | None = None
    jurisdictions: list[Place] | None = None
    statement: NewStatement | None = Field(None, description="The holding statement to draft in the same step.")


class SpokenOut(Schema):
    """The holding statement, if one was drafted, whether it waits for approval, and what kept it from that."""

    incident: str
    message: str | None
    is_submitted: bool
    trouble: str


@router.get(
    "/severity-questions",
    response={200: list[QuestionOut], **ERRORS},
    auth=READ,
    operation_id="list_severity_questions",
)
def list_questions(
    request: HttpRequest,
    type: Name,
    relationship_type: Name = "",  # noqa: A002 - the word of the interface
) -> list[severity_questions.Question]:
    """List the questions whose answers propose a severity, the gravest first for each playbook."""
    return severity_questions.questions(type, relationship_type)


@router.post(
    "/incidents/{reference}/declaration",
    response={200: SpokenOut, **ERRORS},
    auth=DECLARE,
    operation_id="declare_incident",
)
def declare(request: HttpRequest, reference: Reference, key: IdempotencyKey, body: NewDeclaration) -> HttpResponse:
    """Declare an incident, with its holding statement if given; a person approves it. Needs the right to declare."""
    refuse_without(request, "incidents.declare_incident")
    incident = incident_of(reference)
    lead = get_object_or_404(User, username=body.lead, is_active=True) if body.lead else caller(request)

    def act() -> Schema:
        given = body.model_dump(exclude={"statement", "lead", "triggers", "jurisdictions"})
        places = None if body.jurisdictions is None else tuple(body.jurisdictions)
        declaration = declarations.Declaration(**given, lead=lead, triggers=tuple(body.triggers), jurisdictions=places)
        statement = _statement(body.statement) if body.statement else None
        spoken = holding.declare(
            incident, declaration=declaration, statement=statement, by=caller(request), now=clock.now()
        )
        return _told(reference, spoken)

    return once(request, key=key, body=body, act=act)


@router.post(
    "/incidents/{reference}/holding-statement",
    response={200: SpokenOut, **ERRORS},
    auth=DECLARE,
    operation_id="draft_holding_statement",
)
def draft_statement(
    request: HttpRequest, reference: Reference, key: IdempotencyKey, body: NewStatement
) -> HttpResponse:
    """Draft the holding statement of a declared incident; a person approves it. Needs the right to write messages."""
    refuse_without(request, "notifications.write_message")
    incident = incident_of(reference)

    def act() -> Schema:
        return _told(
            reference, holding.prepare(incident, statement=_statement(body), by=caller(request), now=clock.now())
        )

    return once(request, key=key, body=body, act=act)


def _statement(body: NewStatement) -> holding.Statement:
    audience: dict[str, Any] | None = None
    if body.regions is not None:
        audience = {"filter": {"region": body.regions} if body.regions else {}}
    return holding.Statement(
        known={str(language): text for language, text in body.known.items()},
        unknown={str(language): text for language, text in body.unknown.items()},
        audience=audience,
        next_update_at=body.next_update_at,
        is_submitted=body.is_submitted,
    )


def _told(reference: str, spoken: holding.Spoken) -> SpokenOut:
    message = spoken.message
    return SpokenOut(
        incident=reference,
        message=message.reference if message else None,
        is_submitted=bool(message and message.submitted_at),
        trouble=spoken.trouble,
    )
