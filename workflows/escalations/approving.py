"""What waits for a stamp too long."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext as _

from incidents.enums import Role
from incidents.phases import LIVE
from notifications.enums import MessageState
from notifications.models import ApprovalRequirement
from workflows.enums import AlertKind, SlotState
from workflows.escalations import registry
from workflows.escalations.registry import Late, finder
from workflows.models import UpdateSlot


@finder(AlertKind.APPROVAL_LATE)
def approvals(now: datetime) -> Iterator[Late]:
    """A text waits for an approval: its approver, the deputy from the agreed time, then the lead when it is overdue."""
    waiting = ApprovalRequirement.objects.filter(
        revision__message__state=MessageState.IN_REVIEW,
        revision=F("revision__message__current"),
        revision__message__incident__phase__in=LIVE,
    ).select_related("revision__message__incident")
    for requirement in waiting.order_by("pk"):
        message = requirement.revision.message
        if requirement.revision.approvals.filter(role__in=requirement.any_of).exists():
            continue
        is_deputy_awake = requirement.deputy_from is not None and requirement.deputy_from <= now
        is_overdue = requirement.due_at is not None and requirement.due_at <= now
        is_promised = UpdateSlot.objects.filter(message=message, state=SlotState.OPEN).exists()
        if not (is_promised or is_deputy_awake or is_overdue):
            continue
        people = registry.holders(message.incident, requirement.any_of, with_deputies=is_deputy_awake)
        yield Late(
            key=f"{AlertKind.APPROVAL_LATE}:{requirement.pk}",
            kind=AlertKind.APPROVAL_LATE,
            incident=message.incident,
            text=_("%(message)s waits for approval by: %(roles)s.")
            % {"message": message, "roles": ", ".join(str(Role(role).label) for role in requirement.any_of)},
            people=people | (registry.leads(message.incident) if is_overdue else set()),
        )
