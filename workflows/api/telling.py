"""Languages and actions for other systems: a translation tool hands texts in, a task system hands actions in."""

from datetime import datetime
from typing import Annotated

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Router, Schema
from pydantic import Field

from incidents import actions, clock
from incidents.api.protocol import (
    ERRORS,
    Bearer,
    Id,
    IdempotencyKey,
    Input,
    Moment,
    Prose,
    Reference,
    caller,
    incident_of,
    once,
    refuse_without,
)
from incidents.enums import ApiScope, Language
from incidents.models import Action
from notifications import renditions, translations
from notifications.models import Message
from workflows import rewriting, steps

router = Router(tags=["languages and actions"])
READ = Bearer(ApiScope.INCIDENTS_READ)
TRANSLATE, WRITE = Bearer(ApiScope.TRANSLATIONS_WRITE), Bearer(ApiScope.FACTS_WRITE)
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


class LanguageOut(Schema):
    """How one language of a message stands; it goes out when it is approved by the release."""

    language: Language
    is_source: bool
    is_approved: bool
    is_stale: bool
    text_sha256: str


class LateOut(Schema):
    """A language that was not approved when the message left: who reads its fallback, and who got it since."""

    language: Language
    sha256: str
    is_approved: bool
    in_fallback: int
    sent: int


class NewSending(Input):
    """The digest of the text that is meant: what was read is what is sent."""

    text_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class SentOut(Schema):
    """To how many it goes."""

    count: int


class Section(Input):
    """One element of a text."""

    element: Annotated[str, Field(pattern=r"^[a-z_]+$", max_length=40)]
    text: Annotated[str, Field(max_length=5000)]


class NewText(Input):
    """One language of a message: what stands in double braces is what the source has."""

    subject: Prose
    sections: Annotated[list[Section], Field(min_length=1, max_length=40)]
    short_text: Annotated[str, Field(max_length=1000)] = ""


class ActionOut(Schema):
    """A step taken or planned."""

    id: int
    text: dict[str, str]
    due_at: datetime
    is_told: bool
    done_at: datetime | None
    dropped_at: datetime | None


class NewAction(Input):
    """A step that the caller's own person does by a date."""

    text: Annotated[dict[Language, Prose], Field(min_length=1)]
    due_at: Moment
    is_told: bool = True


@router.get(
    "/{reference}/messages/{number}/languages",
    response={200: list[LanguageOut], **ERRORS},
    auth=READ,
    operation_id="list_languages",
)
def list_languages(request: HttpRequest, reference: Reference, number: Number) -> list[translations.State]:
    """List the languages of a message and which of them may go out."""
    return translations.states(_message(reference, number))


@router.put(
    "/{reference}/messages/{number}/texts/{language}",
    response={200: list[LanguageOut], **ERRORS},
    auth=TRANSLATE,
    operation_id="translate_message",
)
def translate_message(
    request: HttpRequest, reference: Reference, number: Number, language: Language, body: NewText
) -> list[translations.State]:
    """Write one language of an unsent message. A person who reads it approves it; the others stay as they are."""
    message = _message(reference, number)
    rewriting.translate(message, language=language, text=body.model_dump(), by=caller(request), now=clock.now())
    return translations.states(_message(reference, number))


@router.get("/{reference}/actions", response={200: list[ActionOut], **ERRORS}, auth=READ, operation_id="list_actions")
def list_actions(request: HttpRequest, reference: Reference) -> QuerySet[Action]:
    """List what is done and planned."""
    return Action.objects.filter(incident=incident_of(reference)).order_by("due_at", "pk")


@router.post("/{reference}/actions", response={201: ActionOut, **ERRORS}, auth=WRITE, operation_id="plan_action")
def plan_action(request: HttpRequest, reference: Reference, key: IdempotencyKey, body: NewAction) -> HttpResponse:
    """Plan an action. Customers hear of it after a person confirmed the fact sheet."""
    incident = incident_of(reference)

    def act() -> Schema:
        step = actions.Step(
            {str(language): words for language, words in body.text.items()}, caller(request), body.due_at, body.is_told
        )
        return ActionOut.from_orm(steps.plan(incident, step=step, by=caller(request), now=clock.now()))

    return once(request, key=key, body=body, act=act, status=201)


@router.put(
    "/{reference}/actions/{number}/done", response={200: ActionOut, **ERRORS}, auth=WRITE, operation_id="finish_action"
)
def finish_action(request: HttpRequest, reference: Reference, number: Id) -> Action:
    """Say that an action is done."""
    action = get_object_or_404(Action, incident=incident_of(reference), pk=number)
    return steps.finish(action, by=caller(request), now=clock.now())


@router.get(
    "/{reference}/messages/{number}/late-languages",
    response={200: list[LateOut], **ERRORS},
    auth=READ,
    operation_id="list_late_languages",
)
def list_late_languages(request: HttpRequest, reference: Reference, number: Number) -> list[renditions.Late]:
    """List the languages a sent message did not go out in, with how many read its fallback."""
    return renditions.late(_message(reference, number))


@router.post(
    "/{reference}/messages/{number}/late-languages/{language}",
    response={200: SentOut, **ERRORS},
    auth=TRANSLATE,
    operation_id="send_late_language",
)
def send_late_language(  # noqa: PLR0913 - one address, its parts
    request: HttpRequest,
    reference: Reference,
    number: Number,
    language: Language,
    key: IdempotencyKey,
    body: NewSending,
) -> HttpResponse:
    """Send a language that people approved late to exactly those who got the fallback.

    The person behind the token needs the right to release messages.
    """
    refuse_without(request, "notifications.release_message")
    message = _message(reference, number)

    def act() -> Schema:
        count = renditions.send(
            message, language=language, sha256=body.text_sha256, by=caller(request), now=clock.now()
        )
        return SentOut(count=count)

    return once(request, key=key, body=body, act=act)


def _message(reference: str, number: int) -> Message:
    rows = Message.objects.select_related("incident", "current")
    return get_object_or_404(rows, incident=incident_of(reference), number=number)
