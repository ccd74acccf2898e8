"""A supply-chain incident from identify to closed: every gate of the playbook refuses once and opens by work alone."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import override_settings

from incidents import assessments, commitments, decisions, facts, feedback, lifecycle
from incidents.enums import CommitmentState, DecisionKind, FactStatus, ResponsibilityCluster, Role
from incidents.models import Commitment, GateWaiver, Incident, User
from incidents.phases import Enforcement, Phase
from notifications.enums import DeliveryStatus, MessageKind
from notifications.models import Delivery, Message
from tests import factories
from tests import factories_updates as updates
from tests.factories_incidents import NOW, person
from workflows import briefings, call_desk, call_outcomes, clock_screening, outreach, plans, qa_bank, releases, reviews
from workflows.models import OutreachTask, UpdateSlot

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LEAD, COMMUNICATIONS, OWNER = "incident_lead", "communications_lead", "subject_owner"
SHEET = {
    "customer_profile": "12 years, two open orders",
    "preferred_channel": "phone, mornings",
    "impact_on_this_customer": "order 17",
    "facts_and_figures": "3 to 5 days (fact sheet v1)",
    "unknowns": "exact day, known on Friday",
    "options_to_offer": "wait\nsplit the delivery",
    "expected_questions": "when\nwhy\nhow much",
    "red_lines": "no date",
    "line_stop_risk": "in ten days",
    "order_table": "order 17",
}


@pytest.fixture(autouse=True)
def local_mail() -> Iterator[None]:
    with override_settings(EMAIL_HOST="127.0.0.1"):
        yield


def closed_gates(incident: Incident, *, now: datetime) -> list[str]:
    """Move on, or return the ids of the gates that refuse; every blocker says what to do, and its id is named."""
    to = lifecycle.next_phase(incident)
    assert to is not None
    try:
        lifecycle.move(incident, to=to, by=person(LEAD), now=now)
    except lifecycle.GateClosed as refused:
        said = refused
    else:
        return []
    assert all(blocker.hint and blocker.can_judge and f"{blocker.id}: " in str(said) for blocker in said.blockers)
    return [blocker.id for blocker in said.blockers]


def advice(incident: Incident, *, now: datetime) -> list[str]:
    blockers = lifecycle.blockers(incident, now=now)
    return [blocker.id for blocker in blockers if blocker.enforcement == Enforcement.ADVICE]


def decide(
    incident: Incident,
    key: str,
    *,
    now: datetime,
    kind: DecisionKind = DecisionKind.DECISION,
    by: str = LEAD,
    outcome: str = "yes",
) -> None:
    decisions.decide(incident, key=key, outcome=outcome, reason="weighed", kind=kind, by=person(by), now=now)


def identify(incident: Incident) -> None:
    assert closed_gates(incident, now=NOW) == ["ID-05", "ID-06"]

    answers = {
        clock: dict.fromkeys(incident.jurisdictions, "no") for clock, _place in clock_screening.questions(incident)
    }
    clock_screening.screen_clocks(incident, answers=answers, by=person(LEAD), now=NOW)
    decide(incident, "holding_statement", now=NOW)
    assert closed_gates(incident, now=NOW) == []


def analyze(incident: Incident) -> None:
    assert closed_gates(incident, now=NOW) == ["AN-01", "AN-02", "AN-03", "SUP-01"]

    for tier in (1, 2, 3):
        updates.affected(incident, tier=tier)
    ranges = {"en": "3 to 5 days", "zh": "3至5天", "ru": "от 3 до 5 дней"}
    factories.tell_facts(incident, delay_estimate=ranges)
    assessments.assess(incident, cluster=ResponsibilityCluster.ACCIDENTAL, by=person(LEAD), now=NOW)
    unsure = advice(incident, now=NOW)
    decide(incident, "incident.severity", kind=DecisionKind.CONFIRMATION, outcome=incident.severity, now=NOW)
    assert (unsure, advice(incident, now=NOW)) == (["AN-05"], [])
    assert closed_gates(incident, now=NOW) == []


def brief_staff(incident: Incident, agent: User) -> None:
    brief = briefings.draft_brief(incident, by=person(OWNER), now=NOW)
    brief = briefings.approve(brief, by=person(COMMUNICATIONS), now=NOW)
    briefings.publish(brief, by=person(COMMUNICATIONS), now=NOW)
    assert brief.acknowledgements.filter(user=agent).exists()
    for row in brief.acknowledgements.order_by("pk"):
        briefings.acknowledge(brief, by=row.user, now=NOW)
    qa_bank.seed(incident)
    for entry in incident.qa_entries.order_by("key"):
        qa_bank.approve(entry, by=person("legal_counsel"), now=NOW)


def plan(incident: Incident, agent: User) -> Message:
    refused = closed_gates(incident, now=NOW)
    assert set(refused) >= {"PL-01", "PL-03", "PL-04", "PL-05", "PL-07", "PL-09", "SUP-02", "SUP-03"}

    factories.fact_sheet(incident)
    factories.approved_plan(incident, objective="Keep lines running", key_messages="Late by 3 to 5 days")
    decide(incident, "SUP-02", kind=DecisionKind.APPROVAL, outcome="approved", by="anna", now=NOW)
    decide(incident, "allocation_rule", now=NOW)
    decide(incident, "supplier_naming", kind=DecisionKind.CHECK, now=NOW)
    brief_staff(incident, agent)
    promise = commitments.Promise({"en": "replace every part"}, owner=person(OWNER), due_at=NOW + 30 * DAY)
    promised = commitments.promise(incident, promise=promise, now=NOW)
    for option in incident.remedy_options.order_by("pk"):
        holder = incident.team.get(role=Role(option.approver_role)).user
        feedback.approve_remedy(option, by=holder, now=NOW)
    notice = updates.ready(incident)
    outreach.prepare_contacts(incident, message=notice, now=NOW)
    assert set(closed_gates(incident, now=NOW)) >= {"PL-08", "PL-09"}

    promised.feasibility_evidence = "parts are in stock"
    promised.save()
    call_desk.prepare(OutreachTask.objects.get(), sheet=SHEET, by=person("account_manager"), now=NOW)
    assert closed_gates(incident, now=NOW) == []
    return notice


def execute(incident: Incident, notice: Message) -> None:
    refused = closed_gates(incident, now=NOW)
    assert set(refused) == {"EX-01", "EX-04", "EX-05"}

    releases.release(notice, by=person("wen"), now=NOW)
    call = call_desk.claim_next(by=person("account_manager"), now=NOW)
    assert call is not None
    call_outcomes.finish(
        call, outcome=call_outcomes.CallOutcome("Told the plant manager"), by=person("account_manager"), now=NOW
    )
    mail = Delivery.objects.filter(message=notice, tier=2)
    mail.update(status=DeliveryStatus.FAILED, failure_code="mailbox_unknown")
    outreach.from_failures(now=NOW)
    assert "EX-01" in closed_gates(incident, now=NOW)
    lost = call_desk.claim_next(by=person("account_manager"), now=NOW)
    assert lost is not None
    call_outcomes.unreachable(lost, reason="Moved, no new number", by=person("account_manager"), now=NOW)
    assert set(closed_gates(incident, now=NOW)) == {"EX-04", "EX-05"}
    last = max(UpdateSlot.objects.filter(incident=incident).values_list("promised_at", flat=True))
    assert set(closed_gates(incident, now=last + HOUR)) == {"EX-03", "EX-04", "EX-05"}

    solved = NOW + HOUR
    decisions.add_evidence(
        incident, subject="resolution_evidence", text="line runs", source="plant", by=person(OWNER), now=solved
    )
    assessments.resolve(incident, at=solved, by=person(OWNER), now=solved)
    resolution = updates.released(incident, MessageKind.RESOLUTION, now=solved)
    assert closed_gates(incident, now=solved) == ["EX-05"]
    updates.arrive(resolution, at=solved)
    assert closed_gates(incident, now=solved) == []


def follow_up(incident: Incident) -> None:
    later = NOW + DAY
    refused = closed_gates(incident, now=later)
    assert set(refused) >= {"FU-01", "FU-03"}

    for commitment in Commitment.objects.unsettled().filter(incident=incident):
        commitments.settle(commitment, state=CommitmentState.KEPT, outcome="as told", by=person(OWNER), now=later)
    updates.arrive(updates.released(incident, MessageKind.FOLLOW_UP_SURVEY, now=later), at=later)
    assert closed_gates(incident, now=later + 4 * DAY) == ["FU-03"]
    assert closed_gates(incident, now=later + 5 * DAY) == []


def evaluate(incident: Incident, agent: User) -> None:
    end = NOW + 7 * DAY
    assert closed_gates(incident, now=end) == ["EV-01", "EV-02", "EV-03", "EV-04"]

    review = reviews.compute(incident, by=person(LEAD), now=end)
    meeting = reviews.Meeting("late", "quick calls", "second supplier", (person(LEAD), agent), True, end)
    reviews.hold(review, meeting=meeting, by=person(LEAD), now=end)
    action = reviews.Action("second supplier", person(OWNER), date(2027, 3, 1), "drill in March")
    reviews.improve(review, action=action, by=person(LEAD), now=end)
    decide(incident, "playbook_revision", now=end)
    assert advice(incident, now=end) == ["EV-05"]
    assert closed_gates(incident, now=end) == []


def test_a_supply_chain_incident_passes_every_gate_by_work_alone() -> None:
    agent = person("agent")
    agent.groups.add(Group.objects.get_or_create(name=briefings.FRONT_LINE_GROUPS[0])[0])
    incident = factories.declared(jurisdictions=("EU",), detection_source="warehouse")
    factories.company(is_demonstration=True)

    identify(incident)
    analyze(incident)
    notice = plan(incident, agent)
    execute(incident, notice)
    follow_up(incident)
    evaluate(incident, agent)

    incident.refresh_from_db()
    assert incident.phase == Phase.CLOSED
    assert GateWaiver.objects.count() == 0
    assert plans.required(incident).state == "approved"


def test_a_relapse_asks_for_evidence_and_a_resolution_anew() -> None:
    incident = factories.declared(jurisdictions=("EU",))
    factories.tell_facts(incident)
    change = facts.FactChange("incident.summary", {"en": "again"}, FactStatus.REPORTED, "plant")
    facts.put(incident, change=change, by=person(OWNER), now=NOW)
    updates.affected(incident, tier=2)
    decisions.add_evidence(
        incident, subject="resolution_evidence", text="line runs", source="plant", by=person(OWNER), now=NOW
    )
    updates.enter(incident, Phase.FOLLOW_UP)

    lifecycle.move(incident, to=Phase.EXECUTE, reason="broke again", by=person(LEAD), now=NOW + HOUR)

    assert {"EX-04", "EX-05"} <= set(closed_gates(incident, now=NOW + HOUR))
