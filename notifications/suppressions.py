"""Addresses we no longer write to, kept as digests: they outlive the customer's erasure."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from incidents.enums import ContactKind
from notifications.enums import MessageKind, SuppressionReason
from notifications.models import Suppression

# One may opt out of these; everything else is owed to the customer whatever they prefer.
OPTIONAL_KINDS = (MessageKind.PROGRESS_UPDATE, MessageKind.FOLLOW_UP_SURVEY)
TOTAL_REASONS = frozenset({SuppressionReason.HARD_BOUNCE})


def digest(address: str) -> str:
    """Return the digest an address is remembered by; `IS_SUPPRESSED_SQL` does the same arithmetic."""
    return hashlib.sha256(address.encode()).hexdigest()


# Holds for the delivery `d` of the message `m`; a dead mailbox stops everything, an opt-out only what one may opt out of.
IS_SUPPRESSED_SQL = """EXISTS (
    SELECT 1 FROM notifications_suppression s
    WHERE s.kind = 'email' AND s.address_hash = encode(sha256(convert_to({address}, 'UTF8')), 'hex')
      AND (s.is_total OR {kind} IN ('progress_update', 'follow_up_survey')))"""


def suppress(addresses: Iterable[str], *, reason: SuppressionReason, now: datetime) -> None:
    """Remember that these e-mail addresses are not written to; a total suppression is never weakened."""
    is_total = reason in TOTAL_REASONS
    rows = [
        Suppression(
            kind=ContactKind.EMAIL, address_hash=digest(address), reason=reason, is_total=is_total, created_at=now
        )
        for address in set(addresses)
        if address
    ]
    if is_total:
        Suppression.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["kind", "address_hash"],
            update_fields=["reason", "is_total", "created_at"],
        )
    else:
        Suppression.objects.bulk_create(rows, ignore_conflicts=True)
