"""A message's languages: which are approved, which fell behind their source, and who may approve them.

The source is the first of the company's languages the text is written in; its approval is the message's own. Every
other language needs a reader. What was drafted together from approved templates fits together. A language that is not
approved when a message is released stays behind: its readers get the fallback with a line that says so, and nobody
waits for anybody.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from incidents import audit
from incidents.enums import Language, TimelineKind
from incidents.errors import Refusal
from incidents.models import User
from incidents.sentences import gettext as _
from notifications import bodies, rendering
from notifications.enums import EDITABLE, RELEASED, MessageState
from notifications.models import LanguageApproval, Message, MessageRevision


class BadLanguage(Refusal):
    """The language has no text, needs no approval, or has one."""


class NotReader(Refusal):
    """Somebody in the company reads this language as a native, and this person does not."""


class OwnTranslation(Refusal):
    """Who wrote a translation does not approve it."""


class PlaceholdersLost(Refusal):
    """A translation lacks a value of its source, or has one the source does not have."""

    def __init__(self, missing: list[str], strange: list[str]) -> None:
        self.missing, self.strange = missing, strange
        lines = []
        if missing:
            lines.append(_("The translation lost: %s.") % _named(missing))
        if strange:
            lines.append(_("The source does not have: %s.") % _named(strange))
        super().__init__("\n".join(lines))


@dataclass(frozen=True)
class State:
    """How one language of a message stands: whether it may go out, and if it fell behind its source."""

    language: str
    text_sha256: str
    source_sha256: str
    author_id: int | None
    is_approved: bool
    is_source: bool = False
    is_stale: bool = False
    approval: LanguageApproval | None = None


def states(message: Message) -> list[State]:
    """Return every language of the present text, in order of fallback."""
    if message.current is None:
        return []
    return [_state(message, language) for language in message.current.content["languages"]]


def state_of(message: Message, language: str) -> State:
    """Return one language; refuses one the message is not written in."""
    found = next((one for one in states(message) if one.language == language), None)
    if found is None:
        raise BadLanguage(_("%(message)s has no text in %(language)s.") % _named_in(message, language))
    return found


def spoken(message: Message) -> list[str]:
    """Return the languages the message may go out in; the source is always one of them."""
    return [one.language for one in states(message) if one.is_approved]


def is_late(message: Message, *, language: str) -> bool:
    """Whether a message left without a language that it is written in; it can still be approved for its readers."""
    return message.state in RELEASED and bool(message.languages) and language not in message.languages


def source_of(content: Mapping[str, Any]) -> str:
    """Return the language a text is translated from."""
    return str(next(iter(content["languages"]), ""))


def readers(language: str) -> QuerySet[User]:
    """Return the staff who read a language as natives."""
    return User.objects.filter(is_active=True, languages__contains=[language])


@transaction.atomic
def approve(message: Message, *, language: str, sha256: str, by: User, now: datetime) -> LanguageApproval:
    """Approve one language as it was shown; a native reader does it where the company has one."""
    locked = _lock(message)
    if locked.state not in EDITABLE | {MessageState.SCHEDULED} and not is_late(locked, language=language):
        raise BadLanguage(_("%s is not waiting for a language any more.") % locked.reference)
    state = state_of(locked, language)
    if state.is_approved:
        raise BadLanguage(_("%(language)s is approved already.") % _named_in(locked, language))
    if state.text_sha256 != sha256:
        raise BadLanguage(_("The text changed since you read it: read it again."))
    if state.author_id == by.pk:
        raise OwnTranslation(_("You wrote this translation: another person approves it."))
    others = readers(language)
    if state.author_id is not None:
        others = others.exclude(pk=state.author_id)
    if language not in by.languages and others.exists():
        raise NotReader(_("Somebody in the company reads %(language)s: ask them.") % _named_in(locked, language))
    return _stamp(locked, state, by=by, now=now)


@transaction.atomic
def approve_read(message: Message, *, by: User, now: datetime) -> list[str]:
    """Let a stamp on the whole text approve the languages its giver reads, and those nobody in the company reads.

    A translation that fell behind its source is left to somebody who compares the two.
    """
    locked = _lock(message)
    covered = []
    for state in states(locked):
        if state.is_approved or state.is_stale or state.author_id == by.pk:
            continue
        if state.language in by.languages or not readers(state.language).exists():
            _stamp(locked, state, by=by, now=now)
            covered.append(state.language)
    return covered


def refuse_lost(text: Mapping[str, Any], *, source: Mapping[str, Any], before: Mapping[str, Any] | None) -> None:
    """Refuse a translation whose places for values are not those of its source, or of its own words before."""
    wanted, used = _places(source), _places(text)
    earlier = _places(before) if before else wanted
    missing = sorted((wanted & earlier) - used)
    strange = sorted(used - wanted - earlier)
    if missing or strange:
        raise PlaceholdersLost(missing, strange)


def text_digest(text: Mapping[str, Any]) -> str:
    """Return the SHA-256 of one language's text."""
    return hashlib.sha256(json.dumps(text, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _state(message: Message, language: str) -> State:
    assert message.current is not None
    revisions = sorted(message.revisions.all(), key=lambda one: one.number)
    present = _pair(message.current, language)
    came_in = next(one for one in revisions if _pair(one, language)[0] == present[0])
    author_id = came_in.author_id
    if language == source_of(message.current.content):
        return State(language, *present, author_id, is_approved=True, is_source=True)
    given = next(
        (
            one
            for one in message.language_approvals.all()
            if (one.language, one.text_sha256, one.source_sha256) == (language, *present)
        ),
        None,
    )
    was_drafted_so = _pair(revisions[0], language) == present
    return State(
        language,
        *present,
        author_id,
        is_approved=was_drafted_so or given is not None,
        is_stale=given is None and _pair(came_in, language) != present,
        approval=given,
    )


def _pair(revision: MessageRevision, language: str) -> tuple[str, str]:
    """The digests of a language's text and of its source beside it; empty where there is none."""
    texts = revision.content["texts"]
    return tuple(  # type: ignore[return-value]
        text_digest(texts[one]) if one in texts else "" for one in (language, source_of(revision.content))
    )


def _stamp(message: Message, state: State, *, by: User, now: datetime) -> LanguageApproval:
    given = LanguageApproval.objects.create(
        message=message,
        language=state.language,
        text_sha256=state.text_sha256,
        source_sha256=state.source_sha256,
        approver=by,
        is_native=state.language in by.languages,
        approved_at=now,
    )
    text = _("%(language)s of %(message)s approved") % _named_in(message, state.language)
    audit.tell(message.incident, kind=TimelineKind.MESSAGE, text=text, by=by, now=now)
    data = {"message": message.reference, "language": state.language, "sha256": state.text_sha256}
    audit.record(message.incident, action="message.language_approved", actor=by, now=now, data=data)
    return given


def _places(text: Mapping[str, Any]) -> set[str]:
    return {use.variable for source in bodies.sources(text) for use in rendering.analyse(source)}


def _named(variables: list[str]) -> str:
    return ", ".join(f"{rendering.label(name)} ({{{{ {name} }}}})" for name in variables)


def _named_in(message: Message, language: str) -> dict[str, Any]:
    return {"message": message, "language": dict(Language.choices).get(language, language)}


def _lock(message: Message) -> Message:
    rows = Message.objects.select_for_update(no_key=True, of=("self",)).select_related("incident", "current")
    return rows.get(pk=message.pk)


def waiting() -> QuerySet[Message]:
    """Return the messages that are not sent yet, with all that their languages' states are judged by."""
    unsent = Message.objects.filter(Q(state__in=EDITABLE) | Q(state=MessageState.SCHEDULED))
    rows = unsent.select_related("incident", "current").prefetch_related("revisions", "language_approvals")
    return rows.order_by("incident", "number")
