"""Corrections: who used a wrong fact, who is told, and what becomes of the wrong text."""

from typing import Any

import pytest

from incidents import facts
from incidents.enums import FactStatus
from incidents.models import FactSheet, Incident
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


def confirmed(incident: Incident, **cause: Any) -> FactSheet:
    """A confirmed sheet; `cause` sets what it says by language."""
    if cause:
        tell(incident, **cause)
    sheet = facts.freeze(incident, by=incidents.person("lena"), now=NOW)
    return facts.confirm(sheet, by=incidents.person("otto"), now=NOW)


def tell(incident: Incident, *, status: FactStatus = FactStatus.VERIFIED, is_news: bool = False, **value: str) -> None:
    change = facts.FactChange("incident.cause", value, status, "plant", is_news=is_news)
    facts.put(incident, change=change, by=incidents.person("lena"), now=NOW)


def marked(incident: Incident) -> list[Message]:
    return list(incident.messages.filter(needs_correction=True))


def test_a_corrected_fact_marks_the_sent_messages_that_said_it(incident: Incident) -> None:
    sheet = confirmed(incident, en="a worn die")
    used = released(incident, fact_sheet=sheet)
    released(incident, fact_sheet=sheet, texts={"en": messages.text(cause="A worn die.", solution="We repair it.")})
    messages.message(incident, fact_sheet=sheet)
    tell(incident, en="a cracked bearing")
    assert marked(incident) == []

    newer = confirmed(incident)

    assert marked(incident) == [used]
    assert [(one.key, one.before["value"], one.after["value"]) for one in wrong_of(used, newer)] == [
        ("incident.cause", {"en": "a worn die"}, {"en": "a cracked bearing"})
    ]


def wrong_of(message: Message, sheet: FactSheet) -> list[corrections.Wrong]:
    return corrections.wrong_statements(Message.objects.select_related("current").get(pk=message.pk), sheet=sheet)


def test_a_retracted_fact_marks_what_said_it(incident: Incident) -> None:
    used = released(incident, fact_sheet=confirmed(incident, en="a worn die"))

    tell(incident, status=FactStatus.RETRACTED, en="a worn die")
    confirmed(incident)

    assert marked(incident) == [used]


def test_news_a_translation_and_better_proof_correct_nothing(incident: Incident) -> None:
    released(incident, fact_sheet=confirmed(incident, en="a worn die"))

    tell(incident, is_news=True, en="a worn die, now replaced")
    confirmed(incident)
    tell(incident, status=FactStatus.REPORTED, en="a worn die, now replaced", ru="изношенный штамп, заменён")
    confirmed(incident)

    assert marked(incident) == []


def test_news_after_a_correction_does_not_hide_it(incident: Incident) -> None:
    used = released(incident, fact_sheet=confirmed(incident, en="a worn die"))

    tell(incident, en="a cracked bearing")
    tell(incident, is_news=True, en="a cracked bearing, replaced")
    confirmed(incident)

    assert marked(incident) == [used]


def test_an_empty_condition_said_nothing(incident: Incident) -> None:
    text = messages.text(cause="{% if incident.cause %}{{ incident.cause }}{% endif %}", solution="We repair it.")
    without = {key: value for key, value in messages.values().items() if key != "incident.cause"}
    sheet = confirmed(incident, en="a worn die")
    released(incident, fact_sheet=sheet, texts={"en": text}, values={"en": without})

    confirmed(incident, en="a cracked bearing")

    assert marked(incident) == []


def test_leaving_it_takes_a_reason_and_lasts_until_the_next_change(incident: Incident) -> None:
    used = released(incident, fact_sheet=confirmed(incident, en="a worn die"))
    confirmed(incident, en="a cracked bearing")
    with pytest.raises(corrections.ReasonMissing):
        corrections.leave(used, reason=" ", by=incidents.person("otto"), now=NOW)

    corrections.leave(used, reason="the next update says it", by=incidents.person("otto"), now=NOW)
    confirmed(incident)
    assert marked(incident) == []
    with pytest.raises(corrections.NothingToCorrect):
        corrections.leave(used, reason="again", by=incidents.person("otto"), now=NOW)

    confirmed(incident, en="a loose screw")
    assert marked(incident) == [used]


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
    wrong = released(incident, fact_sheet=confirmed(incident, en="a worn die"))
    confirmed(incident, en="a cracked bearing")
    right = corrections.draft_correction(wrong, correction=correction(), by=incidents.person("wen"), now=NOW)
    assert not corrections.close(right, by=None, now=NOW)
    deliveries.approve(right)

    assert corrections.close(right, by=None, now=NOW)

    wrong = Message.objects.get(pk=wrong.pk)
    assert (wrong.state, wrong.needs_correction) == (MessageState.SUPERSEDED, False)
    assert not corrections.close(right, by=None, now=NOW)
