"""Limits of what the public may write, per link, per block of addresses and for everybody together."""

import hashlib
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils.translation import gettext as _

from incidents.errors import Refusal
from notifications.models import RequestCount

KEPT_AFTER_RESET = timedelta(hours=1)
FOR_GOOD = timedelta(days=36500)


class TooMany(Refusal):
    """The limit is reached; `resets_at` says when asking makes sense again."""

    def __init__(self, limit: "Limit", *, resets_at: datetime) -> None:
        self.limit = limit
        self.resets_at = resets_at
        super().__init__(_("Many requests came in a short time. Please try again in a few minutes."))


@dataclass(frozen=True)
class Limit:
    """So many requests in an interval; the interval starts with the first one."""

    name: str
    count: int
    interval: timedelta


PER_LINK = Limit("link", 30, timedelta(minutes=15))
PER_BLOCK = Limit("block", 120, timedelta(minutes=15))
FOR_EVERYBODY = Limit("everybody", 6000, timedelta(minutes=1))


def visit(link: str, *, address: str, now: datetime) -> None:
    """Count one public write by a link from an address; raises TooMany. Without a database nothing is let through."""
    take("", limit=FOR_EVERYBODY, now=now)
    take(block_of(address), limit=PER_BLOCK, now=now)
    take(link, limit=PER_LINK, now=now)


def take(subject: str, *, limit: Limit, now: datetime) -> None:
    """Count one request of `subject` and raise TooMany when there were more than the limit allows."""
    key = hashlib.sha256(f"{limit.name}|{subject}".encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"key": key, "now": now, "resets_at": now + limit.interval, "most": limit.count + 1})
        count, resets_at = cursor.fetchone()
    if count == 1:
        RequestCount.objects.filter(resets_at__lt=now - KEPT_AFTER_RESET).delete()
    if count > limit.count:
        raise TooMany(limit, resets_at=resets_at)


def note(name: str, *, now: datetime) -> None:
    """Count something for good, for the figures; no visitor is in its name."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, {"key": name, "never": now + FOR_GOOD})


def noted(names: Iterable[str]) -> dict[str, int]:
    """Return what was counted under these names, zero where nothing was."""
    found = dict(RequestCount.objects.filter(key__in=list(names)).values_list("key", "count"))
    return {name: found.get(name, 0) for name in names}


def block_of(address: str) -> str:
    """Return the network a visitor's address belongs to: its neighbours share the limit, the address is not kept."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    prefix = 24 if parsed.version == 4 else 48
    return str(ipaddress.ip_network(f"{parsed}/{prefix}", strict=False))


_TAKE = """
INSERT INTO notifications_requestcount AS t (key, count, resets_at) VALUES (%(key)s, 1, %(resets_at)s)
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN t.resets_at <= %(now)s THEN 1 ELSE LEAST(t.count + 1, %(most)s) END,
    resets_at = CASE WHEN t.resets_at <= %(now)s THEN EXCLUDED.resets_at ELSE t.resets_at END
RETURNING count, resets_at
"""

_NOTE = """
INSERT INTO notifications_requestcount AS t (key, count, resets_at) VALUES (%(key)s, 1, %(never)s)
ON CONFLICT (key) DO UPDATE SET count = LEAST(t.count + 1, 2000000000)
"""
