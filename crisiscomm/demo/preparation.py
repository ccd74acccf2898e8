"""The first three acts: something is reported, declared, understood and planned, before customers hear the details."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from crisiscomm.demo import stage
from crisiscomm.demo.play import Play
from incidents import assessments, commitments, decisions, facts, feedback, impacts, imports, lifecycle
from incidents.enums import DecisionKind, FactStatus, ResponsibilityCluster, Severity
from incidents.models import Company, User
from incidents.phases import Phase
from notifications.enums import MessageKind
from notifications.models import Message
from workflows import (
    approvals,
    briefings,
    call_desk,
    clock_screening,
    declarations,
    durations,
    outreach,
    plans,
    qa_bank,
    releases,
    roster,
)
from workflows.models import OutreachTask

TYPE, SUBTYPE = "supply-chain-operations", "production_breakdown"


def identify(play: Play) -> None:
    """Report, declare, screen the legal clocks, and let a holding statement go out within minutes."""
    words = play.words
    path = stage.write_customers(Path(settings.DATA_DIR) / "customers.csv", number=play.options.customers)
    report = imports.run(path, by=play.writer, now=play.now)
    play.say(f"{report.created + report.changed} customers imported from {path.name}")
    # Calls, too, are shorter by the same factor as the time there is for them.
    Company.objects.update(contact_length=timedelta(minutes=20) / play.divisor)
    play.incident = lifecycle.report(
        lifecycle.Report(
            title=words["title"],
            detection_source=words["detection_source"],
            impact_started_at=play.now - timedelta(minutes=30),
            detected_at=play.now - timedelta(minutes=10),
            jurisdictions=("DE",),
        ),
        by=play.owner,
        now=play.now,
    )
    play.say(f"{play.incident.reference} reported by {play.owner}")
    declaration = declarations.Declaration(TYPE, SUBTYPE, Severity.SEV3, play.lead)
    declarations.declare(play.incident, declaration=declaration, by=play.lead, now=play.now)
    play.say("declared; the holding statement is written while the facts come in")
    _tell_facts(play, keys=[*words["facts"]])
    confirm_facts(play)
    decide(play, "holding_statement")
    _send_holding_statement(play)
    clocks = {clock: {place: "no"} for clock, place in clock_screening.questions(play.incident)}
    clock_screening.screen_clocks(
        play.incident, answers=clocks, by=play.lead, now=play.now, reason=words["screening_reason"]
    )
    move(play, Phase.ANALYZE)


def _send_holding_statement(play: Play) -> None:
    draft = releases.Draft(MessageKind.HOLDING_STATEMENT, audience={"filter": play.words["first_told"]})
    message = releases.draft(play.incident, draft=draft, by=play.writer, now=play.now)
    approvals.submit(message, by=play.writer, now=play.now)
    approve(play, message, [play.communications])
    releases.release(message, by=play.lead, now=play.now)
    play.ring()
    play.messages[MessageKind.HOLDING_STATEMENT] = message
    play.say("holding statement approved by a second person and released")


def analyze(play: Play) -> None:
    """Count who is affected and how, with tiers; say whose doing it is and what nobody knows yet."""
    words, incident = play.words, play.incident
    path = Path(settings.DATA_DIR) / "customers.csv"
    impacts.add_from_file(incident, path=path, by=play.communications, now=play.now)
    tiers = impacts.counts(incident)
    play.say("affected customers: " + ", ".join(f"tier {tier}: {count}" for tier, count in sorted(tiers.items())))
    put(play, "incident.affected_count", {facts.SHARED: sum(tiers.values())})
    assessments.assess(incident, cluster=ResponsibilityCluster.ACCIDENTAL, by=play.lead, now=play.now)
    due = play.now + timedelta(hours=1)
    assessments.note_unknown(incident, text=words["unknown"], owner=play.owner, due_at=due, by=play.lead, now=play.now)
    for subject, text in words["evidence"].items():
        decisions.add_evidence(
            incident, subject=subject, text=text, source=words["source"], by=play.owner, now=play.now
        )
    decide(play, "incident.severity", kind=DecisionKind.CONFIRMATION, outcome="SEV3", reason="checked with the plant")
    move(play, Phase.PLAN)


def plan(play: Play) -> None:
    """Finish and approve plan, fact sheet, brief, answers and the first notice; prepare the calls."""
    words, incident = play.words, play.incident
    draft = plans.required(incident)
    changes = plans.PlanChanges(
        objective=words["objective"], key_messages=words["key_messages"], grants_standing_approval=True
    )
    plans.edit(draft, changes=changes, by=play.lead, now=play.now)
    plans.approve(draft, by=play.communications, now=play.now)
    play.say("plan approved; it grants a standing approval for progress updates")
    _approve_remedies(play)
    _promise(play)
    confirm_facts(play)
    _brief_staff(play)
    decide(play, "allocation_rule")
    decide(play, "supplier_naming", kind=DecisionKind.CHECK, **words["checks"]["supplier_naming"])
    notice = releases.draft_message(incident, kind=MessageKind.FIRST_NOTICE, by=play.writer, now=play.now)
    approvals.submit(notice, by=play.writer, now=play.now)
    approve(play, notice, [play.communications, play.lead, play.owner])
    play.messages[MessageKind.FIRST_NOTICE] = notice
    _prepare_calls(play, notice)
    move(play, Phase.EXECUTE)


def _approve_remedies(play: Play) -> None:
    for option in play.incident.remedy_options.filter(key__in=play.words["remedies"]).order_by("position"):
        option.how_to_claim = play.words["how_to_claim"]
        option.save(update_fields=["how_to_claim"])
        holder = play.incident.team.get(role=option.approver_role).user
        feedback.approve_remedy(option, by=holder, now=play.now)


def _promise(play: Play) -> None:
    words = play.words["commitment"]
    commitments.promise(
        play.incident,
        promise=commitments.Promise(
            text=words["text"],
            owner=play.owner,
            due_at=play.now + durations.parse(words["due"]),
            feasibility_evidence=words["evidence"],
        ),
        now=play.now,
    )


def _brief_staff(play: Play) -> None:
    brief = briefings.draft_brief(play.incident, by=play.writer, now=play.now)
    brief = briefings.approve(brief, by=play.communications, now=play.now)
    briefings.publish(brief, by=play.communications, now=play.now)
    for row in brief.acknowledgements.select_related("user"):
        briefings.acknowledge(brief, by=row.user, now=play.now)
    done, asked = briefings.acknowledgements(brief)
    qa_bank.seed(play.incident)
    for entry in play.incident.qa_entries.order_by("key"):
        qa_bank.approve(entry, by=play.communications, now=play.now)
    play.say(f"staff brief read by {done} of {asked}; answers approved")


def _prepare_calls(play: Play, notice: Message) -> None:
    outreach.prepare_contacts(play.incident, message=notice, now=play.now)
    tasks = OutreachTask.objects.filter(incident=play.incident, message=notice).select_related("owner")
    for task in tasks.order_by("pk"):
        call_desk.prepare(task, sheet=play.words["call"]["sheet"], by=task.owner or play.lead, now=play.now)
    play.say(f"{len(tasks)} calls to tier 1 prepared")


def _tell_facts(play: Play, *, keys: list[str]) -> None:
    for key in keys:
        put(play, key, play.words["facts"][key])
    for key, value in play.words["shared_facts"].items():
        put(play, key, {facts.SHARED: value})
    put(play, "incident.started_at", {facts.SHARED: play.incident.impact_started_at})
    put(play, "incident.eta", {facts.SHARED: play.now + timedelta(days=4)}, status=FactStatus.ESTIMATED)


def put(play: Play, key: str, value: dict[str, Any], *, status: FactStatus = FactStatus.VERIFIED) -> None:
    """Set one fact, as the owner of the subject does."""
    change = facts.FactChange(key, value, status, play.words["source"])
    facts.put(play.incident, change=change, by=play.owner, now=play.now)


def confirm_facts(play: Play) -> None:
    """Freeze the facts and let a second person confirm them."""
    sheet = facts.freeze(play.incident, by=play.owner, now=play.now)
    facts.confirm(sheet, by=play.lead, now=play.now)
    play.say(f"fact sheet v{sheet.version} confirmed by a second person")


def decide(play: Play, key: str, *, kind: DecisionKind = DecisionKind.DECISION, **said: str) -> None:
    """Record a decision of the lead, in the demonstration's words unless others are given."""
    said = said or play.words["decisions"][key]
    decisions.decide(play.incident, key=key, kind=kind, by=play.lead, now=play.now, **said)


def approve(play: Play, message: Message, people: list[User]) -> None:
    """Let each person approve the text, and whoever its size asks for beside them.

    With divided durations a deputy may have stamped for a slower colleague.
    """
    asked = [roster.holder(play.incident, role) for role in approvals.missing(message)]
    for person in dict.fromkeys([*people, *filter(None, asked)]):
        message.refresh_from_db()
        assert message.current is not None
        if approvals.may_approve(message, by=person, now=play.now) is None:
            approvals.approve(message, by=person, sha256=message.current.sha256, now=play.now)


def move(play: Play, to: Phase) -> None:
    """Move the incident on through its gates; nothing is waived."""
    lifecycle.move(play.incident, to=to, by=play.lead, now=play.now)
    play.say(f"phase: {to.label}")
