"""The proof that nobody is lost, and that it fails when somebody is."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from incidents import clock
from notifications import freezing
from notifications.enums import DeliveryStatus
from notifications.models import Delivery, Message
from tests.factories_delivery import make_company, make_customer, make_impact, make_incident, make_released

pytestmark = pytest.mark.django_db


def make_frozen() -> Message:
    make_company()
    incident = make_incident()
    for _ in range(3):
        make_impact(incident, make_customer())
    message = make_released(incident)
    freezing.freeze(message, now=clock.now())
    return message


def reconcile(*arguments: str) -> str:
    out = StringIO()
    call_command("reconcile", *arguments, stdout=out)
    return out.getvalue()


def test_a_sound_house_is_proven() -> None:
    make_frozen()

    assert reconcile() == "frozen = final + live for every message; nothing is stuck\n"


def test_a_lost_row_is_found() -> None:
    message = make_frozen()
    Message.objects.filter(pk=message.pk).update(frozen_count=4)

    with pytest.raises(CommandError, match="1 findings"):
        reconcile()


def test_expired_leases_and_stuck_messages_are_found_and_repaired() -> None:
    message = make_frozen()
    past = clock.now() - timedelta(hours=1)
    Message.objects.filter(pk=message.pk).update(released_at=past)
    message.deliveries.update(status=DeliveryStatus.SENDING, lease_owner="dead", lease_until=past)

    with pytest.raises(CommandError, match="3 findings"):
        reconcile()
    Delivery.objects.filter(pk=message.deliveries.order_by("pk")[0].pk).update(status=DeliveryStatus.ACCEPTED)
    repaired = reconcile("--repair")

    message.refresh_from_db()
    assert repaired.startswith("repaired: 3 rows\n")
    assert (message.state, message.deliveries.filter(status=DeliveryStatus.UNCERTAIN).count()) == ("sent", 2)


def test_work_that_nobody_takes_is_told() -> None:
    message = make_frozen()
    message.deliveries.update(next_attempt_at=clock.now() - timedelta(minutes=1))

    with pytest.raises(CommandError, match="1 findings"):
        reconcile()
