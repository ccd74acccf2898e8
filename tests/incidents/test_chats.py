"""Conversations of the online consultation: filed once, word for word, and nothing asked in them is lost."""

from dataclasses import replace
from datetime import timedelta

import pytest

from incidents import chats, feedback
from incidents.enums import FeedbackKind, FeedbackSource, Mood, Role
from incidents.models import ChatTranscript, Feedback
from tests.factories import company
from tests.factories_customers import address
from tests.factories_incidents import NOW, customer, person, reported, roster

pytestmark = pytest.mark.django_db
WORDS = "Agent: Good morning.\nCustomer: Where is my order?\nCustomer: And who pays  for it?"
WHERE = chats.Question("Where is my order?", theme="delivery")
WHO = chats.Question("And who pays for it?", kind=FeedbackKind.COMPLAINT, mood=Mood.ANGRY)


def conversation(**fields: object) -> chats.Conversation:
    return replace(chats.Conversation("chat-1", WORDS, questions=[WHERE, WHO]), **fields)  # type: ignore[arg-type]


def test_each_question_is_logged_with_owner_and_due_time() -> None:
    company(brief_callback_within=timedelta(hours=4))
    buyer = customer(account_manager=person("anna"))

    row = chats.file(reported(), conversation=conversation(customer=buyer), by=person("robot"), now=NOW)

    entries = row.entries.order_by("pk").values_list("verbatim", "kind", "mood", "source", "theme", "owner", "due_at")
    owner, due_at = person("anna").pk, NOW + timedelta(hours=4)
    assert list(entries) == [
        ("Where is my order?", "question", "neutral", "chat", "delivery", owner, due_at),
        ("And who pays for it?", "complaint", "angry", "chat", "", owner, due_at),
    ]
    assert (row.transcript, row.customer, row.received_at) == (WORDS, buyer, NOW)


def test_a_person_in_distress_is_answered_within_the_hour_by_the_lead() -> None:
    roster(**{Role.INCIDENT_LEAD: person("ida")})
    incident = reported()
    incident.lead = person("ida")
    incident.save(update_fields=["lead"])

    row = chats.file(incident, conversation=conversation(mood=Mood.DISTRESS), by=person("robot"), now=NOW)

    first = row.entries.order_by("pk")[0]
    assert (first.owner, first.due_at, first.mood) == (person("ida"), NOW + timedelta(hours=1), Mood.DISTRESS)


def test_a_conversation_is_filed_once() -> None:
    incident = reported()
    filed = [chats.file(incident, conversation=conversation(), by=person(), now=NOW) for _ in range(2)]

    with pytest.raises(chats.AlreadyFiled, match="chat-1 was filed already"):
        chats.file(incident, conversation=conversation(transcript=f"{WORDS} More."), by=person(), now=NOW)

    assert filed[0] == filed[1]
    assert (ChatTranscript.objects.count(), Feedback.objects.count()) == (1, 2)


def test_the_customer_is_found_by_address_when_only_one_has_it() -> None:
    company()
    one, other = customer("C-1"), customer("C-2")
    address(one, "ann@buyer.example")
    for sharing in (one, other):
        address(sharing, "desk@buyer.example", is_primary=False)
    given = {"a": " Ann@BUYER.example", "b": "desk@buyer.example", "c": "nobody@buyer.example", "d": "not an address"}
    incident = reported()

    rows = [
        chats.file(incident, conversation=conversation(number=number, address=text), by=person(), now=NOW)
        for number, text in given.items()
    ]

    assert [row.customer for row in rows] == [one, None, None, None]
    assert [row.address for row in rows] == ["", "desk@buyer.example", "nobody@buyer.example", "not an address"]


@pytest.mark.parametrize(
    ("questions", "kind", "is_due"), [(None, FeedbackKind.QUESTION, True), ([], FeedbackKind.OTHER, False)]
)
def test_every_conversation_stands_in_the_log(questions: list[str] | None, kind: str, *, is_due: bool) -> None:
    long = "Customer: Hello? " * 1000

    row = chats.file(reported(), conversation=conversation(transcript=long, questions=questions), by=person(), now=NOW)

    entry = row.entries.get()
    assert (entry.kind, entry.source, entry.due_at is not None) == (kind, FeedbackSource.CHAT, is_due)
    assert entry.verbatim == long[: feedback.MAX_LENGTH].strip()
    assert row.transcript == long.strip()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"transcript": " \n"}, "A transcript has words"),
        ({"number": " "}, "the conversation a number"),
        ({"transcript": "x" * 100_001, "questions": []}, "100000 fit"),
        ({"questions": [chats.Question("Can I sue?")]}, "Question 1 does not stand in the transcript"),
        ({"questions": [WHERE] * 51}, "at most 50 questions"),
    ],
)
def test_what_cannot_be_filed_leaves_no_trace(fields: dict[str, object], sentence: str) -> None:
    with pytest.raises(chats.BadTranscript, match=sentence):
        chats.file(reported(), conversation=conversation(**fields), by=person(), now=NOW)

    assert (ChatTranscript.objects.count(), Feedback.objects.count()) == (0, 0)
