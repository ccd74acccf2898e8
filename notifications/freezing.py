"""Freezes an audience: every customer of a message becomes one row, in one statement, all or nothing."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from incidents import customers
from incidents.enums import ContactKind
from incidents.errors import Refusal
from incidents.imports import staging
from incidents.models import Customer
from notifications import bodies, channels, personal, rendering
from notifications.enums import HANDED_OVER, RELEASED, DeliveryStatus, MessageKind
from notifications.models import Delivery, Message
from notifications.suppressions import IS_SUPPRESSED_SQL

# Who got a text, or may have got it: a correction goes to exactly these. A row in `sending` may be past its last byte.
MAY_HAVE_REACHED = (
    DeliveryStatus.SENDING,
    DeliveryStatus.ACCEPTED,
    DeliveryStatus.DELIVERED,
    DeliveryStatus.ACKNOWLEDGED,
    DeliveryStatus.UNCERTAIN,
)
# Smaller leaves first; within a kind the higher tier. Danger to people outranks every kind.
PRECEDENCE = {
    MessageKind.CORRECTION: 10,
    MessageKind.LAST_WORD: 10,
    MessageKind.HOLDING_STATEMENT: 20,
    MessageKind.FIRST_NOTICE: 20,
    MessageKind.PROGRESS_UPDATE: 30,
    MessageKind.RESOLUTION: 30,
    MessageKind.FOLLOW_UP_SURVEY: 50,
    **dict.fromkeys(HANDED_OVER, 50),
}


class NotReleased(Refusal):
    """Deliveries exist only for a released message."""

    def __init__(self, message: Message) -> None:
        super().__init__(_("%s is not released; its audience cannot be frozen.") % message.reference)


class NoSuchAudience(Refusal):
    """The message does not say whom it is for."""

    def __init__(self, message: Message) -> None:
        super().__init__(_("%s names no audience.") % message.reference)


@dataclass(frozen=True)
class Source:
    """A query of (customer_id, tier, channel) rows; tier and channel may be null."""

    sql: str
    params: dict[str, Any]


def freeze(message: Message, *, now: datetime) -> int:
    """Insert one delivery for everyone the message is for, once; returns how many there are."""
    with transaction.atomic():
        locked = _lock(message)
        if not locked.deliveries.exists() and locked.audience != {"page": True}:
            with staging.whole_tables():
                inserted = _insert(locked, sources=_sources(locked), matrix=_matrix(locked), now=now)
            Message.objects.filter(pk=locked.pk).update(frozen_count=inserted)
    message.refresh_from_db(fields=["frozen_count"])
    return message.frozen_count


def freeze_one(message: Message, *, customer: Customer, channel: str, now: datetime) -> Delivery:
    """Insert one customer's delivery (written confirmation, another way after a failure); twice the same is one."""
    with transaction.atomic():
        locked = _lock(message)
        own = Source("SELECT %(one)s::bigint, NULL::smallint, %(way)s::text", {"one": customer.pk, "way": channel})
        added = _insert(locked, sources=[own], matrix={}, now=now)
        Message.objects.filter(pk=locked.pk).update(frozen_count=locked.frozen_count + added)
    return Delivery.objects.get(message=message, customer=customer, channel=channel)


def _lock(message: Message) -> Message:
    locked = (
        Message.objects.select_for_update(no_key=True, of=("self",))
        .select_related("current", "incident")
        .get(pk=message.pk)
    )
    if locked.state not in RELEASED or locked.current is None:
        raise NotReleased(locked)
    return locked


def _sources(message: Message) -> list[Source]:
    audience = message.audience
    found = []
    if "tiers" in audience:
        found.append(Source(_OF_TIERS, {"incident_id": message.incident_id, "tiers": list(audience["tiers"])}))
    if "customers" in audience:
        found.append(Source(_NAMED, {"customers": list(audience["customers"])}))
    if "filter" in audience:
        found.append(_filtered(audience["filter"]))
    if "recipients_of" in audience:
        params = {"original": audience["recipients_of"], "may_have_reached": list(MAY_HAVE_REACHED)}
        found.append(Source(_RECIPIENTS, params))
    if not found:
        raise NoSuchAudience(message)
    return found


def _filtered(spec: dict[str, Any]) -> Source:
    query, values = customers.matching(spec).order_by().values("pk").query.sql_with_params()
    names = iter([f"filter{place}" for place in range(len(values))])
    named = re.sub("%%|%s", lambda found: f"%({next(names)})s" if found.group() == "%s" else "%%", query)
    params = {f"filter{place}": value for place, value in enumerate(values)}
    return Source(f"SELECT wanted.id, NULL::smallint, NULL::text FROM ({named}) AS wanted (id)", params)


def _matrix(message: Message) -> dict[str, str]:
    """The e-mail channel of each tier: however many the plan lists, a customer gets one e-mail a message."""
    mail = channels.addressed_by(ContactKind.EMAIL)
    found = {tier: next((name for name in names if name in mail), "") for tier, names in message.channels.items()}
    return {tier: name for tier, name in found.items() if name}


def _insert(message: Message, *, sources: list[Source], matrix: dict[str, str], now: datetime) -> int:
    assert message.current is not None
    content = bodies.content_of(message.current)
    words = personal.wording(message.incident, content=content, time_zones=_time_zones())
    values = {
        "message": message.pk,
        "revision": message.current_id,
        "incident": message.incident_id,
        "now": now,
        "kind": message.kind,
        "mail": channels.addressed_by(ContactKind.EMAIL),
        "matrix": json.dumps(matrix),
        "is_update": message.kind == MessageKind.PROGRESS_UPDATE,
        "precedence": PRECEDENCE[MessageKind(message.kind)],
        "fallback": bodies.spoken_language(content, ""),
        "defaults": json.dumps(words.defaults),
        "by_group": json.dumps(words.by_group),
        "by_customer": json.dumps(words.by_customer),
    }
    for source in sources:
        values |= source.params
    union = " UNION ALL ".join(f"({source.sql})" for source in sources)
    with connection.cursor() as cursor:
        cursor.execute(_INSERT.replace("__AUDIENCE__", union), values)
        inserted = int(cursor.rowcount)
    _refuse_blanks(message, words=words)
    return inserted


def _time_zones() -> list[str]:
    zones = Customer.objects.order_by("time_zone").values_list("time_zone", flat=True).distinct()
    return list(zones)


def _refuse_blanks(message: Message, *, words: personal.Wording) -> None:
    """A customer whose own value is unknown gets the general wording; where there is none, nothing goes out."""
    unworded = [language for language, texts in words.defaults.items() if not texts["affected"]]
    variable = "customer.affected_items"
    assert message.current is not None
    texts = bodies.content_of(message.current)["texts"]
    uses = [use for one in unworded for source in bodies.sources(texts[one]) for use in rendering.analyse(source)]
    if not any(use.variable == variable for use in uses):
        return
    if message.deliveries.filter(**{f"personal__{variable}": ""}).exists():
        raise rendering.MissingValue(variable)


_OF_TIERS = """
    SELECT customer_id, tier, NULL::text FROM incidents_impact
    WHERE incident_id = %(incident_id)s AND coalesce(tier, 3) = ANY(%(tiers)s)"""
_NAMED = "SELECT unnest(%(customers)s::bigint[]), NULL::smallint, NULL::text"
_RECIPIENTS = """
    SELECT customer_id, tier, channel::text FROM notifications_delivery
    WHERE message_id = %(original)s AND status = ANY(%(may_have_reached)s)"""

_INSERT = f"""
WITH audience (customer_id, tier, channel) AS (__AUDIENCE__),
once AS (
    SELECT DISTINCT ON (a.customer_id)
        a.customer_id, coalesce(i.tier, a.tier, 3) AS tier, a.channel, i.affected_items, i.harm
    FROM audience a
    LEFT JOIN incidents_impact i ON i.incident_id = %(incident)s AND i.customer_id = a.customer_id
    ORDER BY a.customer_id, a.channel NULLS LAST
),
placed AS (
    SELECT o.*, c.name, c.salutation, c.language, c.time_zone, c.is_active, p.normalised AS address,
        coalesce(
            %(matrix)s::jsonb ->> o.tier::text,
            o.channel,
            CASE WHEN %(is_update)s AND c.preferred_channel = ANY(%(mail)s) THEN c.preferred_channel END
        ) AS way,
        CASE WHEN %(defaults)s::jsonb ? c.language THEN c.language ELSE %(fallback)s END AS spoken,
        CASE WHEN o.tier < 3 THEN
            coalesce(nullif(btrim(CASE WHEN u.last_name ~ '[\u4e00-\u9fff]' THEN u.last_name || u.first_name
                ELSE concat_ws(' ', u.first_name, u.last_name) END), ''), u.username) END AS manager
    FROM once o
    JOIN incidents_customer c ON c.id = o.customer_id
    LEFT JOIN incidents_contactpoint p ON p.customer_id = c.id AND p.kind = 'email' AND p.is_primary
    LEFT JOIN incidents_user u ON u.id = c.account_manager_id
),
worded AS (
    SELECT w.*, %(defaults)s::jsonb -> w.spoken AS texts,
        coalesce(
            %(by_customer)s::jsonb -> w.customer_id::text,
            %(by_group)s::jsonb -> (w.spoken || '|' || w.tier || '|' || w.time_zone),
            '{{}}'::jsonb
        ) AS promises,
        CASE
            WHEN w.address IS NULL THEN 'no_address'
            WHEN octet_length(w.address) <> char_length(w.address)
                OR w.address !~ '^[^@[:space:]<>,;:]+@[^@[:space:]<>,;:]+$' THEN 'invalid_address'
            WHEN NOT w.is_active OR {IS_SUPPRESSED_SQL.format(address="w.address", kind="%(kind)s")} THEN 'suppressed'
            ELSE ''
        END AS hindrance
    FROM placed w WHERE w.way IS NOT NULL
)
INSERT INTO notifications_delivery (
    reference, incident_id, message_id, revision_id, customer_id, channel, tier, language, time_zone, address,
    personal, priority, status, failure_code, failure_detail, attempts, next_attempt_at, lease_owner, created_at,
    settled_at, provider_id
)
SELECT gen_random_uuid(), %(incident)s, %(message)s, %(revision)s, customer_id, way, tier, language, time_zone,
    coalesce(address, ''),
    jsonb_build_object(
        'customer.salutation',
        coalesce(nullif(btrim(salutation), ''), replace(texts ->> 'salutation', '{{name}}', name)),
        'customer.affected_items', coalesce(nullif(btrim(affected_items), ''), texts ->> 'affected'),
        'contact.person_name', coalesce(manager, texts ->> 'contact'),
        'commitment.open_summary', coalesce(nullif(promises ->> 'open', ''), texts ->> 'none'),
        'commitment.status_summary', coalesce(nullif(promises ->> 'status', ''), texts ->> 'none')
    ),
    CASE WHEN harm = 'safety' THEN 0 ELSE %(precedence)s END + tier,
    CASE hindrance WHEN '' THEN 'queued' WHEN 'suppressed' THEN 'suppressed' ELSE 'failed' END,
    hindrance, '', 0, %(now)s, '', %(now)s, CASE WHEN hindrance <> '' THEN %(now)s END, ''
FROM worded
ORDER BY CASE WHEN harm = 'safety' THEN 0 ELSE %(precedence)s END + tier, customer_id
ON CONFLICT (message_id, customer_id, channel) DO NOTHING
"""
