"""Who was really told: customers handled by a message or by every message of a kind, per tier."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from incidents.models import Incident
from notifications.enums import REACHED, ChannelName, MessageKind
from notifications.models import Message
from workflows.enums import OutreachState
from workflows.outreach import PERSONAL_CHANNELS

# Channels that speak to everybody at once: published counts as delivered.
PUBLIC = frozenset(
    {
        ChannelName.WEBSITE_NOTICE,
        ChannelName.STATUS_PAGE,
        ChannelName.DARK_SITE,
        ChannelName.OFFICIAL_STATEMENT,
        ChannelName.SOCIAL_POST,
        ChannelName.PRESS_RELEASE,
        ChannelName.PRESS_CONFERENCE,
    }
)
FINISHED = (OutreachState.DONE, OutreachState.UNREACHABLE)


@dataclass(frozen=True)
class Share:
    """Customers handled, of how many."""

    handled: int
    total: int

    @property
    def ratio(self) -> float:
        """The share handled; of nobody, everybody is handled."""
        return self.handled / self.total if self.total else 1.0

    @property
    def open(self) -> int:
        """How many customers are not handled yet."""
        return self.total - self.handled


def handled(message: Message) -> dict[int, Share]:
    """Return per tier how many customers of this message's audience are handled by it, in one query."""
    audience = message.audience
    return _count(
        message.incident,
        messages=[message.pk],
        tiers=audience.get("tiers"),
        customers=audience.get("customers"),
        recipients_of=audience.get("recipients_of"),
    )


def handled_by_kind(incident: Incident, *, kind: MessageKind, since: datetime | None = None) -> dict[int, Share]:
    """Return per tier how many affected customers the released messages of a kind handled, those since `since` alone.

    The total is every customer affected now: who was added after the release is still to be told.
    """
    released = Message.objects.filter(incident=incident, kind=kind, released_at__isnull=False).order_by("number")
    if since is not None:
        released = released.filter(released_at__gte=since)
    return _count(incident, messages=list(released.values_list("pk", flat=True)))


def _count(
    incident: Incident,
    *,
    messages: list[int],
    tiers: list[int] | None = None,
    customers: list[int] | None = None,
    recipients_of: int | None = None,
) -> dict[int, Share]:
    values: dict[str, Any] = {
        "incident": incident.pk,
        "messages": messages,
        "reached": list(REACHED),
        "finished": list(FINISHED),
        "public": json.dumps(sorted(PUBLIC)),
        "personal": list(PERSONAL_CHANNELS),
        "tiers": tiers,
        "customers": customers,
        "recipients_of": recipients_of,
    }
    with connection.cursor() as cursor:
        cursor.execute(_HANDLED, values)
        return {tier: Share(handled=done, total=total) for tier, done, total in cursor.fetchall()}


# A tier counts as told by publishing only when every channel of the message for it is public.
_HANDLED = """
WITH told AS (
    SELECT customer_id FROM notifications_delivery
    WHERE message_id = ANY(%(messages)s) AND (status = ANY(%(reached)s) OR failure_code = 'combined')
    UNION
    SELECT t.customer_id FROM workflows_outreachtask t
    LEFT JOIN notifications_delivery f ON f.id = t.failed_delivery_id
    WHERE t.incident_id = %(incident)s AND t.state = ANY(%(finished)s)
      AND coalesce(f.message_id, t.message_id) = ANY(%(messages)s)
    UNION
    -- Another customer's copy served this one too, or an exercise wrote to nobody.
    SELECT d.customer_id FROM notifications_delivery d
    LEFT JOIN notifications_delivery copy
        ON copy.message_id = d.message_id AND copy.customer_id = d.through_id AND copy.status = ANY(%(reached)s)
    WHERE d.message_id = ANY(%(messages)s)
      AND (d.failure_code = 'exercise' OR d.failure_code = 'duplicate' AND copy.id IS NOT NULL)
    UNION
    -- An exercise calls nobody but its test recipients.
    SELECT i.customer_id FROM incidents_impact i
    JOIN incidents_incident n ON n.id = i.incident_id AND n.is_drill
    JOIN notifications_message m ON m.id = ANY(%(messages)s) AND m.released_at IS NOT NULL
    WHERE i.incident_id = %(incident)s AND NOT workflows_is_test_customer(i.customer_id)
      AND m.channels -> i.tier::text ->> 0 = ANY(%(personal)s)
), left_out AS (
    -- Whom somebody left out with a reason is nobody's to tell; who must hear is never among them.
    SELECT customer_id FROM incidents_exclusion WHERE incident_id = %(incident)s AND lifted_at IS NULL
    UNION
    SELECT customer_id FROM notifications_delivery
    WHERE message_id = ANY(%(messages)s) AND failure_code = 'excluded'
), published AS (
    SELECT DISTINCT channels.key::int AS tier
    FROM notifications_pagepost p JOIN notifications_message m ON m.id = p.message_id
    CROSS JOIN jsonb_each(m.channels) AS channels
    WHERE m.id = ANY(%(messages)s) AND channels.value <@ %(public)s::jsonb AND channels.value <> '[]'
      -- A statutory notice is owed to each person: a page does not pay it.
      AND NOT EXISTS (SELECT 1 FROM incidents_incident o WHERE o.id = m.incident_id AND o.needs_individual_notice)
)
SELECT i.tier, count(*) FILTER (WHERE told.customer_id IS NOT NULL OR published.tier IS NOT NULL), count(*)
FROM incidents_impact i
LEFT JOIN told ON told.customer_id = i.customer_id
LEFT JOIN published ON published.tier = i.tier
LEFT JOIN left_out ON left_out.customer_id = i.customer_id
WHERE i.incident_id = %(incident)s AND i.tier IS NOT NULL
  AND (left_out.customer_id IS NULL OR told.customer_id IS NOT NULL OR i.harm IN ('safety', 'legal_right'))
  AND (%(tiers)s::int[] IS NULL OR i.tier = ANY(%(tiers)s::int[]))
  AND (%(customers)s::bigint[] IS NULL OR i.customer_id = ANY(%(customers)s::bigint[]))
  AND (%(recipients_of)s::bigint IS NULL OR i.customer_id IN (
        SELECT customer_id FROM notifications_delivery WHERE message_id = %(recipients_of)s::bigint))
GROUP BY i.tier ORDER BY i.tier
"""
