"""Writes what became of a window of deliveries: one guarded UPDATE that names the lease and the old status."""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction

from notifications import prepared
from notifications.channels.base import Fate, Outcome
from notifications.enums import WAITING, DeliveryStatus, FailureCode, SuppressionReason, UncertainPolicy
from notifications.models import Delivery, Message
from notifications.suppressions import suppress

logger = structlog.get_logger()

FIRST_RETRY = timedelta(seconds=20)
LONGEST_RETRY = timedelta(minutes=30)
MOST_ATTEMPTS = 10
PAUSE = timedelta(seconds=5)  # after "slow down" or no connection


@dataclass(frozen=True)
class Settlement:
    """What one claimed delivery becomes; `outcome` None means it never left and waits again."""

    delivery: Delivery
    outcome: Outcome | None


@dataclass(frozen=True)
class _Ending:
    status: DeliveryStatus
    code: FailureCode = FailureCode.NONE
    detail: str = ""
    provider_id: str = ""
    attempt: int = 1
    wait: timedelta = timedelta()


def settle(settlements: list[Settlement], *, now: datetime) -> int:
    """Write what became of a window in one guarded UPDATE; rows whose lease was lost meanwhile are left alone."""
    if not settlements:
        return 0
    rows = [(one.delivery, _ending(one)) for one in settlements]
    values: dict[str, Any] = {
        "ids": [delivery.pk for delivery, _ending in rows],
        "statuses": [ending.status.value for _delivery, ending in rows],
        "codes": [ending.code.value for _delivery, ending in rows],
        "details": [ending.detail[:300] for _delivery, ending in rows],
        "providers": [ending.provider_id[:200] for _delivery, ending in rows],
        "attempts": [delivery.attempts - 1 + ending.attempt for delivery, ending in rows],
        "nexts": [now + ending.wait for _delivery, ending in rows],
        "owner": settlements[0].delivery.lease_owner,
        "now": now,
    }
    bounced = [one.delivery.address for one in settlements if one.outcome and one.outcome.is_hard_bounce]
    if bounced:
        with transaction.atomic():
            written = prepared.execute(_SETTLE, values).rowcount
            suppress(bounced, reason=SuppressionReason.HARD_BOUNCE, now=now)
    else:
        written = prepared.execute(_SETTLE, values).rowcount
    if written < len(rows):
        logger.warning("lease_lost", deliveries=[delivery.pk for delivery, _ending in rows], written=written)
    return written


def must_pause(settlements: list[Settlement]) -> bool:
    """Whether the receiving side wants no more for now."""
    return any(one.outcome and one.outcome.fate in (Fate.THROTTLED, Fate.UNREACHABLE) for one in settlements)


def _ending(settlement: Settlement) -> _Ending:
    outcome, delivery = settlement.outcome, settlement.delivery
    if outcome is None:
        return _unsent(delivery)
    match outcome.fate:
        case Fate.ACCEPTED:
            return _Ending(DeliveryStatus.ACCEPTED, provider_id=outcome.provider_id)
        case Fate.TEMPORARY:
            return _after_refusal(delivery, outcome)
        case Fate.THROTTLED | Fate.UNREACHABLE:
            pause = _jittered(outcome.wait or PAUSE)
            return replace(_unsent(delivery), code=outcome.code, detail=outcome.detail, wait=pause)
        case Fate.PERMANENT:
            return _Ending(DeliveryStatus.FAILED, outcome.code, outcome.detail)
        case Fate.UNCERTAIN:
            return _in_doubt(delivery, outcome)


def _unsent(delivery: Delivery) -> _Ending:
    was_tried = delivery.attempts > 1
    return _Ending(DeliveryStatus.RETRY if was_tried else DeliveryStatus.QUEUED, attempt=0)


def _after_refusal(delivery: Delivery, outcome: Outcome) -> _Ending:
    if delivery.attempts >= MOST_ATTEMPTS:
        return _Ending(DeliveryStatus.FAILED, outcome.code, outcome.detail)
    wait = min(FIRST_RETRY * 2 ** (delivery.attempts - 1), LONGEST_RETRY)
    return _Ending(DeliveryStatus.RETRY, outcome.code, outcome.detail, wait=_jittered(outcome.wait or wait))


def _in_doubt(delivery: Delivery, outcome: Outcome) -> _Ending:
    policy = Message.objects.values_list("uncertain_policy", flat=True).get(pk=delivery.message_id)
    if policy == UncertainPolicy.RESEND and delivery.attempts < MOST_ATTEMPTS:
        return _Ending(DeliveryStatus.RETRY, FailureCode.UNKNOWN_OUTCOME, outcome.detail, wait=_jittered(FIRST_RETRY))
    return _Ending(DeliveryStatus.UNCERTAIN, FailureCode.UNKNOWN_OUTCOME, outcome.detail)


def _jittered(wait: timedelta) -> timedelta:
    return wait * random.uniform(0.75, 1.25)


_WAITING = ", ".join(f"'{status}'" for status in sorted(WAITING))
_SETTLE = f"""
UPDATE notifications_delivery d SET
    status = v.status, failure_code = v.code, failure_detail = v.detail, provider_id = v.provider,
    attempts = v.attempts, next_attempt_at = v.next,
    accepted_at = CASE WHEN v.status = 'accepted' THEN %(now)s ELSE d.accepted_at END,
    settled_at = CASE WHEN v.status IN ({_WAITING}) THEN NULL ELSE %(now)s END,
    lease_owner = '', lease_until = NULL
FROM unnest(
    %(ids)s::bigint[], %(statuses)s::text[], %(codes)s::text[], %(details)s::text[], %(providers)s::text[],
    %(attempts)s::smallint[], %(nexts)s::timestamptz[]
) AS v (id, status, code, detail, provider, attempts, next)
-- nullif: row by row by its key; the index of what is in flight is full of what was.
WHERE d.id = v.id AND nullif(d.status, '') = 'sending' AND d.lease_owner = %(owner)s
"""
