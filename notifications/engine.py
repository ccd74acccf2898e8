"""Moves deliveries: claim a window, record the point of no return, send, settle; every stuck state has a sweep."""

import json
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from incidents import audit
from incidents.errors import Refusal
from incidents.models import Company, User
from notifications import channels, prepared
from notifications.channels.base import Channel, Fate, Outcome
from notifications.enums import (
    RELEASED,
    WAITING,
    DeliveryStatus,
    FailureCode,
    MessageState,
)
from notifications.models import Delivery, Message
from notifications.reach import is_loopback
from notifications.settling import MOST_ATTEMPTS, Settlement, must_pause, settle
from notifications.suppressions import IS_SUPPRESSED_SQL

Clock = Callable[[], datetime]

WINDOW = 10  # what can be uncertain when a sender dies
LEASE = timedelta(seconds=90)
# Nothing new leaves when less than this is left of the lease: longer than any channel takes for one delivery.
LEASE_RESERVE = timedelta(seconds=40)


class NotUncertain(Refusal):
    """Only a delivery whose outcome is unknown can be resolved by a person."""

    def __init__(self, delivery: Delivery) -> None:
        super().__init__(
            _("Delivery %(id)s is %(status)s, not uncertain.")
            % {"id": delivery.reference, "status": delivery.get_status_display()}
        )


class BadResolution(Refusal):
    """An uncertain delivery ends as delivered or failed, or is sent again, and always with the evidence."""


@dataclass(frozen=True)
class Pumped:
    """What one call of `pump` did."""

    settled: int = 0
    has_more: bool = False


# --- pumping ---------------------------------------------------------------------------------------


def pump(*, channel_names: Sequence[str], worker: str, clock: Clock, seconds: float) -> Pumped:
    """Send what is due, window by window, for about so many seconds; returns early when nothing is due.

    `has_more` is False when nothing is due or the receiving side asks for a pause: the tick rings again.
    """
    settled, has_more = 0, False
    with _walking_the_index():
        for carrier, names in _carriers(channel_names).items():
            until = clock() + timedelta(seconds=seconds)
            done = _pump_one(carrier, names=names, worker=worker, clock=clock, until=until)
            settled, has_more = settled + done.settled, has_more or done.has_more
    complete(now=clock())
    return Pumped(settled=settled, has_more=has_more)


@contextmanager
def _walking_the_index() -> Iterator[None]:
    """A fresh batch has no statistics yet, and a plan made on an empty table is kept: only index walks are planned.

    Otherwise PostgreSQL sorts or reads all that waits to find the next ten.
    """
    with connection.cursor() as cursor:
        cursor.execute("; ".join(f"SET {name} = {value}" for name, value in _PLANNER.items()))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("; ".join(f"RESET {name}" for name in _PLANNER))


def _pump_one(carrier: Channel, *, names: list[str], worker: str, clock: Clock, until: datetime) -> Pumped:
    settled = 0
    # The database's time once a window; what passes until each message is measured here, and only moves forward.
    ticks, now = time.monotonic(), clock()
    while window := _claim(names, owner=_owner(worker), now=now):
        settlements = _send(window, carrier=carrier, began=now, ticks=ticks)
        ticks, now = time.monotonic(), clock()
        settled += settle(settlements, now=now)
        if must_pause(settlements):
            return Pumped(settled)
        if now > until:
            return Pumped(settled, has_more=True)
    return Pumped(settled)


def _carriers(channel_names: Sequence[str]) -> dict[Channel, list[str]]:
    found: dict[Channel, list[str]] = {}
    for name in channel_names:
        carrier = channels.carrier(name)
        if carrier is not None and not carrier.is_published:
            found.setdefault(carrier, []).append(name)
    return found


def _owner(worker: str) -> str:
    """A name no other claim ever has: it fences a sleeper that wakes after its lease."""
    return f"{worker[:40]}:{uuid.uuid4().hex}"


def _claim(names: Sequence[str], *, owner: str, now: datetime) -> list[Delivery]:
    """Take the next window: the claim and every reason against sending are one statement, committed before we speak."""
    values = {
        "names": list(names),
        "now": now,
        "owner": owner,
        "until": now + LEASE,
    }
    claimed = [_delivery(row) for row in prepared.execute(_CLAIM, values)]
    return sorted(claimed, key=lambda one: (one.priority, one.next_attempt_at, one.pk))


def _delivery(row: tuple[Any, ...]) -> Delivery:
    """What sending needs of a row; the rest is read when somebody asks."""
    found = dict(zip(_CLAIMED, row, strict=True))
    found["personal"] = json.loads(found["personal"])
    return Delivery.from_db(connection.alias, found.keys(), found.values())


def _send(window: list[Delivery], *, carrier: Channel, began: datetime, ticks: float) -> list[Settlement]:
    settlements: list[Settlement] = []
    is_halted = False
    wanted = [delivery for delivery in window if delivery.status == DeliveryStatus.SENDING]
    for parcel in carrier.pack(wanted, now=began):
        now = began + timedelta(seconds=time.monotonic() - ticks)
        if parcel.problem:
            outcome: Outcome | None = Outcome(Fate.PERMANENT, FailureCode.UNRENDERABLE, parcel.problem)
        elif is_halted or not _may_leave(parcel.delivery, now=now):
            outcome = None
        else:
            [outcome] = carrier.send([parcel])
            is_halted = outcome.fate in (Fate.THROTTLED, Fate.UNREACHABLE)
        settlements.append(Settlement(parcel.delivery, outcome))
    return settlements


def _may_leave(delivery: Delivery, *, now: datetime) -> bool:
    """Look at the world once more before this one leaves: stopped, superseded, expired, suppressed, or not ours."""
    values = {"id": delivery.pk, "owner": delivery.lease_owner, "now": now}
    row = prepared.execute(_MAY_LEAVE, values).fetchone()
    return row is not None and bool(row[0])


# --- sweeping --------------------------------------------------------------------------------------


def sweep(*, now: datetime) -> int:
    """Free what a dead sender held, end what came too late, complete what is done; returns how many rows moved."""
    with connection.cursor() as cursor:
        cursor.execute(_SWEEP_LEASES, {"now": now, "most": MOST_ATTEMPTS})
        moved = int(cursor.rowcount)
        cursor.execute(_EXPIRE, {"now": now, "waiting": list(WAITING)})
        moved += int(cursor.rowcount)
    return moved + complete(now=now)


def complete(*, now: datetime) -> int:
    """Close every message without a live delivery; returns how many."""
    count = 0
    for key in finished(now=now):
        with transaction.atomic():
            locked = Message.objects.select_for_update(no_key=True, of=("self",), skip_locked=True)
            message = locked.filter(pk=key, state=MessageState.SENDING).first()
            if message is not None:
                message.complete()
                message.completed_at = now
                message.save(update_fields=["state", "completed_at"])
                count += 1
    return count


def finished(*, now: datetime) -> list[int]:
    """Return the ids of the messages released by `now` that are still sending, with nothing left to send."""
    live = Delivery.objects.live().filter(message=OuterRef("pk"))
    done = Message.objects.filter(~Exists(live), state=MessageState.SENDING).exclude(released_at__gt=now)
    return list(done.order_by("pk").values_list("pk", flat=True))


def withdraw(message: Message, *, status: DeliveryStatus, now: datetime) -> int:
    """End the deliveries of a message that have not left (superseded, cancelled, expired); returns how many."""
    code = FailureCode.LATE if status in (DeliveryStatus.SUPERSEDED, DeliveryStatus.EXPIRED) else FailureCode.STOPPED
    return message.deliveries.waiting().update(status=status, failure_code=code, settled_at=now)


def resolve(delivery: Delivery, *, status: DeliveryStatus, evidence: str, by: User, now: datetime) -> Delivery:
    """A person ends the doubt: delivered or failed, by evidence, or `retry`: sent again with the same Message-ID."""
    if status not in (DeliveryStatus.DELIVERED, DeliveryStatus.FAILED, DeliveryStatus.RETRY) or not evidence.strip():
        raise BadResolution(_("Say what is known: delivered, failed or to be sent again, and from where you know it."))
    is_final = status != DeliveryStatus.RETRY
    with transaction.atomic():
        changed = Delivery.objects.filter(pk=delivery.pk, status=DeliveryStatus.UNCERTAIN).update(
            status=status, next_attempt_at=now, settled_at=now if is_final else None, failure_detail=evidence[:300]
        )
        delivery.refresh_from_db()
        if not changed:
            raise NotUncertain(delivery)
        data = {"delivery": str(delivery.reference), "status": status.value, "evidence": evidence}
        audit.record(delivery.incident, action="delivery.resolved", actor=by, data=data, now=now)
    return delivery


# --- asked by others -------------------------------------------------------------------------------


def has_work(*, now: datetime) -> bool:
    """Whether a pump would find something to send."""
    values: dict[str, Any] = {"names": list(settings.CRISISCOMM_CHANNELS), "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_HAS_WORK, values)
        return bool(cursor.fetchone()[0])


def live_problems(company: Company) -> list[str]:
    """Return one sentence for everything that stands between this company and real customers; none: mail may go out."""
    found = []
    if company.is_demonstration:
        if not is_loopback(settings.EMAIL_HOST):
            found.append(_("The demonstration company can only send to a mail server on this machine."))
        return found
    if not settings.EMAIL_HOST:
        found.append(_("No mail server is set: give EMAIL_URL."))
    if is_loopback(urlsplit(settings.PUBLIC_BASE_URL).hostname or ""):
        found.append(_("Links in messages would point to this machine: set PUBLIC_BASE_URL to the public address."))
    if not company.sender_address:
        found.append(_("The company has no sender address."))
    if not company.reply_address:
        found.append(_("The company has no reply mailbox: customers could not answer."))
    return found


# Every statement of a pump finds its rows by an index and joins them one by one, whatever statistics say.
_PLANNER = {
    **{f"enable_{way}": "off" for way in ("sort", "seqscan", "bitmapscan", "hashjoin", "mergejoin")},
    "jit": "off",
    "plan_cache_mode": "force_generic_plan",
}
_RELEASED = ", ".join(f"'{state}'" for state in sorted(RELEASED))
_BLOCKERS = f"""
    m.state IN ({_RELEASED}) AND NOT m.is_stopped AND NOT i.is_on_hold
    AND (m.expires_at IS NULL OR m.expires_at > %(now)s)"""
_WAITING = ", ".join(f"'{status}'" for status in sorted(WAITING))
_DUE = f"d.status IN ({_WAITING}) AND d.next_attempt_at <= %(now)s AND d.channel = ANY(%(names)s)"

# One look-up for each message that has rows waiting: nobody walks through the rows of a stopped one.
_SENDABLE = f"""
RECURSIVE waiting (message_id) AS (
    (SELECT d.message_id FROM notifications_delivery d WHERE d.status IN ({_WAITING}) ORDER BY d.message_id LIMIT 1)
    UNION ALL
    SELECT (
        SELECT d.message_id FROM notifications_delivery d
        WHERE d.status IN ({_WAITING}) AND d.message_id > w.message_id ORDER BY d.message_id LIMIT 1
    ) FROM waiting w WHERE w.message_id IS NOT NULL
), sendable AS MATERIALIZED (
    SELECT m.id, m.kind
    FROM waiting w
    CROSS JOIN LATERAL (SELECT * FROM notifications_message m WHERE m.id = w.message_id OFFSET 0) m
    JOIN incidents_incident i ON i.id = m.incident_id
    CROSS JOIN LATERAL (
        SELECT d.priority, d.next_attempt_at, d.id FROM notifications_delivery d
        WHERE d.message_id = w.message_id AND {_DUE}
        ORDER BY d.priority, d.next_attempt_at, d.id LIMIT 1
    ) first
    WHERE {_BLOCKERS}
    ORDER BY first.priority, first.next_attempt_at, first.id
)"""

_HAS_WORK = f"WITH {_SENDABLE} SELECT EXISTS (SELECT FROM sendable)"

_CLAIMED = (
    *("id", "reference", "incident_id", "message_id", "revision_id", "customer_id", "channel", "tier", "language"),
    *(
        "rendition",
        "time_zone",
        "address",
        "personal",
        "priority",
        "status",
        "attempts",
        "next_attempt_at",
        "lease_owner",
    ),
)
_CLAIM = f"""
WITH {_SENDABLE}, next AS MATERIALIZED (
    SELECT own.id, {IS_SUPPRESSED_SQL.format(address="own.address", kind="ready.kind")} AS is_suppressed
    FROM sendable ready CROSS JOIN LATERAL (
        SELECT d.id, d.address FROM notifications_delivery d
        WHERE d.message_id = ready.id AND {_DUE}
        ORDER BY d.priority, d.next_attempt_at, d.id LIMIT {WINDOW}
        FOR NO KEY UPDATE SKIP LOCKED
    ) own
    LIMIT {WINDOW}
)
UPDATE notifications_delivery d SET
    status = CASE WHEN next.is_suppressed THEN 'suppressed' ELSE 'sending' END,
    failure_code = CASE WHEN next.is_suppressed THEN 'suppressed' ELSE '' END,
    settled_at = CASE WHEN next.is_suppressed THEN %(now)s END,
    attempts = d.attempts + CASE WHEN next.is_suppressed THEN 0 ELSE 1 END,
    lease_owner = %(owner)s,
    lease_until = %(until)s
FROM next WHERE d.id = next.id
RETURNING {", ".join(f"d.{name}" for name in _CLAIMED)}
"""

# One answer about one row: as conditions they would tempt the planner to begin elsewhere.
_MAY_LEAVE = f"""
SELECT d.status = 'sending' AND d.lease_owner = %(owner)s
    AND d.lease_until > %(now)s + interval '{LEASE_RESERVE.total_seconds()} seconds'
    AND {_BLOCKERS} AND NOT {IS_SUPPRESSED_SQL.format(address="d.address", kind="m.kind")}
FROM notifications_delivery d
JOIN notifications_message m ON m.id = d.message_id
JOIN incidents_incident i ON i.id = d.incident_id
WHERE d.id = %(id)s
"""

_SWEEP_LEASES = """
UPDATE notifications_delivery d SET
    status = CASE WHEN m.uncertain_policy = 'resend' AND d.attempts < %(most)s THEN 'retry' ELSE 'uncertain' END,
    failure_code = 'unknown_outcome', failure_detail = 'the sender stopped in the middle',
    next_attempt_at = %(now)s, lease_owner = '', lease_until = NULL,
    settled_at = CASE WHEN m.uncertain_policy = 'resend' AND d.attempts < %(most)s THEN NULL ELSE %(now)s END
FROM notifications_message m
WHERE m.id = d.message_id AND d.status = 'sending' AND d.lease_until < %(now)s
"""

_EXPIRE = """
UPDATE notifications_delivery d SET status = 'expired', failure_code = 'late', settled_at = %(now)s
FROM notifications_message m
WHERE m.id = d.message_id AND m.expires_at <= %(now)s AND m.state IN ('sending', 'sent') AND d.status = ANY(%(waiting)s)
"""
