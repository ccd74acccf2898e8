"""Online consultation for other systems: a chat system files its conversations into the feedback log."""

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from ninja import Router, Schema
from pydantic import Field, StringConstraints

from incidents import chats, clock
from incidents.api.protocol import ERRORS, Bearer, Input, Prose, Reference, Storable, Word, caller, incident_of
from incidents.enums import ApiScope, FeedbackKind, FeedbackSource, Language, Mood
from incidents.models import ChatTranscript, Customer

router = Router(tags=["feedback"])
WRITE = Bearer(ApiScope.FEEDBACK_WRITE)
Number = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120), Storable]
Address = Annotated[str, StringConstraints(strip_whitespace=True, max_length=254), Storable]
Transcript = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=chats.MAX_LENGTH), Storable
]


class NewQuestion(Input):
    """What the customer asked, in words of the transcript."""

    verbatim: Prose
    kind: FeedbackKind = FeedbackKind.QUESTION
    mood: Mood | None = None
    theme: Word = ""


class NewChat(Input):
    """A conversation that is over; the customer by CRM id, or by the e-mail address or telephone given in the chat.

    `questions` names what still wants an answer: left out, the whole conversation waits for a person to read it; an
    empty list says that all was answered in the chat.
    """

    conversation: Number
    transcript: Transcript
    customer: Word = ""
    address: Address = ""
    mood: Mood = Mood.NEUTRAL
    language: Language | None = None
    questions: Annotated[list[NewQuestion], Field(max_length=chats.MOST_QUESTIONS)] | None = None


class ChatEntryOut(Schema):
    """One entry the conversation left in the feedback log."""

    id: int
    kind: FeedbackKind
    source: FeedbackSource
    mood: Mood
    due_at: datetime | None
    owner: str | None


class ChatOut(Schema):
    """A filed conversation; `customer` is null where no one customer has the address."""

    id: int
    incident: str
    conversation: str
    customer: str | None
    received_at: datetime
    entries: list[ChatEntryOut]


@router.post(
    "/incidents/{reference}/chats",
    response={201: ChatOut, **ERRORS},
    auth=WRITE,
    operation_id="file_chat",
)
def file_chat(request: HttpRequest, reference: Reference, body: NewChat) -> HttpResponse:
    """File a conversation. The conversation's own number makes it happen once: sent again, the answer is the same."""
    incident = incident_of(reference)
    questions = None if body.questions is None else [chats.Question(**one.model_dump()) for one in body.questions]
    conversation = chats.Conversation(
        number=body.conversation,
        transcript=body.transcript,
        customer=get_object_or_404(Customer, crm_id=body.customer) if body.customer else None,
        address=body.address,
        mood=body.mood,
        language=body.language or "",
        questions=questions,
    )
    row = chats.file(incident, conversation=conversation, by=caller(request), now=clock.now())
    return JsonResponse(_told(row).model_dump(mode="json"), status=201)


def _told(row: ChatTranscript) -> ChatOut:
    entries = row.entries.select_related("owner").order_by("pk")
    return ChatOut(
        id=row.pk,
        incident=row.incident.reference,
        conversation=row.conversation,
        customer=row.customer.crm_id if row.customer else None,
        received_at=row.received_at,
        entries=[
            ChatEntryOut(
                id=one.pk,
                kind=FeedbackKind(one.kind),
                source=FeedbackSource(one.source),
                mood=Mood(one.mood),
                due_at=one.due_at,
                owner=one.owner.get_username() if one.owner else None,
            )
            for one in entries
        ],
    )
