"""The call desk: who is called, visited or met, by whom and until when, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from incidents import audit, commitments
from incidents.enums import ContactKind, Role, Tier, TimelineKind
from incidents.errors import Refusal
from incidents.models import Commitment, Customer, Impact, Incident, User
from notifications import freezing
from notifications.enums import ChannelName, MessageState
from notifications.models import Message
from workflows import call_sheets
from workflows.enums import OutreachOrigin, OutreachState, PlanState
from workflows.models import OutreachTask, PlanAudience

# In the order of the plan's list: the first one opens the conversation.
PERSONAL_CHANNELS = (ChannelName.PHONE, ChannelName.VIDEO, ChannelName.IN_PERSON)
OPEN = (OutreachState.TO_DO, OutreachState.CLAIMED)
_ABANDONED = (MessageState.CANCELLED, MessageState.SUPERSEDED, MessageState.EXPIRED)


class TaskTaken(Refusal):
    """Somebody else is on this contact; `holder` says who."""

    def __init__(self, holder: User | None) -> None:
        self.holder = holder
        super().__init__(_("%s is on this contact already: take the next one, or ask them to hand it over.") % holder)


class TaskOver(Refusal):
    """The contact was finished, found unreachable or cancelled before."""


class NotReleased(Refusal):
    """The message of this contact is not released: nobody may be told yet."""


class OutcomeMissing(Refusal):
    """The contact cannot end like this: words, a reason, or half of a promise are missing."""


@dataclass(frozen=True)
class CallPromise:
    """What was promised in the conversation: words per language, by when, kept by whom, why it can be kept."""

    text: dict[str, str]
    due_at: datetime | None
    owner: User | None
    feasibility_evidence: str = ""


@dataclass(frozen=True)
class CallOutcome:
    """How a conversation went, in the caller's words, with what worries the customer and what was agreed."""

    reached: str
    concern: str = ""
    agreed_points: str = ""
    promise: CallPromise | None = None


# --- who is to be contacted -------------------------------------------------------------------------


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
    _tell(task, _("Contact asked for (#%(id)s), with %(owner)s") % {"id": task.pk, "owner": owner}, by=by, now=now)
    return task


# --- the day of the caller --------------------------------------------------------------------------


def claim_next(*, by: User, now: datetime, incident: Incident | None = None) -> OutreachTask | None:
    """Take the most urgent contact of mine, else one that nobody owns; None when there is nothing to do."""
    waiting = OutreachTask.objects.filter(state=OutreachState.TO_DO).filter(_callable())
    if incident is not None:
        waiting = waiting.filter(incident=incident)
    with transaction.atomic():
        for mine in (Q(owner=by), Q(owner=None)):
            free = waiting.filter(mine).select_for_update(no_key=True, skip_locked=True, of=("self",))
            task = free.order_by("due_at", "pk").first()
            if task is not None:
                return _take(task, by=by)
    return None


def claim(task: OutreachTask, *, by: User, now: datetime) -> OutreachTask:
    """Take this contact; raises TaskTaken with the name of who has it, TaskOver, or NotReleased."""
    with transaction.atomic():
        locked = _lock(task)
        if locked.state == OutreachState.CLAIMED:
            if locked.owner_id == by.pk:
                return locked
            raise TaskTaken(locked.owner)
        if locked.message is not None and locked.message.released_at is None:
            raise NotReleased(_("%s is not released yet: prepare the contact, then wait for it.") % locked.message)
        return _take(locked, by=by)


def prepare(task: OutreachTask, *, sheet: dict[str, Any], by: User, now: datetime) -> OutreachTask:
    """Keep the preparation sheet of a contact; raises call_sheets.SheetIncomplete with what is missing."""
    with transaction.atomic():
        locked = _lock(task)
        call_sheets.check(locked, sheet=sheet)
        locked.preparation = sheet
        locked.is_prepared = True
        locked.save(update_fields=["preparation", "is_prepared"])
        audit.record(locked.incident, action="outreach.prepared", actor=by, now=now, data={"task": locked.pk})
    return locked


def finish(task: OutreachTask, *, outcome: CallOutcome, by: User, now: datetime) -> OutreachTask:
    """End a contact that reached the customer: a promise becomes a commitment, the text follows in writing.

    The written confirmation is the contact's own message by personal e-mail, where the plan asks for one.
    """
    if not outcome.reached.strip():
        raise OutcomeMissing(_("Say in a few words how the conversation went."))
    with transaction.atomic():
        locked = _lock(task)
        if outcome.promise is not None:
            _promise(locked, outcome.promise, now=now)
        locked.concern = outcome.concern.strip()
        locked.agreed_points = outcome.agreed_points.strip()
        _end(locked, OutreachState.DONE, outcome.reached, by=by, now=now)
        _confirm_in_writing(locked, now=now)
        _tell(locked, _("Customer reached (contact #%s)") % locked.pk, by=by, now=now)
    return locked


def unreachable(task: OutreachTask, *, reason: str, by: User, now: datetime) -> OutreachTask:
    """Record that the customer cannot be reached, and why; only then does the customer count as handled."""
    if not reason.strip():
        raise OutcomeMissing(_("Say why the customer cannot be reached and what was tried."))
    with transaction.atomic():
        locked = _lock(task)
        _end(locked, OutreachState.UNREACHABLE, reason, by=by, now=now)
        _tell(locked, _("Customer unreachable (contact #%s)") % locked.pk, by=by, now=now)
    return locked


def reschedule(task: OutreachTask, *, due_at: datetime, reason: str, by: User, now: datetime) -> OutreachTask:
    """Put a contact off to an agreed time; the reason is kept, because waiting for a better moment is a risk."""
    if not reason.strip() or due_at <= now:
        raise OutcomeMissing(_("Give a time that is still to come, and the reason for it."))
    with transaction.atomic():
        locked = _lock(task)
        locked.due_at = due_at
        locked.state = OutreachState.TO_DO
        locked.save(update_fields=["due_at", "state"])
        _tell(locked, _("Contact #%(id)s put off: %(reason)s") % {"id": locked.pk, "reason": reason}, by=by, now=now)
    return locked


def hand_over(task: OutreachTask, *, to: User, by: User, now: datetime) -> OutreachTask:
    """Give a contact to a named person who can act; a contact is never left without one."""
    if not to.is_active:
        raise OutcomeMissing(_("%s has no active log-in: name somebody else.") % to)
    with transaction.atomic():
        locked = _lock(task)
        locked.owner = to
        locked.state = OutreachState.TO_DO
        locked.save(update_fields=["owner", "state"])
        _tell(locked, _("Contact #%(id)s handed to %(owner)s") % {"id": locked.pk, "owner": to}, by=by, now=now)
    return locked


# --- inside -----------------------------------------------------------------------------------------


def _callable() -> Q:
    return Q(message=None) | Q(message__released_at__isnull=False)


def _lock(task: OutreachTask) -> OutreachTask:
    rows = OutreachTask.objects.select_for_update(no_key=True, of=("self",))
    locked = rows.select_related("incident", "customer", "owner", "message__incident").get(pk=task.pk)
    if locked.state not in OPEN:
        raise TaskOver(_("This contact is over: %s.") % locked.get_state_display())
    return locked


def _take(task: OutreachTask, *, by: User) -> OutreachTask:
    task.state = OutreachState.CLAIMED
    task.owner = by
    task.save(update_fields=["state", "owner"])
    return task


def _end(task: OutreachTask, state: OutreachState, outcome: str, *, by: User, now: datetime) -> None:
    task.state = state
    task.outcome = outcome.strip()
    task.finished_by = by
    task.finished_at = now
    task.save(update_fields=["state", "outcome", "concern", "agreed_points", "finished_by", "finished_at"])
    data = {"task": task.pk, "state": state}
    audit.record(task.incident, action="outreach.finished", actor=by, now=now, data=data)


def _promise(task: OutreachTask, promise: CallPromise, *, now: datetime) -> Commitment:
    if promise.owner is None or promise.due_at is None or promise.due_at <= now:
        raise OutcomeMissing(_("A promise needs a person who keeps it and a time that is still to come."))
    made = commitments.Promise(
        text=promise.text,
        customer=task.customer,
        source_reference=f"{task.incident.reference}/C{task.pk}",
        owner=promise.owner,
        due_at=promise.due_at,
        feasibility_evidence=promise.feasibility_evidence,
    )
    return commitments.promise(task.incident, promise=made, now=now)


def _confirm_in_writing(task: OutreachTask, *, now: datetime) -> None:
    if task.origin != OutreachOrigin.PLAN or task.message is None or not task.message.is_released:
        return
    has_address = task.customer.contact_points.filter(kind=ContactKind.EMAIL).exists()
    if has_address and _wants_writing(task):
        freezing.freeze_one(task.message, customer=task.customer, channel=ChannelName.EMAIL_PERSONAL, now=now)


def _wants_writing(task: OutreachTask) -> bool:
    tier = Impact.objects.filter(incident=task.incident, customer=task.customer).values("tier")[:1]
    asked = PlanAudience.objects.filter(plan__incident=task.incident, tier__in=tier)
    current = asked.exclude(plan__state=PlanState.SUPERSEDED)
    return current.filter(written_confirmation_interval__isnull=False).exists()


def _tell(task: OutreachTask, text: str, *, by: User, now: datetime) -> None:
    audit.tell(task.incident, kind=TimelineKind.DELIVERY, text=text, by=by, now=now)


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
    return Customer.objects.filter(impacts__incident=message.incident, impacts__tier__in=tiers)


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
        "owner_role": audience.owner_role,
        "account_manager": Role.ACCOUNT_MANAGER,
        "due_at": (message.incident.declared_at or now) + audience.first_contact_interval,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FROM_PLAN, values)
        return int(cursor.rowcount)


# The customer's own wish comes first, then the plan's order; a call needs a number.
_FROM_PLAN = """
INSERT INTO workflows_outreachtask (incident_id, customer_id, origin, channel, message_id, owner_id, due_at, state,
    preparation, is_prepared, outcome, concern, agreed_points, created_at)
SELECT i.incident_id, i.customer_id, 'plan', way.channel, %(message)s, coalesce(manager.id, holder.user_id),
    %(due_at)s, 'to_do', '{}', false, '', '', '', %(now)s
FROM incidents_impact i
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
  AND (d.status = 'failed' OR m.kind NOT IN ('progress_update', 'follow_up_survey'))
  AND NOT EXISTS (SELECT 1 FROM notifications_delivery o WHERE o.message_id = d.message_id
        AND o.customer_id = d.customer_id AND o.status IN ('accepted', 'delivered', 'acknowledged'))
  AND NOT EXISTS (SELECT 1 FROM workflows_outreachtask t WHERE t.message_id = d.message_id
        AND t.customer_id = d.customer_id AND t.state <> 'cancelled')
ORDER BY d.message_id, d.customer_id, d.id
ON CONFLICT DO NOTHING
"""
