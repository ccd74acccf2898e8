"""Saved segments: kept under a name, counted and sampled before anybody is marked or written to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from incidents import audit, customers, segment_queries
from incidents.errors import Refusal
from incidents.models import Customer, Segment, User

SAMPLE = 5


class BadSegment(Refusal):
    """A segment needs a name that no other has."""


@dataclass(frozen=True)
class Preview:
    """How many active customers a query finds, and a few of them."""

    count: int
    sample: list[Customer]

    def __str__(self) -> str:
        named = ", ".join(f"{one.name} ({one.crm_id})" for one in self.sample)
        return _("%(count)s customers, for example %(named)s") % {"count": self.count, "named": named or "–"}


def preview(query: str) -> Preview:
    """Return the count and a few customers, in two statements; raises segment_queries.QueryProblem."""
    found = customers.matching({customers.QUERY: query})
    return Preview(found.count(), list(found.order_by("crm_id")[:SAMPLE]))


def spec(segment: Segment) -> dict[str, Any]:
    """Return the saved-filter form of a segment: its query as it reads now, and its name for people."""
    return {customers.QUERY: segment.query, customers.SEGMENT: segment.name}


def keep(name: str, *, query: str, note: str = "", by: User, now: datetime, segment: Segment | None = None) -> Segment:
    """Write a segment, or change the one given; raises BadSegment, or QueryProblem with the place in the query."""
    name, query = name.strip(), query.strip()
    segment_queries.condition(query)
    others = Segment.objects.filter(name__iexact=name)
    if not name or (others.exclude(pk=segment.pk) if segment else others).exists():
        raise BadSegment(_("Give the segment a name that no other has."))
    segment = segment or Segment(created_by=by, created_at=now)
    segment.name, segment.query, segment.note, segment.updated_at = name, query, note.strip(), now
    with transaction.atomic():
        segment.save()
        audit.record(None, action="segment.kept", actor=by, now=now, data={"name": name, "query": query})
    return segment
