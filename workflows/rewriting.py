"""Takes newer facts and times over into a text that is not sent yet, and drafts the correction of one that was."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from incidents import facts
from incidents.models import User
from notifications import compose, corrections
from notifications.enums import MessageKind
from notifications.models import Message, MessageRevision
from workflows import plans, releases, values

EXPLANATION = "update.corrections"


def take_over(message: Message, *, by: User, now: datetime) -> MessageRevision:
    """Write the newest confirmed facts and the next promised times into a text; its words stay as they were written."""
    incident, present = message.incident, compose.current(message)
    with transaction.atomic():
        # A first word may stand before any sheet was confirmed: its approver confirms its own.
        plan, sheet = plans.required(incident), facts.confirmed(incident) or present.fact_sheet
        draft = releases.Draft(MessageKind(message.kind), audience=message.audience)
        said = values.message_values(
            incident,
            plan=plan,
            fact_sheet=sheet,
            kind=message.kind,
            now=now,
            tiers=draft.tiers,
            number=message.update_number,
        )
        fresh = {language: dict(own) for language, own in said.by_language.items()}
        for language, own in present.content["values"].items():
            if EXPLANATION in own:
                fresh.setdefault(language, {}).setdefault(EXPLANATION, own[EXPLANATION])
        changes = {
            "values": fresh,
            "times": said.times,
            "promises": releases.next_promises(incident, plan=plan, draft=draft, now=now),
        }
        return compose.edit(message, changes=changes, by=by, now=now, fact_sheet=sheet)


def correct(message: Message, *, explanation: Mapping[str, str], by: User, now: datetime) -> Message:
    """Draft the correction of a sent message for exactly those who got it, in the languages that explain it."""
    incident, kind = message.incident, MessageKind.CORRECTION
    with transaction.atomic():
        plan, sheet = plans.required(incident), facts.confirmed(incident)
        draft = releases.Draft(kind, audience={"tiers": compose.tiers(compose.current(message).content)})
        said = values.message_values(incident, plan=plan, fact_sheet=sheet, kind=kind, now=now, tiers=draft.tiers)
        texts = plans.template(plan, kind)
        spoken = [language for language in compose.current(message).content["languages"] if language in texts]
        correction = corrections.Correction(
            explanation=explanation,
            texts={language: texts[language] for language in spoken},
            values={language: said.by_language.get(language, {}) for language in spoken},
            times=said.times,
            promises=releases.next_promises(incident, plan=plan, draft=draft, now=now),
            fact_sheet=sheet,
        )
        return corrections.draft_correction(message, correction=correction, by=by, now=now)
