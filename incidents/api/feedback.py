"""Feedback for other systems: list, log, answer."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Router, Schema

from incidents import clock, feedback
from incidents.api.protocol import (
    ERRORS,
    LARGEST_ID,
    Bearer,
    Before,
    Id,
    IdempotencyKey,
    Input,
    Limit,
    Prose,
    Reference,
    Word,
    caller,
    incident_of,
    once,
    page,
    visible,
)
from incidents.enums import ApiScope, EscalatedTo, FeedbackKind, FeedbackSource, FeedbackState, Language, Mood
from incidents.models import Customer, Feedback

router = Router(tags=["feedback"])
READ, WRITE = Bearer(ApiScope.FEEDBACK_READ), Bearer(ApiScope.FEEDBACK_WRITE)


class FeedbackOut(Schema):
    """One entry of the feedback log, in the customer's own words."""

    id: int
    incident: str
    customer: str | None
    kind: FeedbackKind
    source: FeedbackSource
    verbatim: str
    theme: str
    mood: Mood
    language: str
    escalated_to: str
    state: FeedbackState
    answer: str
    answered_at: datetime | None
    received_at: datetime
    due_at: datetime | None

    @staticmethod
    def resolve_incident(entry: Feedback) -> str:
        """Name the incident by its reference."""
        return entry.incident.reference

    @staticmethod
    def resolve_customer(entry: Feedback) -> str | None:
        """Name the customer by the CRM id: no name and no address leaves here."""
        return entry.customer.crm_id if entry.customer else None


class FeedbackPage(Schema):
    """Some entries, newest first."""

    items: list[FeedbackOut]
    next_before: int | None


class NewFeedback(Input):
    """What a customer said, and who it was, by CRM id."""

    verbatim: Prose
    kind: FeedbackKind = FeedbackKind.QUESTION
    customer: Word = ""
    mood: Mood = Mood.NEUTRAL
    theme: Word = ""
    escalated_to: EscalatedTo | None = None
    language: Language | None = None


class NewAnswer(Input):
    """The answer; the customer reads it on their own page."""

    text: Prose


@router.get(
    "/incidents/{reference}/feedback",
    response={200: FeedbackPage, **ERRORS},
    auth=READ,
    operation_id="list_feedback",
)
def list_feedback(
    request: HttpRequest,
    reference: Reference,
    state: FeedbackState | None = None,
    limit: Limit = 50,
    before: Before = LARGEST_ID,
) -> dict[str, Any]:
    """List what customers said about an incident, newest first."""
    rows = Feedback.objects.filter(incident=incident_of(reference)).select_related("incident", "customer")
    return page(rows.filter(state=state) if state else rows, before=before, limit=limit)


@router.post(
    "/incidents/{reference}/feedback",
    response={201: FeedbackOut, **ERRORS},
    auth=WRITE,
    operation_id="log_feedback",
)
def log_feedback(request: HttpRequest, reference: Reference, key: IdempotencyKey, body: NewFeedback) -> HttpResponse:
    """Log what a customer said elsewhere."""
    incident = incident_of(reference)
    customer = get_object_or_404(Customer, crm_id=body.customer) if body.customer else None

    def act() -> Schema:
        entry = feedback.Entry(
            verbatim=body.verbatim,
            kind=body.kind,
            source=FeedbackSource.INTERFACE,
            customer=customer,
            mood=body.mood,
            theme=body.theme,
            escalated_to=body.escalated_to,
            language=body.language or "",
        )
        return FeedbackOut.from_orm(feedback.log(incident, entry=entry, by=caller(request), now=clock.now()))

    return once(request, key=key, body=body, act=act, status=201)


@router.post(
    "/feedback/{entry_id}/answer",
    response={200: FeedbackOut, **ERRORS},
    auth=WRITE,
    operation_id="answer_feedback",
)
def answer_feedback(request: HttpRequest, entry_id: Id, key: IdempotencyKey, body: NewAnswer) -> HttpResponse:
    """Answer one entry, once."""
    entry = get_object_or_404(visible(Feedback.objects.all(), request), pk=entry_id)

    def act() -> Schema:
        return FeedbackOut.from_orm(feedback.answer(entry, text=body.text, by=caller(request), now=clock.now()))

    return once(request, key=key, body=body, act=act)
