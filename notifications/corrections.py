"""Finds sent messages whose facts have changed, and drafts the correction that goes to exactly their recipients."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from incidents import audit
from incidents.enums import TimelineKind
from incidents.errors import Refusal
from incidents.models import FactSheet, Incident, User
from notifications import compose
from notifications.enums import HANDED_OVER, RELEASED, MessageKind, MessageState
from notifications.models import Message


class NothingToCorrect(Refusal):
    """The text was never sent: it is edited, not corrected."""


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


@transaction.atomic
def flag(incident: Incident, *, keys: Collection[str], now: datetime) -> int:
    """Mark the sent messages that used one of these facts, tell the timeline once for each, and return how many."""
    if not keys:
        return 0
    used_one = reduce(or_, (Q(current__content__facts_used__contains=[key]) for key in sorted(keys)))
    sent = incident.messages.filter(used_one, state__in=RELEASED, needs_correction=False)
    flagged = list(sent.select_for_update(no_key=True, of=("self",)).order_by("pk"))
    Message.objects.filter(pk__in=[one.pk for one in flagged]).update(needs_correction=True)
    for message in flagged:
        text = _("A fact that %s used has changed: decide on a correction.") % message
        audit.tell(incident, kind=TimelineKind.MESSAGE, text=text, by=None, now=now)
        data = {"message": message.reference, "facts": sorted(keys)}
        audit.record(incident, action="message.needs_correction", actor=None, now=now, data=data)
    return len(flagged)


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
    if correction.corrects_id is None or not correction.is_released:
        return False
    wrong = (
        Message.objects.select_for_update(no_key=True, of=("self",))
        .select_related("incident")
        .get(pk=correction.corrects_id)
    )
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
