"""The only door through which an incident is reported, declared, moved between phases, stopped and resumed."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from incidents import audit, duty, phases, sentences
from incidents.enums import Severity, TimelineKind
from incidents.errors import Refusal
from incidents.models import GateWaiver, Incident, PhaseTransition, TeamAssignment, User
from incidents.phases import BACK, FORWARD, Blocker, Enforcement, Gate, Phase
from incidents.sentences import gettext as _

_METHODS: dict[Phase, str] = {
    Phase.ANALYZE: "start_analysis",
    Phase.PLAN: "start_planning",
    Phase.EXECUTE: "start_execution",
    Phase.FOLLOW_UP: "start_follow_up",
    Phase.EVALUATE: "start_evaluation",
    Phase.CLOSED: "close",
}
_BACK_METHODS: dict[Phase, str] = {
    Phase.ANALYZE: "return_to_analysis",
    Phase.PLAN: "return_to_planning",
    Phase.EXECUTE: "return_to_execution",
    Phase.IDENTIFY: "return_to_identification",
    Phase.CANCELLED: "cancel",
}


class GateClosed(Refusal):
    """The incident may not leave its phase yet; `blockers` say why and what to do."""

    def __init__(self, blockers: list[Blocker]) -> None:
        self.blockers = blockers
        lines = [f"{blocker.id}: {blocker.text} {blocker.hint}".strip() for blocker in blockers]
        super().__init__("\n".join([_("The phase cannot change yet:"), *lines]))


class WrongPhase(Refusal):
    """There is no edge from the present phase to the one asked for."""


class ReasonMissing(Refusal):
    """The step needs a reason in words."""


class CannotWaive(Refusal):
    """The gate is hard, unknown, or does not block."""


class AlreadyDone(Refusal):
    """Somebody did this a moment ago."""


@dataclass(frozen=True)
class Report:
    """What is known when something is reported; everything but the title may come later."""

    title: str
    type: str = ""
    subtype: str = ""
    relationship_type: str = ""
    detection_source: str = ""
    impact_started_at: datetime | None = None
    detected_at: datetime | None = None
    jurisdictions: tuple[str, ...] = ()
    is_drill: bool = False
    is_embargoed: bool = False


@dataclass(frozen=True)
class Classification:
    """What kind of incident it is: ids of playbooks and of a subtype."""

    type: str
    subtype: str
    relationship_type: str = ""


def report(report: Report, *, by: User, now: datetime) -> Incident:
    """Keep a report as a candidate in `identify`, with whoever is on duty as its team, and return it."""
    with transaction.atomic():
        incident = Incident.objects.create(
            reference=_next_reference(now),
            title=report.title,
            type=report.type,
            subtype=report.subtype,
            relationship_type=report.relationship_type,
            detection_source=report.detection_source,
            impact_started_at=report.impact_started_at,
            detected_at=report.detected_at or now,
            jurisdictions=list(report.jurisdictions),
            is_drill=report.is_drill,
            is_embargoed=report.is_embargoed,
            reported_by=by,
            created_at=now,
            phase_entered_at=now,
        )
        TeamAssignment.objects.bulk_create(
            TeamAssignment(incident=incident, role=one.role, user=one.user, deputy=one.deputy)
            for one in duty.now_on(now)
        )
        _log(incident, action="incident.reported", text=_("Reported: %s") % report.title, by=by, now=now)
    return incident


def classify(incident: Incident, *, classification: Classification, by: User, now: datetime) -> Incident:
    """Set what kind of incident it is; only in `identify`, because gates and plan follow from it."""
    with transaction.atomic():
        locked = _lock(incident)
        if locked.phase != Phase.IDENTIFY:
            raise WrongPhase(_("The type can change only in the phase Identify: return there first, with a reason."))
        locked.type = classification.type
        locked.subtype = classification.subtype
        locked.relationship_type = classification.relationship_type
        locked.save(update_fields=["type", "subtype", "relationship_type"])
        text = _("Classified as %(type)s / %(subtype)s") % {"type": locked.type, "subtype": locked.subtype}
        _log(locked, action="incident.classified", text=text, by=by, now=now)
    incident.refresh_from_db()
    return incident


def declare(incident: Incident, *, severity: Severity, lead: User, by: User, now: datetime) -> Incident:
    """Declare the incident: severity and lead are set and the clocks of the cadence start at `now`."""
    with transaction.atomic():
        locked = _lock(incident)
        if locked.declared_at is not None:
            raise AlreadyDone(_("%s is declared already.") % locked.reference)
        locked.severity = severity
        locked.lead = lead
        locked.declared_at = now
        locked.save(update_fields=["severity", "lead", "declared_at"])
        text = _("Declared as %(severity)s, led by %(lead)s") % {"severity": severity, "lead": lead}
        _log(locked, action="incident.declared", text=text, by=by, now=now)
    incident.refresh_from_db()
    return incident


def dismiss(incident: Incident, *, reason: str, by: User, now: datetime) -> PhaseTransition:
    """Say that a report is no incident, with a reason everybody can read; a declared one is cancelled instead."""
    with transaction.atomic():
        locked = _lock(incident)
        if not locked.is_candidate:
            raise WrongPhase(_("%s is no open report: a declared incident is cancelled instead.") % locked.reference)
        step = move(locked, to=Phase.CANCELLED, by=by, now=now, reason=reason)
        text = _("Dismissed: %s") % reason.strip()
        audit.record(locked, action="incident.dismissed", actor=by, now=now, data={"text": text})
    incident.refresh_from_db()
    return step


def next_phase(incident: Incident) -> Phase | None:
    """Return the phase that follows the present one, or None when the incident is over."""
    return FORWARD.get(Phase(incident.phase))


def blockers(incident: Incident, *, now: datetime) -> list[Blocker]:
    """Return what does not hold for leaving the present phase forward: blocking, waived and advice alike."""
    phase = Phase(incident.phase)
    waived = set(GateWaiver.objects.filter(incident=incident, phase=phase).values_list("gate_id", flat=True))
    found: list[Blocker] = []
    for gate in phases.gates_of(incident, phase):
        found += [
            replace(blocker, enforcement=gate.enforcement, is_waived=gate.id in waived)
            for blocker in _judge(incident, gate, now)
        ]
    return found


def move(incident: Incident, *, to: Phase, by: User, now: datetime, reason: str = "") -> PhaseTransition:
    """Change the phase: lock, ask the gates (forward only), transition, timeline, audit and effects, all or nothing.

    Raises GateClosed, WrongPhase, ReasonMissing (back edges and cancelling need one).
    """
    to = Phase(to)
    with transaction.atomic():
        locked = _lock(incident)
        method = _edge(locked, to, reason)
        if FORWARD.get(Phase(locked.phase)) == to:
            closed = [blocker for blocker in blockers(locked, now=now) if blocker.is_blocking]
            if closed:
                raise GateClosed(closed)
        step = PhaseTransition.objects.create(
            incident=locked, source=locked.phase, target=to, reason=reason, by=by, at=now
        )
        getattr(locked, method)()
        locked.phase_entered_at = now
        locked.closed_at = None if locked.is_live else now
        locked.save(update_fields=["phase", "phase_entered_at", "closed_at"])
        _log(locked, action="incident.phase", text=_phase_text(step), by=by, now=now)
        for follow in phases.effects():
            follow(locked, step, now)
    incident.refresh_from_db()
    return step


def waive(incident: Incident, *, gate_id: str, reason: str, by: User, now: datetime) -> GateWaiver:
    """Let the incident pass one gate of its present phase that does not hold; named, reasoned and shown for good."""
    if not reason.strip():
        raise ReasonMissing(_("A waiver needs a reason: say why the incident may pass %s.") % gate_id)
    with transaction.atomic():
        locked = _lock(incident)
        standing = [blocker for blocker in blockers(locked, now=now) if blocker.id == gate_id]
        if not standing:
            raise CannotWaive(_("%s does not block this phase: there is nothing to waive.") % gate_id)
        if standing[0].is_waived:
            raise AlreadyDone(_("%s is waived already.") % gate_id)
        if standing[0].enforcement == Enforcement.HARD and all(blocker.can_judge for blocker in standing):
            raise CannotWaive(_("%s is never waived: %s") % (gate_id, standing[0].hint))
        waiver = GateWaiver.objects.create(
            incident=locked, phase=locked.phase, gate_id=gate_id, reason=reason.strip(), by=by, at=now
        )
        gates = {gate.id: sentences.one_of(gate.label) for gate in phases.gates_of(locked, Phase(locked.phase))}
        named = gates.get(gate_id) or gate_id
        text = _("Gate %(gate)s waived: %(reason)s") % {"gate": named, "reason": reason.strip()}
        _log(locked, action="gate.waived", text=text, by=by, now=now)
    return waiver


def stop_sending(incident: Incident, *, reason: str, by: User, now: datetime) -> Incident:
    """Stop every message of the incident: senders read this row before each message."""
    if not reason.strip():
        raise ReasonMissing(_("Say in a few words why sending stops; the team reads it."))
    return _set_hold(incident, is_on_hold=True, reason=reason.strip(), by=by, now=now)


def resume_sending(incident: Incident, *, by: User, now: datetime) -> Incident:
    """Let sending go on exactly where it stopped."""
    return _set_hold(incident, is_on_hold=False, reason="", by=by, now=now)


def _set_hold(incident: Incident, *, is_on_hold: bool, reason: str, by: User, now: datetime) -> Incident:
    with transaction.atomic():
        locked = _lock(incident)
        if locked.is_on_hold == is_on_hold:
            state = _("Sending is stopped already.") if is_on_hold else _("Sending is not stopped.")
            raise AlreadyDone(state)
        locked.is_on_hold = is_on_hold
        locked.hold_reason = reason
        locked.save(update_fields=["is_on_hold", "hold_reason"])
        text = _("Sending stopped: %s") % reason if is_on_hold else _("Sending resumed")
        action = "sending.stopped" if is_on_hold else "sending.resumed"
        _log(locked, action=action, text=text, by=by, now=now, kind=TimelineKind.DELIVERY)
    incident.refresh_from_db()
    return incident


def _judge(incident: Incident, gate: Gate, now: datetime) -> list[Blocker]:
    judge = phases.judge_of(gate.kind)
    if judge is not None:
        return judge(incident, gate, now)
    text = _("“%s” cannot be judged by the system yet.") % gate.label.get("en", gate.kind)
    hint = _("Check it by hand and waive it with a reason that says what you found.")
    return [Blocker(gate.id, text, hint, can_judge=False)]


def _edge(incident: Incident, to: Phase, reason: str) -> str:
    source = Phase(incident.phase)
    if FORWARD.get(source) == to:
        return _METHODS[to]
    if source not in BACK.get(to, frozenset()):
        names = {"source": source.label, "target": to.label}
        raise WrongPhase(_("There is no way from %(source)s to %(target)s.") % names)
    if not reason.strip():
        raise ReasonMissing(_("Going to %s needs a reason: it is shown in the timeline and the review.") % to.label)
    return _BACK_METHODS[to]


def _lock(incident: Incident) -> Incident:
    return Incident.objects.select_for_update(no_key=True).get(pk=incident.pk)


def _next_reference(now: datetime) -> str:
    prefix = f"INC-{now.year}-"
    # The advisory lock makes two reports at the same moment take two numbers.
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(20262, %s)", [now.year])
    last = Incident.objects.filter(reference__startswith=prefix).order_by("-reference").first()
    return f"{prefix}{int(last.reference[len(prefix) :]) + 1 if last else 1:04d}"


def _phase_text(step: PhaseTransition) -> str:
    text = _("Phase: %(source)s → %(target)s") % {
        "source": Phase(step.source).label,
        "target": Phase(step.target).label,
    }
    if not step.reason:
        return text
    return sentences.pattern("%(phase)s: %(reason)s") % {"phase": text, "reason": step.reason}


def _log(
    incident: Incident, *, action: str, text: str, by: User, now: datetime, kind: TimelineKind = TimelineKind.PHASE
) -> None:
    audit.tell(incident, kind=kind, text=text, by=by, now=now)
    audit.record(incident, action=action, actor=by, now=now, data={"text": text, "phase": incident.phase})
