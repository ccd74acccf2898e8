"""Corrections: who used a wrong fact, who is told, and what becomes of the wrong text."""

from typing import Any

import pytest

from incidents import facts
from incidents.models import Incident
from notifications import compose, corrections
from notifications.enums import MessageKind, MessageState
from notifications.models import Message
from tests import factories_delivery as deliveries
from tests import factories_incidents as incidents
from tests import factories_messages as messages
from tests.factories_messages import NOW

pytestmark = pytest.mark.django_db
EXPLANATION = {"en": "We said 12 May; it is 20 May"}


@pytest.fixture
def incident() -> Incident:
    messages.company()
    incident = incidents.reported()
    facts.seed(incident, definitions=[incidents.definition("incident.cause"), incidents.definition("incident.eta")])
    return incident


def released(incident: Incident, **fields: Any) -> Message:
    message = messages.message(incident, **fields)
    deliveries.approve(message)
    return message


def correction(**fields: Any) -> corrections.Correction:
    texts = {"en": messages.text(cause="Correction: {{ update.corrections }}.")}
    defaults: dict[str, Any] = {"explanation": EXPLANATION, "texts": texts, "values": {"en": messages.values()}}
    return corrections.Correction(**{**defaults, **fields})


def test_flag_marks_the_sent_messages_that_used_the_fact(incident: Incident) -> None:
    used = released(incident)
    released(incident, texts={"en": messages.text(cause="A worn die.", solution="We repair it.")})
    messages.message(incident)

    assert corrections.flag(incident, keys=["incident.cause"], now=NOW) == 1

    assert list(Message.objects.filter(needs_correction=True)) == [used]


def test_flag_twice_tells_once(incident: Incident) -> None:
    released(incident)
    corrections.flag(incident, keys=["incident.cause", "incident.eta"], now=NOW)

    assert corrections.flag(incident, keys=["incident.cause"], now=NOW) == 0


def test_flag_without_keys_marks_nothing(incident: Incident) -> None:
    released(incident)

    assert corrections.flag(incident, keys=[], now=NOW) == 0


def test_correction_goes_to_those_who_got_the_wrong_text(incident: Incident) -> None:
    wrong = released(incident)

    right = corrections.draft_correction(wrong, correction=correction(), by=incidents.person("wen"), now=NOW)

    assert (right.kind, right.audience, right.channels, right.corrects, right.state) == (
        MessageKind.CORRECTION,
        {"recipients_of": wrong.pk},
        wrong.channels,
        wrong,
        MessageState.DRAFT,
    )
    assert compose.current(right).content["values"]["en"]["update.corrections"] == EXPLANATION["en"]


def test_correction_of_an_unsent_text_is_refused(incident: Incident) -> None:
    with pytest.raises(corrections.NothingToCorrect):
        corrections.draft_correction(messages.message(incident), correction=correction(), by=None, now=NOW)


def test_correction_says_what_was_wrong_in_every_language(incident: Incident) -> None:
    texts = {"en": messages.text(), "ru": messages.text()}

    with pytest.raises(corrections.ExplanationMissing, match="ru"):
        corrections.draft_correction(released(incident), correction=correction(texts=texts), by=None, now=NOW)


def test_close_supersedes_the_wrong_text_once(incident: Incident) -> None:
    wrong = released(incident)
    corrections.flag(incident, keys=["incident.cause"], now=NOW)
    right = corrections.draft_correction(wrong, correction=correction(), by=incidents.person("wen"), now=NOW)
    assert not corrections.close(right, by=None, now=NOW)
    deliveries.approve(right)

    assert corrections.close(right, by=None, now=NOW)

    wrong = Message.objects.get(pk=wrong.pk)
    assert (wrong.state, wrong.needs_correction) == (MessageState.SUPERSEDED, False)
    assert not corrections.close(right, by=None, now=NOW)
