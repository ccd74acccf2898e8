"""The day of the caller: my next call, its preparation, its appointment, and to whom it goes when I cannot."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Min, Q, QuerySet

from incidents import audit, embargo
from incidents.enums import TimelineKind
from incidents.errors import Refusal
from incidents.models import Incident, User
from incidents.sentences import gettext as _
from notifications.enums import ChannelName
from workflows import call_sheets, calling_hours
from workflows.enums import OutreachState
from workflows.models import OutreachTask
from workflows.outreach import OPEN

# Whoever began a call and never ended it gives it back.
CLAIM = timedelta(minutes=45)


class TaskTaken(Refusal):
    """Somebody else is on this contact; `holder` says who."""

    def __init__(self, holder: User | None) -> None:
        self.holder = holder
        super().__init__(_("%s is on this contact already: take the next one, or ask them to hand it over.") % holder)


class TaskOver(Refusal):
    """The contact was finished, found unreachable or cancelled before."""


class NotReleased(Refusal):
    """The message of this contact is not released: nobody may be told yet."""


class NobodyWaits(Refusal):
    """There is no contact for this person now."""

    def __init__(self) -> None:
        super().__init__(_("Nobody waits for a call from you at this hour."))


class BadAppointment(Refusal):
    """A time to come, a reason, a link or a place is missing, or nobody named can take it."""


@dataclass(frozen=True)
class Appointment:
    """What was agreed with the customer: when, how long, where or by which link, and who takes part."""

    at: datetime
    minutes: int = 30
    video_link: str = ""
    place: str = ""
    attendees: str = ""


def claim_next(*, by: User, now: datetime, incident: Incident | None = None) -> OutreachTask | None:
    """Take the most urgent contact of mine, else one that nobody owns; None when there is nothing to do.

    Customers who sleep or asked for other hours wait, unless people are in danger or the time was agreed.
    """
    waiting = embargo.visible(_waiting(incident), to=by)
    with transaction.atomic():
        fitting = waiting.filter(calling_hours.welcome(waiting, now=now))
        for mine in (Q(owner=by), Q(owner=None)):
            free = fitting.filter(mine).select_for_update(no_key=True, skip_locked=True, of=("self",))
            task = free.order_by("due_at", "pk").first()
            if task is not None:
                return _take(task, by=by, now=now)
    return None


def waiting_for(*, by: User, incident: Incident | None = None) -> int:
    """Return how many contacts of mine, or of nobody, wait, whether or not they fit now."""
    return _waiting(incident).filter(Q(owner=by) | Q(owner=None)).count()


def next_agreed(*, by: User, incident: Incident | None = None) -> datetime | None:
    """Return the earliest time agreed with a customer of mine."""
    mine = _waiting(incident).filter(owner=by, meets_at__isnull=False)
    soonest: datetime | None = mine.aggregate(soonest=Min("meets_at"))["soonest"]
    return soonest


def claim(task: OutreachTask, *, by: User, now: datetime) -> OutreachTask:
    """Take this contact; raises TaskTaken with the name of who has it, TaskOver, or NotReleased."""
    with transaction.atomic():
        locked = lock(task)
        refuse_if_taken(locked, by=by, now=now)
        if locked.message is not None and locked.message.released_at is None:
            raise NotReleased(_("%s is not released yet: prepare the contact, then wait for it.") % locked.message)
        return _take(locked, by=by, now=now)


def prepare(task: OutreachTask, *, sheet: dict[str, Any], by: User, now: datetime) -> OutreachTask:
    """Keep the preparation sheet of a contact; raises call_sheets.SheetIncomplete with what is missing."""
    with transaction.atomic():
        locked = lock(task)
        call_sheets.check(locked, sheet=sheet)
        locked.preparation = call_sheets.tidy(locked, sheet=sheet)
        locked.is_prepared, locked.is_prefilled = True, False
        locked.prepared_by, locked.prepared_at = by, now
        locked.save(update_fields=["preparation", "is_prepared", "is_prefilled", "prepared_by", "prepared_at"])
        audit.record(locked.incident, action="outreach.prepared", actor=by, now=now, data={"task": locked.pk})
    return locked


def arrange(task: OutreachTask, *, appointment: Appointment, by: User, now: datetime) -> OutreachTask:
    """Keep what was agreed with the customer; a video meeting needs its link, a visit its place."""
    wanted = {ChannelName.VIDEO: appointment.video_link, ChannelName.IN_PERSON: appointment.place}
    if appointment.at <= now:
        raise BadAppointment(_("Give a time that is still to come."))
    if not wanted.get(ChannelName(task.channel), "-").strip():
        raise BadAppointment(_("A video meeting needs its link and a visit its place: the invitation names it."))
    with transaction.atomic():
        locked = lock(task)
        locked.meets_at = locked.due_at = appointment.at
        locked.minutes = appointment.minutes
        locked.video_link = appointment.video_link.strip()
        locked.place = appointment.place.strip()
        locked.attendees = appointment.attendees.strip()
        give_back(locked)
        locked.save()
        tell(locked, _("Contact #%s agreed with the customer") % locked.pk, by=by, now=now)
    return locked


def reschedule(task: OutreachTask, *, due_at: datetime, reason: str, by: User, now: datetime) -> OutreachTask:
    """Put a contact off to an agreed time; the reason is kept, because waiting for a better moment is a risk."""
    if not reason.strip() or due_at <= now:
        raise BadAppointment(_("Give a time that is still to come, and the reason for it."))
    with transaction.atomic():
        locked = lock(task)
        locked.meets_at = locked.due_at = due_at
        give_back(locked)
        locked.save(update_fields=["due_at", "meets_at", "state", "claimed_by", "claim_until"])
        tell(locked, _("Contact #%(id)s put off: %(reason)s") % {"id": locked.pk, "reason": reason}, by=by, now=now)
    return locked


def hand_over(task: OutreachTask, *, to: User, by: User, now: datetime) -> OutreachTask:
    """Give a contact to a named person who can act; a contact is never left without one."""
    if not to.is_active:
        raise BadAppointment(_("%s has no active log-in: name somebody else.") % to)
    with transaction.atomic():
        locked = lock(task)
        locked.owner = to
        give_back(locked)
        locked.save(update_fields=["owner", "state", "claimed_by", "claim_until"])
        tell(locked, _("Contact #%(id)s handed to %(owner)s") % {"id": locked.pk, "owner": to}, by=by, now=now)
    return locked


def free_expired(*, now: datetime) -> int:
    """Give back the contacts whose caller never ended them; their owners stay who they are."""
    expired = Q(claim_until=None) | Q(claim_until__lt=now)
    claimed = OutreachTask.objects.filter(expired, state=OutreachState.CLAIMED)
    return claimed.update(state=OutreachState.TO_DO, claimed_by=None, claim_until=None)


def lock(task: OutreachTask) -> OutreachTask:
    """Return the contact, locked until the transaction ends; raises TaskOver."""
    rows = OutreachTask.objects.select_for_update(no_key=True, of=("self",))
    people = rows.select_related("incident", "customer", "owner", "claimed_by", "message__incident")
    locked = people.get(pk=task.pk)
    if locked.state not in OPEN:
        raise TaskOver(_("This contact is over: %s.") % locked.get_state_display())
    return locked


def refuse_if_taken(task: OutreachTask, *, by: User, now: datetime) -> None:
    """Raise TaskTaken where another person's claim still holds."""
    is_held = task.claim_until is not None and task.claim_until >= now
    if task.state == OutreachState.CLAIMED and is_held and task.claimed_by_id != by.pk:
        raise TaskTaken(task.claimed_by)


def give_back(task: OutreachTask) -> None:
    """Put a contact back on the list, without saving it."""
    task.state = OutreachState.TO_DO
    task.claimed_by = None
    task.claim_until = None


def tell(task: OutreachTask, text: str, *, by: User, now: datetime) -> None:
    """Write a line of the incident's story."""
    audit.tell(task.incident, kind=TimelineKind.DELIVERY, text=text, by=by, now=now)


def _waiting(incident: Incident | None) -> QuerySet[OutreachTask]:
    ready = Q(message=None) | Q(message__released_at__isnull=False)
    rows = OutreachTask.objects.filter(ready, state=OutreachState.TO_DO)
    return rows if incident is None else rows.filter(incident=incident)


def _take(task: OutreachTask, *, by: User, now: datetime) -> OutreachTask:
    task.state = OutreachState.CLAIMED
    task.claimed_by = by
    task.claim_until = now + CLAIM
    task.save(update_fields=["state", "claimed_by", "claim_until"])
    return task
