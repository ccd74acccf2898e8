"""Writes the story people read and the hash-chained audit trail behind it, and proves the chain whole."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from incidents import sentences
from incidents.enums import TimelineKind
from incidents.errors import Refusal
from incidents.models import AuditEvent, Incident, TimelineEntry, User


@dataclass(frozen=True)
class BrokenLink:
    """One audit event whose digest or place in the chain does not fit."""

    event_id: int
    incident_id: int | None
    sequence: int
    problem: str


class ChainBroken(Refusal):
    """The audit trail was changed behind the application's back; `links` are the places."""

    def __init__(self, links: list[BrokenLink]) -> None:
        lines = [_("The audit trail does not fit at %s places:") % len(links)]
        lines += [f"#{link.event_id} ({link.problem})" for link in links[:20]]
        super().__init__("\n".join(lines))
        self.links = links


def record(
    incident: Incident | None, *, action: str, actor: User | None, now: datetime, data: dict[str, Any] | None = None
) -> AuditEvent:
    """Append one event to the incident's chain; the database fills sequence and digests."""
    return AuditEvent.objects.create(incident=incident, action=action, actor=actor, at=now, data=data or {})


def tell(incident: Incident, *, kind: TimelineKind, text: str, by: User | None, now: datetime) -> TimelineEntry:
    """Add one line to the incident's timeline; a sentence of ours is read in each reader's language."""
    words = sentences.kept(text)
    return TimelineEntry.objects.create(incident=incident, kind=kind, text=str(text), words=words, by=by, at=now)


def broken_links() -> list[BrokenLink]:
    """Recompute every chain in the database and return the links that do not fit, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_BROKEN)
        return [BrokenLink(*row) for row in cursor.fetchall()]


def prove() -> int:
    """Return how many events stand in the trail, all of them proven; raise ChainBroken with those that do not fit."""
    links = broken_links()
    if links:
        raise ChainBroken(links)
    return AuditEvent.objects.count()


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
