"""Who is on duty now: the running shift of a role, or the holder the roster names."""

from dataclasses import dataclass
from datetime import datetime

from incidents.enums import Role
from incidents.models import DutyShift, RosterEntry, User


@dataclass(frozen=True)
class Duty:
    """A role, who holds it now, who stands in, and until when; None means for good."""

    role: Role
    user: User
    deputy: User | None
    until: datetime | None = None


def now_on(now: datetime) -> list[Duty]:
    """Return who is on duty in each role that somebody holds, in the order of the roles.

    A shift that names no deputy is backed by the roster: its holder, or its deputy where the holder is on shift.
    """
    usual = {entry.role: entry for entry in RosterEntry.objects.select_related("user", "deputy").order_by("role")}
    shifts = DutyShift.objects.running(now).select_related("user", "deputy").order_by("starts_at", "pk")
    running = {shift.role: shift for shift in shifts}
    found = []
    for role in Role:
        entry, shift = usual.get(role), running.get(role)
        if shift is not None:
            found.append(Duty(role, shift.user, shift.deputy or _behind(entry, shift.user), shift.ends_at))
        elif entry is not None:
            found.append(Duty(role, entry.user, entry.deputy))
    return found


def _behind(entry: RosterEntry | None, user: User) -> User | None:
    if entry is None:
        return None
    return entry.user if entry.user_id != user.pk else entry.deputy
