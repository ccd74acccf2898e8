"""Each judge of a gate: what it misses, what opens it, and that a hint says what to do."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import translation

from incidents import commitments, decisions, facts, feedback
from incidents.enums import CommitmentKind, CommitmentState, DecisionKind, FactStatus, FeedbackKind, Severity
from incidents.models import Commitment, ContactPoint, Impact, Incident, PhaseTransition, RemedyOption, Unknown
from incidents.phases import Enforcement, Gate
from notifications.enums import DeliveryStatus, MessageKind
from tests import factories_gates as gates
from tests import factories_incidents as make
from workflows import clock_screening
from workflows.enums import SlotState
from workflows.gates import Missing, blocker, enumerate_names
from workflows.models import Improvement, QAEntry, Review, UpdateSlot

pytestmark = pytest.mark.django_db
NOW = gates.NOW
LATER = NOW + timedelta(hours=1)
BEFORE = NOW - timedelta(hours=1)


def seed(incident: Incident, *keys: str, **fields: Any) -> None:
    facts.seed(incident, definitions=[make.definition(key, **fields) for key in keys])


def decide(incident: Incident, key: str, *, kind: DecisionKind, outcome: str = "yes", by: str = "lena") -> None:
    decisions.decide(incident, key=key, outcome=outcome, reason="because", kind=kind, by=make.person(by), now=NOW)


# --- the frame --------------------------------------------------------------------------------------


def test_a_blocker_speaks_the_language_of_the_screen_and_carries_the_gates_own_words() -> None:
    gate = Gate("ID-01", "field_set", Enforcement.HARD, {"en": "Type chosen", "zh": "已选定类型", "ru": "Тип выбран"})

    with translation.override("zh-hans"):
        found = blocker(gate, Missing("x", "y"))

    assert (found.id, found.text, found.hint, found.enforcement) == ("ID-01", "已选定类型: x", "y", Enforcement.HARD)


def test_long_lists_are_cut_with_how_many_more() -> None:
    assert enumerate_names(list("abcdefg")) == "a, b, c, d, e and 2 more"
    assert enumerate_names(["a"]) == "a"


@pytest.mark.parametrize(
    ("value", "closed"), [(None, True), (True, True), (False, False)], ids=["not asked", "yes", "no"]
)
def test_a_condition_on_a_yes_or_no_holds_until_somebody_says_no(value: bool | None, closed: bool) -> None:
    incident = gates.incident_with_team()
    seed(incident, "incident.safety_risk", kind="boolean")
    if value is not None:
        make.put(incident, "incident.safety_risk", **{"": value})

    text = gates.missing(incident, "decision_recorded", decision="stop_sale", when="incident.safety_risk")

    assert bool(text) == closed


def test_a_condition_on_a_text_waits_for_its_value() -> None:
    incident = gates.incident_with_team()
    seed(incident, "facts.substitute_spec")
    before = gates.missing(incident, "approval", when="facts.substitute_spec", id="SUP-02")
    make.put(incident, "facts.substitute_spec", en="2 mm thicker")

    assert before == ""
    assert gates.missing(incident, "approval", when="facts.substitute_spec", id="SUP-02")


def test_a_condition_may_compare_the_subtype() -> None:
    incident = gates.incident_with_team(subtype="safety_recall")
    params = {"decision": "x"}

    assert gates.missing(incident, "decision_recorded", when="incident.subtype == 'safety_recall'", **params)
    assert not gates.missing(incident, "decision_recorded", when="incident.subtype == 'outage'", **params)
    assert gates.missing(incident, "decision_recorded", when="an unreadable condition!", **params)


# --- what is known ----------------------------------------------------------------------------------


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


def test_clock_screening_wants_every_clock_in_every_jurisdiction() -> None:
    incident = gates.incident_with_team(jurisdictions=("EU", "CN"))
    gates.plan(incident, content={"clock_refs": ["dora_initial", "contract_sla_notice"]})
    before = gates.missing(incident, "check_done", check="clock_screening")
    answers = {"dora_initial": {"EU": "unknown", "CN": "no"}, "contract_sla_notice": {"EU": "no", "CN": "no"}}
    decision = clock_screening.screen_clocks(incident, answers=answers, by=make.person(), now=NOW)

    assert before.startswith("4 clocks have no answer: dora_initial (EU), dora_initial (CN)")
    assert decision.data == {"answers": answers, "running": ["dora_initial"]}
    assert gates.missing(incident, "check_done", check="clock_screening") == ""


def test_clock_screening_is_refused_half_done_and_reopens_for_a_new_jurisdiction() -> None:
    incident = gates.incident_with_team(jurisdictions=("EU",))
    gates.plan(incident, content={"clock_refs": ["dora_initial"]})
    with pytest.raises(clock_screening.ScreeningIncomplete) as refused:
        clock_screening.screen_clocks(incident, answers={"dora_initial": {"EU": "maybe"}}, by=make.person(), now=NOW)
    clock_screening.screen_clocks(incident, answers={"dora_initial": {"EU": "no"}}, by=make.person(), now=NOW)
    incident.jurisdictions = ["EU", "CN"]

    assert refused.value.open_questions == [("dora_initial", "EU")]
    assert "dora_initial (CN)" in gates.missing(incident, "check_done", check="clock_screening")


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


# --- the plan ---------------------------------------------------------------------------------------

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


# --- the telling ------------------------------------------------------------------------------------

FIRST_NOTICE = {"message": "first_notice", "min_ratio_tier_1": 1.0, "min_ratio_tier_2": 0.5, "min_ratio_tier_3": 0.9}


def test_delivery_names_the_tiers_that_are_short() -> None:
    incident = gates.incident_with_team()
    nobody = gates.missing(incident, "delivery", **FIRST_NOTICE)
    called, first, second = (gates.affected(incident, f"C-{n}", tier=tier) for n, tier in enumerate((1, 2, 2)))
    unsent = gates.missing(incident, "delivery", **FIRST_NOTICE)
    notice = gates.released(incident)
    task = gates.contact(notice, called)
    gates.delivery(notice, first, status=DeliveryStatus.ACCEPTED)
    gates.delivery(notice, second, status=DeliveryStatus.FAILED)
    short = gates.missing(incident, "delivery", **FIRST_NOTICE)
    task.state = "done"
    task.save()

    assert nobody == "no affected customer has a tier."
    assert unsent == "First notice: tier 1: 0 of 1 handled, tier 2: 0 of 2 handled."
    assert short == "First notice: tier 1: 0 of 1 handled."
    assert gates.missing(incident, "delivery", **FIRST_NOTICE) == ""


def test_delivery_of_the_resolution_starts_again_after_a_relapse() -> None:
    incident = gates.incident_with_team()
    customer = gates.affected(incident, "C-1", tier=2)
    params = {"message": "resolution", "min_ratio": 1.0}
    told = gates.released(incident, kind=MessageKind.RESOLUTION)
    gates.delivery(told, customer, status=DeliveryStatus.ACCEPTED)
    before = gates.missing(incident, "delivery", **params)
    PhaseTransition.objects.create(incident=incident, source="follow_up", target="execute", by=make.person(), at=LATER)
    relapsed = gates.missing(incident, "delivery", **params)
    again = gates.released(incident, number=2, kind=MessageKind.RESOLUTION, at=LATER)
    gates.delivery(again, customer, status=DeliveryStatus.ACCEPTED)

    assert (before, relapsed) == ("", "Resolution notice: tier 2: 0 of 1 handled.")
    assert gates.missing(incident, "delivery", **params) == ""


def test_delivery_waits_for_customers_without_a_tier() -> None:
    incident = gates.incident_with_team()
    gates.delivery(gates.released(incident), gates.affected(incident, "C-1", tier=2), status=DeliveryStatus.ACCEPTED)
    gates.affected(incident, "C-2", tier=None)

    assert gates.missing(incident, "delivery", **FIRST_NOTICE) == "First notice: 1 customers have no tier."


def test_feedback_owned() -> None:
    incident = gates.incident_with_team()
    incident.team.all().delete()
    entry = feedback.log(incident, entry=feedback.Entry("Where is it?"), now=NOW)
    before = gates.missing(incident, "feedback_owned")
    feedback.assign(entry, owner=make.person(), due_at=LATER, by=make.person(), now=NOW)

    assert (before, gates.missing(incident, "feedback_owned")) == ("1 entries have no owner.", "")


@pytest.mark.parametrize(
    ("state", "overdue"),
    [("promised", True), ("open", True), ("missed", True), ("released", False), ("withdrawn", False)],
)
def test_cadence_finds_the_overdue(state: str, overdue: bool) -> None:
    incident = gates.incident_with_team()
    UpdateSlot.objects.create(incident=incident, tier=1, number=1, promised_at=NOW, opens_at=NOW, state=state)

    assert gates.missing(incident, "cadence", max_overdue=0) == ""
    text = gates.missing(incident, "cadence", max_overdue=0, now=LATER)
    assert text == ("1 updates are overdue: tier 1, number 1." if overdue else "")
    assert gates.missing(incident, "cadence", max_overdue=1, now=LATER) == ""


def test_cadence_forgives_a_missed_update_once_its_tier_heard_again() -> None:
    incident = gates.incident_with_team()
    for tier in (1, 2):
        UpdateSlot.objects.create(
            incident=incident, tier=tier, number=1, promised_at=NOW, opens_at=NOW, state=SlotState.MISSED
        )
    gates.released(incident, kind=MessageKind.PROGRESS_UPDATE, at=LATER, channels={"1": ["email_personal"]})

    text = gates.missing(incident, "cadence", max_overdue=0, now=LATER)

    assert text == "1 updates are overdue: tier 2, number 1."


# --- the end ----------------------------------------------------------------------------------------


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
