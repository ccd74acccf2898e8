"""Finds sent messages whose facts have changed, and drafts the correction that goes to exactly their recipients."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from incidents import audit, facts
from incidents.enums import TimelineKind
from incidents.errors import Refusal
from incidents.models import FactSheet, Incident, User
from incidents.sentences import gettext as _
from notifications import compose
from notifications.enums import HANDED_OVER, RELEASED, MessageKind, MessageState
from notifications.models import Message


class NothingToCorrect(Refusal):
    """The text was never sent: it is edited, not corrected."""


class ReasonMissing(Refusal):
    """Leaving a wrong statement as it is has a reason."""


class ExplanationMissing(Refusal):
    """A correction names the wrong statement in every language it is written in."""


@dataclass(frozen=True)
class Correction:
    """What a correction says; `explanation` names the wrong statement and the right one, per language."""

    explanation: Mapping[str, str]
    texts: Mapping[str, dict[str, Any]]
    values: Mapping[str, Mapping[str, str]]
    times: Mapping[str, str] = field(default_factory=dict)
    promises: Mapping[str, dict[str, str]] = field(default_factory=dict)
    fact_sheet: FactSheet | None = None


@dataclass(frozen=True)
class Wrong:
    """A statement that was sent and does not hold: the fact's line then and now, as sheets keep it."""

    key: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@facts.when_confirmed
def flag(sheet: FactSheet, now: datetime) -> int:
    """Mark the sent messages that say what this sheet corrects or takes back; each is told once. Returns how many."""
    flagged = 0
    for message in _sent(sheet.incident):
        wrong = [] if message.needs_correction else wrong_statements(message, sheet=sheet)
        if not wrong:
            continue
        Message.objects.filter(pk=message.pk).update(needs_correction=True)
        text = _("A fact that %s used has changed: decide on a correction.") % message
        audit.tell(sheet.incident, kind=TimelineKind.MESSAGE, text=text, by=None, now=now)
        data = {"message": message.reference, "facts": [one.key for one in wrong]}
        audit.record(sheet.incident, action="message.needs_correction", actor=None, now=now, data=data)
        flagged += 1
    return flagged


def wrong_statements(message: Message, *, sheet: FactSheet | None) -> list[Wrong]:
    """Return what the message said of a fact that this sheet corrects; news after a true statement is none."""
    revision = message.current
    if sheet is None or revision is None or revision.fact_sheet is None:
        return []
    found = []
    for key in _said(revision.content):
        before, after = revision.fact_sheet.content.get(key), sheet.content.get(key)
        if before is None or after is None:
            continue
        settled = max(before.get("version", 0), message.settled_facts.get(key, 0))
        if after.get("corrected_in", 0) > settled:
            found.append(Wrong(key, before, after))
    return found


@transaction.atomic
def leave(message: Message, *, reason: str, by: User, now: datetime) -> Message:
    """Decide, with a reason, that a marked message needs no correction; a later change marks it again."""
    locked = _lock(message)
    if not reason.strip():
        raise ReasonMissing(_("Say why no correction is needed: the review reads it."))
    if not locked.needs_correction:
        raise NothingToCorrect(_("%s is not marked.") % locked.reference)
    wrong = wrong_statements(locked, sheet=facts.confirmed(locked.incident))
    locked.settled_facts = {**locked.settled_facts, **{one.key: one.after.get("corrected_in", 0) for one in wrong}}
    locked.needs_correction = False
    locked.save(update_fields=["settled_facts", "needs_correction"])
    text = _("No correction of %(message)s: %(reason)s") % {"message": locked, "reason": reason.strip()}
    audit.tell(locked.incident, kind=TimelineKind.MESSAGE, text=text, by=by, now=now)
    data = {"message": locked.reference, "facts": [one.key for one in wrong], "reason": reason.strip()}
    audit.record(locked.incident, action="message.left_as_it_is", actor=by, now=now, data=data)
    return locked


@transaction.atomic
def draft_correction(message: Message, *, correction: Correction, by: User | None, now: datetime) -> Message:
    """Draft a correction by the channels of the wrong message, to those who got it."""
    if not message.is_released:
        raise NothingToCorrect(_("%s was not sent: edit it.") % message.reference)
    if message.kind in HANDED_OVER:
        raise NothingToCorrect(_("People carried this text: draft it anew for its audience and hand that over."))
    silent = [language for language in correction.texts if not correction.explanation.get(language, "").strip()]
    if silent or not correction.texts:
        raise ExplanationMissing(
            _("Say in every language what was wrong and what is right; missing: %s.") % ", ".join(silent or ["-"])
        )
    values = {
        language: {**correction.values.get(language, {}), "update.corrections": correction.explanation[language]}
        for language in correction.texts
    }
    spec = compose.DraftSpec(
        kind=MessageKind.CORRECTION,
        audience={"recipients_of": message.pk},
        channels=message.channels,
        texts=dict(correction.texts),
        values=values,
        times=dict(correction.times),
        promises=dict(correction.promises),
        fact_sheet=correction.fact_sheet,
        update_number=message.update_number,
        corrects=message,
    )
    return compose.draft(message.incident, spec=spec, by=by, now=now)


@transaction.atomic
def close(correction: Message, *, by: User | None, now: datetime) -> bool:
    """Mark the corrected message superseded once its correction is released; false if there is nothing to mark."""
    if correction.corrects is None or not correction.is_released:
        return False
    wrong = _lock(correction.corrects)
    if wrong.state == MessageState.SUPERSEDED:
        return False
    wrong.supersede()
    wrong.needs_correction = False
    wrong.save(update_fields=["state", "needs_correction"])
    text = _("%(wrong)s is superseded by %(right)s.") % {"wrong": wrong, "right": correction}
    audit.tell(wrong.incident, kind=TimelineKind.MESSAGE, text=text, by=by, now=now)
    data = {"message": wrong.reference, "correction": correction.reference}
    audit.record(wrong.incident, action="message.superseded", actor=by, now=now, data=data)
    return True


def _sent(incident: Incident) -> list[Message]:
    sent = incident.messages.filter(state__in=RELEASED, current__fact_sheet__isnull=False)
    locked = sent.select_for_update(no_key=True, of=("self",)).select_related("current__fact_sheet", "incident")
    return list(locked.order_by("pk"))


def _said(content: Mapping[str, Any]) -> list[str]:
    """The facts a text names and had a value for, in any of its languages; an empty condition says nothing."""
    told = {key for own in content["values"].values() for key, value in own.items() if value}
    told |= {key for key, moment in content["times"].items() if moment}
    return [key for key in content["facts_used"] if key in told]


def _lock(message: Message) -> Message:
    return (
        Message.objects.select_for_update(no_key=True, of=("self",))
        .select_related("incident", "current__fact_sheet")
        .get(pk=message.pk)
    )
