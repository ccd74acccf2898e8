"""Takes newer facts and times over into a text that is not sent yet, and drafts the correction of one that was."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from incidents import facts
from incidents.errors import Refusal
from incidents.models import FactSheet, User
from notifications import bodies, compose, corrections, rendering, translations
from notifications.enums import MessageKind
from notifications.models import LanguageApproval, Message, MessageRevision
from workflows import phrases, plans, releases, values

EXPLANATION = "update.corrections"


class NotSendable(Refusal):
    """A language lacks something that every text needs."""


class NoFacts(Refusal):
    """A language cannot be added while facts its text prints have no words in it."""


def take_over(message: Message, *, by: User, now: datetime) -> MessageRevision:
    """Write the newest confirmed facts and the next promised times into a text; its words stay as they were written."""
    incident, present = message.incident, compose.current(message)
    with transaction.atomic():
        said = _said(message, now=now)
        fresh = {language: dict(own) for language, own in said.by_language.items()}
        for language, own in present.content["values"].items():
            if EXPLANATION in own:
                fresh.setdefault(language, {}).setdefault(EXPLANATION, own[EXPLANATION])
        draft = releases.Draft(MessageKind(message.kind), audience=message.audience)
        changes = {
            "values": fresh,
            "times": said.times,
            "promises": releases.next_promises(incident, plan=plans.required(incident), draft=draft, now=now),
        }
        return compose.edit(message, changes=changes, by=by, now=now, fact_sheet=_sheet(message))


def translate(message: Message, *, language: str, text: Mapping[str, Any], by: User, now: datetime) -> MessageRevision:
    """Write one language of an unsent text and leave the others as they are; a new one brings its values along."""
    with transaction.atomic():
        content = compose.current(message).content
        before = content["texts"].get(language)
        clean = compose.clean_text(text)
        translations.refuse_lost(clean, source=content["texts"][translations.source_of(content)], before=before)
        changes: dict[str, Any] = {"texts": {**content["texts"], language: clean}}
        if language not in content["values"]:
            changes["values"] = {**content["values"], language: _values_in(message, language, now=now)}
        return compose.edit(message, changes=changes, by=by, now=now)


def approve_language(message: Message, *, language: str, sha256: str, by: User, now: datetime) -> LanguageApproval:
    """Approve one language of an unsent text, if it could be sent as it stands."""
    problems = compose.problems_of(message, language=language)
    if problems:
        raise NotSendable("\n".join(problems))
    return translations.approve(message, language=language, sha256=sha256, by=by, now=now)


def starting_text(message: Message, *, language: str) -> dict[str, Any]:
    """Return what a translator begins with: the present text, the plan's own in this language, or the source."""
    content = compose.current(message).content
    plan = plans.current(message.incident)
    template = plans.template(plan, message.kind) if plan and message.kind in plan.content["message_templates"] else {}
    source = content["texts"][translations.source_of(content)]
    return dict(content["texts"].get(language) or template.get(language) or source)


def explanation(message: Message) -> dict[str, str]:
    """Return, in each language of a sent message, what it said of corrected facts and what is right."""
    content, sheet = compose.current(message).content, facts.confirmed(message.incident)
    wrong = corrections.wrong_statements(message, sheet=sheet)
    zone = content["time_zone"]
    return {
        language: phrases.sentences([_put_right(one, language, zone) for one in wrong], language=language)
        for language in bodies.content_of(compose.current(message))["texts"]
    }


def _put_right(wrong: corrections.Wrong, language: str, zone: str) -> str:
    is_unsaid = wrong.after["status"] in facts.UNSAID
    before = values.worded(wrong.key, dict(wrong.before), language=language, time_zone=zone)
    after = "" if is_unsaid else values.worded(wrong.key, dict(wrong.after), language=language, time_zone=zone)
    return phrases.corrected(language=language, label=wrong.after["label"], before=before, after=after)


def _said(message: Message, *, now: datetime) -> values.MessageValues:
    incident = message.incident
    return values.message_values(
        incident,
        plan=plans.required(incident),
        fact_sheet=_sheet(message),
        kind=message.kind,
        now=now,
        tiers=releases.Draft(MessageKind(message.kind), audience=message.audience).tiers,
        number=message.update_number,
    )


def _sheet(message: Message) -> FactSheet | None:
    # A first word may stand before any sheet was confirmed: its approver confirms its own.
    return facts.confirmed(message.incident) or compose.current(message).fact_sheet


def _values_in(message: Message, language: str, *, now: datetime) -> dict[str, str]:
    said = _said(message, now=now)
    if language not in said.by_language:
        lacking = ", ".join(rendering.label(key) for key in said.gaps.get(language, ())) or "-"
        raise NoFacts(_("Translate these facts first, and have the fact sheet confirmed: %s.") % lacking)
    return said.by_language[language]


def correct(message: Message, *, explanation: Mapping[str, str], by: User, now: datetime) -> Message:
    """Draft the correction of a sent message for exactly those who got it, in the languages that explain it."""
    incident, kind = message.incident, MessageKind.CORRECTION
    with transaction.atomic():
        plan, sheet = plans.required(incident), facts.confirmed(incident)
        draft = releases.Draft(kind, audience={"tiers": compose.tiers(compose.current(message).content)})
        said = values.message_values(incident, plan=plan, fact_sheet=sheet, kind=kind, now=now, tiers=draft.tiers)
        texts = plans.template(plan, kind)
        told = [language for language in bodies.content_of(compose.current(message))["texts"] if language in texts]
        # A language nobody explained, or whose facts wait for a translation, does not keep the others waiting.
        ready = [one for one in told if explanation.get(one, "").strip() and one in said.by_language]
        spoken = ready or told
        correction = corrections.Correction(
            explanation=explanation,
            texts={language: texts[language] for language in spoken},
            values={language: said.by_language.get(language, {}) for language in spoken},
            times=said.times,
            promises=releases.next_promises(incident, plan=plan, draft=draft, now=now),
            fact_sheet=sheet,
        )
        return corrections.draft_correction(message, correction=correction, by=by, now=now)
