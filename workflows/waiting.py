"""What waits for one person's stamp, soonest first, with the service level running beside it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q

from incidents.models import TeamAssignment, User
from incidents.phases import LIVE
from notifications.enums import MessageState
from notifications.models import ApprovalRequirement, Message


@dataclass(frozen=True)
class Waiting:
    """One text that this person may stamp now, or as deputy from a time on."""

    message: Message
    role: str
    is_deputy: bool
    due_at: datetime | None
    deputy_from: datetime | None
    is_open: bool


def mine(user: User, *, now: datetime) -> list[Waiting]:
    """Return every text this person can stamp, one line each, the one due first on top; deputies see what comes."""
    roles = roles_of(user)
    rows = ApprovalRequirement.objects.filter(
        revision__message__state=MessageState.IN_REVIEW,
        revision=F("revision__message__current"),
        revision__message__incident__in=roles,
    ).exclude(revision__author=user)
    wanted = rows.select_related("revision__message__incident", "revision__emergency")
    found: dict[int, Waiting] = {}
    for one in wanted.prefetch_related("revision__approvals").order_by(F("due_at").asc(nulls_last=True), "pk"):
        line = _line(one, roles[one.revision.message.incident_id], now=now)
        if line is not None and not (line.message.pk in found and found[line.message.pk].is_open):
            found[line.message.pk] = line
    return sorted(found.values(), key=lambda line: (not line.is_open, line.due_at or now))


def _line(one: ApprovalRequirement, roles: dict[str, bool], *, now: datetime) -> Waiting | None:
    given = {stamp.role for stamp in one.revision.approvals.all()}
    role = next((role for role in one.any_of if role in roles), None)
    if role is None or given & set(one.any_of):
        return None
    is_deputy, is_urgent = roles[role], hasattr(one.revision, "emergency")
    is_open = not is_deputy or is_urgent or (one.deputy_from is not None and one.deputy_from <= now)
    return Waiting(one.revision.message, role, is_deputy, one.due_at, one.deputy_from, is_open)


def roles_of(user: User) -> dict[int, dict[str, bool]]:
    """Return, per live incident, this person's roles and whether each is held as deputy."""
    roles: dict[int, dict[str, bool]] = {}
    team = TeamAssignment.objects.filter(Q(user=user) | Q(deputy=user), incident__phase__in=LIVE)
    for assignment in team:
        roles.setdefault(assignment.incident_id, {})[assignment.role] = assignment.user_id != user.pk
    return roles
