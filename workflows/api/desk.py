"""The front line for other systems: the line to take, answers, briefs to read, contacts to make, what was told."""

from datetime import datetime
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema
from pydantic import Field, StringConstraints

from incidents import clock
from incidents.api.protocol import (
    ERRORS,
    LARGEST_ID,
    Bearer,
    Before,
    Id,
    IdempotencyKey,
    Input,
    Limit,
    Moment,
    Prose,
    Reference,
    Storable,
    Word,
    caller,
    incident_of,
    once,
    page,
    refuse_without,
    visible,
)
from incidents.enums import ApiScope, FactStatus, Language, Mood
from incidents.models import Customer, User
from notifications.enums import ChannelName
from workflows import briefings, call_desk, call_outcomes, customer_history, line_to_take, outreach, qa_bank, quizzes
from workflows.enums import AttemptResult, OutreachOrigin, OutreachState
from workflows.models import OutreachTask, StaffBrief

router = Router(tags=["desk"])
READ, WRITE = Bearer(ApiScope.DESK_READ), Bearer(ApiScope.DESK_WRITE)
MAY_CALL = "workflows.change_outreachtask"
MAY_LISTEN = "incidents.view_feedback"
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=5000), Storable]
Minutes = Annotated[int, Field(ge=1, le=600)]
CrmId = Annotated[str, Path(max_length=80, pattern=r"^[^\x00]+$")]


class LineOut(Schema):
    """One fact as staff read it."""

    key: str
    label: str
    value: str
    status: FactStatus
    is_publishable: bool


class NextUpdateOut(Schema):
    """When customers of a tier hear from us next."""

    tier: str
    at: datetime


class LineToTakeOut(Schema):
    """What staff say now: the brief in one language, what changed since, facts, the next updates."""

    brief_version: int | None
    words: dict[str, Any]
    changed: list[str]
    recovery: list[LineOut]
    known: list[LineOut]
    unknown: list[LineOut]
    next_updates: list[NextUpdateOut]


class AnswerOut(Schema):
    """One entry of the Q&A bank; the text is empty where it is not approved or not written in the language."""

    key: str
    question: dict[str, str]
    text: str
    changed_facts: list[str]


class BriefReading(Input):
    """The answers to the quiz in the order of its questions; none where the brief has no quiz."""

    answers: list[Prose] = []
    language: Language = Language.EN


class BriefReadOut(Schema):
    """Whether the brief counts as read, and which answers, counted from zero, were wrong."""

    version: int
    is_acknowledged: bool
    wrong: list[int]


class ContactOut(Schema):
    """A personal contact; the customer stands in it by CRM id alone."""

    id: int
    incident: str
    customer: str
    channel: ChannelName
    origin: OutreachOrigin
    state: OutreachState
    owner: str
    due_at: datetime
    meets_at: datetime | None
    is_prepared: bool
    confirmation_due_at: datetime | None
    confirmed_at: datetime | None

    @staticmethod
    def resolve_incident(task: OutreachTask) -> str:
        """Name the incident by its reference."""
        return task.incident.reference

    @staticmethod
    def resolve_customer(task: OutreachTask) -> str:
        """Name the customer by the CRM id."""
        return task.customer.crm_id

    @staticmethod
    def resolve_owner(task: OutreachTask) -> str:
        """Name the owner by log-in."""
        return task.owner.username if task.owner else ""


class ContactPage(Schema):
    """Some contacts, newest first."""

    items: list[ContactOut]
    next_before: int | None


class NewContact(Input):
    """A contact that no plan foresaw."""

    customer: Word
    channel: ChannelName = ChannelName.PHONE
    due_at: Moment


class NewOutcome(Input):
    """A conversation (`result` is `reached`), or a try in vain with what follows."""

    result: AttemptResult
    reached: Note = ""
    mood: Mood | None = None
    concern: Note = ""
    agreed_points: Note = ""
    minutes: Minutes | None = None
    next_step: call_outcomes.NextStep = call_outcomes.NextStep.AGAIN
    again_at: Moment | None = None
    note: Note = ""


class ToldOut(Schema):
    """What one customer was told, promised and asked, without names and addresses."""

    customer: str
    messages: list[str]
    open_questions: list[str]
    promises: list[dict[str, Any]]
    contacts: list[ContactOut]


class NoBody(Input):
    """Nothing to say."""


@router.get(
    "/incidents/{reference}/line-to-take",
    response={200: LineToTakeOut, **ERRORS},
    auth=READ,
    operation_id="read_line_to_take",
)
def read_line_to_take(request: HttpRequest, reference: Reference, language: Language = Language.EN) -> dict[str, Any]:
    """Read what staff say at this moment."""
    line = line_to_take.now_for(incident_of(reference), language=language)
    updates = [{"tier": tier, "at": at} for tier, at in line.next_updates]
    return {**vars(line), "brief_version": line.brief.version if line.brief else None, "next_updates": updates}


@router.get(
    "/incidents/{reference}/answers", response={200: list[AnswerOut], **ERRORS}, auth=READ, operation_id="list_answers"
)
def list_answers(
    request: HttpRequest,
    reference: Reference,
    words: str = Query("", max_length=200),  # type: ignore[type-arg]
    language: Language = Language.EN,
) -> list[dict[str, Any]]:
    """Search the Q&A bank; the answers carry today's confirmed facts."""
    incident = incident_of(reference)
    stale, values = qa_bank.stale(incident), qa_bank.values_of(incident, language=language, now=clock.now())
    return [
        {
            "key": entry.key,
            "question": entry.question,
            "text": qa_bank.shown(entry, language=language, values=values),
            "changed_facts": stale.get(entry.pk, []),
        }
        for entry in qa_bank.search(incident, words=words)
    ]


@router.post(
    "/incidents/{reference}/brief/read",
    response={200: BriefReadOut, **ERRORS},
    auth=WRITE,
    operation_id="acknowledge_brief",
)
def acknowledge_brief(
    request: HttpRequest, reference: Reference, key: IdempotencyKey, body: BriefReading
) -> HttpResponse:
    """Say that the caller has read the newest brief, with the answers to its quiz."""
    brief = get_object_or_404(StaffBrief, pk=getattr(briefings.current(incident_of(reference)), "pk", None))

    def act() -> Schema:
        wrong = quizzes.take(brief, answers=body.answers, language=body.language, by=caller(request), now=clock.now())
        return BriefReadOut(version=brief.version, is_acknowledged=not wrong, wrong=wrong)

    return once(request, key=key, body=body, act=act)


@router.get(
    "/incidents/{reference}/contacts", response={200: ContactPage, **ERRORS}, auth=READ, operation_id="list_contacts"
)
def list_contacts(
    request: HttpRequest,
    reference: Reference,
    state: OutreachState | None = None,
    limit: Limit = 50,
    before: Before = LARGEST_ID,
) -> dict[str, Any]:
    """List the personal contacts of an incident, newest first."""
    rows = _contacts(request).filter(incident=incident_of(reference))
    return page(rows.filter(state=state) if state else rows, before=before, limit=limit)


@router.post(
    "/incidents/{reference}/contacts",
    response={201: ContactOut, **ERRORS},
    auth=WRITE,
    operation_id="request_contact",
)
def request_contact(request: HttpRequest, reference: Reference, key: IdempotencyKey, body: NewContact) -> HttpResponse:
    """Ask for a call, a video meeting or a visit."""
    incident, by = incident_of(reference), _caller_who_calls(request)
    customer = get_object_or_404(Customer, crm_id=body.customer)

    def act() -> Schema:
        task = outreach.request(
            incident, customer=customer, channel=body.channel, due_at=body.due_at, by=by, now=clock.now()
        )
        return ContactOut.from_orm(task)

    return once(request, key=key, body=body, act=act, status=201)


@router.post("/contacts/next", response={200: ContactOut, **ERRORS}, auth=WRITE, operation_id="claim_next_contact")
def claim_next_contact(request: HttpRequest, key: IdempotencyKey, body: NoBody) -> HttpResponse:
    """Take the caller's most urgent contact that fits the customer's hours; 409 where there is none."""
    by = _caller_who_calls(request)

    def act() -> Schema:
        task = call_desk.claim_next(by=by, now=clock.now())
        if task is None:
            raise call_desk.NobodyWaits
        return ContactOut.from_orm(task)

    return once(request, key=key, body=body, act=act)


@router.post(
    "/contacts/{contact_id}/outcome", response={200: ContactOut, **ERRORS}, auth=WRITE, operation_id="end_contact"
)
def end_contact(request: HttpRequest, contact_id: Id, key: IdempotencyKey, body: NewOutcome) -> HttpResponse:
    """Keep what came of a contact."""
    by = _caller_who_calls(request)
    task = get_object_or_404(_contacts(request), pk=contact_id)

    def act() -> Schema:
        return ContactOut.from_orm(call_outcomes.record(task, came=_came(body), by=by, now=clock.now()))

    return once(request, key=key, body=body, act=act)


@router.get("/customers/{crm_id}/told", response={200: ToldOut, **ERRORS}, auth=READ, operation_id="read_told")
def read_told(request: HttpRequest, crm_id: CrmId) -> dict[str, Any]:
    """Read what one customer was told, promised and asked, over all incidents the caller may see."""
    refuse_without(request, MAY_LISTEN)
    customer = get_object_or_404(Customer, crm_id=crm_id)
    told = customer_history.told(customer, to=caller(request))
    return {
        "customer": customer.crm_id,
        "messages": list(dict.fromkeys(row.message.reference for row in told.deliveries)),
        "open_questions": [entry.verbatim for entry in told.waiting],
        "promises": [
            {"text": row.text, "state": row.state, "due_at": row.due_at, "incident": row.incident.reference}
            for row in told.promises
        ],
        "contacts": told.contacts,
    }


def _came(body: NewOutcome) -> call_outcomes.CallOutcome | call_outcomes.Attempt:
    if body.result == AttemptResult.REACHED:
        return call_outcomes.CallOutcome(
            reached=body.reached,
            concern=body.concern,
            agreed_points=body.agreed_points,
            mood=body.mood,
            minutes=body.minutes,
        )
    return call_outcomes.Attempt(result=body.result, next_step=body.next_step, note=body.note, again_at=body.again_at)


def _contacts(request: HttpRequest) -> QuerySet[OutreachTask]:
    return visible(OutreachTask.objects.select_related("incident", "customer", "owner"), request)


def _caller_who_calls(request: HttpRequest) -> User:
    refuse_without(request, MAY_CALL)
    return caller(request)
