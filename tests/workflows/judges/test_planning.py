"""Judges of the plan: what each misses and what opens it."""

from datetime import timedelta
from typing import Any

import pytest

from incidents import commitments, decisions, facts
from incidents.enums import CommitmentKind, DecisionKind, FactStatus
from incidents.models import ContactPoint, Impact, Incident
from tests import factories_gates as gates
from tests import factories_incidents as make
from workflows.models import QAEntry

pytestmark = pytest.mark.django_db
NOW = gates.NOW
LATER = NOW + timedelta(hours=1)


def seed(incident: Incident, *keys: str, **fields: Any) -> None:
    facts.seed(incident, definitions=[make.definition(key, **fields) for key in keys])


def decide(incident: Incident, key: str, *, kind: DecisionKind, outcome: str = "yes", by: str = "lena") -> None:
    decisions.decide(incident, key=key, outcome=outcome, reason="because", kind=kind, by=make.person(by), now=NOW)


PLAN_FIELDS = ["objective", "key_messages", "audiences", "owner", "channels", "timetable"]


def test_plan_complete_names_what_is_absent_and_waits_for_the_approval() -> None:
    incident = gates.incident_with_team()
    nothing = gates.missing(incident, "plan_complete", fields=PLAN_FIELDS)
    plan = gates.plan(incident, objective="Keep lines running")
    gates.affected(incident, "C-1")
    plan.audiences.filter(tier=1).update(update_channels=[])
    lacking = gates.missing(incident, "plan_complete", fields=PLAN_FIELDS)
    plan.audiences.filter(tier=1).update(update_channels=["email_personal"])
    plan.key_messages, plan.owner = "Late by 3 to 5 days", make.person("carla")
    plan.save()
    unapproved = gates.missing(incident, "plan_complete", fields=PLAN_FIELDS)
    plan.state, plan.approved_by, plan.approved_at = "approved", make.person("lena"), NOW
    plan.save()

    assert nothing == "there is no plan."
    assert lacking == "the plan lacks: key messages, owner, channels."
    assert unapproved == "plan v1 waits for its approval."
    assert gates.missing(incident, "plan_complete", fields=PLAN_FIELDS) == ""


COVERAGE = {"of": "affected_customers", "fields": ["tier", "channel"], "min_ratio": 1.0}


def test_coverage_wants_a_tier_and_a_way_to_every_customer() -> None:
    incident = gates.incident_with_team()
    gates.plan(incident)
    nobody = gates.missing(incident, "coverage", **COVERAGE)
    gates.affected(incident, "C-0", tier=None)
    mute = gates.affected(incident, "C-2", tier=2)
    ContactPoint.objects.filter(customer=mute).delete()
    visited = gates.affected(incident, "C-1", tier=1)
    ContactPoint.objects.filter(customer=visited).delete()
    before = gates.missing(incident, "coverage", **COVERAGE)
    Impact.objects.filter(incident=incident, tier=None).update(computed_tier=3)
    ContactPoint.objects.create(customer=mute, kind="phone", value="+49 30 1", normalised="+49301")

    assert nobody == "no affected customer is named."
    assert before == "of 3 customers, 1 have no tier and 1 no channel that reaches them."
    assert gates.missing(incident, "coverage", **COVERAGE) == ""


def test_coverage_takes_a_recorded_unreachable_customer() -> None:
    incident = gates.incident_with_team()
    gates.plan(incident)
    mute = gates.affected(incident, "C-2", tier=2)
    ContactPoint.objects.filter(customer=mute).delete()
    before = gates.missing(incident, "coverage", **COVERAGE)
    gates.contact(gates.message(incident), mute, state="unreachable", outcome="dissolved last year")

    assert before
    assert gates.missing(incident, "coverage", **COVERAGE) == ""


def test_approved_version_of_the_fact_sheet_is_the_newest_and_up_to_date() -> None:
    incident = gates.incident_with_team()
    seed(incident, "incident.summary")
    sheet = {"artifact": "fact_sheet"}
    none = gates.missing(incident, "approved_version", **sheet)
    make.put(incident, "incident.summary")
    written = facts.freeze(incident, by=make.person("lena"), now=NOW)
    waiting = gates.missing(incident, "approved_version", **sheet)
    facts.confirm(written, by=make.person("carla"), now=NOW)
    confirmed = gates.missing(incident, "approved_version", **sheet)
    change = facts.FactChange("incident.summary", {"en": "Two lines stand still"}, FactStatus.VERIFIED, "plant")
    facts.put(incident, change=change, by=make.person(), now=LATER)

    assert none == "no fact sheet is written."
    assert waiting == "fact sheet v1 waits for its confirmation."
    assert confirmed == ""
    assert gates.missing(incident, "approved_version", **sheet) == "changed since fact sheet v1: incident.summary."


def test_approved_version_of_the_bank() -> None:
    incident = gates.incident_with_team()
    bank = {"artifact": "qa_bank"}
    empty = gates.missing(incident, "approved_version", **bank)
    for key, state in (("a", "approved"), ("b", "draft"), ("c", "superseded")):
        QAEntry.objects.create(incident=incident, key=key, state=state)
    half = gates.missing(incident, "approved_version", **bank)
    incident.qa_entries.filter(key="b").update(state="approved")

    assert (empty, half) == ("the Q&A bank is empty.", "1 of 2 answers wait for approval.")
    assert gates.missing(incident, "approved_version", **bank) == ""
    assert [found.can_judge for found in gates.judged(incident, "approved_version", artifact="poem")] == [False]


FEASIBLE = {"fields": ["owner", "due_at", "feasibility_evidence"]}


def test_commitments_feasible_leaves_the_cadence_alone() -> None:
    incident = gates.incident_with_team()
    for kind in CommitmentKind:
        promise = commitments.Promise(text={"en": f"{kind} on Monday"}, kind=kind)
        commitments.promise(incident, promise=promise, now=NOW)
    before = gates.missing(incident, "commitments_feasible", **FEASIBLE)
    incident.commitments.update(owner=make.person(), due_at=LATER, feasibility_evidence="stock counted")

    assert before == "2 promises lack owner, time or evidence: remedy on Monday, promise on Monday."
    assert gates.missing(incident, "commitments_feasible", **FEASIBLE) == ""


def test_prep_sheet_ready_counts_the_tier() -> None:
    incident = gates.incident_with_team()
    plan = gates.plan(incident)
    first, second = gates.affected(incident, "C-1"), gates.affected(incident, "C-2")
    gates.affected(incident, "C-3", tier=2)
    notice = gates.message(incident)
    gates.contact(notice, first, is_prepared=True)
    task = gates.contact(notice, second)
    before = gates.missing(incident, "prep_sheet_ready", tier="tier_1")
    task.is_prepared = True
    task.save()
    ready = gates.missing(incident, "prep_sheet_ready", tier="tier_1")
    task.delete()
    plan.audiences.filter(tier=1).update(needs_prep_sheet=False)

    assert (before, ready) == ("1 of 2 preparation sheets are filled.", "")
    assert gates.missing(incident, "prep_sheet_ready", tier="tier_1") == ""
