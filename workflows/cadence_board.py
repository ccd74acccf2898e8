"""The cadence board: every promised update of every live incident, how far it is, and who must act."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import connection, models
from django.db.models import QuerySet
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from incidents import embargo
from incidents.enums import Role, Tier
from incidents.models import TeamAssignment, User
from incidents.phases import LIVE
from notifications.enums import MessageState
from notifications.models import MessageRevision
from workflows.cadence import LIVE as LIVE_SLOTS
from workflows.enums import SlotState
from workflows.models import RhythmPause, UpdateSlot

ENDED = (MessageState.CANCELLED, MessageState.EXPIRED, MessageState.SUPERSEDED)


class Standing(models.TextChoices):
    """How far an update is, in the words of who looks at the board."""

    STOPPED = "stopped", _("Sending is stopped: resume it, or the promise breaks")
    TO_COME = "to_come", _("The clock drafts it in time")
    TO_WRITE = "to_write", _("To be drafted")
    TO_SUBMIT = "to_submit", _("Drafted: to be submitted")
    TO_APPROVE = "to_approve", _("Waits for approval")
    READY = "ready", _("Approved: it goes out by itself")


@dataclass(frozen=True)
class Line:
    """One promised update: what it is, how far, who must act, and who else speaks to the same customers."""

    slot: UpdateSlot
    standing: Standing
    actors: list[str]
    is_late: bool
    pause: RhythmPause | None = None
    also: list[str] = field(default_factory=list)

    @property
    def day(self) -> date:
        """The day it stands under, where the reader is."""
        return localtime(self.slot.promised_at).date()


def lines(user: User, *, now: datetime, most: int = 200) -> list[Line]:
    """Return what this person may see, what falls due first on top; as many queries for one as for many."""
    slots = list(_slots(user)[:most])
    incidents = {slot.incident_id for slot in slots}
    team = _team(incidents)
    pauses = {(one.incident_id, one.tier): one for one in _pauses(incidents)}
    shared = _shared(slots)
    found = []
    for slot in slots:
        standing = standing_of(slot)
        actors = _actors(slot, standing, team[slot.incident_id], now=now)
        pause = pauses.get((slot.incident_id, slot.tier))
        found.append(Line(slot, standing, actors, slot.promised_at < now, pause, shared[slot.pk]))
    return found


def standing_of(slot: UpdateSlot) -> Standing:
    """Return how far an update is."""
    message = slot.message
    if slot.incident.is_on_hold:
        return Standing.STOPPED
    if slot.state == SlotState.PROMISED:
        return Standing.TO_COME
    if message is None or message.state in ENDED:
        return Standing.TO_WRITE
    states = {MessageState.DRAFT: Standing.TO_SUBMIT, MessageState.IN_REVIEW: Standing.TO_APPROVE}
    return states.get(MessageState(message.state), Standing.READY)


def _slots(user: User) -> QuerySet[UpdateSlot]:
    rows = UpdateSlot.objects.filter(state__in=LIVE_SLOTS, incident__phase__in=LIVE)
    rows = embargo.visible(rows, to=user)
    rows = rows.select_related("incident", "promised_in__incident", "message__incident", "message__current__author")
    needed = rows.prefetch_related("message__current__requirements", "message__current__approvals")
    return needed.order_by("promised_at", "pk")


def _team(incidents: Iterable[int]) -> dict[int, list[TeamAssignment]]:
    found: dict[int, list[TeamAssignment]] = defaultdict(list)
    for one in TeamAssignment.objects.filter(incident__in=incidents).select_related("user", "deputy"):
        found[one.incident_id].append(one)
    return found


def _pauses(incidents: Iterable[int]) -> QuerySet[RhythmPause]:
    return RhythmPause.objects.filter(incident__in=incidents, ended_at=None)


def _actors(slot: UpdateSlot, standing: Standing, team: list[TeamAssignment], *, now: datetime) -> list[str]:
    """Who must act now, by name: nobody while the clock does it."""
    revision = slot.message.current if slot.message else None
    if standing == Standing.STOPPED:
        return _holders(team, {Role.INCIDENT_LEAD.value})
    if standing == Standing.TO_APPROVE and revision is not None:
        return _approvers(revision, team, now=now)
    if standing == Standing.TO_SUBMIT and revision is not None and revision.author is not None:
        return [str(revision.author)]
    if standing in (Standing.TO_WRITE, Standing.TO_SUBMIT):
        return _holders(team, {Role.COMMUNICATIONS_LEAD.value})
    return []


def _approvers(revision: MessageRevision, team: list[TeamAssignment], *, now: datetime) -> list[str]:
    given = {stamp.role for stamp in revision.approvals.all()}
    wanted = [one for one in revision.requirements.all() if not given & set(one.any_of)]
    names = _holders(team, {role for one in wanted for role in one.any_of})
    late = {role for one in wanted if one.deputy_from and one.deputy_from <= now for role in one.any_of}
    return list(dict.fromkeys([*names, *(str(one.deputy) for one in team if one.role in late and one.deputy)]))


def _holders(team: list[TeamAssignment], roles: set[str]) -> list[str]:
    return list(dict.fromkeys(str(one.user) for one in team if one.role in roles))


def _shared(slots: list[UpdateSlot]) -> dict[int, list[str]]:
    """Per update, in words, the other incidents whose updates reach the same customers."""
    found: dict[int, list[str]] = defaultdict(list)
    places = {(slot.incident_id, slot.tier): slot for slot in slots}
    incidents = sorted({slot.incident_id for slot in slots})
    if len(incidents) < 2:
        return found
    with connection.cursor() as cursor:
        cursor.execute(_SHARED, {"incidents": incidents})
        for incident, tier, other, other_tier, customers in cursor.fetchall():
            mine, theirs = places.get((incident, tier)), places.get((other, other_tier))
            if mine is not None and theirs is not None:
                found[mine.pk].append(f"{customers} × {theirs.incident.reference} {Tier(other_tier).label}")
    return found


_SHARED = """
SELECT a.incident_id, a.tier, b.incident_id, b.tier, count(*)
FROM incidents_impact a JOIN incidents_impact b ON b.customer_id = a.customer_id AND b.incident_id <> a.incident_id
WHERE a.incident_id = ANY(%(incidents)s) AND b.incident_id = ANY(%(incidents)s)
  AND a.tier IS NOT NULL AND b.tier IS NOT NULL
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""
