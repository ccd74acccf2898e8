"""What a plan still lacks: the six fields of a communication plan, each with where it is filled in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents.enums import ContactKind, Tier
from incidents.models import Impact, Incident
from notifications import channels
from notifications.enums import ChannelName
from workflows.handled import PUBLIC
from workflows.models import CommunicationPlan
from workflows.outreach import PERSONAL_CHANNELS

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
        "channels": bool(served) and all(tells(row.first_channels) and tells(row.update_channels) for row in served),
        "timetable": bool(served)
        and all(min(row.first_contact_interval, row.update_interval) > timedelta() for row in served),
    }


def tells(names: Sequence[str]) -> bool:
    """Whether customers can be told by these channels as things are set up, so that it can be said who was.

    A conversation comes first, or a mail is among them, or all of them are public and one is a page of ours.
    """
    working = [name for name in names if name not in channels.not_set_up()]
    if not working:
        return False
    if working[0] in PERSONAL_CHANNELS or set(working) & set(channels.addressed_by(ContactKind.EMAIL)):
        return True
    return set(working) <= PUBLIC and bool(set(working) & set(channels.published()))


def channel_warnings(plan: CommunicationPlan) -> list[str]:
    """Return a sentence for each tier whose channels are not set up, or by whose channels nobody can be told."""
    found = []
    for row in plan.audiences.order_by("tier"):
        ways = list(dict.fromkeys([*row.first_channels, *row.update_channels]))
        idle = [name for name in ways if name in channels.not_set_up()]
        tier = Tier(row.tier).label
        if idle:
            found.append(gettext("%(tier)s: nobody is told by %(names)s: not set up.") % _named(tier, idle))
        found += [
            gettext("%(tier)s: nobody can be told by %(names)s alone: add e-mail, or put a call first.")
            % _named(tier, names)
            for names in (row.first_channels, row.update_channels)
            if names and not tells(names)
        ]
    return list(dict.fromkeys(found))


def _named(tier: object, names: Sequence[str]) -> dict[str, object]:
    labels = [str(ChannelName(name).label) if name in ChannelName.values else name for name in names]
    return {"tier": tier, "names": ", ".join(labels)}


def label(name: str) -> str:
    """Return a field's name as people read it."""
    return str(FIELDS[name][0]) if name in FIELDS else name


def _tiers(incident: Incident) -> set[int]:
    tiers = Impact.objects.filter(incident=incident, tier__isnull=False).order_by("tier").values_list("tier", flat=True)
    return set(tiers.distinct())
