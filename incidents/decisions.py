"""Records decisions, checks, confirmations and evidence; nothing recorded is ever changed."""

from datetime import datetime
from typing import Any

from django.db import transaction

from incidents import audit, phases, sentences
from incidents.enums import DecisionKind, TimelineKind
from incidents.errors import Refusal
from incidents.models import Decision, Evidence, Incident, User
from incidents.phases import Phase
from incidents.sentences import gettext as _


class Incomplete(Refusal):
    """A record lacks its outcome, reason, text or source."""


def decide(  # noqa: PLR0913 - one record, written in one place, reads better as one call
    incident: Incident,
    *,
    key: str,
    outcome: str,
    reason: str,
    by: User,
    now: datetime,
    kind: DecisionKind = DecisionKind.DECISION,
    data: dict[str, Any] | None = None,
) -> Decision:
    """Record an outcome with its reason; a later record of the same key replaces it for the gates."""
    if kind == DecisionKind.ADMISSION:
        raise Incomplete(_("Responsibility is decided by two people, each by a stamp of their own."))
    if not outcome.strip() or not reason.strip():
        raise Incomplete(_("A decision needs an outcome and a reason: both are read in the review."))
    with transaction.atomic():
        decision = Decision.objects.create(
            incident=incident,
            kind=kind,
            key=key,
            outcome=outcome.strip(),
            reason=reason.strip(),
            data=data or {},
            by=by,
            at=now,
        )
        facts = {
            "kind": DecisionKind(kind).label,
            "subject": subject_name(incident, key),
            "outcome": decision.outcome,
            "why": decision.reason,
        }
        text = sentences.pattern("%(kind)s: %(subject)s – %(outcome)s (%(why)s)") % facts
        audit.tell(incident, kind=TimelineKind.DECISION, text=text, by=by, now=now)
        audit.record(incident, action=f"decision.{kind}", actor=by, now=now, data={"key": key, "outcome": outcome})
    return decision


def subject_name(incident: Incident, key: str) -> sentences.Sentence:
    """Name what a key stands for as the gate that asks for it does; a key no gate asks for is written as words."""
    gates = (gate for phase in Phase for gate in phases.gates_of(incident, phase))
    asking = next((gate for gate in gates if key in gate.params.values()), None)
    if asking is not None:
        return sentences.one_of(asking.label)
    return sentences.pattern("%s") % key.replace("_", " ").replace(".", ": ")


def latest(incident: Incident, *, kind: DecisionKind, key: str) -> Decision | None:
    """Return the newest record of a subject, or None when nobody recorded one."""
    return Decision.objects.filter(incident=incident, kind=kind, key=key).order_by("-at", "-pk").first()


def add_evidence(incident: Incident, *, subject: str, text: str, source: str, by: User, now: datetime) -> Evidence:
    """Record what proves a claim and where it came from."""
    if not text.strip() or not source.strip():
        raise Incomplete(_("Evidence needs a text or link, and its source."))
    with transaction.atomic():
        evidence = Evidence.objects.create(
            incident=incident, subject=subject, text=text.strip(), source=source.strip(), by=by, at=now
        )
        named = subject_name(incident, subject)
        note = _("Evidence for %(subject)s from %(source)s") % {"subject": named, "source": source.strip()}
        audit.tell(incident, kind=TimelineKind.DECISION, text=note, by=by, now=now)
        audit.record(incident, action="evidence.added", actor=by, now=now, data={"subject": subject})
    return evidence
