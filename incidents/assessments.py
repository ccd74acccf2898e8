"""What the team concludes about an incident: whose doing it is, what is still open, and that it is solved."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from incidents import audit
from incidents.enums import ResponsibilityCluster, TimelineKind
from incidents.errors import Refusal
from incidents.models import Incident, Unknown, User
from incidents.phases import Phase
from incidents.sentences import gettext as _


class BadAssessment(Refusal):
    """The conclusion does not fit the incident as it stands."""


@dataclass(frozen=True)
class Record:
    """What is known about the incident itself: working title, when and where it was noticed, and where it counts."""

    title: str
    detection_source: str
    impact_started_at: datetime | None
    detected_at: datetime | None
    jurisdictions: tuple[str, ...]


def correct_report(incident: Incident, *, record: Record, by: User, now: datetime) -> Incident:
    """Put right what was reported in a hurry; the audit trail keeps which fields changed."""
    if not incident.is_live:
        raise BadAssessment(_("The incident is over; its record stays as it is."))
    if not record.title.strip():
        raise BadAssessment(_("The incident needs a title."))
    fields = {**vars(record), "jurisdictions": list(record.jurisdictions)}
    with transaction.atomic():
        locked = Incident.objects.select_for_update().get(pk=incident.pk)
        changed = sorted(name for name, value in fields.items() if getattr(locked, name) != value)
        Incident.objects.filter(pk=incident.pk).update(**fields)
        incident.refresh_from_db()
        audit.tell(incident, kind=TimelineKind.NOTE, text=_("The report was put right"), by=by, now=now)
        audit.record(incident, action="incident.corrected", actor=by, now=now, data={"fields": changed})
    return incident


def assess(incident: Incident, *, cluster: ResponsibilityCluster, by: User, now: datetime) -> Incident:
    """Set how the public will attribute responsibility; it drives admission wording and remedies."""
    text = _("Responsibility: %s") % ResponsibilityCluster(cluster).label
    return _set(incident, "responsibility_cluster", cluster, text=text, by=by, now=now)


def resolve(incident: Incident, *, at: datetime, by: User, now: datetime) -> Incident:
    """Record when the incident was solved in operation; customers are told by the resolution notice."""
    if incident.phase != Phase.EXECUTE:
        raise BadAssessment(
            _("An incident is resolved in the phase Execute; it is in %s.") % Phase(incident.phase).label
        )
    if at > now:
        raise BadAssessment(_("The time of the solution lies in the future."))
    if incident.declared_at and at < incident.declared_at:
        raise BadAssessment(_("The time of the solution lies before the declaration."))
    return _set(incident, "resolved_at", at, text=_("Resolved in operation"), by=by, now=now)


def note_unknown(incident: Incident, *, text: str, owner: User, due_at: datetime, by: User, now: datetime) -> Unknown:
    """Note an open question with the person who finds out and the time by which."""
    if not text.strip():
        raise BadAssessment(_("Write what is not known."))
    with transaction.atomic():
        unknown = Unknown.objects.create(
            incident=incident, text=text.strip(), owner=owner, due_at=due_at, created_at=now
        )
        words = _("Open question for %(owner)s: %(text)s") % {"owner": owner, "text": unknown.text}
        audit.tell(incident, kind=TimelineKind.FACT, text=words, by=by, now=now)
    return unknown


def settle_unknown(unknown: Unknown, *, by: User, now: datetime) -> Unknown:
    """Record that an open question found its answer; the answer itself is a fact."""
    if not Unknown.objects.filter(pk=unknown.pk, resolved_at=None).update(resolved_at=now):
        raise BadAssessment(_("This question is settled already."))
    unknown.refresh_from_db()
    words = _("Open question settled: %s") % unknown.text
    audit.tell(unknown.incident, kind=TimelineKind.FACT, text=words, by=by, now=now)
    return unknown


def _set(incident: Incident, field: str, value: object, *, text: str, by: User, now: datetime) -> Incident:
    with transaction.atomic():
        Incident.objects.filter(pk=incident.pk).update(**{field: value})
        incident.refresh_from_db()
        audit.tell(incident, kind=TimelineKind.DECISION, text=text, by=by, now=now)
        audit.record(incident, action=f"incident.{field}", actor=by, now=now, data={"value": str(value)})
    return incident
