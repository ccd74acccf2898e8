"""Judges of what is known: what each misses and what opens it."""

from datetime import timedelta
from typing import Any

import pytest

from incidents import decisions, facts
from incidents.enums import DecisionKind, FactStatus, Severity
from incidents.models import Incident, PhaseTransition, Unknown
from tests import factories_gates as gates
from tests import factories_incidents as make
from workflows import clock_screening

pytestmark = pytest.mark.django_db
NOW = gates.NOW
LATER = NOW + timedelta(hours=1)


def seed(incident: Incident, *keys: str, **fields: Any) -> None:
    facts.seed(incident, definitions=[make.definition(key, **fields) for key in keys])


def decide(incident: Incident, key: str, *, kind: DecisionKind, outcome: str = "yes", by: str = "lena") -> None:
    decisions.decide(incident, key=key, outcome=outcome, reason="because", kind=kind, by=make.person(by), now=NOW)


def test_field_set_reads_the_incident_and_its_facts() -> None:
    incident = gates.incident_with_team(type="supply-chain-operations")
    seed(incident, "facts.bottleneck")
    fields = ["incident.type", "incident.subtype", "facts.bottleneck"]
    before = gates.missing(incident, "field_set", fields=fields)
    incident.subtype = "supplier_failure"
    make.put(incident, "facts.bottleneck", en="port")

    assert before == "still empty: subtype, facts.bottleneck."
    assert gates.missing(incident, "field_set", fields=fields) == ""


def test_field_set_does_not_take_a_retracted_fact() -> None:
    incident = gates.incident_with_team()
    seed(incident, "facts.bottleneck")
    change = facts.FactChange("facts.bottleneck", {"en": "port"}, FactStatus.RETRACTED, "plant")
    facts.put(incident, change=change, by=make.person(), now=NOW)

    assert gates.missing(incident, "field_set", fields=["facts.bottleneck"])


def test_role_assigned_wants_people_who_can_log_in() -> None:
    incident = gates.incident_with_team()
    roles = ["incident_lead", "communications_lead"]
    before = gates.missing(incident, "role_assigned", roles=roles)
    carla = make.person("carla")
    carla.is_active = False
    carla.save()

    assert before == ""
    assert gates.missing(incident, "role_assigned", roles=roles) == "nobody is: Communications lead."


def test_check_done_and_decision_recorded_do_not_take_each_others_records() -> None:
    incident = gates.incident_with_team()
    decide(incident, "supplier_naming", kind=DecisionKind.DECISION)
    decide(incident, "allocation_rule", kind=DecisionKind.CHECK)
    before = (
        gates.missing(incident, "check_done", check="supplier_naming"),
        gates.missing(incident, "decision_recorded", decision="allocation_rule"),
    )
    decide(incident, "supplier_naming", kind=DecisionKind.CHECK)
    decide(incident, "allocation_rule", kind=DecisionKind.DECISION)

    assert before == ("nobody recorded this check.", "no decision is recorded.")
    assert gates.missing(incident, "check_done", check="supplier_naming") == ""
    assert gates.missing(incident, "decision_recorded", decision="allocation_rule") == ""


def test_clock_screening_wants_every_clock_in_every_jurisdiction_where_it_counts() -> None:
    incident = gates.incident_with_team(jurisdictions=("EU", "DE", "CN"))
    gates.plan(incident, content={"clock_refs": ["dora_initial", "contract_sla_notice"]})
    before = gates.missing(incident, "check_done", check="clock_screening")
    answers = {"dora_initial": {"EU": "unknown", "DE": "no"}, "contract_sla_notice": {"EU": "no"}}
    decision = clock_screening.screen_clocks(incident, answers=answers, by=make.person(), now=NOW)

    assert before.startswith("3 clocks have no answer: DORA initial notification (EU), DORA initial notification (DE)")
    assert decision.data == {"answers": answers, "running": ["dora_initial"]}
    assert gates.missing(incident, "check_done", check="clock_screening") == ""


def test_clock_screening_is_refused_half_done_and_reopens_for_a_new_jurisdiction() -> None:
    incident = gates.incident_with_team(jurisdictions=("EU",))
    gates.plan(incident, content={"clock_refs": ["dora_initial"]})
    with pytest.raises(clock_screening.ScreeningIncomplete) as refused:
        clock_screening.screen_clocks(incident, answers={"dora_initial": {"EU": "maybe"}}, by=make.person(), now=NOW)
    clock_screening.screen_clocks(incident, answers={"dora_initial": {"EU": "no"}}, by=make.person(), now=NOW)
    incident.jurisdictions = ["EU", "DE"]

    assert refused.value.open_questions == [("dora_initial", "EU")]
    assert "DORA initial notification (DE)" in gates.missing(incident, "check_done", check="clock_screening")


def test_clock_screening_needs_a_jurisdiction_and_a_signature() -> None:
    nowhere = gates.incident_with_team()
    gates.plan(nowhere, content={"clock_refs": ["dora_initial"]})
    without_clocks = make.reported(jurisdictions=("EU",))
    gates.plan(without_clocks, content={"clock_refs": []})

    assert gates.missing(nowhere, "check_done", check="clock_screening") == "the incident names no jurisdiction."
    assert gates.missing(without_clocks, "check_done", check="clock_screening") == "nobody screened the clocks."
    with pytest.raises(clock_screening.ScreeningIncomplete):
        clock_screening.screen_clocks(nowhere, answers={}, by=make.person(), now=NOW)


def test_facts_complete_takes_sources_and_honest_gaps() -> None:
    incident = gates.incident_with_team()
    seed(incident, "incident.summary", "incident.cause", needed_by="analyze")
    facts.seed(incident, definitions=[make.definition("incident.solution", needed_by="plan")])
    make.put(incident, "incident.summary")
    before = gates.missing(incident, "facts_complete", phase="analyze")
    facts.mark_unknown(incident, key="incident.cause", source="plant", by=make.person(), now=NOW)

    assert before == "1 of 2 facts are open: incident.cause."
    assert gates.missing(incident, "facts_complete", phase="analyze") == ""
    assert gates.missing(incident, "facts_complete", phase="plan") == "1 of 3 facts are open: incident.solution."
    assert gates.missing(incident, "facts_complete", items="incident.solution")


def test_facts_complete_does_not_take_an_empty_sheet_or_a_retracted_fact() -> None:
    incident = gates.incident_with_team()
    empty = gates.missing(incident, "facts_complete", phase="analyze")
    seed(incident, "incident.summary")
    make.put(incident, "incident.summary")
    incident.facts.update(status=FactStatus.RETRACTED)

    assert empty == "the fact sheet has no line yet."
    assert gates.missing(incident, "facts_complete", phase="analyze")


def test_list_not_empty() -> None:
    incident = gates.incident_with_team()
    seed(incident, "facts.statements_list", kind="list")
    before = [
        gates.missing(incident, "list_not_empty", list=name) for name in ("affected_customers", "facts.statements_list")
    ]
    gates.affected(incident, "C-1")
    make.put(incident, "facts.statements_list", en="one")

    assert before == ["no affected customer is named.", "the list is empty."]
    assert gates.missing(incident, "list_not_empty", list="affected_customers") == ""
    assert gates.missing(incident, "list_not_empty", list="facts.statements_list") == ""
    assert [found.can_judge for found in gates.judged(incident, "list_not_empty", list="witnesses")] == [False]


def test_items_owned() -> None:
    incident = gates.incident_with_team()
    Unknown.objects.create(incident=incident, text="How long?", owner=make.person(), created_at=NOW)
    Unknown.objects.create(incident=incident, text="Why?", resolved_at=NOW, created_at=NOW)
    before = gates.missing(incident, "items_owned", items="unknowns")
    incident.unknowns.filter(text="How long?").update(due_at=LATER)

    assert before == "1 without owner or due time: How long?."
    assert gates.missing(incident, "items_owned", items="unknowns") == ""
    assert [found.can_judge for found in gates.judged(incident, "items_owned", items="pets")] == [False]


def test_field_confirmed_fits_the_present_value_only() -> None:
    incident = gates.incident_with_team()
    incident.severity = Severity.SEV2
    before = gates.missing(incident, "field_confirmed", fields=["incident.severity"])
    decide(incident, "incident.severity", kind=DecisionKind.CONFIRMATION, outcome="SEV2")
    confirmed = gates.missing(incident, "field_confirmed", fields=["incident.severity"])
    incident.severity = Severity.SEV1

    assert before == "not confirmed as it stands now: severity."
    assert confirmed == ""
    assert gates.missing(incident, "field_confirmed", fields=["incident.severity"])


def test_evidence_of_an_estimate_takes_two_sources_or_a_range() -> None:
    incident = gates.incident_with_team()
    seed(incident, "facts.delay_estimate")
    field = {"field": "facts.delay_estimate"}
    for source in ("plant", "plant"):
        decisions.add_evidence(
            incident, subject="facts.delay_estimate", text="mail", source=source, by=make.person(), now=NOW
        )
    one = gates.missing(incident, "evidence", **field)
    make.put(incident, "facts.delay_estimate", en="3 to 5 days", zh="3至5天", ru="от 3 до 5 дней")
    as_range = gates.missing(incident, "evidence", **field)
    make.put(incident, "facts.delay_estimate", en="5 days", zh="3至5天")
    not_everywhere = gates.missing(incident, "evidence", **field)
    decisions.add_evidence(
        incident, subject="facts.delay_estimate", text="call", source="carrier", by=make.person(), now=NOW
    )

    assert one == "1 of 2 sources recorded for “facts.delay_estimate”."
    assert (as_range, bool(not_everywhere)) == ("", True)
    assert gates.missing(incident, "evidence", **field) == ""


def test_evidence_of_the_resolution_is_void_after_a_relapse() -> None:
    incident = gates.incident_with_team()
    artifact = {"artifact": "resolution_evidence"}
    before = gates.missing(incident, "evidence", **artifact)
    decisions.add_evidence(
        incident, subject="resolution_evidence", text="line runs", source="plant", by=make.person(), now=NOW
    )
    proven = gates.missing(incident, "evidence", **artifact)
    PhaseTransition.objects.create(
        incident=incident, source="follow_up", target="execute", by=make.person(), at=LATER, reason="broke again"
    )

    assert (before, proven) == ("0 of 1 sources recorded for “resolution_evidence”.", "")
    assert gates.missing(incident, "evidence", **artifact)


def test_approval_takes_the_named_roles_and_their_newest_word() -> None:
    incident = gates.incident_with_team()
    roles = {"roles": ["legal_counsel", "subject_owner"], "id": "PER-01"}
    decide(incident, "PER-01", kind=DecisionKind.APPROVAL, outcome="approved", by="anna")
    decide(incident, "PER-01", kind=DecisionKind.APPROVAL, outcome="approved", by="lydia")
    half = gates.missing(incident, "approval", **roles)
    decide(incident, "PER-01", kind=DecisionKind.APPROVAL, outcome="approved", by="sven")
    whole = gates.missing(incident, "approval", **roles)
    decide(incident, "PER-01", kind=DecisionKind.APPROVAL, outcome="refused", by="lydia")

    assert (half, whole) == ("still missing: Owner of the subject area.", "")
    assert gates.missing(incident, "approval", **roles) == "still missing: Legal counsel."
    assert gates.missing(incident, "approval", role="legal_counsel", id="LEG-01")
