"""A promise to customers, from the first notice to the resolution, kept by the clock alone."""

from datetime import timedelta
from typing import Any

import pytest

from incidents.enums import CommitmentKind, CommitmentState
from incidents.models import Commitment, Incident
from notifications.enums import MessageKind, MessageState
from notifications.models import Message
from tests import factories_updates as updating
from tests.factories_incidents import NOW
from workflows import cadence, tick
from workflows.enums import SlotState
from workflows.models import UpdateSlot

pytestmark = pytest.mark.django_db
UPDATES = 3


def run_until_promised(incident: Incident) -> None:
    """The clock opens and sends the update in time; the receiving side takes it a second later."""
    slot = updating.slot(incident)
    tick.run(now=slot.opens_at)
    slot.refresh_from_db()
    assert slot.message is not None
    updating.arrive(slot.message, at=slot.opens_at + timedelta(seconds=1))
    tick.run(now=slot.promised_at)


def test_every_promised_update_arrives_in_time_until_the_incident_is_resolved(settings: Any) -> None:
    settings.EMAIL_HOST = "127.0.0.1"
    incident = updating.told()
    updating.grant(incident)

    for _update in range(UPDATES):
        run_until_promised(incident)
    resolved_at = updating.slot(incident).opens_at - timedelta(minutes=1)
    incident.resolved_at = resolved_at
    incident.save(update_fields=["resolved_at"])
    updating.released(incident, MessageKind.RESOLUTION, now=resolved_at)
    tick.run(now=resolved_at + timedelta(days=9))

    updates = Message.objects.filter(incident=incident, kind=MessageKind.PROGRESS_UPDATE).order_by("number")
    assert [(one.update_number, one.state, one.author) for one in updates] == [
        (number, MessageState.SENT, None) for number in (1, 2, 3)
    ]
    slots = UpdateSlot.objects.filter(incident=incident).order_by("number")
    first = NOW + updating.interval(incident)
    assert [(slot.promised_at, slot.state) for slot in slots] == [
        *[(first + place * updating.interval(incident), SlotState.RELEASED) for place in range(UPDATES)],
        (first + UPDATES * updating.interval(incident), SlotState.WITHDRAWN),
    ]
    promised = Commitment.objects.filter(incident=incident, kind=CommitmentKind.NEXT_UPDATE).order_by("due_at")
    assert [promise.state for promise in promised] == [CommitmentState.KEPT] * UPDATES + [CommitmentState.WITHDRAWN]
    assert cadence.due_and_on_time(incident) == (UPDATES, UPDATES)
