"""Online consultation: a conversation is filed word for word, and what was asked in it waits for an answer."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from incidents import audit, customers, feedback
from incidents.enums import FeedbackKind, FeedbackSource, Mood, TimelineKind
from incidents.errors import Refusal
from incidents.models import ChatTranscript, Company, Customer, Incident, User
from incidents.sentences import gettext as _

MAX_LENGTH = 100_000
MOST_QUESTIONS = 50


class BadTranscript(Refusal):
    """The conversation is empty, too long, or does not hold what was asked in it."""


class AlreadyFiled(Refusal):
    """The chat system handed this conversation over before, with other words."""


@dataclass(frozen=True)
class Question:
    """What the customer asked, in words of the transcript; without a mood of its own it has the conversation's."""

    verbatim: str
    kind: FeedbackKind = FeedbackKind.QUESTION
    mood: Mood | None = None
    theme: str = ""


@dataclass(frozen=True)
class Conversation:
    """What a chat system hands over.

    `questions` is None where nobody looked for them: then the conversation itself waits for a person. An empty list
    says that all was answered in the chat.
    """

    number: str
    transcript: str
    customer: Customer | None = None
    address: str = ""
    mood: Mood = Mood.NEUTRAL
    language: str = ""
    questions: Sequence[Question] | None = None


@transaction.atomic
def file(incident: Incident, *, conversation: Conversation, by: User, now: datetime) -> ChatTranscript:
    """File a conversation once, and log each question with owner and due time; handed over again, it is the same."""
    _refuse_unfit(conversation)
    customer = conversation.customer or _customer_at(conversation.address)
    digest = _digest(conversation)
    row, is_new = ChatTranscript.objects.get_or_create(
        incident=incident,
        conversation=conversation.number.strip(),
        defaults={
            "customer": customer,
            "address": "" if customer else conversation.address.strip(),
            "transcript": conversation.transcript.strip(),
            "mood": conversation.mood,
            "language": conversation.language,
            "request_sha256": digest,
            "received_at": now,
            "filed_by": by,
        },
    )
    if row.request_sha256 != digest:
        raise AlreadyFiled(
            _("Conversation %s was filed already, with other words: give a continued chat a number of its own.")
            % row.conversation
        )
    if is_new:
        _log(row, conversation, by=by, now=now)
    return row


def _refuse_unfit(conversation: Conversation) -> None:
    words = conversation.transcript.strip()
    if not words or not conversation.number.strip():
        raise BadTranscript(_("A transcript has words, and the conversation a number."))
    if len(words) > MAX_LENGTH:
        raise BadTranscript(
            _("The text has %(length)d characters; %(limit)d fit.") % {"length": len(words), "limit": MAX_LENGTH}
        )
    if len(conversation.questions or ()) > MOST_QUESTIONS:
        raise BadTranscript(_("One conversation holds at most %d questions.") % MOST_QUESTIONS)
    said = _flat(words)
    for number, question in enumerate(conversation.questions or (), start=1):
        if _flat(question.verbatim) not in said:
            raise BadTranscript(_("Question %d does not stand in the transcript: send the customer's words.") % number)


def _flat(text: str) -> str:
    return " ".join(text.split())


def _digest(conversation: Conversation) -> str:
    customer = conversation.customer.pk if conversation.customer else None
    questions = None if conversation.questions is None else [asdict(one) for one in conversation.questions]
    handed = [conversation.transcript.strip(), conversation.address.strip(), customer, questions]
    told = [*handed, conversation.mood, conversation.language]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def _customer_at(address: str) -> Customer | None:
    """Return the one customer with this address; a shared or unknown one names nobody."""
    value = _normal(address.strip())
    if not value:
        return None
    found = (
        Customer.objects.filter(is_active=True, contact_points__normalised__iexact=value).order_by("pk").distinct()[:2]
    )
    return found[0] if len(found) == 1 else None


def _normal(address: str) -> str:
    try:
        if "@" in address:
            return customers.normalise_email(address)
        region = customers.region_of_company(Company.objects.first())
        return customers.normalise_phone(address, region=region) if address else ""
    except customers.InvalidAddress:
        return ""


def _log(row: ChatTranscript, conversation: Conversation, *, by: User, now: datetime) -> None:
    for question in _entries(conversation):
        entry = feedback.Entry(
            verbatim=question.verbatim,
            kind=question.kind,
            source=FeedbackSource.CHAT,
            customer=row.customer,
            mood=question.mood or conversation.mood,
            theme=question.theme,
            language=conversation.language,
            transcript=row,
        )
        feedback.log(row.incident, entry=entry, by=by, now=now)
    text = _("Chat transcript filed (#%s)") % row.pk
    audit.tell(row.incident, kind=TimelineKind.FEEDBACK, text=text, by=by, now=now)


def _entries(conversation: Conversation) -> Sequence[Question]:
    """Return what is logged; every conversation stands in the log, also where all was answered in it."""
    beginning = conversation.transcript.strip()[: feedback.MAX_LENGTH]
    if conversation.questions is None:
        return [Question(beginning)]
    return conversation.questions or [Question(beginning, kind=FeedbackKind.OTHER)]
