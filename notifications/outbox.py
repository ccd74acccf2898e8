"""Wakes staff: mails and signed webhooks, each a row first, tried again until it worked or it is told as failed."""

import json
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from standardwebhooks.webhooks import Webhook

from incidents.errors import Refusal
from incidents.models import Company, Incident, User
from notifications import reach, secrets
from notifications.enums import NoticeMedium, NoticeState
from notifications.models import StaffNotice, WebhookEndpoint

logger = structlog.get_logger()

BATCH = 20
LEASE = timedelta(minutes=3)
FIRST_RETRY = timedelta(seconds=5)
MOST_ATTEMPTS = 8


class Undelivered(Exception):
    """The wake-up did not get through this time."""


@dataclass(frozen=True)
class WakeUp:
    """What staff are told: `key` makes the same one told once, `path` is the page where it is dealt with."""

    key: str
    incident: Incident
    title: str
    text: str
    path: str
    data: dict[str, Any]


def write(wake_up: WakeUp, *, people: Iterable[int], now: datetime) -> int:
    """Wake these people by mail and every webhook, each once; return how many were written.

    A demonstration's inbox holds its customers' mail alone: its staff are woken by webhook. A chat has more readers
    than an embargo allows: there people are woken by mail alone.
    """
    notices = [_notice(wake_up, NoticeMedium.MAIL, one, now=now) for one in _with_mailbox(people)]
    is_embargoed = wake_up.incident.is_embargoed
    endpoints = [] if is_embargoed else list(WebhookEndpoint.objects.filter(is_active=True).order_by("pk"))
    notices += [_notice(wake_up, NoticeMedium.WEBHOOK, one, now=now) for one in endpoints]
    return len(StaffNotice.objects.bulk_create(notices, ignore_conflicts=True))


def _with_mailbox(people: Iterable[int]) -> list[User]:
    if Company.objects.filter(is_demonstration=True).exists():
        return []
    return list(User.objects.filter(pk__in=set(people), is_active=True).exclude(email="").order_by("pk"))


def _notice(wake_up: WakeUp, medium: NoticeMedium, receiver: User | WebhookEndpoint, *, now: datetime) -> StaffNotice:
    link = f"{settings.PUBLIC_BASE_URL}{wake_up.path}"
    return StaffNotice(
        key=f"{wake_up.key}:{medium}:{receiver.pk}",
        medium=medium,
        user=receiver if isinstance(receiver, User) else None,
        endpoint=receiver if isinstance(receiver, WebhookEndpoint) else None,
        subject=f"{heading(wake_up.incident)} {wake_up.title}"[:200],
        body=f"{wake_up.text}\n\n{link}",
        data={**wake_up.data, **marks(wake_up.incident), "text": wake_up.text, "link": link},
        next_attempt_at=now,
        created_at=now,
    )


def heading(incident: Incident) -> str:
    """Return what a wake-up's subject begins with: its incident, and that it is an exercise, if it is one."""
    return f"{warning(incident)}[{incident.reference}]"


def warning(incident: Incident) -> str:
    """Return what stands before everything that an exercise says to staff."""
    return _("[EXERCISE] ") if incident.is_drill else ""


def marks(incident: Incident) -> dict[str, Any]:
    """Return what every wake-up's data says, for programs: an exercise is no crisis of theirs."""
    return {"incident": incident.reference, "is_exercise": incident.is_drill}


def has_work(*, now: datetime) -> bool:
    """Whether a wake-up is due."""
    return _due(now).exists()


def send_due(*, now: datetime) -> int:
    """Send the wake-ups that are due; returns how many got through."""
    with transaction.atomic():
        due = _due(now).select_for_update(no_key=True, of=("self",), skip_locked=True)
        notices = list(due.select_related("user", "endpoint").order_by("next_attempt_at", "pk")[:BATCH])
        keys = [notice.pk for notice in notices]
        StaffNotice.objects.filter(pk__in=keys).update(lease_until=now + LEASE)
    return sum(_send(notice, now=now) for notice in notices)


def _due(now: datetime) -> QuerySet[StaffNotice]:
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    return StaffNotice.objects.filter(free, state=NoticeState.QUEUED, next_attempt_at__lte=now)


def _send(notice: StaffNotice, *, now: datetime) -> bool:
    try:
        MEDIA[NoticeMedium(notice.medium)](notice, now)
    except (Undelivered, Refusal, OSError) as error:
        _note_failure(notice, problem=str(error), now=now)
        return False
    StaffNotice.objects.filter(pk=notice.pk, state=NoticeState.QUEUED).update(
        state=NoticeState.SENT, sent_at=now, attempts=notice.attempts + 1, lease_until=None, last_error=""
    )
    return True


def _note_failure(notice: StaffNotice, *, problem: str, now: datetime) -> None:
    attempts = notice.attempts + 1
    wait = FIRST_RETRY * 2 ** (attempts - 1) * random.uniform(0.75, 1.25)
    StaffNotice.objects.filter(pk=notice.pk, state=NoticeState.QUEUED).update(
        state=NoticeState.FAILED if attempts >= MOST_ATTEMPTS else NoticeState.QUEUED,
        attempts=attempts,
        next_attempt_at=now + wait,
        lease_until=None,
        last_error=problem[:300],
    )
    logger.warning("wake_up_undelivered", notice=notice.pk, attempts=attempts)


def _mail(notice: StaffNotice, _now: datetime) -> None:
    address = notice.user.email if notice.user else notice.address
    if not address:
        raise Undelivered("the person has no e-mail address")
    headers = {"Auto-Submitted": "auto-generated", "Message-ID": f"<{notice.uid}@wake-up.invalid>"}
    subject = " ".join(notice.subject.split())
    EmailMessage(subject, notice.body, to=[address], headers=headers).send()


def _webhook(notice: StaffNotice, now: datetime) -> None:
    endpoint = notice.endpoint
    if endpoint is None or not endpoint.is_active:
        raise Undelivered("the webhook is switched off")
    # What happened, for programs that do more than wake a person.
    kind = notice.data.get("event", "staff.notice")
    body = json.dumps({"type": kind, "subject": notice.subject, "text": notice.body, "data": notice.data})
    headers = {"content-type": "application/json", "webhook-id": str(notice.uid)}
    headers["webhook-timestamp"] = str(int(now.timestamp()))
    if endpoint.secret:
        key = secrets.decrypt(endpoint.secret)
        headers["webhook-signature"] = Webhook(key).sign(str(notice.uid), now, body)
    is_demonstration = Company.objects.filter(is_demonstration=True).exists()
    try:
        with reach.client(allow_loopback=is_demonstration) as client:
            answer = client.post(endpoint.url, content=body.encode(), headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Undelivered(f"{type(error).__name__}: {error}") from error
    if not answer.is_success:
        raise Undelivered(f"the other side answered {answer.status_code}")


MEDIA: dict[NoticeMedium, Callable[[StaffNotice, datetime], None]] = {
    NoticeMedium.MAIL: _mail,
    NoticeMedium.WEBHOOK: _webhook,
}
