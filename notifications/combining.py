"""Customers whom two linked incidents hit get one update: the other one's row says so instead of a second message."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from notifications.enums import REACHED, DeliveryStatus, FailureCode
from notifications.models import Message

_STANDS = (*REACHED, DeliveryStatus.QUEUED, DeliveryStatus.RETRY, DeliveryStatus.SENDING)


def combine(message: Message, *, covered_by: Sequence[int], now: datetime) -> int:
    """Settle the waiting rows of customers who got, or are getting, one of `covered_by`; return how many.

    Those whose safety is at stake are written to about each incident.
    """
    if not covered_by:
        return 0
    values: dict[str, Any] = {
        "message": message.pk,
        "covered_by": list(covered_by),
        "stands": list(_STANDS),
        "queued": DeliveryStatus.QUEUED,
        "combined": FailureCode.COMBINED,
        "superseded": DeliveryStatus.SUPERSEDED,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COMBINE, values)
        return int(cursor.rowcount)


_COMBINE = """
UPDATE notifications_delivery d
SET status = %(superseded)s, failure_code = %(combined)s, failure_detail = told.reference, settled_at = %(now)s
FROM (
    SELECT c.customer_id, max(i.reference || '/M' || m.number) AS reference
    FROM notifications_delivery c
    JOIN notifications_message m ON m.id = c.message_id
    JOIN incidents_incident i ON i.id = m.incident_id
    WHERE c.message_id = ANY(%(covered_by)s) AND c.status = ANY(%(stands)s)
    GROUP BY c.customer_id
) AS told
WHERE d.message_id = %(message)s AND d.status = %(queued)s AND d.customer_id = told.customer_id
  AND NOT EXISTS (
    SELECT 1 FROM incidents_impact s
    WHERE s.incident_id = d.incident_id AND s.customer_id = d.customer_id AND s.harm = 'safety')
"""
