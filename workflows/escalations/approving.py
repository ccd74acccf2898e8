"""What waits for a stamp too long, and first words, whose approver is woken at once."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import F, QuerySet

from incidents import sentences
from incidents.enums import Role
from incidents.phases import LIVE
from incidents.sentences import gettext as _
from notifications.enums import MessageKind, MessageState
from notifications.models import ApprovalRequirement, EmergencyApproval
from workflows.enums import AlertKind, SlotState
from workflows.escalations import registry
from workflows.escalations.registry import Late, finder
from workflows.models import UpdateSlot


@finder(AlertKind.FIRST_WORD_WAITS)
def first_words(now: datetime) -> Iterator[Late]:
    """A holding statement waits: its minutes count, so its approver is woken at once, the deputy in time."""
    for requirement in _waiting().filter(revision__message__kind=MessageKind.HOLDING_STATEMENT):
        yield _late(requirement, kind=AlertKind.FIRST_WORD_WAITS, now=now)


@finder(AlertKind.APPROVAL_LATE)
def approvals(now: datetime) -> Iterator[Late]:
    """A text waits for an approval: its approver, the deputy from the agreed time, then the lead when it is overdue."""
    for requirement in _waiting().exclude(revision__message__kind=MessageKind.HOLDING_STATEMENT):
        message = requirement.revision.message
        is_promised = UpdateSlot.objects.filter(message=message, state=SlotState.OPEN).exists()
        if is_promised or _has_come(requirement.deputy_from, now) or _has_come(requirement.due_at, now):
            yield _late(requirement, kind=AlertKind.APPROVAL_LATE, now=now)


def _waiting() -> QuerySet[ApprovalRequirement]:
    """Return what still lacks its stamp."""
    wanted = ApprovalRequirement.objects.filter(
        revision__message__state=MessageState.IN_REVIEW,
        revision=F("revision__message__current"),
        revision__message__incident__phase__in=LIVE,
    )
    open_ones = [
        one.pk
        for one in wanted.prefetch_related("revision__approvals")
        if not {given.role for given in one.revision.approvals.all()} & set(one.any_of)
    ]
    return wanted.filter(pk__in=open_ones).select_related("revision__message__incident").order_by("pk")


def _late(requirement: ApprovalRequirement, *, kind: AlertKind, now: datetime) -> Late:
    revision, message = requirement.revision, requirement.revision.message
    is_deputy_awake = _has_come(requirement.deputy_from, now)
    people = registry.holders(message.incident, requirement.any_of, with_deputies=is_deputy_awake)
    if _has_come(requirement.due_at, now):
        people |= registry.leads(message.incident)
    elif people != {revision.author_id}:
        # Whoever wrote the text cannot approve it.
        people -= {revision.author_id}
    return Late(
        key=f"{kind}:{requirement.pk}",
        kind=kind,
        incident=message.incident,
        text=_("%(message)s waits for approval by: %(roles)s.")
        % {"message": message, "roles": sentences.join(Role(role).label for role in requirement.any_of)},
        people=people,
        path=f"/admin/notifications/message/{message.pk}/approve/",
    )


def _has_come(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment <= now


@finder(AlertKind.EMERGENCY_OPEN)
def emergencies(now: datetime) -> Iterator[Late]:
    """An emergency approval was opened: the sponsor is woken until somebody takes it or the review has judged it."""
    opened = EmergencyApproval.objects.unjudged().filter(revision__message__incident__phase__in=LIVE)
    for emergency in opened.select_related("revision__message__incident", "opened_by").order_by("pk"):
        message = emergency.revision.message
        yield Late(
            key=f"{AlertKind.EMERGENCY_OPEN}:{emergency.pk}",
            kind=AlertKind.EMERGENCY_OPEN,
            incident=message.incident,
            text=_("%(person)s opened the emergency path for %(message)s: %(reason)s")
            % {"person": emergency.opened_by, "message": message, "reason": emergency.reason},
            people=registry.holders(message.incident, [Role.EXECUTIVE_SPONSOR], with_deputies=True),
        )
