"""The training log, the quiz of a brief, and answers that facts left behind."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from incidents import facts
from incidents.enums import FactStatus
from incidents.models import Incident
from notifications.models import StaffNotice
from tests import factories
from tests import factories_gates as gates
from tests import factories_incidents as make
from tests.factories_updates import once
from workflows import briefings, escalations, line_to_take, qa_bank, quizzes, training
from workflows.enums import AlertKind, TrainingTopic
from workflows.models import Alert, StaffBrief, TrainingRecord

NOW, LATER = gates.NOW, gates.NOW + timedelta(hours=1)
QUESTION = quizzes.Question({"en": "A date?"}, {"en": "a range"}, {"en": ["a day", "none"]})


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[Incident]:
    """A declared incident with confirmed facts and a drafted brief."""

    def build() -> Incident:
        incident = factories.declared()
        factories.tell_facts(incident)
        factories.fact_sheet(incident)
        briefings.draft_brief(incident, by=make.person("subject_owner"), now=NOW)
        return incident

    with django_db_blocker.unblock(), once(build) as incident:
        yield incident


@pytest.fixture
def brief(world: Incident, db: None) -> StaffBrief:
    return StaffBrief.objects.select_related("incident").get()


def given(brief: StaffBrief) -> StaffBrief:
    """The brief, approved and given to the front line."""
    approved = briefings.approve(brief, by=make.person("communications_lead"), now=NOW)
    briefings.publish(approved, by=make.person("communications_lead"), now=NOW)
    return approved


def changed(incident: Incident, key: str, value: str) -> None:
    """A fact changed and the new sheet is confirmed."""
    put = facts.FactChange(key, {"en": value}, FactStatus.VERIFIED, "plant")
    facts.put(incident, change=put, by=make.person("subject_owner"), now=LATER)
    factories.fact_sheet(incident, now=LATER)


def test_a_training_holds_until_it_expires_and_a_brief_is_none(brief: StaffBrief) -> None:
    agent, lead = make.person("hr_lead"), make.person("incident_lead")
    everybody = len(training.untrained(brief.incident, now=NOW))
    course = training.Training(TrainingTopic.HARD_CONVERSATIONS, NOW, expires_at=LATER, score=Decimal("0.8"))

    training.record([agent], training=course, by=lead, now=NOW)
    briefings.acknowledge(given(brief), by=lead, now=NOW)

    counted = [len(training.untrained(brief.incident, now=now)) for now in (NOW, LATER)]
    assert counted == [everybody - 1, everybody]
    assert gates.missing(brief.incident, "staff_trained", min_ratio=0.9) == (
        f"{everybody - 1} of {everybody} who face customers hold no valid training."
    )
    assert gates.missing(brief.incident, "staff_trained", min_ratio=1 / everybody) == ""


@pytest.mark.parametrize(
    "course",
    [
        training.Training(TrainingTopic.MEDIA, LATER),
        training.Training(TrainingTopic.MEDIA, NOW, expires_at=NOW),
        training.Training(TrainingTopic.MEDIA, NOW, score=Decimal(2)),
        training.Training(TrainingTopic.INCIDENT_BRIEF, NOW),
    ],
)
def test_a_training_that_cannot_be_is_refused(brief: StaffBrief, course: training.Training) -> None:
    with pytest.raises(training.BadTraining):
        training.record([make.person()], training=course, by=make.person(), now=NOW)


def test_a_quiz_is_passed_before_the_brief_counts_as_read_and_keeps_the_first_score(brief: StaffBrief) -> None:
    with pytest.raises(quizzes.BadQuestion):
        quizzes.add(brief, question=quizzes.Question({"en": "?"}, {}, {}), by=make.person("wen"), now=NOW)
    for question in (QUESTION, QUESTION):
        brief = quizzes.add(brief, question=question, by=make.person("wen"), now=NOW)
    reader, ready = make.person("hr_lead"), given(brief)
    with pytest.raises(briefings.QuizOpen):
        briefings.acknowledge(ready, by=reader, now=NOW)

    wrong = quizzes.take(ready, answers=["a range", "none"], language="en", by=reader, now=NOW)
    right = quizzes.take(ready, answers=["a range", "a range"], language="en", by=reader, now=LATER)

    row = ready.acknowledgements.get(user=reader)
    assert (wrong, right, row.first_score, row.attempts, row.acknowledged_at) == ([1], [], Decimal("0.5"), 2, LATER)
    assert TrainingRecord.objects.get(user=reader).score == Decimal("0.5")
    assert quizzes.shown(ready, language="en")[0] == ("A date?", ["a day", "a range", "none"])
    with pytest.raises(quizzes.WrongAnswers, match="A date"):
        quizzes.refuse(ready, wrong=wrong, language="en")
    with pytest.raises(quizzes.BadQuestion, match="no draft"):
        quizzes.clear(ready, by=reader, now=NOW)


def test_everybody_asked_gets_one_mail_with_the_link_and_the_silent_a_reminder(brief: StaffBrief) -> None:
    make.person("hr_lead").__class__.objects.filter(username__in=["hr_lead", "nina"]).update(email="s@company.example")
    ready = given(brief)
    briefings.publish(ready, by=make.person("wen"), now=NOW)
    first = list(StaffNotice.objects.values_list("user__username", flat=True).order_by("user__username"))
    briefings.acknowledge(ready, by=make.person("nina"), now=NOW)

    briefings.remind(ready, by=make.person("wen"), now=LATER)

    assert first == ["hr_lead", "nina"]
    assert StaffNotice.objects.filter(user__username="hr_lead").count() == 2
    assert f"/admin/workflows/staffbrief/{ready.pk}/acknowledge/" in StaffNotice.objects.first().body  # type: ignore[union-attr]


def test_a_renewed_brief_wakes_its_approvers_and_is_given_at_once(brief: StaffBrief) -> None:
    briefings.acknowledge(given(brief), by=make.person("nina"), now=NOW)
    changed(brief.incident, "facts.bottleneck", "the port")
    in_force = line_to_take.now_for(brief.incident, language="en")
    [pk] = briefings.outdated(now=LATER)
    renewed = briefings.renew(pk, now=LATER)
    assert renewed is not None
    escalations.refresh(AlertKind.BRIEF_WAITING, now=LATER)
    waiting = Alert.objects.filter(kind=AlertKind.BRIEF_WAITING, over_at=None).count()

    briefings.approve(renewed, by=make.person("communications_lead"), now=LATER)
    escalations.refresh(AlertKind.BRIEF_WAITING, now=LATER)

    assert (in_force.changed, waiting) == (["Bottleneck"], 1)
    assert briefings.ratio(renewed) == 0.0
    assert renewed.acknowledgements.count() == brief.acknowledgements.count()
    assert not Alert.objects.filter(kind=AlertKind.BRIEF_WAITING, over_at=None).exists()


def test_an_answer_that_speaks_of_a_changed_fact_is_marked_until_somebody_looked(brief: StaffBrief) -> None:
    incident, legal = brief.incident, make.person("legal_counsel")
    texts = {"variable": "Held by {{ facts.bottleneck }}", "literal": "It is the BOTTLENECK (en)", "neither": "Soon"}
    for key, text in texts.items():
        entry = qa_bank.add(incident, key=key, question={"en": "Why?"}, answer={"en": text}, by=make.person(), now=NOW)
        qa_bank.approve(entry, by=legal, now=NOW)
    before = qa_bank.stale(incident)

    changed(incident, "facts.bottleneck", "the port")
    marked = {entry.key for entry in incident.qa_entries.filter(pk__in=qa_bank.stale(incident))}
    gate = gates.missing(incident, "approved_version", artifact="qa_bank")
    for key in ("variable", "literal"):
        qa_bank.confirm(incident.qa_entries.get(key=key), by=legal, now=LATER)

    assert (before, marked, qa_bank.stale(incident)) == ({}, {"variable", "literal"}, {})
    assert gate == "2 of 3 answers speak of facts that changed."
