"""Promised updates on their way: opened in time, overtaken by their successor, or replaced by the plain word."""

from datetime import datetime

import structlog
from django.db import transaction

from incidents import audit
from incidents.enums import Tier, TimelineKind
from incidents.errors import Refusal
from incidents.models import Incident, User
from incidents.phases import LIVE, Phase
from incidents.sentences import gettext as _
from notifications import compose
from notifications.enums import MessageKind, MessageState
from notifications.models import Message
from workflows import approvals, cadence, plans, releases, values
from workflows.enums import SlotState
from workflows.gates import in_reader_language
from workflows.models import UpdateSlot

log = structlog.get_logger()

SPEAKING = LIVE - {Phase.EVALUATE}
UNAPPROVED = (MessageState.DRAFT, MessageState.IN_REVIEW)


def due(*, now: datetime) -> list[int]:
    """Return the slots whose work should have begun and has not; there is no lower bound in time."""
    return _ids(SlotState.PROMISED, opens_at__lte=now)


def open_slot(pk: int, *, now: datetime) -> None:
    """Begin one promised update: draft it from the approved template, submit it, use a standing approval."""
    with transaction.atomic():
        slot = _claim(pk, SlotState.PROMISED)
        if slot is not None and slot.opens_at <= now:
            _begin(_newest(slot, now=now), now=now)


def overtaken(*, now: datetime) -> list[int]:
    """Return the open slots whose successor's work should begin: their own word would be stale."""
    opened = UpdateSlot.objects.filter(pk__in=_ids(SlotState.OPEN)).select_related("incident").order_by("pk")
    return [slot.pk for slot in opened if _successor(slot).opens_at <= now]


def overtake(pk: int, *, now: datetime) -> None:
    """Let an open update that nobody released expire into its successor."""
    with transaction.atomic():
        slot = _claim(pk, SlotState.OPEN)
        if slot is None:
            return
        newest = _newest(slot, now=now)
        if newest is not slot:
            _begin(newest, now=now)


def silent(*, now: datetime) -> list[int]:
    """Return the open slots that would stay silent: no approved text, and only the time to send one is left."""
    opened = UpdateSlot.objects.filter(pk__in=_ids(SlotState.OPEN)).select_related("message", "incident")
    return [
        slot.pk
        for slot in opened.order_by("pk")
        if not _is_settled(slot.message)
        and slot.promised_at - cadence.sending_time(slot.promised_to) <= now
        and _may_speak_plainly(slot.incident)
    ]


def fall_back(pk: int, *, now: datetime) -> None:
    """Send the approved “no change” text rather than silence, if the plan allows it."""
    with transaction.atomic():
        slot = _claim(pk, SlotState.OPEN)
        if slot is None or _is_settled(slot.message) or not _may_speak_plainly(slot.incident):
            return
        word = releases.draft_no_change(slot.incident, tier=slot.tier, now=now)
        approvals.submit(word, by=None, now=now)
        if not approvals.apply_standing(word, now=now):
            raise NotCovered(_("The plan's approval does not cover the “no change” text."))
        cadence.expire_draft(slot)
        _attach(slot, word)
        text = _("No update was approved in time: the approved “no change” text goes out.")
        audit.tell(slot.incident, kind=TimelineKind.ESCALATION, text=text, by=None, now=now)


@transaction.atomic
def confirm_no_change(slot: UpdateSlot, *, by: User, now: datetime) -> Message:
    """A person says that nothing has changed: the plain text takes the update's place.

    Who may approve updates has approved it with that; anybody else's waits for them. Refused where the confirmed
    facts say otherwise: “nothing new” would be untrue.
    """
    Incident.objects.select_for_update(no_key=True).get(pk=slot.incident_id)
    slot = UpdateSlot.objects.select_for_update(no_key=True, of=("self",)).select_related("incident").get(pk=slot.pk)
    if slot.state != SlotState.OPEN or _is_settled(slot.message):
        raise NothingToConfirm(_("This update is not being prepared, or its text is approved already."))
    changed = values.changed_labels(slot.incident, tiers=[slot.tier])
    if changed:
        named = ", ".join(in_reader_language(line["label"]) for line in changed)
        raise NothingToConfirm(_("Since the last message these facts have changed: %s. Tell them instead.") % named)
    word = releases.draft_no_change(slot.incident, tier=slot.tier, now=now)
    word = approvals.submit(word, by=by, now=now)
    cadence.expire_draft(slot)
    _attach(slot, word)
    text = _("%(by)s confirmed for %(tier)s: nothing has changed.") % {"by": by, "tier": Tier(slot.tier).label}
    audit.tell(slot.incident, kind=TimelineKind.MESSAGE, text=text, by=by, now=now)
    if approvals.may_approve(word, by=by, now=now) is None:
        return approvals.approve(word, by=by, sha256=compose.current(word).sha256, now=now)
    return word


class NothingToConfirm(Refusal):
    """There is no update that the plain text could take the place of, or it would be untrue."""


class NotCovered(Refusal):
    """Nobody allowed this text to go out by itself."""


def approved(*, now: datetime) -> list[int]:
    """Return the open slots whose update is approved: it goes out at once."""
    return _ids(SlotState.OPEN, message__state=MessageState.APPROVED)


def release(pk: int, *, now: datetime) -> None:
    """Release the approved update of one slot."""
    slot = UpdateSlot.objects.select_related("message").get(pk=pk)
    assert slot.message is not None
    releases.release(slot.message, by=None, now=now)


def without_incident(*, now: datetime) -> list[int]:
    """Return the promises of incidents that ended without withdrawing them."""
    slots = UpdateSlot.objects.filter(state__in=cadence.LIVE).exclude(incident__phase__in=SPEAKING)
    return list(slots.order_by("incident").values_list("incident", flat=True).distinct())


def end(incident_pk: int, *, now: datetime) -> None:
    """Withdraw what a closed, evaluated or cancelled incident still promised."""
    with transaction.atomic():
        incident = Incident.objects.select_for_update(no_key=True).get(pk=incident_pk)
        if incident.phase not in SPEAKING:
            cadence.withdraw(incident, now=now)


def _ids(state: SlotState, **conditions: object) -> list[int]:
    slots = UpdateSlot.objects.filter(
        state=state, incident__phase__in=SPEAKING, incident__is_on_hold=False, **conditions
    )
    return list(slots.order_by("promised_at", "pk").values_list("pk", flat=True))


def _claim(pk: int, state: SlotState) -> UpdateSlot | None:
    """Lock the incident, then the slot, as a release does; None when another process is at it or has done it."""
    incident = Incident.objects.select_for_update(no_key=True, skip_locked=True).filter(slots=pk).first()
    if incident is None or incident.is_on_hold or incident.phase not in SPEAKING:
        return None
    return UpdateSlot.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=pk, state=state).first()


def _newest(slot: UpdateSlot, *, now: datetime) -> UpdateSlot:
    """Walk to the newest beat whose work should have begun; the ones before it end as missed."""
    while (following := _successor(slot)).opens_at <= now:
        cadence.miss(slot, now=now)
        cadence.expire_draft(slot)
        following.save()
        slot = following
    return slot


def _successor(slot: UpdateSlot) -> UpdateSlot:
    return cadence.successor(slot, plan=plans.required(slot.incident))


def _begin(slot: UpdateSlot, *, now: datetime) -> None:
    slot.state = SlotState.OPEN
    slot.opened_at = now
    slot.save(update_fields=["state", "opened_at"])
    text = _("Update %(number)s for %(tier)s is being prepared.") % {
        "number": slot.number,
        "tier": Tier(slot.tier).label,
    }
    audit.tell(slot.incident, kind=TimelineKind.MESSAGE, text=text, by=None, now=now)
    try:
        with transaction.atomic():
            _write(slot, now=now)
    except Refusal as refusal:
        # The slot stays open: people are woken, and the plain word goes out if they cannot help in time.
        log.warning("updates.not_drafted", slot=slot.pk, reason=type(refusal).__name__)
        audit.tell(slot.incident, kind=TimelineKind.MESSAGE, text=str(refusal), by=None, now=now)


def _write(slot: UpdateSlot, *, now: datetime) -> None:
    draft = releases.Draft(MessageKind.PROGRESS_UPDATE, audience={"tiers": [slot.tier]})
    message = releases.draft(slot.incident, draft=draft, by=None, now=now)
    _attach(slot, message)
    approvals.submit(message, by=None, now=now)
    approvals.apply_standing(message, now=now)


def _attach(slot: UpdateSlot, message: Message) -> None:
    slot.message = message
    slot.save(update_fields=["message"])


def _may_speak_plainly(incident: Incident) -> bool:
    plan = plans.current(incident)
    if plan is None:
        return False
    return plan.standing_approvals.filter(message_kind=plans.NO_CHANGE, revoked_at=None).exists()


def _is_settled(message: Message | None) -> bool:
    return message is not None and message.state not in (*UNAPPROVED, MessageState.CANCELLED, MessageState.EXPIRED)
