"""Writes the story people read and the hash-chained audit trail behind it, and proves the chain whole."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from incidents.enums import TimelineKind
from incidents.models import AuditEvent, Incident, TimelineEntry, User


@dataclass(frozen=True)
class BrokenLink:
    """One audit event whose digest or place in the chain does not fit."""

    event_id: int
    incident_id: int | None
    sequence: int
    problem: str


def record(
    incident: Incident | None, *, action: str, actor: User | None, now: datetime, data: dict[str, Any] | None = None
) -> AuditEvent:
    """Append one event to the incident's chain; the database fills sequence and digests."""
    return AuditEvent.objects.create(incident=incident, action=action, actor=actor, at=now, data=data or {})


def tell(incident: Incident, *, kind: TimelineKind, text: str, by: User | None, now: datetime) -> TimelineEntry:
    """Add one line to the incident's timeline."""
    return TimelineEntry.objects.create(incident=incident, kind=kind, text=text, by=by, at=now)


def broken_links() -> list[BrokenLink]:
    """Recompute every chain in the database and return the links that do not fit, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_BROKEN)
        return [BrokenLink(*row) for row in cursor.fetchall()]


_BROKEN = """
WITH chained AS (
    SELECT e, lag(e.hash, 1, '') OVER (PARTITION BY e.incident_id ORDER BY e.sequence) AS before_hash,
           row_number() OVER (PARTITION BY e.incident_id ORDER BY e.sequence) AS place
    FROM incidents_auditevent e
)
SELECT (e).id, (e).incident_id, (e).sequence,
       CASE WHEN (e).sequence <> place THEN 'missing'
            WHEN (e).previous_hash <> before_hash THEN 'unchained'
            ELSE 'changed' END
FROM chained
WHERE (e).sequence <> place OR (e).previous_hash <> before_hash OR (e).hash <> incidents_audit_digest(e)
ORDER BY (e).incident_id, (e).sequence
"""
