"""News for staff that is no alarm: one mail for each person and one call of each webhook, rows first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from incidents.models import Company, Incident, User
from notifications import outbox
from notifications.enums import NoticeMedium
from notifications.models import StaffNotice, WebhookEndpoint


@dataclass(frozen=True)
class News:
    """What is told: a key that makes telling it twice harmless, words, and the path of the page to open."""

    key: str
    subject: str
    text: str
    path: str


def tell(incident: Incident, *, news: News, people: Iterable[User], now: datetime) -> int:
    """Write the notices that do not exist yet; return how many. A demonstration tells its staff by webhook alone."""
    is_demonstration = Company.objects.filter(is_demonstration=True).exists()
    mails = [] if is_demonstration else [_mail(incident, news, person, now) for person in people if person.email]
    endpoints = WebhookEndpoint.objects.filter(is_active=True).order_by("pk")
    # A chat has more readers than an embargo allows.
    calls = [] if incident.is_embargoed else [_call(incident, news, endpoint, now) for endpoint in endpoints]
    before = StaffNotice.objects.filter(key__startswith=f"{news.key}:").count()
    StaffNotice.objects.bulk_create([*mails, *calls], ignore_conflicts=True)
    return StaffNotice.objects.filter(key__startswith=f"{news.key}:").count() - before


def _mail(incident: Incident, news: News, person: User, now: datetime) -> StaffNotice:
    return StaffNotice(
        key=f"{news.key}:{NoticeMedium.MAIL}:{person.pk}",
        medium=NoticeMedium.MAIL,
        user=person,
        **_words(incident, news, now),
    )


def _call(incident: Incident, news: News, endpoint: WebhookEndpoint, now: datetime) -> StaffNotice:
    return StaffNotice(
        key=f"{news.key}:{NoticeMedium.WEBHOOK}:{endpoint.pk}",
        medium=NoticeMedium.WEBHOOK,
        endpoint=endpoint,
        **_words(incident, news, now),
    )


def _words(incident: Incident, news: News, now: datetime) -> dict[str, object]:
    link = f"{settings.PUBLIC_BASE_URL}{news.path}"
    return {
        "subject": f"{outbox.heading(incident)} {news.subject}"[:200],
        "body": f"{news.text}\n\n{link}",
        "data": {"news": news.key, **outbox.marks(incident), "text": news.text, "link": link},
        "next_attempt_at": now,
        "created_at": now,
    }
