"""Faults 7, 8 and 51: any number of schedulers may tick at once, and after an outage one update goes out."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from incidents.models import AuditEvent, Company, Incident
from notifications.enums import MessageKind
from notifications.models import Delivery, Message, StaffNotice
from tests import factories_updates as updating
from tests.factories_incidents import person
from workflows import releases, tick, updates
from workflows.models import Alert, UpdateSlot

pytestmark = pytest.mark.faults
SCHEDULERS = 3


@pytest.fixture
def incident(committed: None, settings: Any) -> Incident:
    settings.EMAIL_HOST = "127.0.0.1"
    incident = updating.told()
    updating.grant(incident)
    return incident


def at_once(act: Callable[[], object]) -> list[object]:
    """Let every scheduler do the same at the same moment, each on a connection of its own."""
    start = Barrier(SCHEDULERS)

    def run(_scheduler: int) -> object:
        start.wait()
        try:
            return act()
        except releases.CannotRelease as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(SCHEDULERS) as pool:
        return list(pool.map(run, range(SCHEDULERS)))


def tick_at_once(now: datetime) -> None:
    at_once(lambda: tick.run(now=now))


def progress(incident: Incident) -> list[Message]:
    return list(Message.objects.filter(incident=incident, kind=MessageKind.PROGRESS_UPDATE))


def test_three_schedulers_send_one_update(incident: Incident) -> None:
    slot = updating.slot(incident)

    tick_at_once(slot.opens_at)
    tick_at_once(slot.opens_at)

    [update] = progress(incident)
    assert update.released_at == slot.opens_at
    assert Delivery.objects.filter(message=update).count() == 1
    assert UpdateSlot.objects.filter(incident=incident).count() == 2
    assert AuditEvent.objects.filter(incident=incident, action="message.released").count() == 2


def test_three_schedulers_after_an_outage_send_one_update(incident: Incident) -> None:
    slot = updating.slot(incident)

    tick_at_once(slot.promised_at + 5.25 * updating.interval(incident))

    assert len(progress(incident)) == 1
    numbers = UpdateSlot.objects.filter(incident=incident).order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, len(numbers) + 1))


def test_three_schedulers_wake_everybody_once(incident: Incident) -> None:
    Company.objects.update(is_demonstration=False)
    Incident.objects.filter(pk=incident.pk).update(is_on_hold=True)
    person("incident_lead").__class__.objects.update(email="staff@company.example")

    tick_at_once(updating.slot(incident).promised_at)

    [alert] = Alert.objects.filter(kind="update_missed")
    assert alert.rounds == 1
    assert StaffNotice.objects.filter(data__alert=alert.pk).count() == alert.watchers.count()


def test_three_clicks_release_once(incident: Incident) -> None:
    slot = updating.slot(incident)
    updates.open_slot(slot.pk, now=slot.opens_at)
    [message] = progress(incident)

    answers = at_once(lambda: releases.release(message, by=None, now=slot.opens_at))

    assert sum(isinstance(answer, releases.CannotRelease) for answer in answers) == SCHEDULERS - 1
    assert AuditEvent.objects.filter(incident=incident, action="message.released").count() == 2
    assert Delivery.objects.filter(message=message).count() == 1
