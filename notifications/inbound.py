"""Works off what providers reported: evidence moves a delivery forward, never back."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from notifications.channels.base import Receipt
from notifications.enums import DeliveryStatus, FailureCode, SuppressionReason
from notifications.models import Delivery, ProviderEvent
from notifications.suppressions import suppress

BATCH = 500
# An event may overtake our own commit; one that still fits nothing after this is kept and left alone.
PATIENCE = timedelta(hours=24)

S = DeliveryStatus
NOT_YET_DELIVERED = (S.SENDING, S.ACCEPTED, S.UNCERTAIN)
NOT_BOUNCED = (*NOT_YET_DELIVERED, S.RETRY, S.DELIVERED)


def store(channel: str, *, event_id: str, receipt: Receipt, now: datetime) -> bool:
    """Keep an event, once by its id; returns whether it was new."""
    _event, is_new = ProviderEvent.objects.get_or_create(
        channel=channel,
        event_id=event_id,
        defaults={
            "kind": receipt.kind,
            "delivery_reference": receipt.reference,
            "payload": receipt.payload,
            "received_at": now,
        },
    )
    return is_new


def work_off(*, now: datetime) -> int:
    """Apply the waiting events, oldest first; returns how many were finished."""
    with transaction.atomic():
        waiting = ProviderEvent.objects.filter(processed_at=None).order_by("received_at", "pk")
        events = list(waiting.select_for_update(no_key=True, skip_locked=True)[:BATCH])
        references = {event.delivery_reference for event in events if event.delivery_reference}
        deliveries = Delivery.objects.filter(reference__in=references)
        known: dict[uuid.UUID, Delivery] = {one.reference: one for one in deliveries}
        finished = [event.pk for event in events if _apply(event, known=known, now=now)]
        ProviderEvent.objects.filter(pk__in=finished).update(processed_at=now)
    return len(finished)


def _apply(event: ProviderEvent, *, known: dict[uuid.UUID, Delivery], now: datetime) -> bool:
    delivery = known.get(event.delivery_reference) if event.delivery_reference else None
    if delivery is None:
        return event.received_at < now - PATIENCE
    handler = HANDLERS.get(event.kind)
    return handler(delivery, event, now) if handler else True


def _delivered(delivery: Delivery, event: ProviderEvent, now: datetime) -> bool:
    still_ours = Q(status=S.SENDING, lease_until__gte=now)
    if Delivery.objects.filter(still_ours, pk=delivery.pk).exists():
        return False  # its sender is about to say so itself
    Delivery.objects.filter(pk=delivery.pk, status__in=NOT_YET_DELIVERED).update(
        status=S.DELIVERED,
        accepted_at=delivery.accepted_at or event.received_at,
        settled_at=now,
        failure_code="",
        lease_owner="",
        lease_until=None,
    )
    return True


def _bounced(delivery: Delivery, event: ProviderEvent, now: datetime) -> bool:
    if Delivery.objects.filter(pk=delivery.pk, status=S.SENDING, lease_until__gte=now).exists():
        return False
    detail = str(event.payload.get("detail", ""))[:300]
    Delivery.objects.filter(pk=delivery.pk, status__in=NOT_BOUNCED).update(
        status=S.FAILED,
        failure_code=FailureCode.BOUNCED,
        failure_detail=detail,
        settled_at=now,
        lease_owner="",
        lease_until=None,
    )
    if event.payload.get("is_permanent"):
        suppress([delivery.address], reason=SuppressionReason.HARD_BOUNCE, now=now)
    return True


def _complained(delivery: Delivery, _event: ProviderEvent, now: datetime) -> bool:
    """It did arrive; the updates one may opt out of stop."""
    suppress([delivery.address], reason=SuppressionReason.COMPLAINT, now=now)
    return True


HANDLERS: dict[str, Callable[[Delivery, ProviderEvent, datetime], bool]] = {
    "delivered": _delivered,
    "bounced": _bounced,
    "complained": _complained,
}
