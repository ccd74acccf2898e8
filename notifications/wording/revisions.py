"""Checks the texts of a message's revision, in every language it is written in."""

from collections.abc import Mapping
from typing import Any

from incidents.errors import Refusal
from notifications import bodies
from notifications.enums import RELEASED
from notifications.models import Message, MessageRevision
from notifications.wording.findings import Finding, check_message


def check_revision(revision: MessageRevision) -> dict[str, list[Finding]]:
    """Return the findings for every language of a message, as its public reader would see the text."""
    return check_texts(revision, revision.content["texts"])


def check_texts(revision: MessageRevision, texts: Mapping[str, Mapping[str, Any]]) -> dict[str, list[Finding]]:
    """Return the findings for texts that are being written, with the values and the facts of their revision."""
    content = revision.content | {"texts": dict(texts)}
    written = MessageRevision(message_id=revision.message_id, content=content)
    found: dict[str, list[Finding]] = {}
    for language in texts:
        try:
            shown = bodies.public_body(written, language=language)
        except Refusal:
            # A text that cannot be rendered is named by `compose.problems`.
            continue
        text = f"{shown.subject}\n\n{shown.text}"
        known = [*bodies.public_facts(content, language).values(), *told_before(revision, language=language)]
        found[language] = check_message(text, language=language, kind=content["kind"], approved_facts=known)
    return found


def told_before(revision: MessageRevision, *, language: str) -> list[str]:
    """Return the values that the last message sent before this one told its readers."""
    earlier = (
        Message.objects.filter(
            incident__messages=revision.message_id, state__in=RELEASED, number__lt=revision.message.number
        )
        .select_related("current")
        .order_by("-number")
        .first()
    )
    if earlier is None or earlier.current is None or language not in earlier.current.content["texts"]:
        return []
    return list(bodies.public_facts(earlier.current.content, language).values())
