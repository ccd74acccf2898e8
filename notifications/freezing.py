"""Freezes an audience: every customer of a message becomes one row, in one statement, all or nothing."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from incidents import customers, quiet_hours
from incidents.enums import ContactKind, Language
from incidents.errors import Refusal
from incidents.imports import staging
from incidents.models import Company, Customer
from notifications import bodies, channels, personal, recipients, rendering
from notifications.enums import CAN_WAIT, HANDED_OVER, NOT_MEANT, RELEASED, DeliveryStatus, FailureCode, MessageKind
from notifications.models import Delivery, Message

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


@dataclass(frozen=True)
class Forecast:
    """So many customers of a tier, by one way (None: no mail is for them), in one language; `outcome` empty: sent."""

    tier: int
    way: str | None
    language: str
    outcome: str
    count: int


@dataclass(frozen=True)
class Verdict:
    """What becomes of one customer's mail; `through` is who gets the copy that serves this customer too."""

    tier: int
    way: str | None
    language: str
    outcome: str
    through: int


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
    return Delivery.objects.get(message=message, customer=customer, channel=channel, rendition="")


def freeze_rendition(message: Message, *, language: str, now: datetime) -> int:
    """Insert a delivery in a language that was approved late for everyone who got the fallback; twice is once."""
    with transaction.atomic():
        locked = _lock(message)
        params = {"original": locked.pk, "may_have_reached": list(MAY_HAVE_REACHED), "read_in": language}
        own = Source(f"{_RECIPIENTS} AND rendition = '' AND language = %(read_in)s", params)
        added = _insert(locked, sources=[own], matrix={}, now=now, rendition=language)
        Message.objects.filter(pk=locked.pk).update(frozen_count=locked.frozen_count + added)
    return added


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


def _filtered(spec: dict[str, Any], *, name: str = "filter") -> Source:
    query, values = customers.matching(spec).order_by().values("pk").query.sql_with_params()
    names = iter([f"{name}{place}" for place in range(len(values))])
    named = re.sub("%%|%s", lambda found: f"%({next(names)})s" if found.group() == "%s" else "%%", query)
    params = {f"{name}{place}": value for place, value in enumerate(values)}
    return Source(f"SELECT wanted.id AS customer_id, NULL::smallint, NULL::text FROM ({named}) AS wanted (id)", params)


def _matrix(message: Message) -> dict[str, str]:
    """The e-mail channel of each tier: however many the plan lists, a customer gets one e-mail a message."""
    mail = channels.addressed_by(ContactKind.EMAIL)
    found = {tier: next((name for name in names if name in mail), "") for tier, names in message.channels.items()}
    return {tier: name for tier, name in found.items() if name}


def forecast(message: Message) -> list[Forecast]:
    """Return what freezing would do now, counted by the same query; a message for the page alone has no recipients."""
    if message.audience == {"page": True}:
        return []
    with transaction.atomic(), staging.whole_tables(), connection.cursor() as cursor:
        cursor.execute(*_asked(message, _sources(message), _counting(message), then=_COUNT))
        return [Forecast(*row) for row in cursor.fetchall()]


def verdict(message: Message, *, customer: Customer) -> Verdict | None:
    """Return what freezing would decide for one customer among all others; None who is not meant."""
    if message.audience == {"page": True}:
        return None
    with transaction.atomic(), staging.whole_tables(), connection.cursor() as cursor:
        values = _counting(message) | {"asked_for": customer.pk}
        cursor.execute(*_asked(message, _sources(message), values, then=_ONE))
        row = cursor.fetchone()
    return Verdict(*row) if row else None


def _counting(message: Message) -> dict[str, Any]:
    content = message.current.content if message.current else {"texts": {}}
    spoken = list(content["texts"]) or Language.values
    return {
        **recipients.values(message),
        "matrix": json.dumps(_matrix(message)),
        "languages": json.dumps(dict.fromkeys(spoken)),
        "fallback": bodies.spoken_language(content, "") if content["texts"] else Language.EN.value,
    }


def _asked(message: Message, sources: list[Source], values: dict[str, Any], *, then: str) -> tuple[str, dict[str, Any]]:
    """Return the statement and its parameters: the query of the recipients, and what is done with it."""
    left_out = _left_out(message)
    query = recipients.query(
        audience=" UNION ALL ".join(f"({source.sql})" for source in sources),
        excluded="".join(f" UNION ALL (SELECT one.customer_id FROM ({source.sql}) AS one)" for source in left_out),
        shared=recipients.shared_by(message),
        is_counting=then != _INSERT,
    )
    for source in [*sources, *left_out]:
        values = values | source.params
    return query + then, values


def _left_out(message: Message) -> list[Source]:
    """Whom this message leaves out by its own words, beside the exclusions of the whole incident."""
    found = message.audience.get("excluding", [])
    return [_filtered(one["filter"], name=f"left_out{place}_") for place, one in enumerate(found)]


def _insert(
    message: Message, *, sources: list[Source], matrix: dict[str, str], now: datetime, rendition: str = ""
) -> int:
    assert message.current is not None
    content = bodies.content_of(message.current, rendition=rendition)
    zones = _time_zones()
    words = personal.wording(message.incident, content=content, time_zones=zones)
    defaults = json.dumps(words.defaults)
    values = {
        **recipients.values(message),
        "message": message.pk,
        "revision": message.current_id,
        "now": now,
        "rendition": rendition,
        "not_before": json.dumps(_not_before(message, zones, now=now)),
        "matrix": json.dumps(matrix),
        "precedence": PRECEDENCE[MessageKind(message.kind)],
        "is_safety_warning": message.incident.is_safety_warning,
        "suppressing": [FailureCode.SUPPRESSED, *NOT_MEANT],
        "fallback": bodies.spoken_language(content, ""),
        "languages": defaults,
        "defaults": defaults,
        "by_group": json.dumps(words.by_group),
        "by_customer": json.dumps(words.by_customer),
    }
    with connection.cursor() as cursor:
        cursor.execute(*_asked(message, sources, values, then=_INSERT))
        inserted = int(cursor.rowcount)
    _refuse_blanks(message, words=words)
    return inserted


def _time_zones() -> list[str]:
    zones = Customer.objects.order_by("time_zone").values_list("time_zone", flat=True).distinct()
    return list(zones)


def _not_before(message: Message, zones: list[str], *, now: datetime) -> dict[str, str]:
    """Return by time zone until when a message that can wait does: the end of the quiet hours there."""
    if message.kind not in CAN_WAIT or message.incident.is_safety_warning:
        return {}
    company = Company.objects.first() or Company()
    return {zone: quiet_hours.end_of(company, at=now, time_zone=zone).isoformat() for zone in zones}


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

# What leaves out a row on purpose is `suppressed`, with the reason; what stands in the way has `failed`.
_INSERT = """,
worded AS (
    SELECT w.*, %(defaults)s::jsonb -> w.spoken AS texts,
        coalesce(
            %(by_customer)s::jsonb -> w.customer_id::text,
            %(by_group)s::jsonb -> (w.spoken || '|' || w.tier || '|' || w.time_zone),
            '{}'::jsonb
        ) AS promises,
        nullif(concat_ws('; ', nullif(btrim(w.affected_items), ''), w.other_items), '') AS items
    FROM settled w
)
INSERT INTO notifications_delivery (
    reference, incident_id, message_id, revision_id, customer_id, through_id, channel, tier, language, rendition,
    time_zone, address, personal, priority, status, failure_code, failure_detail, attempts, next_attempt_at,
    lease_owner, created_at, settled_at, provider_id
)
SELECT gen_random_uuid(), %(incident)s, %(message)s, %(revision)s, customer_id,
    CASE WHEN outcome = 'duplicate' THEN server END, way, tier, language, %(rendition)s, time_zone, recipient,
    jsonb_build_object(
        'customer.salutation',
        CASE WHEN %(is_drill)s
             THEN replace(texts ->> 'salutation', '{name}', replace(texts ->> 'sample', '{number}', turn::text))
             ELSE coalesce(nullif(btrim(salutation), ''), replace(texts ->> 'salutation', '{name}', name)) END,
        'customer.affected_items',
        CASE WHEN %(is_drill)s THEN texts ->> 'sample_items' ELSE coalesce(items, texts ->> 'affected') END,
        'contact.person_name', coalesce(manager, texts ->> 'contact'),
        'commitment.open_summary', coalesce(nullif(promises ->> 'open', ''), texts ->> 'none'),
        'commitment.status_summary', coalesce(nullif(promises ->> 'status', ''), texts ->> 'none')
    ),
    CASE WHEN harm = 'safety' OR %(is_safety_warning)s THEN 0 ELSE %(precedence)s END + tier,
    CASE WHEN outcome = '' THEN 'queued' WHEN outcome = ANY(%(suppressing)s) THEN 'suppressed' ELSE 'failed' END,
    outcome, '', 0, coalesce((%(not_before)s::jsonb ->> time_zone)::timestamptz, %(now)s), '', %(now)s,
    CASE WHEN outcome <> '' THEN %(now)s END, ''
FROM worded
ORDER BY CASE WHEN harm = 'safety' OR %(is_safety_warning)s THEN 0 ELSE %(precedence)s END + tier, customer_id
ON CONFLICT (message_id, customer_id, channel, rendition) DO NOTHING
"""

_COUNT = """
SELECT tier, way, spoken, outcome, count(*) FROM settled GROUP BY tier, way, spoken, outcome
ORDER BY tier, way, spoken, outcome"""

_ONE = """
SELECT tier, way, spoken, outcome, server FROM settled WHERE customer_id = %(asked_for)s"""
