"""Proves that every frozen delivery is final or live, and names what is stuck."""

from datetime import datetime, timedelta

from django.db import connection

from notifications import engine
from notifications.models import Delivery, ProviderEvent, StaffNotice

# Later than this, something that should have happened by itself has not.
GRACE = timedelta(seconds=30)


def findings(*, now: datetime) -> list[str]:
    """Return one sentence for each thing that is off; an empty list is the proof."""
    return [*_miscounted(), *_expired_leases(now), *_unfinished(now), *_waiting(now)]


def repair(*, now: datetime) -> int:
    """Do what the clock should have done, and write down the true number of rows; returns how many rows moved."""
    moved = engine.sweep(now=now)
    with connection.cursor() as cursor:
        cursor.execute(_MEND_COUNTS)
        return moved + int(cursor.rowcount)


def _miscounted() -> list[str]:
    """The number written down at freezing against the rows there are; a row's status is always one of the two kinds."""
    with connection.cursor() as cursor:
        cursor.execute(_MISCOUNTED)
        return [f"message {key}: {frozen} frozen, {rows} rows" for key, frozen, rows in cursor.fetchall()]


def _expired_leases(now: datetime) -> list[str]:
    expired = Delivery.objects.filter(status="sending", lease_until__lt=now - GRACE).order_by("pk")
    return [f"delivery {one}: its sender is gone" for one in expired.values_list("reference", flat=True)[:50]]


def _unfinished(now: datetime) -> list[str]:
    return [f"message {key}: sending, nothing left to send" for key in engine.finished(now=now - GRACE)]


def _waiting(now: datetime) -> list[str]:
    """Work that nobody takes: the processes are not running."""
    late = now - GRACE
    found = []
    if engine.has_work(now=late):
        found.append("deliveries have been due for more than 30 seconds: is a sender running?")
    if StaffNotice.objects.filter(state="queued", next_attempt_at__lt=late, lease_until=None).exists():
        found.append("wake-ups of staff have been due for more than 30 seconds: is a worker running?")
    if ProviderEvent.objects.filter(
        processed_at=None, received_at__lt=late, delivery_reference__in=Delivery.objects.values("reference")
    ).exists():
        found.append("providers' reports have waited for more than 30 seconds: is a worker running?")
    return found


_COUNTS = """
    SELECT m.id, m.frozen_count, count(d.id) AS rows
    FROM notifications_message m
    LEFT JOIN notifications_delivery d ON d.message_id = m.id
    WHERE m.released_at IS NOT NULL OR m.frozen_count > 0
    GROUP BY m.id
    HAVING m.frozen_count <> count(d.id)"""
_MISCOUNTED = _COUNTS + " ORDER BY m.id"
_MEND_COUNTS = f"""
    UPDATE notifications_message m SET frozen_count = c.rows FROM ({_COUNTS}) AS c WHERE c.id = m.id"""
