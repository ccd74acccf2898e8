"""Every metric of the review, from rows whose figures can be counted on one hand."""

from datetime import timedelta
from typing import Any

import pytest

from incidents import commitments, feedback, hotline
from incidents.commitments import Promise
from incidents.enums import CommitmentState, Mood
from incidents.models import Incident, RemedyOption
from notifications.enums import DeliveryStatus, MessageKind
from notifications.models import Message
from tests import factories_gates as gates
from tests.factories_incidents import NOW, person
from workflows import scorecard
from workflows.models import BriefAcknowledgement, Improvement, Review, StaffBrief, UpdateSlot
from workflows.scorecard import registry

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=10)
HOUR = 3600.0


@pytest.fixture
def incident() -> Incident:
    """Declared an hour after it was detected."""
    made = gates.incident_with_team()
    Incident.objects.filter(pk=made.pk).update(declared_at=NOW, detected_at=NOW - timedelta(hours=1))
    made.refresh_from_db()
    gates.plan(made)
    return made


def measured(incident: Incident, name: str) -> Any:
    return scorecard.compute(incident, now=LATER)[name]["total"]


def by_tier(incident: Incident, name: str) -> dict[str, Any]:
    tiers = scorecard.compute(incident, now=LATER)[name]["tiers"]
    return {tier: result and (result["numerator"], result["denominator"]) for tier, result in tiers.items()}


def told(incident: Incident, *, after: timedelta = timedelta(hours=1), **fields: Any) -> Message:
    """A first notice whose mail to one customer of each tier was accepted after a while."""
    sent = gates.released(incident, at=NOW, **fields)
    for tier in (1, 2, 3):
        customer = gates.affected(incident, f"T{tier}-{sent.number}", tier=tier)
        gates.delivery(sent, customer, status=DeliveryStatus.ACCEPTED, accepted_at=NOW + after)
    return sent


def test_every_metric_of_the_data_has_a_row_and_most_say_no_data_without_rows(incident: Incident) -> None:
    table = scorecard.compute(incident, now=LATER)

    assert list(table) == [metric.id for metric in scorecard.definitions()]
    assert {name for name, row in table.items() if row["total"] is not None} == {"time_to_declare", "correction_count"}


def test_only_metrics_of_the_data_are_computed() -> None:
    assert registry.computed_ids() <= {metric.id for metric in scorecard.definitions()}


def test_durations_are_median_ninetieth_percentile_and_worst(incident: Incident) -> None:
    sent = gates.released(incident, at=NOW)
    for hours in (1, 2, 9):
        customer = gates.affected(incident, f"C-{hours}", tier=1)
        accepted_at = NOW + timedelta(hours=hours)
        gates.delivery(sent, customer, status=DeliveryStatus.ACCEPTED, accepted_at=accepted_at)

    assert measured(incident, "time_to_declare") == {"median": HOUR, "p90": HOUR, "max": HOUR, "n": 1}
    assert measured(incident, "tier1_first_notice_time") == {
        "median": 2 * HOUR,
        "p90": pytest.approx(7.6 * HOUR),
        "max": 9 * HOUR,
        "n": 3,
    }
    assert measured(incident, "time_to_first_statement")["median"] == 0.0


def test_the_hotlines_wait_counts_what_was_measured_while_the_incident_was_open(incident: Incident) -> None:
    for minutes, hours in ((30, -1), (2, 1), (4, 2), (12, 3), (30, 30)):
        at = NOW + timedelta(hours=hours)
        hotline.report(hotline.Figure(timedelta(minutes=minutes), at, "system"), by=person("robot"), now=at)

    assert measured(incident, "hotline_wait_time") == {
        "mean": pytest.approx(360.0),
        "median": 240.0,
        "p90": pytest.approx(624.0),
        "max": 720.0,
        "n": 3,
    }


def test_on_time_is_judged_by_each_tiers_window(incident: Incident) -> None:
    told(incident, after=timedelta(hours=3))

    assert by_tier(incident, "first_notice_on_time_rate") == {"1": (0, 1), "2": (1, 1), "3": (1, 1)}
    assert by_tier(incident, "reach_rate_by_tier") == {"1": (1, 1), "2": (1, 1), "3": (1, 1)}


def test_a_publication_reaches_only_tiers_addressed_by_publication(incident: Incident) -> None:
    sent = gates.released(incident, at=NOW)
    gates.published(sent)
    for tier in (1, 2, 3):
        gates.affected(incident, f"T{tier}", tier=tier)

    assert by_tier(incident, "reach_rate_by_tier") == {"1": (0, 1), "2": (0, 1), "3": (1, 1)}


def test_a_finished_call_counts_as_contact_acknowledgement_and_recovery(incident: Incident) -> None:
    sent = gates.released(incident, at=NOW)
    customer = gates.affected(incident, "C-1", tier=1)
    failed = gates.delivery(sent, customer, status=DeliveryStatus.FAILED)
    done = {"state": "done", "finished_at": NOW + timedelta(hours=1)}
    gates.contact(sent, customer, origin="failed_delivery", failed_delivery=failed, **done)

    assert by_tier(incident, "reach_rate_by_tier")["1"] == (1, 1)
    assert by_tier(incident, "acknowledge_rate")["1"] == (1, 1)
    assert measured(incident, "failed_contact_recovery")["value"] == 1.0


def test_proactive_means_before_the_customer_asked(incident: Incident) -> None:
    sent = told(incident)
    asker = sent.deliveries.filter(tier=1)[0].customer
    feedback.log(incident, entry=feedback.Entry("What is wrong?", customer=asker), now=NOW)

    assert by_tier(incident, "proactive_contact_rate") == {"1": (0, 1), "2": (1, 1), "3": (1, 1)}


def test_an_update_counts_as_on_time_only_when_its_last_recipient_had_it(incident: Incident) -> None:
    promised = NOW + timedelta(hours=2)
    for number, last in ((1, promised), (2, promised + timedelta(seconds=1))):
        message = told(incident, kind=MessageKind.PROGRESS_UPDATE, number=number)
        message.deliveries.filter(tier=3).update(accepted_at=last)
        slot = {"incident": incident, "tier": 1, "number": number, "promised_to": 3, "message": message}
        UpdateSlot.objects.create(promised_at=promised, opens_at=NOW, state="released", **slot)

    assert measured(incident, "cadence_adherence") == {"numerator": 1, "denominator": 2, "value": 0.5}


def test_silence_is_the_longest_gap_of_a_customer(incident: Incident) -> None:
    customer = gates.affected(incident, "C-1", tier=1)
    for number, hours in ((1, 1), (2, 4), (3, 6)):
        sent = gates.released(incident, at=NOW, kind=MessageKind.PROGRESS_UPDATE, number=number)
        gates.delivery(sent, customer, status=DeliveryStatus.ACCEPTED, accepted_at=NOW + timedelta(hours=hours))

    assert measured(incident, "longest_silence")["max"] == 3 * HOUR


def test_promises_are_counted_when_due(incident: Incident) -> None:
    for state in (CommitmentState.KEPT, CommitmentState.BROKEN, CommitmentState.RENEGOTIATED):
        made = commitments.promise(incident, promise=Promise({"en": "x"}, due_at=NOW), now=NOW)
        commitments.settle(made, state=state, outcome="said", by=None, now=NOW)
    commitments.promise(incident, promise=Promise({"en": "later"}, due_at=LATER + timedelta(1)), now=NOW)

    assert measured(incident, "promise_keeping_rate") == {"numerator": 1, "denominator": 2, "value": 0.5}
    assert measured(incident, "promise_evidence_rate") == {"numerator": 0, "denominator": 4, "value": 0.0}


def test_an_estimate_is_measured_against_the_solution(incident: Incident) -> None:
    for number, estimate in ((1, 4), (2, 6)):
        message = gates.message(incident, kind=MessageKind.PROGRESS_UPDATE, number=number)
        content = {**message.current.content, "times": {"incident.eta": (NOW + timedelta(hours=estimate)).isoformat()}}  # type: ignore[union-attr]
        message.current = message.revisions.create(number=2, content=content, sha256="b" * 64, created_at=NOW)
        message.save(update_fields=["current"])
        Message.objects.filter(pk=message.pk).update(released_at=NOW)
    Incident.objects.filter(pk=incident.pk).update(resolved_at=NOW + timedelta(hours=8))
    incident.refresh_from_db()

    assert measured(incident, "eta_accuracy")["value"] == 0.75
    assert measured(incident, "eta_revision_count") == {"value": 1, "slip": 2 * HOUR}


def test_answers_moods_and_themes(incident: Incident) -> None:
    gates.affected(incident, "C-1")
    entries = [feedback.Entry("bad", mood=Mood.ANGRY, theme="date"), feedback.Entry("good", mood=Mood.CONTENT)]
    first, _second = [feedback.log(incident, entry=entry, now=NOW) for entry in entries]
    feedback.answer(first, text="on Friday", by=person(), now=NOW + timedelta(hours=2))

    assert measured(incident, "first_response_time")["median"] == 2 * HOUR
    assert measured(incident, "reason_coverage")["value"] == 0.5
    assert measured(incident, "inbound_load") == {"value": 200.0, "n": 2}
    assert measured(incident, "sentiment_trend") == {"points": [{"x": "2026-11-22", "y": 0.0, "n": 2}]}


def test_remedies_and_surveys(incident: Incident) -> None:
    customer = gates.affected(incident, "C-1")
    gates.affected(incident, "C-2")
    option = RemedyOption.objects.create(incident=incident, key="wait", approver_role="incident_lead", approved_at=NOW)
    choice = feedback.choose_remedy(option, customer=customer, now=NOW)
    answers = {"understood": "5", "believed": "4", "open": "3 trucks", "continue": "9"}
    feedback.answer_survey(incident, customer=customer, answers=answers, language="en", now=NOW)

    assert measured(incident, "option_uptake") == {
        "numerator": 1,
        "denominator": 2,
        "value": 0.5,
        "by_option": {"wait": 1},
    }
    assert measured(incident, "remedy_delivery_rate")["value"] == 0.0
    feedback.deliver_remedy(choice, by=person(), now=NOW)
    assert measured(incident, "remedy_delivery_rate")["value"] == 1.0
    assert measured(incident, "csat_post_incident") == {"value": 4.5, "n": 1, "asked": 0}


def test_a_correction_is_counted_with_its_delay_and_reach(incident: Incident) -> None:
    wrong = told(incident)
    right = gates.released(incident, at=NOW + timedelta(hours=1), kind=MessageKind.CORRECTION, number=2, corrects=wrong)
    told_again = wrong.deliveries.filter(tier__lt=3)
    for row in told_again:
        gates.delivery(right, row.customer, status=DeliveryStatus.DELIVERED, accepted_at=NOW + timedelta(hours=2))

    assert measured(incident, "correction_count") == {"value": 1}
    assert measured(incident, "correction_latency")["max"] == HOUR
    assert (measured(incident, "correction_reach")["numerator"], wrong.deliveries.count()) == (2, 3)
    assert measured(incident, "consistency_rate") == {"numerator": 1, "denominator": 2, "value": 0.5}


def test_messages_are_whole_and_approved_in_a_time(incident: Incident) -> None:
    sent = told(incident)
    Message.objects.filter(pk=sent.pk).update(submitted_at=NOW, approved_at=NOW + timedelta(minutes=20))

    assert measured(incident, "completeness_rate")["value"] == 1.0
    assert measured(incident, "approval_time")["median"] == 1200.0
    assert measured(incident, "own_language_rate")["value"] == 1.0
    assert measured(incident, "rule_findings_per_message")["n"] == 1
    assert measured(incident, "information_equality_gap")["max"] == 0.0


def test_staff_knew_before_customers(incident: Incident) -> None:
    told(incident)
    sheet_free = {"incident": incident, "version": 1, "content": {}, "author": person("carla"), "created_at": NOW}
    incident.facts.create(
        key="incident.summary", type="text", value={"en": "x"}, is_answered=True, needed_by="identify"
    )
    brief = StaffBrief.objects.create(fact_sheet=gates.confirmed_sheet(incident), **sheet_free)
    for name, minutes in (("early", -5), ("late", 5)):
        read_at = NOW + timedelta(minutes=minutes)
        BriefAcknowledgement.objects.create(brief=brief, user=person(name), acknowledged_at=read_at)

    assert measured(incident, "staff_brief_ack_before_customers")["value"] == 0.5


def test_improvements_close_when_done_and_verified(incident: Incident) -> None:
    review = Review.objects.create(incident=incident, created_at=NOW)
    Improvement.objects.create(review=review, text="a", done_at=NOW, has_passed=True)
    Improvement.objects.create(review=review, text="b", done_at=NOW, has_passed=False)

    assert measured(incident, "improvement_closure") == {"numerator": 1, "denominator": 2, "value": 0.5}
