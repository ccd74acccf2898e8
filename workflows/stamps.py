"""Whose stamps a text has, which it lacks, and who may give them now."""

from dataclasses import dataclass
from datetime import datetime

from incidents.models import Incident, TeamAssignment, User
from notifications import compose
from notifications.models import ApprovalRequirement, EmergencyApproval, Message, MessageRevision


@dataclass(frozen=True)
class Stamp:
    """A role in which a person may approve now."""

    requirement: ApprovalRequirement
    role: str
    is_deputy: bool


def open_requirements(message: Message) -> list[ApprovalRequirement]:
    """Return the stamps the present text still lacks, oldest first; in an emergency one is enough."""
    revision = compose.current(message)
    given = set(revision.approvals.values_list("role", flat=True))
    wanted = list(revision.requirements.select_related("revision").order_by("pk"))
    lacking = [one for one in wanted if not given & set(one.any_of)]
    return [] if lacking and _is_one_enough(revision) else lacking


def in_emergency(revision: MessageRevision) -> bool:
    """Whether the emergency path was opened for this very text."""
    return EmergencyApproval.objects.filter(revision=revision).exists()


def _is_one_enough(revision: MessageRevision) -> bool:
    """In an emergency, one stamp of another than its author; of a text without an author, than who opened it."""
    emergency = EmergencyApproval.objects.filter(revision=revision).first()
    if emergency is None:
        return False
    stamps = revision.approvals.all()
    return stamps.exclude(approver=emergency.opened_by).exists() if revision.author_id is None else stamps.exists()


def missing(message: Message) -> list[str]:
    """Return the roles whose stamp is missing; of a stamp that any one of several may give, all of them."""
    return list(dict.fromkeys(role for one in open_requirements(message) for role in one.any_of))


def possible(message: Message, *, by: User, now: datetime) -> list[Stamp]:
    """Return the stamps this person may give the text now; the deputy of a silent holder from the agreed time on."""
    if not by.is_active:
        return []
    team = {one.role: one for one in message.incident.team.select_related("user")}
    found = []
    for requirement in open_requirements(message):
        for role in requirement.any_of:
            assignment = team.get(role)
            if assignment is None or by.pk not in (assignment.user_id, assignment.deputy_id):
                continue
            is_deputy = by.pk != assignment.user_id
            if is_deputy and not _may_stand_in(requirement, assignment, now=now):
                continue
            found.append(Stamp(requirement, role, is_deputy))
            break
    return found


def _may_stand_in(requirement: ApprovalRequirement, assignment: TeamAssignment, *, now: datetime) -> bool:
    # A holder who is away, or who wrote the text, will never stamp it.
    author = requirement.revision.author_id
    if not assignment.user.is_active or assignment.user_id == author or in_emergency(requirement.revision):
        return True
    return requirement.deputy_from is not None and requirement.deputy_from <= now


def held(incident: Incident, person: User) -> dict[str, bool]:
    """Return the roles a person holds, each with whether only as deputy."""
    return {
        one.role: one.user_id != person.pk for one in incident.team.all() if person.pk in (one.user_id, one.deputy_id)
    }
