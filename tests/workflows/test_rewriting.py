"""A changed fact opens a correction in its own words; one language is translated alone; dates and steps are told."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from incidents import actions, facts, withholding
from incidents.enums import FactStatus, WithholdingReason
from incidents.models import Incident
from notifications import compose, translations
from notifications.enums import MessageKind
from notifications.models import Message
from tests import factories
from tests import factories_updates as updating
from tests.factories_incidents import NOW, person
from workflows import dates, escalations, rewriting, steps
from workflows.enums import AlertKind
from workflows.models import Alert

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[Incident]:
    with django_db_blocker.unblock(), updating.once(partial(updating.told, languages=("en", "zh"))) as incident:
        yield incident


@pytest.fixture
def incident(world: Incident, db: None) -> Incident:
    return Incident.objects.get(pk=world.pk)


def correct_the_cause(incident: Incident) -> Message:
    """Correct what the first notice says of the cause, and return that notice."""
    value = {language: f"other cause ({language})" for language in ("en", "zh", "ru")}
    change = facts.FactChange("incident.cause", value, FactStatus.VERIFIED, "plant")
    facts.put(incident, change=change, by=person("subject_owner"), now=NOW)
    factories.fact_sheet(incident)
    return incident.messages.select_related("current", "incident").get(kind=MessageKind.FIRST_NOTICE)


def late(kind: AlertKind, *, now: Any = NOW) -> list[Alert]:
    escalations.refresh(kind, now=now)
    return list(Alert.objects.filter(kind=kind, over_at=None))


def test_the_correction_is_drafted_with_the_old_and_the_new_value(incident: Incident) -> None:
    notice = correct_the_cause(incident)

    told = rewriting.explanation(notice)
    draft = rewriting.correct(notice, explanation=told, by=person("wen"), now=NOW)

    assert notice.needs_correction
    assert told["en"] == "we told you “Cause: cause (en)”; correct is: other cause (en)"
    assert compose.current(draft).content["values"]["zh"]["update.corrections"] == told["zh"]


def test_a_marked_message_wakes_people_until_a_correction_is_begun(incident: Incident) -> None:
    notice = correct_the_cause(incident)
    assert len(late(AlertKind.CORRECTION_WAITS)) == 1

    rewriting.correct(notice, explanation=rewriting.explanation(notice), by=person("wen"), now=NOW)

    assert late(AlertKind.CORRECTION_WAITS) == []


def test_a_withheld_fact_is_untold_at_once_and_wakes_people_on_its_day(incident: Incident) -> None:
    fact = incident.facts.get(key="incident.actions_next")
    ground: dict[str, Any] = {"reason": WithholdingReason.LEGAL, "explanation": "court", "review_at": NOW + DAY}
    asked = withholding.ask(fact, by=person("wen"), now=NOW, **ground)
    withholding.approve(asked, by=person("legal_counsel"), now=NOW)

    update = updating.drafted(incident)

    values = compose.current(update).content["values"]
    assert "incident.actions_next" not in values.get("en", {})
    assert [len(late(AlertKind.WITHHOLDING_DUE, now=now)) for now in (NOW, NOW + DAY)] == [0, 1]


def test_one_language_is_written_and_the_others_stay(incident: Incident) -> None:
    update = updating.drafted(incident)
    before = compose.current(update).content["texts"]
    text = {**before["zh"], "subject": before["zh"]["subject"] + "!"}

    revision = rewriting.translate(update, language="zh", text=text, by=person("wen"), now=NOW)

    assert [one for one, text in revision.content["texts"].items() if text != before[one]] == ["zh"]
    fresh = Message.objects.select_related("current", "incident").get(pk=update.pk)
    assert translations.spoken(fresh) == [one for one in before if one != "zh"]


def test_a_future_date_without_a_promise_is_named(incident: Incident) -> None:
    update = updating.drafted(incident)
    texts = compose.current(update).content["texts"]
    sections = [*texts["en"]["sections"][:-1], {"element": "closing", "text": "All parts arrive on 24 December 2026."}]
    changed = {**texts, "en": {**texts["en"], "sections": sections}}
    assert dates.untracked(update, now=NOW) == []

    compose.edit(update, changes={"texts": changed}, by=person("wen"), now=NOW)
    update.refresh_from_db()

    [line] = dates.untracked(update, now=NOW)
    assert line.startswith("2026-12-24 (24 December 2026): no promise")


def test_actions_are_told_as_done_and_planned(incident: Incident) -> None:
    text = {"en": "new dies", "zh": "新模具", "ru": "новые штампы"}
    step = actions.Step(text, person("wen"), NOW + DAY)
    planned = steps.plan(incident, step=step, by=person("wen"), now=NOW)
    value = incident.facts.get(key=steps.NEXT).value["en"]
    steps.finish(planned, by=person("wen"), now=NOW)

    told = {
        one.key: (one.value.get("en"), one.status) for one in incident.facts.filter(key__in=(steps.NEXT, steps.TAKEN))
    }

    assert value.startswith("new dies (by 23 November 2026")
    assert told == {steps.TAKEN: ("new dies", "verified"), steps.NEXT: (None, "unknown")}
    with pytest.raises(actions.BadAction, match="over already"):
        steps.drop(planned, by=person("wen"), now=NOW)
