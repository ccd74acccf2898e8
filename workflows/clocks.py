"""Legal clocks that run: started by the screening, met with a receipt, stopped only by two people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from incidents import audit, decisions, phases
from incidents.enums import DecisionKind, Role, TimelineKind
from incidents.errors import Refusal
from incidents.models import Incident, User
from incidents.phases import LIVE, Blocker, Enforcement, Gate, Phase
from incidents.sentences import gettext as _
from notifications.models import Message
from workflows import clock_data, content_lists, playbooks, roster
from workflows.clock_data import Clock
from workflows.enums import ClockState
from workflows.gates import in_reader_language
from workflows.models import ClockRun

PERSONAL_DATA = "personal_data"
MARKET_CHECK = "market_disclosure"
FOLLOWS = "follows"


class NotRunning(Refusal):
    """The clock was met or stopped already."""


class BadReceipt(Refusal):
    """What was sent, or its receipt, is missing."""


class CannotStop(Refusal):
    """A clock stops with a reason, and another person agrees."""


class CannotMove(Refusal):
    """The deadline of the law is not ours to set."""


@dataclass(frozen=True)
class Notification:
    """What was sent: the numbers of the contents it carried, its receipt, and a note where contents follow later."""

    ticked: tuple[int, ...]
    receipt: str
    note: str = ""


def start(incident: Incident, *, clock: str, place: str, answer: str, by: User, now: datetime) -> ClockRun:
    """Let a clock run for one place; one that exists goes on as it is, a stopped one begins again."""
    known = clock_data.find(clock)
    starts_at = _beginning(incident, known, now=now)
    fields = {
        "state": ClockState.RUNNING,
        "answer": answer,
        "owner": _owner(incident, known),
        "starts_at": starts_at,
        "due_at": _due(incident, known, starts_at),
        "is_house_target": known is None or known.length is None,
        "stop_reason": "",
        "stop_asked_by": None,
        "stopped_by": None,
        "stopped_at": None,
    }
    with transaction.atomic():
        run, is_new = ClockRun.objects.get_or_create(
            incident=incident, clock=clock, jurisdiction=place, defaults={**fields, "created_at": now}
        )
        if not is_new and run.state == ClockState.STOPPED:
            ClockRun.objects.filter(pk=run.pk).update(**fields)
            run.refresh_from_db()
        elif not is_new:
            return run
        _log(run, action="clock.started", text=_("Clock starts: %s") % name_of(run), by=by, now=now)
    return run


def finish(run: ClockRun, *, notification: Notification, by: User, now: datetime) -> ClockRun:
    """Record that the notification was made, with its receipt; the clocks that follow it begin."""
    with transaction.atomic():
        locked = _lock(run)
        _refuse_unless_running(locked)
        _refuse_receipt(locked, notification)
        locked.state, locked.done_at, locked.done_by = ClockState.DONE, now, by
        locked.ticked, locked.note = sorted(notification.ticked), notification.note.strip()
        locked.receipt = notification.receipt.strip()
        locked.save()
        known = clock_data.find(locked.clock)
        decisions.add_evidence(
            locked.incident,
            subject=f"clock.{locked.clock}",
            text=locked.receipt,
            source=known.audience[:200] if known else locked.jurisdiction,
            by=by,
            now=now,
        )
        _log(locked, action="clock.done", text=_("Clock met: %s") % name_of(locked), by=by, now=now)
        for follower in clock_data.followers(locked.clock):
            _begin_after(locked, follower, by=by, now=now)
    run.refresh_from_db()
    return run


def ask_stop(run: ClockRun, *, reason: str, by: User, now: datetime) -> ClockRun:
    """Ask for a clock to stop; it runs on until another person agrees."""
    if not reason.strip():
        raise CannotStop(_("Say why the duty does not apply: the review and the authority may ask."))
    with transaction.atomic():
        locked = _lock(run)
        _refuse_unless_running(locked)
        locked.stop_reason, locked.stop_asked_by = reason.strip(), by
        locked.save(update_fields=["stop_reason", "stop_asked_by"])
        text = _("Stop of a clock asked for: %(clock)s. %(reason)s") % {
            "clock": name_of(locked),
            "reason": locked.stop_reason,
        }
        _log(locked, action="clock.stop_asked", text=text, by=by, now=now)
    run.refresh_from_db()
    return run


def agree_to_stop(run: ClockRun, *, by: User, now: datetime) -> ClockRun:
    """Stop a clock as another person than the one who asked."""
    with transaction.atomic():
        locked = _lock(run)
        _refuse_unless_running(locked)
        if not locked.stop_reason:
            raise CannotStop(_("Nobody asked for this clock to stop."))
        if locked.stop_asked_by_id == by.pk:
            raise CannotStop(_("You asked for the stop: another person agrees to it."))
        locked.state, locked.stopped_by, locked.stopped_at = ClockState.STOPPED, by, now
        locked.save(update_fields=["state", "stopped_by", "stopped_at"])
        text = _("Clock stopped: %(clock)s. %(reason)s") % {"clock": name_of(locked), "reason": locked.stop_reason}
        _log(locked, action="clock.stopped", text=text, by=by, now=now)
    run.refresh_from_db()
    return run


def set_deadline(run: ClockRun, *, due_at: datetime, reason: str, by: User, now: datetime) -> ClockRun:
    """Set the deadline of a clock without a number in the law, as a contract or the house says it."""
    if not reason.strip():
        raise CannotMove(_("Say which contract or rule sets this deadline."))
    with transaction.atomic():
        locked = _lock(run)
        _refuse_unless_running(locked)
        if not locked.is_house_target:
            raise CannotMove(_("The law sets this deadline; it is met, or stopped by two people."))
        locked.due_at = due_at
        locked.save(update_fields=["due_at"])
        text = _("Deadline of %(clock)s: %(time)s UTC. %(reason)s") % {
            "clock": name_of(locked),
            "time": f"{due_at:%Y-%m-%d %H:%M}",
            "reason": reason.strip(),
        }
        _log(locked, action="clock.deadline", text=text, by=by, now=now)
    run.refresh_from_db()
    return run


def waiting_for_solution(*, now: datetime) -> list[int]:
    """Return the clocks that wait for their incident's solution, which has come."""
    ids = [clock.id for clock in clock_data.clocks().values() if clock.starts == clock_data.SOLUTION]
    rows = ClockRun.objects.filter(clock__in=ids, starts_at=None, incident__resolved_at__isnull=False)
    return list(rows.filter(state=ClockState.RUNNING).order_by("pk").values_list("pk", flat=True))


def begin(pk: int, *, now: datetime) -> int:
    """Let a clock begin that waited for the solution; a second time changes nothing."""
    run = ClockRun.objects.select_related("incident").get(pk=pk)
    known, solved = clock_data.find(run.clock), run.incident.resolved_at
    if known is None or solved is None:
        return 0
    due = _due(run.incident, known, solved)
    return ClockRun.objects.filter(pk=pk, starts_at=None).update(starts_at=solved, due_at=due)


def of_topic(incident: Incident, topic: str) -> QuerySet[ClockRun]:
    """Return the incident's clocks about a topic, in whatever state."""
    ids = [clock.id for clock in clock_data.clocks().values() if clock.topic == topic]
    return ClockRun.objects.filter(incident=incident, clock__in=ids)


def unsettled(incident: Incident) -> QuerySet[ClockRun]:
    """Return the clocks that are neither met nor stopped, soonest first."""
    return ClockRun.objects.filter(incident=incident, state=ClockState.RUNNING).soonest()


def rules(incident: Incident) -> list[tuple[ClockRun, Clock]]:
    """Return the running clocks that say what customers may be told meanwhile."""
    found = [(run, clock_data.find(run.clock)) for run in unsettled(incident)]
    return [(run, known) for run, known in found if known is not None and known.rule]


def breaches(message: Message) -> list[str]:
    """Return which rules of running clocks a text breaks, each with what to do."""
    found: list[str] = []
    for run, known in rules(message.incident):
        if known.rule == clock_data.RECALL and message.current is not None:
            soft = content_lists.lowering_words(message.current)
            if soft:
                text = _("%(clock)s: these words lower the risk and are not allowed in a recall: %(words)s.")
                found.append(text % {"clock": name_of(run), "words": ", ".join(soft)})
        elif known.rule == clock_data.MARKET and not _says_nothing(message) and not _market_was_checked(run):
            text = _(
                "%(clock)s: %(rule)s Record the disclosure under Audience, or the check “%(check)s” under Decisions."
            )
            rule = in_reader_language(known.rule_text or {})
            found.append(text % {"clock": name_of(run), "rule": rule, "check": MARKET_CHECK})
    return list(dict.fromkeys(found))


def name_of(run: ClockRun) -> str:
    """Return a run's name in the reader's language, with its place."""
    known = clock_data.find(run.clock)
    return f"{in_reader_language(known.name) if known else run.clock} · {run.jurisdiction}"


@phases.gate_source
def closing_gate(incident: Incident, phase: Phase) -> list[Gate]:
    """No incident closes over a clock that still runs, whatever its playbook says."""
    if phase != Phase.EVALUATE or not ClockRun.objects.filter(incident=incident).exists():
        return []
    label = playbooks.reference("phrases")["gates"]["clocks_settled"]
    return [Gate("clocks.settled", "clocks_settled", Enforcement.HARD, label)]


@phases.judge("clocks_settled")
def are_settled(incident: Incident, gate: Gate, _now: datetime) -> list[Blocker]:
    """Whether every clock was met or stopped."""
    names = [name_of(run) for run in unsettled(incident)]
    if not names:
        return []
    text = _("%(count)d legal clocks still run: %(names)s.") % {"count": len(names), "names": ", ".join(names)}
    return [Blocker(gate.id, text, _("Meet each with its receipt under Clocks, or let two people stop it."))]


def _beginning(incident: Incident, clock: Clock | None, *, now: datetime) -> datetime | None:
    if clock is None or clock.starts == clock_data.AWARENESS:
        return _aware_at(incident) or now
    if clock.starts == clock_data.DECISION:
        return now
    if clock.starts == clock_data.SOLUTION:
        return incident.resolved_at
    before = ClockRun.objects.filter(incident=incident, clock=clock.starts).exclude(state=ClockState.STOPPED)
    met = before.order_by("done_at").first()
    return met.done_at if met is not None else None


def _due(incident: Incident, clock: Clock | None, starts_at: datetime | None) -> datetime | None:
    if clock is None or starts_at is None:
        return None
    return clock_data.due_at(clock, starts_at=starts_at, aware_at=_aware_at(incident) or starts_at)


def _aware_at(incident: Incident) -> datetime | None:
    return incident.detected_at or incident.declared_at


def _owner(incident: Incident, clock: Clock | None) -> User | None:
    roles: Sequence[str] = (clock.owner if clock else "", Role.LEGAL_COUNSEL, Role.INCIDENT_LEAD)
    found = (roster.holder(incident, role) for role in roles if role)
    return next((user for user in found if user is not None and user.is_active), incident.lead)


def _begin_after(met: ClockRun, follower: Clock, *, by: User, now: datetime) -> None:
    run = start(met.incident, clock=follower.id, place=met.jurisdiction, answer=FOLLOWS, by=by, now=now)
    if run.state == ClockState.RUNNING and run.starts_at is None:
        due = _due(met.incident, follower, now)
        ClockRun.objects.filter(pk=run.pk).update(starts_at=now, due_at=due)


def _says_nothing(message: Message) -> bool:
    """Whether no customer learns a new fact: the machine's word that nothing is new, or a text for another party."""
    if "party" in message.audience:
        return True
    if message.author_id is not None or message.current is None:
        return False
    return set(message.current.content["facts_used"]) <= {"incident.title"}


def _market_was_checked(run: ClockRun) -> bool:
    """Whether the market heard it, need not (people in danger come first), or somebody found nothing it must hear."""
    if run.incident.market_disclosed_at is not None or run.incident.is_safety_warning:
        return True
    check = decisions.latest(run.incident, kind=DecisionKind.CHECK, key=MARKET_CHECK)
    return check is not None and check.at >= run.created_at


def _refuse_unless_running(run: ClockRun) -> None:
    if run.state != ClockState.RUNNING or run.incident.phase not in LIVE:
        raise NotRunning(_("%(clock)s: %(state)s.") % {"clock": name_of(run), "state": run.get_state_display()})


def _refuse_receipt(run: ClockRun, notification: Notification) -> None:
    known = clock_data.find(run.clock)
    wanted = set(range(len(known.items))) if known else set()
    if not notification.receipt.strip():
        raise BadReceipt(_("Give the receipt: a number, a link, or who confirmed it and when."))
    if set(notification.ticked) - wanted:
        raise BadReceipt(_("A content was ticked that this clock does not ask for."))
    if wanted - set(notification.ticked) and not notification.note.strip():
        raise BadReceipt(_("Some contents are not ticked: say in the note when they follow."))


def _lock(run: ClockRun) -> ClockRun:
    return ClockRun.objects.select_for_update(no_key=True, of=("self",)).select_related("incident").get(pk=run.pk)


def _log(run: ClockRun, *, action: str, text: str, by: User, now: datetime) -> None:
    audit.tell(run.incident, kind=TimelineKind.DECISION, text=text, by=by, now=now)
    data = {"clock": run.clock, "jurisdiction": run.jurisdiction}
    audit.record(run.incident, action=action, actor=by, now=now, data=data)
