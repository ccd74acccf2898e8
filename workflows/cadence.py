"""The rhythm of promised updates: when the next word is due, what was promised, and whether it was kept."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, Q
from django.db.models.functions import Coalesce

from incidents import audit, commitments, quiet_hours
from incidents.enums import CommitmentKind, CommitmentState, Severity, Tier, TimelineKind
from incidents.errors import Refusal
from incidents.models import Commitment, Company, Impact, Incident, User
from incidents.sentences import gettext as _
from notifications import bodies, channels, compose
from notifications.channels import page
from notifications.enums import EDITABLE, DeliveryStatus, MessageKind, MessageState
from notifications.models import Delivery, Message
from workflows import pauses, plans
from workflows.enums import SlotState
from workflows.models import CommunicationPlan, OutreachTask, UpdateSlot

CALM = (Severity.SEV3, Severity.SEV4)
FLOOR = timedelta(seconds=5)
LIVE = (SlotState.PROMISED, SlotState.OPEN)
UNSENT = (*EDITABLE, MessageState.SCHEDULED)
STILL_LEAVING = (DeliveryStatus.QUEUED, DeliveryStatus.RETRY, DeliveryStatus.SENDING)


def sending_time(customers: int) -> timedelta:
    """Return how long it takes to hand one message to so many customers at the stated rate."""
    return timedelta(seconds=customers / settings.CRISISCOMM_SEND_RATE) + FLOOR


def lead_time(plan: CommunicationPlan, *, tier: int, audience_size: int) -> timedelta:
    """Return how long before a promised time its work begins: approval and sending, at most half the interval."""
    approval = plans.approval_rule(plan, MessageKind.PROGRESS_UPDATE).sla
    return min(interval_of(plan, tier) / 2, approval + sending_time(audience_size))


def interval_of(plan: CommunicationPlan, tier: int) -> timedelta:
    """Return the rhythm of a tier in this plan."""
    return plans.audience(plan, tier).update_interval


def next_promise(incident: Incident, *, plan: CommunicationPlan, tier: int, planned_at: datetime) -> datetime:
    """Return the time the next message to this tier names.

    A promise whose work has not begun stands. After the one in work comes its successor in the fixed rhythm. Without
    a promise, or where the rhythm has become faster than the promise it was made in, it begins at the planned
    release. A pause moves what is not promised yet to its end, and quiet hours what calm readers do not need at night.
    """
    slot = current(incident, tier)
    if slot is not None and slot.state == SlotState.PROMISED and slot.opens_at > planned_at:
        return slot.promised_at
    interval = interval_of(plan, tier)
    if slot is None or slot.promised_at - planned_at > interval:
        beat = planned_at + interval
    else:
        beat = following(slot.promised_at, interval=interval, after=planned_at)
    return _outside_quiet_hours(incident, tier, max(beat, pauses.until(incident, tier) or beat))


def _outside_quiet_hours(incident: Incident, tier: int, beat: datetime) -> datetime:
    """Plan a calm update around the company's quiet hours; grave incidents and higher tiers know none.

    One time is promised to a whole tier, so it is the company's clock that counts. Once promised, a time stands.
    """
    if tier != Tier.THREE or incident.is_safety_warning or incident.severity not in CALM:
        return beat
    company = Company.objects.first() or Company()
    return quiet_hours.end_of(company, at=beat, time_zone=company.time_zone)


def following(promised_at: datetime, *, interval: timedelta, after: datetime) -> datetime:
    """Return the first beat of the rhythm that lies after both the promise and the given moment."""
    missed = max(0, (after - promised_at) // interval)
    return promised_at + (missed + 1) * interval


def current(incident: Incident, tier: int) -> UpdateSlot | None:
    """Return the promise this tier waits for now."""
    return UpdateSlot.objects.filter(incident=incident, tier=tier, state__in=LIVE).order_by("-number").first()


def promised_times(message: Message) -> dict[int, datetime]:
    """Return the next update each tier is promised by this message."""
    return {
        int(tier): datetime.fromisoformat(promise["next_update_at"])
        for tier, promise in sorted(message.promises.items())
        if promise.get("next_update_at")
    }


def promise(message: Message, *, now: datetime) -> list[UpdateSlot]:
    """Turn the times a released message names into slots and commitments; running it twice changes nothing."""
    plan = plans.required(message.incident)
    made = []
    times = promised_times(message)
    for tier, promised_at in times.items():
        slot = UpdateSlot.objects.filter(promised_in=message, tier=tier).first()
        if slot is None:
            withdraw(message.incident, tiers=[tier], now=now)
            if not _is_promised(message, tier=tier, tiers=list(times)):
                continue
            slot = _make_slot(message, tier=tier, promised_at=promised_at, plan=plan)
            _promise_next_update(slot, now=now)
        made.append(slot)
    return made


def customers_told(message: Message, tier: int) -> int:
    """Return how many customers of a tier hear this message: by delivery, personal contact, or for all, the page."""
    affected = Impact.objects.filter(incident=message.incident, tier=tier)
    if set(message.channels.get(str(tier), [])) & set(channels.published()):
        return affected.count()
    written = Delivery.objects.filter(message=message, tier=tier).values("customer")
    called = affected.filter(customer__in=OutreachTask.objects.filter(message=message).values("customer"))
    return written.union(called.values("customer")).count()


def _is_promised(message: Message, *, tier: int, tiers: list[int]) -> bool:
    """Whether somebody waits for this tier's update; a page that nobody was placed for follows the calmest tier."""
    return customers_told(message, tier) > 0 or (
        tier == max(tiers) and page.is_public(message) and not any(customers_told(message, one) for one in tiers)
    )


def _make_slot(message: Message, *, tier: int, promised_at: datetime, plan: CommunicationPlan) -> UpdateSlot:
    told = customers_told(message, tier)
    lead = lead_time(plan, tier=tier, audience_size=told)
    return UpdateSlot.objects.create(
        incident=message.incident,
        tier=tier,
        number=_next_number(message.incident, tier),
        promised_at=promised_at,
        opens_at=promised_at - lead,
        promised_to=told,
        promised_in=message,
    )


def _next_number(incident: Incident, tier: int) -> int:
    last = UpdateSlot.objects.filter(incident=incident, tier=tier).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def successor(slot: UpdateSlot, *, plan: CommunicationPlan) -> UpdateSlot:
    """Return the next beat of a slot's rhythm, not yet promised to anybody and not saved."""
    interval = interval_of(plan, slot.tier)
    lead = lead_time(plan, tier=slot.tier, audience_size=slot.promised_to)
    promised_at = slot.promised_at + interval
    return UpdateSlot(
        incident=slot.incident,
        tier=slot.tier,
        number=_next_number(slot.incident, slot.tier),
        promised_at=promised_at,
        opens_at=promised_at - lead,
    )


class AlreadyPromised(Refusal):
    """Customers were told this time: it is kept, or a message says otherwise."""


def postpone(slot: UpdateSlot, *, to: datetime, reason: str, by: User, now: datetime) -> UpdateSlot:
    """Move a beat that nobody was promised yet, with a reason: waiting for a better moment is a risk of its own."""
    if not reason.strip() or to <= now:
        raise AlreadyPromised(_("Give a time that is still to come, and the reason for it."))
    with transaction.atomic():
        locked = UpdateSlot.objects.select_for_update(no_key=True).select_related("incident").get(pk=slot.pk)
        if locked.state not in LIVE:
            raise AlreadyPromised(_("This update is over: %s.") % locked.get_state_display())
        if locked.promised_in_id is not None:
            raise AlreadyPromised(_("Customers were promised this time: send the update, or a message that says more."))
        plan = plans.required(locked.incident)
        locked.promised_at = to
        locked.opens_at = to - lead_time(plan, tier=locked.tier, audience_size=locked.promised_to)
        locked.save(update_fields=["promised_at", "opens_at"])
        facts = {"number": locked.number, "tier": Tier(locked.tier).label, "time": f"{to:%Y-%m-%d %H:%M}"}
        text = _("Update %(number)s for %(tier)s moved to %(time)s UTC: %(reason)s")
        text %= {**facts, "reason": reason.strip()}
        audit.tell(locked.incident, kind=TimelineKind.PLAN, text=text, by=by, now=now)
    return locked


def fulfil(message: Message) -> int:
    """Mark the slots whose update has been released; whether it was in time is judged when it has arrived."""
    return UpdateSlot.objects.filter(message=message, state__in=LIVE).update(state=SlotState.RELEASED)


def withdraw(incident: Incident, *, now: datetime, tiers: Iterable[int] | None = None) -> int:
    """End the promises a later message replaces; one whose time has passed was missed and is never hidden."""
    slots = UpdateSlot.objects.filter(incident=incident, state__in=LIVE).order_by("pk")
    if tiers is not None:
        slots = slots.filter(tier__in=list(tiers))
    ended = list(slots.select_for_update(no_key=True))
    for slot in ended:
        if slot.promised_at <= now:
            miss(slot, now=now)
        else:
            slot.state = SlotState.WITHDRAWN
            slot.settled_at = now
            slot.save(update_fields=["state", "settled_at"])
            _settle(slot, CommitmentState.WITHDRAWN, outcome=_("A later message came before its time."), now=now)
        expire_draft(slot)
    return len(ended)


def miss(slot: UpdateSlot, *, now: datetime) -> None:
    """Record that a promised update did not come in time."""
    slot.state = SlotState.MISSED
    slot.settled_at = slot.settled_at or now
    slot.save(update_fields=["state", "settled_at"])
    _settle(slot, CommitmentState.BROKEN, outcome=_("The update did not come in time."), now=now)


def expire_draft(slot: UpdateSlot) -> None:
    """Take an update that was prepared for a slot, but never sent, out of the way: late news is not sent."""
    if slot.message_id is None:
        return
    message = Message.objects.select_for_update(no_key=True).get(pk=slot.message_id)
    if message.state in UNSENT:
        message.expire()
        message.save(update_fields=["state"])


def to_judge(*, now: datetime) -> list[int]:
    """Return the slots that can be judged: their update is out, or their time has passed without one."""
    slots = UpdateSlot.objects.filter(settled_at=None).filter(
        Q(state=SlotState.RELEASED) | Q(state__in=LIVE, promised_at__lt=now)
    )
    return list(slots.order_by("promised_at", "pk").values_list("pk", flat=True))


def judge(pk: int, *, now: datetime) -> None:
    """Settle one slot and its commitment, kept or broken, as soon as it is certain which."""
    with transaction.atomic():
        slot = (
            UpdateSlot.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=pk, settled_at=None).first()
        )
        if slot is None:
            return
        if slot.state != SlotState.RELEASED:
            if slot.promised_at < now:
                slot.settled_at = now
                slot.save(update_fields=["settled_at"])
                _settle(slot, CommitmentState.BROKEN, outcome=_("The update did not come in time."), now=now)
            return
        arrived_at = _arrived_at(slot)
        if arrived_at is not None and arrived_at <= slot.promised_at:
            _keep(slot, arrived_at=arrived_at, now=now)
        elif arrived_at is not None or slot.promised_at < now:
            miss(slot, now=now)


def _arrived_at(slot: UpdateSlot) -> datetime | None:
    """When the last frozen row of the slot's message was accepted or given up, or None while one is still leaving.

    A doubtful row proves nothing, so it counts as still leaving.
    """
    assert slot.message is not None
    # A copy in a language approved later was promised to nobody.
    rows = Delivery.objects.filter(message=slot.message, rendition="")
    pending = (*STILL_LEAVING, DeliveryStatus.UNCERTAIN)
    if rows.filter(status__in=pending).exists():
        return None
    last: datetime | None = rows.aggregate(last=Max(Coalesce("accepted_at", "settled_at")))["last"]
    return last or slot.message.released_at


def _keep(slot: UpdateSlot, *, arrived_at: datetime, now: datetime) -> None:
    slot.settled_at = arrived_at
    slot.save(update_fields=["settled_at"])
    _settle(slot, CommitmentState.KEPT, outcome=_("The update arrived in time."), now=now)


def due_and_on_time(incident: Incident) -> tuple[int, int]:
    """Return how many promised updates came due, and how many of them arrived by the promised time."""
    due = UpdateSlot.objects.filter(incident=incident, promised_to__gt=0, settled_at__isnull=False).exclude(
        state=SlotState.WITHDRAWN
    )
    on_time = due.filter(state=SlotState.RELEASED, settled_at__lte=F("promised_at"))
    return due.count(), on_time.count()


def _promise_next_update(slot: UpdateSlot, *, now: datetime) -> None:
    message = slot.promised_in
    assert message is not None
    if slot.promised_to == 0:
        return
    commitments.promise(
        slot.incident,
        promise=commitments.Promise(
            text=_words(message, tier=slot.tier),
            kind=CommitmentKind.NEXT_UPDATE,
            tier=slot.tier,
            source_reference=message.reference,
            due_at=slot.promised_at,
        ),
        now=now,
    )


def _words(message: Message, *, tier: int) -> dict[str, str]:
    """The promise in the very words of the message that makes it."""
    revision = compose.current(message)
    content = bodies.content_of(revision)
    zone = content["time_zone"]
    said = {
        language: bodies.section_texts(content, language, tier=tier, time_zone=zone, is_public=True)
        for language in content["texts"]
    }
    return {language: elements.get("commitment", "") for language, elements in said.items()}


def _settle(slot: UpdateSlot, state: CommitmentState, *, outcome: str, now: datetime) -> None:
    if slot.promised_in is None:
        return
    made = Commitment.objects.unsettled().filter(
        incident=slot.incident,
        kind=CommitmentKind.NEXT_UPDATE,
        tier=slot.tier,
        source_reference=slot.promised_in.reference,
    )
    for commitment in made.order_by("pk"):
        commitments.settle(commitment, state=state, outcome=outcome, by=None, now=now)
