"""The public page as a channel: a message is published once, in all its languages, without personal content."""

from datetime import datetime

from django.db import transaction

from incidents.enums import Severity
from notifications import bodies, channels
from notifications.channels.base import Channel
from notifications.enums import MessageKind
from notifications.models import Message, PagePost

# The words of the widely used status page interface.
STATUSES = {
    MessageKind.HOLDING_STATEMENT: "investigating",
    MessageKind.FIRST_NOTICE: "investigating",
    MessageKind.RESOLUTION: "resolved",
    MessageKind.FOLLOW_UP_SURVEY: "resolved",
    MessageKind.LAST_WORD: "resolved",
}
IMPACTS: dict[str, str] = {
    Severity.SEV1: "critical",
    Severity.SEV2: "major",
    Severity.SEV3: "minor",
    Severity.SEV4: "minor",
}


class PageChannel(Channel):
    """Published once, not sent to anyone."""

    is_published = True


def is_public(message: Message) -> bool:
    """Whether this message is to appear on the page."""
    named = {name for names in message.channels.values() for name in names}
    return bool(message.audience.get("page")) or bool(named & set(channels.published()))


def publish(message: Message, *, now: datetime) -> PagePost:
    """Publish the approved text, once; a correction marks what it corrects.

    Updates of several tiers that fall due together say the same: the page shows the first of them.
    """
    assert message.current is not None
    content = bodies.content_of(message.current)
    with transaction.atomic():
        shown = _updates_shown(message)
        post, _created = PagePost.objects.get_or_create(
            message=message,
            defaults={
                "incident": message.incident,
                "kind": message.kind,
                "incident_title": _titles(content),
                "texts": {language: _text(message, language, number=len(shown) + 1) for language in content["texts"]},
                "status": STATUSES.get(MessageKind(message.kind), "identified"),
                "impact": IMPACTS.get(message.incident.severity, "minor"),
                "next_update_at": _next_update(message),
                "published_at": now,
                "repeats": _same_word(shown, message),
            },
        )
        if message.corrects_id is not None:
            PagePost.objects.filter(message=message.corrects_id, superseded_at=None).update(superseded_at=now)
    return post


def _updates_shown(message: Message) -> list[PagePost]:
    if message.kind != MessageKind.PROGRESS_UPDATE:
        return []
    earlier = PagePost.objects.filter(incident=message.incident, kind=message.kind, repeats=None)
    return list(earlier.exclude(message=message).select_related("message__current").order_by("published_at"))


def _same_word(shown: list[PagePost], message: Message) -> PagePost | None:
    """Return the notice that went out from the same fact sheet after this text was drafted."""
    assert message.current is not None
    for post in reversed(shown):
        revision = post.message.current
        is_same = revision is not None and revision.fact_sheet_id == message.current.fact_sheet_id
        if is_same and post.published_at >= message.created_at and post.superseded_at is None:
            return post
    return None


def _text(message: Message, language: str, *, number: int) -> dict[str, str]:
    assert message.current is not None
    is_update = message.kind == MessageKind.PROGRESS_UPDATE
    body = bodies.public_body(message.current, language=language, update_number=number if is_update else 0)
    return {"title": body.subject, "html": body.html, "text": body.text}


def _titles(content: bodies.Content) -> dict[str, str]:
    values = content["values"]
    general = values.get("", {}).get("incident.title", "")
    titles = {language: values.get(language, {}).get("incident.title", general) for language in content["texts"]}
    return {language: title for language, title in titles.items() if title}


def _next_update(message: Message) -> datetime | None:
    """The page is read by every tier: it names the update all of them can count on."""
    named = [datetime.fromisoformat(promise["next_update_at"]) for promise in message.promises.values() if promise]
    return max(named, default=None)
