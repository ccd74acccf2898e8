"""What a plan still lacks: the six fields of a communication plan, each with where it is filled in."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from incidents.models import Impact, Incident
from workflows.models import CommunicationPlan

# The door of the plan or of its incident where each field is filled in.
FIELDS: dict[str, tuple[str | Promise, str]] = {
    "objective": (_("objective"), "edit"),
    "key_messages": (_("key messages"), "edit"),
    "owner": (_("owner"), "edit"),
    "audiences": (_("an audience for every tier"), "audience"),
    "channels": (_("channels"), "tier"),
    "timetable": (_("timetable"), "cadence"),
}


@dataclass(frozen=True)
class Gap:
    """A field the plan lacks: its name, its words, and the place where it is filled in."""

    name: str
    label: str
    place: str


def gaps(plan: CommunicationPlan) -> list[Gap]:
    """Return what the plan lacks, in the order in which it is filled in."""
    filled = filled_fields(plan)
    return [Gap(name, label(name), place) for name, (_label, place) in FIELDS.items() if not filled[name]]


def filled_fields(plan: CommunicationPlan) -> dict[str, bool]:
    """Return which of the six fields the plan has; its audience must serve every tier that has customers."""
    tiers = _tiers(plan.incident)
    served = [row for row in plan.audiences.order_by("tier") if row.tier in tiers]
    return {
        "objective": bool(plan.objective.strip()),
        "key_messages": bool(plan.key_messages.strip()),
        "owner": plan.owner_id is not None,
        "audiences": bool(served) and {row.tier for row in served} == tiers,
        "channels": bool(served) and all(row.first_channels and row.update_channels for row in served),
        "timetable": bool(served)
        and all(min(row.first_contact_interval, row.update_interval) > timedelta() for row in served),
    }


def label(name: str) -> str:
    """Return a field's name as people read it."""
    return str(FIELDS[name][0]) if name in FIELDS else name


def _tiers(incident: Incident) -> set[int]:
    tiers = Impact.objects.filter(incident=incident, tier__isnull=False).order_by("tier").values_list("tier", flat=True)
    return set(tiers.distinct())
