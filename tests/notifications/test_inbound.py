"""What providers report: signed, stored once, worked off later, and only ever forward."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from standardwebhooks.webhooks import Webhook

from incidents import clock
from notifications import freezing, inbound, tasks
from notifications.channels.base import Receipt
from notifications.enums import DeliveryStatus, FailureCode
from notifications.models import Delivery, ProviderEvent, Suppression
from tests.factories_delivery import NOW, make_company, make_customer, make_impact, make_incident, make_released

pytestmark = pytest.mark.django_db
S = DeliveryStatus


@pytest.fixture(autouse=True)
def _no_bell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.work_off, "apply_async", lambda **_options: None)


@pytest.fixture(autouse=True)
def _a_secret(settings: Any) -> None:
    # An embedded installation makes its own; a database of yours comes without.
    settings.CRISISCOMM_HOOK_SECRET = "whsec_" + "Q1JJ" * 11


def make_delivery(status: DeliveryStatus, **fields: Any) -> Delivery:
    make_company()
    incident = make_incident()
    make_impact(incident, make_customer())
    message = make_released(incident)
    freezing.freeze(message, now=NOW)
    message.deliveries.update(status=status, **fields)
    return message.deliveries.get()


def report(kind: str, delivery: Delivery, **payload: Any) -> str:
    inbound.store("email", event_id=uuid.uuid4().hex, receipt=Receipt(kind, delivery.reference, payload), now=NOW)
    inbound.work_off(now=NOW)
    delivery.refresh_from_db()
    return delivery.status


def post(client: Client, settings: Any, body: bytes, *, event_id: str = "e1", secret: str = "") -> int:
    moment = clock.now()
    signature = Webhook(secret or settings.CRISISCOMM_HOOK_SECRET).sign(event_id, moment, body.decode())
    headers = {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": signature,
    }
    return client.post("/hooks/email/", body, content_type="application/json", headers=headers).status_code


def event(kind: str = "delivered", **data: Any) -> bytes:
    return json.dumps({"type": kind, "data": {"delivery": str(uuid.uuid4())} | data}).encode()


@pytest.mark.parametrize(
    ("before", "kind", "after"),
    [
        (S.ACCEPTED, "delivered", S.DELIVERED),
        (S.UNCERTAIN, "delivered", S.DELIVERED),
        (S.ACCEPTED, "bounced", S.FAILED),
        (S.DELIVERED, "bounced", S.FAILED),
        (S.UNCERTAIN, "bounced", S.FAILED),
        (S.FAILED, "delivered", S.FAILED),
        (S.ACKNOWLEDGED, "bounced", S.ACKNOWLEDGED),
        (S.ACKNOWLEDGED, "delivered", S.ACKNOWLEDGED),
        (S.SUPERSEDED, "delivered", S.SUPERSEDED),
        (S.ACCEPTED, "opened", S.ACCEPTED),
        (S.DELIVERED, "complained", S.DELIVERED),
        (S.QUEUED, "delivered", S.QUEUED),
    ],
)
def test_evidence_moves_a_delivery_forward_only(before: S, kind: str, after: S) -> None:
    assert report(kind, make_delivery(before)) == after


def test_a_hard_bounce_stops_the_address_and_a_soft_one_does_not() -> None:
    soft, hard = make_delivery(S.ACCEPTED), make_delivery(S.ACCEPTED)

    report("bounced", soft, detail="mailbox full")
    report("bounced", hard, is_permanent=True, detail="no such user")

    assert (hard.failure_code, hard.failure_detail) == (FailureCode.BOUNCED, "no such user")
    assert list(Suppression.objects.values_list("reason", "is_total")) == [("hard_bounce", True)]


def test_a_complaint_ends_the_optional_updates() -> None:
    report("complained", make_delivery(S.DELIVERED))

    assert list(Suppression.objects.values_list("reason", "is_total")) == [("complaint", False)]


def test_an_event_that_overtakes_the_sender_waits_for_it() -> None:
    delivery = make_delivery(S.SENDING, lease_owner="w", lease_until=NOW + timedelta(seconds=60))

    too_early = report("delivered", delivery)
    Delivery.objects.filter(pk=delivery.pk).update(status=S.ACCEPTED)
    inbound.work_off(now=NOW)
    delivery.refresh_from_db()

    assert (too_early, delivery.status) == (S.SENDING, S.DELIVERED)


def test_an_unknown_reference_is_kept_and_matched_until_patience_ends() -> None:
    inbound.store("email", event_id="x", receipt=Receipt("delivered", uuid.uuid4()), now=NOW)

    early = inbound.work_off(now=NOW + inbound.PATIENCE)
    late = inbound.work_off(now=NOW + inbound.PATIENCE + timedelta(seconds=1))

    assert (early, late, ProviderEvent.objects.count()) == (0, 1, 1)


def test_a_signed_report_is_stored_once_however_often_it_comes(client: Client, settings: Any) -> None:
    body = event()

    codes = [post(client, settings, body) for _ in range(3)]

    assert (codes, ProviderEvent.objects.count()) == ([204, 204, 204], 1)


def test_forged_foreign_and_oversized_reports_stay_outside(client: Client, settings: Any) -> None:
    other = "whsec_" + "QUJD" * 11

    forged = post(client, settings, event(), secret=other)
    unsigned = client.post("/hooks/email/", event(), content_type="application/json").status_code
    oversized = post(client, settings, event(detail="x" * 1024 * 1024))
    elsewhere = client.post("/hooks/carrier-pigeon/", b"{}", content_type="application/json").status_code
    strange = post(client, settings, event("exploded"))
    settings.CRISISCOMM_HOOK_SECRET = ""
    closed = client.post("/hooks/email/", event(), content_type="application/json").status_code

    assert [forged, unsigned, oversized, elsewhere, strange, closed] == [401, 401, 413, 404, 400, 401]
    assert ProviderEvent.objects.count() == 0


def test_an_old_report_is_not_replayed(client: Client, settings: Any) -> None:
    moment, body = clock.now() - timedelta(minutes=10), event()
    signature = Webhook(settings.CRISISCOMM_HOOK_SECRET).sign("e1", moment, body.decode())
    headers = {
        "webhook-id": "e1",
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": signature,
    }

    answer = client.post("/hooks/email/", body, content_type="application/json", headers=headers)

    assert answer.status_code == 401
