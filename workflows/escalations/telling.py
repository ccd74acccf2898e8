"""What was told or kept back and has to be looked at again: withheld facts, and sent texts that do not hold."""

from collections.abc import Iterator
from datetime import datetime

from incidents.enums import Role
from incidents.models import Withholding
from incidents.phases import LIVE
from incidents.sentences import gettext as _
from notifications.enums import RELEASED
from notifications.models import Message
from workflows.enums import AlertKind
from workflows.escalations import registry
from workflows.escalations.registry import Late, finder


@finder(AlertKind.WITHHOLDING_DUE)
def withheld(now: datetime) -> Iterator[Late]:
    """The day has come to look again at a fact kept from customers; the fact itself stays in the room."""
    due = Withholding.objects.due_for_review(now).filter(fact__incident__phase__in=LIVE)
    for one in due.select_related("fact__incident").order_by("pk"):
        incident = one.fact.incident
        yield Late(
            key=f"{AlertKind.WITHHOLDING_DUE}:{one.pk}",
            kind=AlertKind.WITHHOLDING_DUE,
            incident=incident,
            text=_("A withheld fact (no. %s) is to be looked at again.") % one.pk,
            people={key for key in (one.approved_by_id, one.asked_by_id) if key} | registry.leads(incident),
        )


@finder(AlertKind.CORRECTION_WAITS)
def corrections(now: datetime) -> Iterator[Late]:
    """A sent text says what does not hold, and nobody has begun a correction or decided against one."""
    marked = Message.objects.filter(needs_correction=True, state__in=RELEASED, incident__phase__in=LIVE)
    for message in marked.exclude(corrections__isnull=False).select_related("incident").order_by("pk"):
        yield Late(
            key=f"{AlertKind.CORRECTION_WAITS}:{message.pk}",
            kind=AlertKind.CORRECTION_WAITS,
            incident=message.incident,
            text=_("A fact that %s used has changed: decide on a correction.") % message,
            people=registry.holders(message.incident, [Role.COMMUNICATIONS_LEAD], with_deputies=False)
            | registry.leads(message.incident),
        )
