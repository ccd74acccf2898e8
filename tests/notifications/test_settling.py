"""What became of a window is written by the one who still holds it, and by nobody else."""

import uuid
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from notifications import engine, freezing, settling
from notifications.channels.base import Fate, Outcome
from notifications.enums import DeliveryStatus
from notifications.models import Delivery, Message
from tests.factories_delivery import NOW, make_company, make_customer, make_impact, make_incident, make_released

pytestmark = pytest.mark.django_db


def make_released_to(count: int, **fields: Any) -> Message:
    """A released, frozen message with this many deliveries."""
    make_company()
    incident = make_incident()
    for _ in range(count):
        make_impact(incident, make_customer())
    message = make_released(incident, **fields)
    freezing.freeze(message, now=NOW)
    return message


def claim(message: Message, *, now: datetime = NOW) -> list[Delivery]:
    names = list(message.deliveries.values_list("channel", flat=True).distinct())
    return engine._claim(names, owner=f"w:{uuid.uuid4()}", now=now)


def statuses(message: Message) -> dict[str, int]:
    return dict(Counter(message.deliveries.values_list("status", flat=True)))


def test_a_sleeper_past_its_lease_cannot_write() -> None:
    message = make_released_to(2)
    window = claim(message)
    engine.sweep(now=NOW + timedelta(hours=1))

    written = settling.settle(
        [settling.Settlement(one, Outcome(Fate.ACCEPTED)) for one in window], now=NOW + timedelta(hours=1)
    )

    assert (written, statuses(message)) == (0, {"uncertain": 2})


def test_a_sleeper_cannot_write_over_the_one_who_took_over() -> None:
    message = make_released_to(2, uncertain_policy="resend")
    late = NOW + timedelta(hours=1)
    window = claim(message)
    engine.sweep(now=late)
    claim(message, now=late)

    written = settling.settle([settling.Settlement(one, Outcome(Fate.ACCEPTED)) for one in window], now=late)

    assert (written, statuses(message)) == (0, {"sending": 2})


def test_what_a_provider_reported_meanwhile_is_not_written_over() -> None:
    message = make_released_to(1)
    window = claim(message)
    message.deliveries.update(status=DeliveryStatus.DELIVERED)

    written = settling.settle([settling.Settlement(one, Outcome(Fate.ACCEPTED)) for one in window], now=NOW)

    assert (written, statuses(message)) == (0, {"delivered": 1})
