"""Addresses we no longer write to, kept as digests: they outlive the customer's erasure."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from incidents.enums import ContactKind
from notifications.enums import OPTIONAL, SuppressionReason
from notifications.models import Suppression

TOTAL_REASONS = frozenset({SuppressionReason.HARD_BOUNCE})


def digest(address: str) -> str:
    """Return the digest an address is remembered by; `IS_SUPPRESSED_SQL` does the same arithmetic."""
    return hashlib.sha256(address.encode()).hexdigest()


# A dead mailbox stops everything, an opt-out only the kinds one may do without.
_OPTIONAL = ", ".join(f"'{kind}'" for kind in sorted(OPTIONAL))
IS_SUPPRESSED_SQL = f"""EXISTS (
    SELECT 1 FROM notifications_suppression s
    WHERE s.kind = 'email' AND s.address_hash = encode(sha256(convert_to({{address}}, 'UTF8')), 'hex')
      AND (s.is_total OR {{kind}} IN ({_OPTIONAL})))"""


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
