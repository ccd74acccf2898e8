"""Calls and meetings as iCalendar: one file for a contact, and one address for a person's own calendar program."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event

from incidents import audit, embargo
from incidents.models import User
from workflows import drills
from workflows.models import CalendarFeed, OutreachTask
from workflows.outreach import OPEN

REMINDER = timedelta(minutes=-15)
SECRET_BYTES = 32


def contact_file(task: OutreachTask, *, now: datetime) -> bytes:
    """Return one contact as a calendar file for who is logged in: it names the customer."""
    if task.incident.is_drill:
        raise drills.NoAppointment
    event = _event(task, name=str(task.customer), now=now)
    if task.attendees:
        event.add("comment", task.attendees)
    return _calendar([event])


def feed(user: User, *, now: datetime) -> bytes:
    """Return a person's open contacts; the address may be kept by others, so customers stand in it by CRM id alone."""
    real = OutreachTask.objects.filter(state__in=OPEN, incident__is_drill=False)
    mine = real.filter(Q(owner=user) | Q(claimed_by=user))
    tasks = embargo.visible(mine, to=user).select_related("customer", "incident", "message").order_by("due_at", "pk")
    return _calendar(_event(task, name=task.customer.crm_id, now=now) for task in tasks)


def open_feed(user: User, *, now: datetime) -> str:
    """Give a person a new calendar address and return its path; an older one stops working."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    CalendarFeed.objects.update_or_create(user=user, defaults={"digest": _digest(secret), "created_at": now})
    audit.record(None, action="calendar.opened", actor=user, now=now, data={"user": user.pk})
    return f"/calendar/{secret}.ics"


def close_feed(user: User, *, now: datetime) -> bool:
    """Take the calendar address back; whether there was one."""
    gone, _rows = CalendarFeed.objects.filter(user=user).delete()
    if gone:
        audit.record(None, action="calendar.closed", actor=user, now=now, data={"user": user.pk})
    return bool(gone)


def owner_of(secret: str) -> User | None:
    """Return whose calendar address this is, if that person can still log in."""
    known = CalendarFeed.objects.filter(digest=_digest(secret), user__is_active=True).select_related("user").first()
    return known.user if known else None


def _calendar(events: Iterable[Event]) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//CrisisComm//Call desk//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for event in events:
        calendar.add_component(event)
    ical: bytes = calendar.to_ical()
    return ical


def _event(task: OutreachTask, *, name: str, now: datetime) -> Event:
    length = timedelta(minutes=task.minutes)
    # Without an agreed time the contact is due: it ends then.
    begin = task.meets_at or task.due_at - length
    link = f"{settings.PUBLIC_BASE_URL}/admin/workflows/outreachtask/{task.pk}/change/"
    summary = f"{task.get_channel_display()}: {name} ({task.incident.reference})"
    event = Event()
    event.add("uid", f"contact-{task.pk}@{urlsplit(settings.PUBLIC_BASE_URL).hostname}")
    event.add("dtstamp", now)
    event.add("dtstart", begin)
    event.add("dtend", begin + length)
    event.add("summary", summary if task.meets_at else _("due: %s") % summary)
    event.add("url", link)
    event.add("description", link)
    if task.video_link or task.place:
        event.add("location", task.video_link or task.place)
    event.add_component(_alarm(summary))
    return event


def _alarm(summary: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", summary)
    alarm.add("trigger", REMINDER)
    return alarm


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
