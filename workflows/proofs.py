"""What people record for a gate that only they can judge: watching, consent, content, resources, measurements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from incidents import decisions
from incidents.enums import DecisionKind
from incidents.errors import Refusal
from incidents.models import Decision, Incident, User
from notifications.models import Message

MONITORING = "monitoring"
AGREED, NOBODY_NAMED, REFUSED = "agreed", "nobody_named", "refused"
CONSENTS = (AGREED, NOBODY_NAMED, REFUSED)


class BadProof(Refusal):
    """The record lacks what makes it worth anything, or says what cannot be."""


@dataclass(frozen=True)
class Monitoring:
    """Where we listen, who does, and how much within which time calls the team."""

    sources: tuple[str, ...]
    threshold: int
    within: timedelta
    watcher: User


@dataclass(frozen=True)
class Measurement:
    """Whether each target was met over a time, in the order of the targets."""

    since: datetime
    until: datetime
    targets: tuple[str, ...]
    met: tuple[bool, ...]


def watch(incident: Incident, *, monitoring: Monitoring, by: User, now: datetime) -> Decision:
    """Record that media and social networks are being watched, and when somebody is called."""
    sources = [name.strip() for name in monitoring.sources if name.strip()]
    if not sources or monitoring.threshold < 1 or monitoring.within <= timedelta():
        raise BadProof(_("Name at least one source, and how many mentions within which time call the team."))
    words = {"count": monitoring.threshold, "hours": f"{monitoring.within.total_seconds() / 3600:g}"}
    data = {
        "sources": sources,
        "threshold": monitoring.threshold,
        "within": monitoring.within.total_seconds(),
        "watcher": monitoring.watcher.pk,
    }
    reason = _("%(who)s is called at %(count)s mentions within %(hours)s hours") % {**words, "who": monitoring.watcher}
    return _record(incident, MONITORING, ", ".join(sources)[:200], reason, data, by=by, now=now)


def agree(  # noqa: PLR0913 - who said what about which text
    incident: Incident, *, gate_id: str, answer: str, how: str, notice: Message | None, by: User, now: datetime
) -> Decision:
    """Record what the person named in the first notice said about its present wording, and how."""
    if answer not in CONSENTS:
        raise BadProof(_("Choose one of: %s.") % ", ".join(CONSENTS))
    digest = notice.current.sha256 if notice and notice.current else ""
    return _record(incident, gate_id, answer, how, {"sha256": digest}, by=by, now=now)


def tick_content(
    notice: Message, *, gate_id: str, items: Sequence[str], note: str, by: User, now: datetime
) -> Decision:
    """Record which required contents the present text of a notice carries; an edit of the text voids it."""
    if notice.current is None:
        raise BadProof(_("There is no text to check: write it first."))
    outcome = _("%(count)s items in %(message)s") % {"count": len(items), "message": notice.reference}
    data = {"sha256": notice.current.sha256, "items": list(items)}
    return _record(notice.incident, gate_id, outcome, note or _("Read against the list"), data, by=by, now=now)


def provide(incident: Incident, *, gate_id: str, available: int, what: str, by: User, now: datetime) -> Decision:
    """Record what is there to meet a need: how much, and what it consists of."""
    if available < 1:
        raise BadProof(_("Say how much is there; a need nobody can meet is a reason to change the plan."))
    return _record(incident, gate_id, str(available), what, {"available": available}, by=by, now=now)


def measure(incident: Incident, *, gate_id: str, measurement: Measurement, by: User, now: datetime) -> Decision:
    """Record whether each target was met over a time that has passed."""
    if not measurement.targets or len(measurement.targets) != len(measurement.met):
        raise BadProof(_("Say of each target whether it was met."))
    if not measurement.since < measurement.until <= now:
        raise BadProof(_("The time of observation ends after it begins and lies in the past."))
    data = {
        "since": measurement.since.isoformat(),
        "until": measurement.until.isoformat(),
        "targets": list(measurement.targets),
        "met": list(measurement.met),
    }
    outcome = _("%(met)s of %(all)s targets met") % {"met": sum(measurement.met), "all": len(measurement.met)}
    reason = f"{measurement.since:%Y-%m-%d} – {measurement.until:%Y-%m-%d}"  # noqa: RUF001 - a range of dates
    return _record(incident, gate_id, outcome, reason, data, by=by, now=now)


def replace_statement(
    incident: Incident, *, gate_id: str, statement: str, marked_how: str, by: User, now: datetime
) -> Decision:
    """Record an earlier statement made outside of this system, and how it is marked and linked to the correction."""
    return _record(incident, gate_id, statement[:200], marked_how, {"statement": statement}, by=by, now=now)


def latest(incident: Incident, gate_id: str) -> Decision | None:
    """Return what was recorded last for a gate."""
    return decisions.latest(incident, kind=DecisionKind.CHECK, key=gate_id)


def _record(  # noqa: PLR0913 - the whole record
    incident: Incident, key: str, outcome: str, reason: str, data: dict[str, Any], *, by: User, now: datetime
) -> Decision:
    return decisions.decide(
        incident, key=key, outcome=outcome, reason=reason, by=by, now=now, kind=DecisionKind.CHECK, data=data
    )
