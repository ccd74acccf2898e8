"""A team that works through the gates of any playbook, each by the domain function that the admin's button calls."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group

from incidents import assessments, commitments, decisions, facts, feedback, lifecycle
from incidents.enums import DecisionKind, FactStatus, Language, ResponsibilityCluster, Role, Severity, Tier
from incidents.models import Incident, User
from incidents.phases import Blocker, Gate, Phase
from notifications.enums import ChannelName, MessageKind
from notifications.models import Message
from tests import factories
from tests import factories_updates as updates
from tests.factories_incidents import NOW, person, reported
from workflows import (
    briefings,
    call_desk,
    call_sheets,
    claims,
    clock_screening,
    declarations,
    outreach,
    plans,
    proofs,
    qa_bank,
)
from workflows.enums import Stance, Truth
from workflows.judges.speaking import newest
from workflows.models import OutreachTask

LEAD, OWNER, COMMUNICATIONS = "incident_lead", "subject_owner", "communications_lead"
PHASES = list(Phase.values)
# What facts need to say where more than a word is asked for.
RANGES = {"en": "3 to 5 days", "zh": "3至5天", "ru": "от 3 до 5 дней"}
TARGETS = {
    "en": "answer in 1 hour\nrepair in 1 day",
    "zh": "1小时内回复\n1天内修复",
    "ru": "ответ за 1 час\nремонт за 1 день",
}
YES = {"": True}


@dataclass(frozen=True)
class Kind:
    """What a journey declares: playbook and subtype, perhaps with a relationship type, and facts of its own."""

    type: str
    subtype: str
    relationship_type: str = ""
    told: tuple[tuple[str, Any], ...] = ()


def team_of(incident: Incident) -> User:
    """Fill the team, let three customers be known, and return a member of the front line."""
    factories.team(incident)
    agent = person("agent")
    agent.groups.add(Group.objects.get_or_create(name=briefings.FRONT_LINE_GROUPS[0])[0])
    return agent


def declare(kind: Kind) -> Incident:
    """Report and declare an incident of this kind in a company that speaks three languages."""
    factories.company(is_demonstration=True)
    incident = reported("Something happened", detection_source="warehouse", jurisdictions=("EU",))
    team_of(incident)
    lead = person(LEAD)
    declaration = declarations.Declaration(kind.type, kind.subtype, Severity.SEV2, lead, kind.relationship_type)
    declarations.declare(incident, declaration=declaration, by=lead, now=NOW)
    return incident


def tell(incident: Incident, *, until: Phase, kind: Kind) -> None:
    """Answer every line of the fact sheet that is needed up to a phase, in every language, as verified."""
    said = {"delay_estimate": RANGES, "recovery_targets": TARGETS, **dict(kind.told)}
    wanted = PHASES[: PHASES.index(until) + 1]
    lines = incident.facts.filter(needed_by__in=wanted).exclude(status=FactStatus.VERIFIED)
    for fact in lines.exclude(key__startswith="contact.").order_by("position"):
        name = fact.key.split(".")[-1]
        value = said.get(name) or factories._answer(fact.type, name, NOW)
        change = facts.FactChange(fact.key, value, FactStatus.VERIFIED, "plant")
        facts.put(incident, change=change, by=person(OWNER), now=NOW)


def judged(incident: Incident, *, now: datetime = NOW) -> list[Blocker]:
    """Move on, or return every gate that refuses."""
    to = lifecycle.next_phase(incident)
    assert to is not None
    try:
        lifecycle.move(incident, to=to, by=person(LEAD), now=now)
    except lifecycle.GateClosed as refused:
        return refused.blockers
    return []


def work(incident: Incident, gates: list[Gate]) -> None:
    """Do what each gate asks for, where a person does it by a record of its own."""
    for gate in gates:
        if gate.kind in WORK:
            WORK[gate.kind](incident, gate)


def analyse(incident: Incident, kind: Kind) -> None:
    """Name who is affected, tell the facts, assess the responsibility."""
    for tier in (1, 2, 3):
        updates.affected(incident, tier=tier)
    tell(incident, until=Phase.ANALYZE, kind=kind)
    assessments.assess(incident, cluster=ResponsibilityCluster.ACCIDENTAL, by=person(LEAD), now=NOW)


def prepare(incident: Incident, kind: Kind) -> Message:
    """Complete plan, sheet, promises, brief and answers; return the approved first notice, its calls prepared."""
    tell(incident, until=Phase.PLAN, kind=kind)
    factories.fact_sheet(incident)
    words: dict[str, Any] = {"objective": "Everybody knows in time", "key_messages": "What, why, until when"}
    factories.approved_plan(incident, **words, audiences={Tier.THREE: {"first_channels": _carried(incident)}})
    promised_words = {"en": "put everything right", "zh": "妥善处理一切", "ru": "всё исправить"}
    promise = commitments.Promise(promised_words, owner=person(OWNER), due_at=NOW + timedelta(days=30))
    promised = commitments.promise(incident, promise=promise, now=NOW)
    promised.feasibility_evidence = "people and money are there"
    promised.save(update_fields=["feasibility_evidence"])
    for option in incident.remedy_options.order_by("pk"):
        feedback.approve_remedy(option, by=holder(incident, option.approver_role), now=NOW)
    brief_staff(incident)
    notice = updates.ready(incident)
    outreach.prepare_contacts(incident, message=notice, now=NOW)
    for task in OutreachTask.objects.filter(incident=incident).order_by("pk"):
        sheet = {field["key"]: "wait\nsplit the delivery" for field in call_sheets.fields(task)}
        call_desk.prepare(task, sheet=sheet, by=person("account_manager"), now=NOW)
    return notice


def brief_staff(incident: Incident) -> None:
    """Give the front line an approved brief that everybody reads, and approved answers."""
    brief = briefings.draft_brief(incident, by=person(OWNER), now=NOW)
    brief = briefings.approve(brief, by=person(COMMUNICATIONS), now=NOW)
    briefings.publish(brief, by=person(COMMUNICATIONS), now=NOW)
    for row in brief.acknowledgements.select_related("user").order_by("pk"):
        briefings.acknowledge(brief, by=row.user, now=NOW)
    qa_bank.seed(incident)
    for entry in incident.qa_entries.order_by("key"):
        qa_bank.approve(entry, by=person("legal_counsel"), now=NOW)


def holder(incident: Incident, role: str) -> User:
    """Return who holds a role."""
    return incident.team.select_related("user").get(role=Role(role)).user


def _carried(incident: Incident) -> list[str]:
    """Leave out of the general tier's channels what this company has nobody to carry, such as short messages."""
    planned: list[str] = plans.audience(plans.required(incident), Tier.THREE).first_channels
    return [name for name in planned if name != ChannelName.SMS]


def _check(incident: Incident, gate: Gate) -> None:
    if gate.params["check"] == clock_screening.CHECK:
        asked = clock_screening.questions(incident)
        answers = {clock: {place: "no" for other, place in asked if other == clock} for clock, _place in asked}
        clock_screening.screen_clocks(incident, answers=answers, by=person("legal_counsel"), now=NOW)
        return
    _decide(incident, gate.params["check"], kind=DecisionKind.CHECK)


def _decide(
    incident: Incident, key: str, *, kind: DecisionKind = DecisionKind.DECISION, outcome: str = "yes", by: str = LEAD
) -> None:
    decisions.decide(incident, key=key, outcome=outcome, reason="weighed", kind=kind, by=person(by), now=NOW)


def _approve(incident: Incident, gate: Gate) -> None:
    roles = gate.params.get("roles") or [gate.params.get("role") or LEAD]
    for role in roles:
        by = holder(incident, role).username
        _decide(incident, gate.id, kind=DecisionKind.APPROVAL, outcome="approved", by=by)


def _prove(incident: Incident, gate: Gate) -> None:
    subject = gate.params.get("artifact") or gate.params.get("field") or gate.id
    for source in ("contract", "bank"):
        decisions.add_evidence(incident, subject=subject, text="seen", source=source, by=person(OWNER), now=NOW)


def _start_clock(incident: Incident, _gate: Gate) -> None:
    asked = clock_screening.questions(incident)
    answers = {clock: {place: "no" for other, place in asked if other == clock} for clock, _place in asked}
    answers["gdpr_33"] = {"EU": "unknown"}
    clock_screening.screen_clocks(incident, answers=answers, by=person("legal_counsel"), now=NOW)


def _classify(incident: Incident, _gate: Gate) -> None:
    for text, truth, stance in (("It broke", Truth.TRUE, Stance.REBUILD), ("It is poison", Truth.FALSE, Stance.DENY)):
        claim = claims.note(incident, text=text, said_where="forum", by=person(OWNER), now=NOW)
        finding = claims.Finding(truth, stance, "report 7", "laboratory")
        claims.classify(claim, finding=finding, by=person(OWNER), now=NOW)


def _watch(incident: Incident, _gate: Gate) -> None:
    monitoring = proofs.Monitoring(("press", "networks"), 10, timedelta(hours=1), person("spokesperson"))
    proofs.watch(incident, monitoring=monitoring, by=person(LEAD), now=NOW)


def _tick(incident: Incident, gate: Gate) -> None:
    from workflows import content_lists

    notice = newest(incident, MessageKind.FIRST_NOTICE)
    assert notice is not None
    items = [item.id for item in content_lists.items(gate)]
    proofs.tick_content(notice, gate_id=gate.id, items=items, note="", by=person("legal_counsel"), now=NOW)


def _provide(incident: Incident, gate: Gate) -> None:
    proofs.provide(incident, gate_id=gate.id, available=4_000, what="hotline, repairs", by=person(OWNER), now=NOW)


def _agree(incident: Incident, gate: Gate) -> None:
    notice = newest(incident, MessageKind.FIRST_NOTICE)
    answer = {"gate_id": gate.id, "answer": proofs.AGREED, "how": "by telephone"}
    proofs.agree(incident, **answer, notice=notice, by=person("hr_lead"), now=NOW)


def _replace(incident: Incident, gate: Gate) -> None:
    said = {"statement": "website, 3 May", "marked_how": "struck out, with a link"}
    proofs.replace_statement(incident, gate_id=gate.id, **said, by=person(COMMUNICATIONS), now=NOW)


WORK: dict[str, Callable[[Incident, Gate], None]] = {
    "check_done": _check,
    "decision_recorded": lambda incident, gate: _decide(incident, gate.params["decision"]),
    "approval": _approve,
    "evidence": _prove,
    "clock_started": _start_clock,
    "items_classified": _classify,
    "monitoring_on": _watch,
    "content_check": _tick,
    "capacity": _provide,
    "consent": _agree,
    "supersede": _replace,
}
LANGUAGES = tuple(Language.values)
