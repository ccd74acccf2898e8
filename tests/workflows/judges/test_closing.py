"""Judges of the end: what each misses and what opens it."""

from datetime import date, timedelta
from typing import Any

import pytest

from incidents import decisions, facts, feedback
from incidents.enums import CommitmentKind, CommitmentState, DecisionKind, FeedbackKind
from incidents.models import Commitment, Incident, RemedyOption
from notifications.enums import MessageKind
from tests import factories_gates as gates
from tests import factories_incidents as make
from workflows.models import Improvement, Review

pytestmark = pytest.mark.django_db
NOW = gates.NOW
LATER = NOW + timedelta(hours=1)
BEFORE = NOW - timedelta(hours=1)


def seed(incident: Incident, *keys: str, **fields: Any) -> None:
    facts.seed(incident, definitions=[make.definition(key, **fields) for key in keys])


def decide(incident: Incident, key: str, *, kind: DecisionKind, outcome: str = "yes", by: str = "lena") -> None:
    decisions.decide(incident, key=key, outcome=outcome, reason="because", kind=kind, by=make.person(by), now=NOW)


def promised(
    incident: Incident, words: str, *, state: CommitmentState, kind: CommitmentKind, made_at: Any = BEFORE
) -> None:
    Commitment.objects.create(
        incident=incident, text={"en": words}, kind=kind, state=state, made_at=made_at, settled_at=NOW
    )


def test_commitments_closed_counts_open_and_broken_promises() -> None:
    incident = gates.incident_with_team()
    promised(incident, "late word", state=CommitmentState.BROKEN, kind=CommitmentKind.NEXT_UPDATE)
    promised(incident, "kept", state=CommitmentState.KEPT, kind=CommitmentKind.PROMISE)
    fine = gates.missing(incident, "commitments_closed")
    promised(incident, "truck", state=CommitmentState.BROKEN, kind=CommitmentKind.PROMISE)
    promised(incident, "call", state=CommitmentState.OPEN, kind=CommitmentKind.PROMISE)
    before = gates.missing(incident, "commitments_closed")
    incident.commitments.filter(state=CommitmentState.OPEN).update(state=CommitmentState.WITHDRAWN)
    promised(incident, "second truck", state=CommitmentState.KEPT, kind=CommitmentKind.PROMISE, made_at=LATER)

    assert (fine, before) == ("", "1 promises are open and 1 broken: call, truck.")
    assert gates.missing(incident, "commitments_closed") == ""


def test_a_broken_promise_is_made_good_to_the_same_people_only() -> None:
    incident = gates.incident_with_team()
    promised(incident, "truck", state=CommitmentState.BROKEN, kind=CommitmentKind.PROMISE)
    promised(incident, "other", state=CommitmentState.KEPT, kind=CommitmentKind.PROMISE, made_at=LATER)
    incident.commitments.filter(state=CommitmentState.KEPT).update(tier=1)

    assert gates.missing(incident, "commitments_closed")


def test_remedies_delivered() -> None:
    incident = gates.incident_with_team()
    option = RemedyOption.objects.create(incident=incident, key="refund", approver_role="x", approved_at=NOW)
    nothing = gates.missing(incident, "remedies_delivered", min_ratio=0.95)
    choices = [feedback.choose_remedy(option, customer=gates.affected(incident, f"C-{n}"), now=NOW) for n in range(2)]
    feedback.deliver_remedy(choices[0], by=make.person(), now=NOW)

    assert nothing == ""
    assert gates.missing(incident, "remedies_delivered", min_ratio=0.95) == "1 of 2 chosen remedies are delivered."
    assert gates.missing(incident, "remedies_delivered", min_ratio=0.5) == ""


def test_survey_closed_wants_every_tier_asked_and_the_window_over() -> None:
    incident = gates.incident_with_team()
    for tier in (1, 2):
        gates.affected(incident, f"C-{tier}", tier=tier)
    survey = {"kind": MessageKind.FOLLOW_UP_SURVEY, "channels": {}}
    gates.released(incident, audience={"tiers": [1]}, **survey)
    half = gates.missing(incident, "survey_closed", min_window="P5D")
    gates.released(incident, number=2, audience={"tiers": [2, 3]}, at=LATER, **survey)
    waiting = gates.missing(incident, "survey_closed", min_window="P5D", now=NOW + timedelta(days=5))

    assert half == "the survey was not sent to: tier 2."
    assert waiting == "customers can answer until 2026-11-27 10:00 UTC."
    assert gates.missing(incident, "survey_closed", min_window="P5D", now=LATER + timedelta(days=5)) == ""


def test_complaints_open() -> None:
    incident = gates.incident_with_team()
    gates.affected(incident, "C-1")
    feedback.log(incident, entry=feedback.Entry("Bad!", kind=FeedbackKind.COMPLAINT), now=NOW)
    feedback.log(incident, entry=feedback.Entry("When?"), now=NOW)

    assert gates.missing(incident, "complaints_open", max_ratio=0.02) == "1 complaints of 1 customers are open."
    assert gates.missing(incident, "complaints_open", max_ratio=1.0) == ""


def test_metrics_computed_wants_numbers_of_this_evaluation() -> None:
    incident = gates.incident_with_team()
    none = gates.missing(incident, "metrics_computed")
    review = Review.objects.create(
        incident=incident, metrics={"reach": 1}, computed_at=NOW - timedelta(seconds=1), created_at=NOW
    )
    old = gates.missing(incident, "metrics_computed")
    Review.objects.filter(pk=review.pk).update(computed_at=NOW)

    assert (none, old) == ("there are none.", "the metrics are older than the evaluation.")
    assert gates.missing(incident, "metrics_computed") == ""


def test_meeting_held_wants_people_and_the_front_line() -> None:
    incident = gates.incident_with_team()
    review = Review.objects.create(incident=incident, held_at=LATER, created_at=NOW)
    texts = [gates.missing(incident, "meeting_held"), gates.missing(incident, "meeting_held", now=LATER)]
    review.participants.add(make.person())
    texts.append(gates.missing(incident, "meeting_held", now=LATER))
    Review.objects.update(has_front_line=True)

    assert texts == [
        "the review was not held.",
        "nobody is named as having taken part.",
        "nobody of the front line took part.",
    ]
    assert gates.missing(incident, "meeting_held", now=LATER) == ""


def test_actions_owned() -> None:
    incident = gates.incident_with_team()
    review = Review.objects.create(incident=incident, created_at=NOW)
    none = gates.missing(incident, "actions_owned")
    action = Improvement.objects.create(review=review, text="Second supplier", owner=make.person(), test="drill")
    loose = gates.missing(incident, "actions_owned")
    Improvement.objects.filter(pk=action.pk).update(due_on=date(2027, 1, 1))

    assert none == "no improvement is recorded."
    assert loose == "1 of 1 improvements lack owner, date or test: Second supplier."
    assert gates.missing(incident, "actions_owned") == ""
