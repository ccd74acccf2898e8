"""Who is called, visited or met, and by when: planned with a message, after a failed delivery, or asked for."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, QuerySet

from incidents import audit
from incidents.enums import Role, Tier, TimelineKind
from incidents.models import Customer, Incident, User
from incidents.sentences import gettext as _
from notifications import recipients
from notifications.enums import ChannelName, MessageState
from notifications.models import Message
from workflows import drills
from workflows.enums import OutreachOrigin, OutreachState, PlanState
from workflows.models import OutreachTask, PlanAudience

# In the order of the plan's list: the first one opens the conversation.
PERSONAL_CHANNELS = (ChannelName.PHONE, ChannelName.VIDEO, ChannelName.IN_PERSON)
OPEN = (OutreachState.TO_DO, OutreachState.CLAIMED)
_ABANDONED = (MessageState.CANCELLED, MessageState.SUPERSEDED, MessageState.EXPIRED)


def prepare_contacts(incident: Incident, *, message: Message, now: datetime) -> int:
    """Make the planned contacts of a drafted message, so that sheets can be filled before it is released.

    One task for each customer of every tier whose channels in this message begin with a personal one; again and
    again harmless. Due counts from the declaration. Nobody can be called before the message is released.
    """
    with transaction.atomic():
        _adopt(incident, message)
        _revive(message)
        return sum(_make_tasks(message, audience=audience, now=now) for audience in _personal_audiences(message))


def plan_contacts(message: Message, *, now: datetime) -> int:
    """Make what is missing when the message is released, and drop who is no longer in its audience; return new ones."""
    with transaction.atomic():
        made = prepare_contacts(message.incident, message=message, now=now)
        planned = OutreachTask.objects.filter(message=message, origin=OutreachOrigin.PLAN, state=OutreachState.TO_DO)
        planned.exclude(customer__in=_meant(message)).update(
            state=OutreachState.CANCELLED, outcome=_("No longer in the audience.")
        )
    return made


def from_failures(*, now: datetime) -> int:
    """Make one contact for every delivery that failed for good while nothing else told that customer; return how many.

    Suppressed addresses count as failed for messages that must arrive; twice is harmless by constraint.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FROM_FAILURES, {"now": now})
        return int(cursor.rowcount)


def request(  # noqa: PLR0913 - one task, described once
    incident: Incident, *, customer: Customer, channel: ChannelName, due_at: datetime, by: User, now: datetime
) -> OutreachTask:
    """Ask for a contact that no plan foresaw, such as a call back."""
    drills.refuse_real(incident, customer=customer)
    owner = customer.account_manager or by
    task = OutreachTask.objects.create(
        incident=incident,
        customer=customer,
        origin=OutreachOrigin.REQUEST,
        channel=channel,
        owner=owner,
        due_at=due_at,
        created_at=now,
    )
    text = _("Contact asked for (#%(id)s), with %(owner)s") % {"id": task.pk, "owner": owner}
    audit.tell(incident, kind=TimelineKind.DELIVERY, text=text, by=by, now=now)
    return task


def _personal_audiences(message: Message) -> Sequence[PlanAudience]:
    tiers = [
        int(tier)
        for tier, names in message.channels.items()
        if names and names[0] in PERSONAL_CHANNELS and int(tier) in message.audience.get("tiers", Tier.values)
    ]
    rows = PlanAudience.objects.filter(plan__incident=message.incident, tier__in=tiers)
    return list(rows.exclude(plan__state=PlanState.SUPERSEDED).order_by("tier"))


def _meant(message: Message) -> QuerySet[Customer]:
    tiers = [audience.tier for audience in _personal_audiences(message)]
    chosen = Customer.objects.filter(impacts__incident=message.incident, impacts__tier__in=tiers)
    invited = chosen.exclude(pk__in=recipients.left_out(message).values("pk"))
    return drills.meant(invited, incident=message.incident)


def _revive(message: Message) -> None:
    """A customer who left the audience and came back keeps the sheet that was filled."""
    planned = OutreachTask.objects.filter(message=message, origin=OutreachOrigin.PLAN, customer__in=_meant(message))
    planned.filter(state=OutreachState.CANCELLED).update(state=OutreachState.TO_DO, outcome="")


def _adopt(incident: Incident, message: Message) -> None:
    """Take over the open contacts of an abandoned message of the same kind, with the sheets already filled."""
    abandoned = OutreachTask.objects.filter(
        incident=incident,
        origin=OutreachOrigin.PLAN,
        state__in=OPEN,
        message__kind=message.kind,
        message__state__in=_ABANDONED,
    )
    taken = OutreachTask.objects.filter(message=message, origin=OutreachOrigin.PLAN).values("customer_id")
    newest = abandoned.exclude(customer_id__in=taken).order_by("customer_id", F("message__number").desc())
    OutreachTask.objects.filter(pk__in=list(newest.distinct("customer_id").values_list("pk", flat=True))).update(
        message=message
    )
    abandoned.update(state=OutreachState.CANCELLED, outcome=_("Another message took its place."))


def _make_tasks(message: Message, *, audience: PlanAudience, now: datetime) -> int:
    values = {
        "message": message.pk,
        "incident": message.incident_id,
        "tier": audience.tier,
        "channels": [name for name in message.channels[str(audience.tier)] if name in PERSONAL_CHANNELS],
        "customers": message.audience.get("customers"),
        "left_out": list(_left_out(message, tier=audience.tier)),
        "owner_role": audience.owner_role,
        "account_manager": Role.ACCOUNT_MANAGER,
        "due_at": (message.incident.declared_at or now) + audience.first_contact_interval,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FROM_PLAN, values)
        return int(cursor.rowcount)


def _left_out(message: Message, *, tier: int) -> QuerySet[Customer, int]:
    affected = recipients.left_out(message).filter(impacts__incident=message.incident, impacts__tier=tier)
    return affected.order_by("pk").values_list("pk", flat=True)


# The customer's own wish comes first, then the plan's order; a call needs a number.
_FROM_PLAN = """
INSERT INTO workflows_outreachtask (incident_id, customer_id, origin, channel, message_id, owner_id, due_at, state,
    preparation, is_prepared, outcome, concern, agreed_points, created_at)
SELECT i.incident_id, i.customer_id, 'plan', way.channel, %(message)s, coalesce(manager.id, holder.user_id),
    %(due_at)s, 'to_do', '{}', false, '', '', '', %(now)s
FROM incidents_impact i
JOIN incidents_incident n ON n.id = i.incident_id
JOIN incidents_customer c ON c.id = i.customer_id
LEFT JOIN incidents_user manager ON manager.id = c.account_manager_id AND manager.is_active
LEFT JOIN LATERAL (
    SELECT t.user_id FROM incidents_teamassignment t
    WHERE t.incident_id = i.incident_id AND t.role IN (%(owner_role)s, %(account_manager)s)
    ORDER BY t.role = %(owner_role)s DESC LIMIT 1
) holder ON true
CROSS JOIN LATERAL (
    SELECT w.channel FROM unnest(%(channels)s::text[]) WITH ORDINALITY AS w(channel, place)
    ORDER BY w.channel = c.preferred_channel DESC, w.channel <> 'phone' OR EXISTS (
        SELECT 1 FROM incidents_contactpoint p WHERE p.customer_id = c.id AND p.kind = 'phone') DESC, w.place
    LIMIT 1
) way
WHERE i.incident_id = %(incident)s AND i.tier = %(tier)s
  AND (%(customers)s::bigint[] IS NULL OR i.customer_id = ANY(%(customers)s::bigint[]))
  AND NOT i.customer_id = ANY(%(left_out)s::bigint[])
  AND (NOT n.is_drill OR workflows_is_test_customer(i.customer_id))
ON CONFLICT DO NOTHING
"""

_FROM_FAILURES = """
INSERT INTO workflows_outreachtask (incident_id, customer_id, origin, channel, message_id, failed_delivery_id, owner_id,
    due_at, state, preparation, is_prepared, outcome, concern, agreed_points, created_at)
SELECT DISTINCT ON (d.message_id, d.customer_id) d.incident_id, d.customer_id, 'failed_delivery',
    CASE WHEN EXISTS (SELECT 1 FROM incidents_contactpoint p WHERE p.customer_id = c.id AND p.kind = 'phone')
         THEN 'phone' ELSE 'in_person' END,
    d.message_id, d.id, coalesce(manager.id, holder.user_id),
    %(now)s + coalesce(a.first_contact_interval, '0'), 'to_do', '{}', false, '', '', '', %(now)s
FROM notifications_delivery d
JOIN notifications_message m ON m.id = d.message_id
JOIN incidents_incident n ON n.id = d.incident_id AND n.phase NOT IN ('closed', 'cancelled')
JOIN incidents_customer c ON c.id = d.customer_id
LEFT JOIN workflows_communicationplan plan ON plan.incident_id = n.id AND plan.state <> 'superseded'
LEFT JOIN workflows_planaudience a ON a.plan_id = plan.id AND a.tier = d.tier
LEFT JOIN incidents_user manager ON manager.id = c.account_manager_id AND manager.is_active
LEFT JOIN incidents_teamassignment holder ON holder.incident_id = n.id AND holder.role = 'account_manager'
WHERE d.status IN ('failed', 'suppressed')
  AND (NOT n.is_drill OR workflows_is_test_customer(d.customer_id))
  AND (d.status = 'failed' OR m.kind NOT IN ('progress_update', 'follow_up_survey'))
  AND NOT EXISTS (SELECT 1 FROM notifications_delivery o WHERE o.message_id = d.message_id
        AND o.customer_id = d.customer_id AND o.status IN ('accepted', 'delivered', 'acknowledged'))
  -- On purpose nothing left; only who relied on another customer's copy is told when that copy failed.
  AND d.failure_code NOT IN ('excluded', 'exercise')
  AND (d.failure_code <> 'duplicate' OR (
        EXISTS (SELECT 1 FROM notifications_delivery c WHERE c.message_id = d.message_id
            AND c.customer_id = d.through_id AND c.status IN ('failed', 'suppressed'))
        AND NOT EXISTS (SELECT 1 FROM notifications_delivery c WHERE c.message_id = d.message_id
            AND c.customer_id = d.through_id AND c.status NOT IN ('failed', 'suppressed'))))
  AND NOT EXISTS (SELECT 1 FROM workflows_outreachtask t WHERE t.message_id = d.message_id
        AND t.customer_id = d.customer_id AND t.state <> 'cancelled')
ORDER BY d.message_id, d.customer_id, d.id
ON CONFLICT DO NOTHING
"""
