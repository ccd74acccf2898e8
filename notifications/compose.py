"""Writes messages as immutable revisions with a digest, and says what keeps a text from being approved."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from incidents import audit, facts, withholding
from incidents.enums import Language, TimelineKind
from incidents.errors import Refusal
from incidents.models import Company, FactSheet, Incident, User
from incidents.sentences import gettext as _
from notifications import bodies, rendering, translations
from notifications.bodies import Body, body, public_body, short_body
from notifications.enums import MessageKind, UncertainPolicy
from notifications.models import Message, MessageRevision
from notifications.previews import NoAddress, NoText, Preview, current, personal_values, preview, send_test

__all__ = [
    "AlreadySent",
    "Body",
    "DraftSpec",
    "NoAddress",
    "NoText",
    "NotEditable",
    "Preview",
    "body",
    "clean_text",
    "current",
    "digest",
    "draft",
    "edit",
    "personal_values",
    "preview",
    "problems",
    "problems_of",
    "public_body",
    "renew",
    "send_test",
    "short_body",
]
# Fields of a revision that an edit may replace; the others follow from the incident and the company.
CHANGEABLE = frozenset(
    {"audience", "channels", "promises", "texts", "values", "times", "uncertain_policy", "elements_required"}
)
CONTACTS = {"contact.hotline", "contact.email", "contact.portal_url", "contact.chat_url"}
CONTACT_WRITTEN_OUT = re.compile(r"(?<![\w-])\+?\d(?:[\s().-]{0,2}\d){6,}|[\w.+-]+@[\w-]+\.\w+|https?://\S+")
ADMISSION = "incident.responsibility_accepted"
ALWAYS_REQUIRED = ("title", "contact")


class AlreadySent(Refusal):
    """A released text is never edited; a correction says what was wrong."""


class NotEditable(Refusal):
    """The message can no longer be written: it is scheduled, withdrawn or out of date."""


@dataclass(frozen=True)
class DraftSpec:
    """What a new message says, to whom, and what it promises; see `Message` and `MessageRevision` for the shapes."""

    kind: MessageKind
    audience: dict[str, Any]
    channels: dict[str, list[str]]
    texts: dict[str, dict[str, Any]]
    values: dict[str, dict[str, str]]
    times: dict[str, str] = field(default_factory=dict)
    promises: dict[str, dict[str, str]] = field(default_factory=dict)
    fact_sheet: FactSheet | None = None
    update_number: int = 0
    corrects: Message | None = None
    uncertain_policy: UncertainPolicy = UncertainPolicy.HOLD
    elements_required: Sequence[str] = ()


def digest(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 over the canonical JSON of everything that is rendered from."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


@transaction.atomic
def draft(incident: Incident, *, spec: DraftSpec, by: User | None, now: datetime) -> Message:
    """Create a message with its first revision; `by` is None for a text the clock drew up."""
    # Messages are numbered per incident, so two drafts take turns.
    Incident.objects.select_for_update(no_key=True).only("pk").get(pk=incident.pk)
    last = incident.messages.aggregate(last=Max("number"))["last"] or 0
    message = Message.objects.create(
        incident=incident,
        kind=spec.kind,
        number=last + 1,
        audience=spec.audience,
        channels=spec.channels,
        promises=spec.promises,
        update_number=spec.update_number,
        uncertain_policy=spec.uncertain_policy,
        corrects=spec.corrects,
        author=by,
        created_at=now,
    )
    content = _content(incident, {name: getattr(spec, name) for name in CHANGEABLE}, kind=spec.kind)
    _revise(message, content=content, fact_sheet=spec.fact_sheet, by=by, now=now)
    _log(message, action="message.drafted", text=_("Drafted: %s.") % message, by=by, now=now)
    return message


@transaction.atomic
def edit(
    message: Message,
    *,
    changes: Mapping[str, Any],
    by: User | None,
    now: datetime,
    fact_sheet: FactSheet | None = None,
) -> MessageRevision:
    """Write a new revision with the changed fields and void every approval; an edit that changes nothing is none."""
    message = (
        Message.objects.select_for_update(no_key=True, of=("self",))
        .select_related("incident", "current")
        .get(pk=message.pk)
    )
    if message.is_released:
        raise AlreadySent(_("%s was already sent; write a correction.") % message.reference)
    if not message.is_editable:
        raise NotEditable(_("%s is %s and cannot be edited.") % (message.reference, message.get_state_display()))
    unknown = sorted(set(changes) - CHANGEABLE)
    if unknown:
        raise NotEditable(_("These fields do not follow from an edit: %s.") % ", ".join(unknown))
    present = current(message)
    sheet = fact_sheet or present.fact_sheet
    kept = {name: present.content[name] for name in CHANGEABLE}
    content = _content(message.incident, kept | dict(changes), kind=message.kind)
    if digest(_stamped(content, sheet)) == present.sha256:
        return present
    revision = _revise(message, content=content, fact_sheet=sheet, by=by, now=now)
    text = _("Text changed: %s, revision %d; it must be approved anew.") % (message, revision.number)
    _log(message, action="message.edited", text=text, by=by, now=now)
    return revision


@transaction.atomic
def renew(message: Message, *, now: datetime) -> MessageRevision:
    """Write the same words down as a new revision, in draft, so that stamps on the old one count no more."""
    present = current(message)
    return _revise(message, content=present.content, fact_sheet=present.fact_sheet, by=present.author, now=now)


def problems(message: Message) -> list[str]:
    """Return what keeps the text from being approved, as sentences; every language and tier is rendered."""
    revision = current(message)
    content = revision.content
    found: list[str] = [] if content["texts"] else [_("There is no text in any language.")]
    found += [*_stale_facts(revision), *_contradictions(revision), *_unfounded_admission(revision)]
    for language in translations.spoken(message):
        name = str(dict(Language.choices).get(language, language))
        found += [f"{name}: {problem}" for problem in _problems_in(revision, language)]
    return list(dict.fromkeys(found))


def problems_of(message: Message, *, language: str) -> list[str]:
    """Return what keeps one language from being sent."""
    return list(dict.fromkeys(_problems_in(current(message), language)))


def tiers(content: Mapping[str, Any]) -> list[int]:
    """Return the tiers a revision speaks to."""
    named = content["audience"].get("tiers") or sorted(int(tier) for tier in content["channels"])
    return [int(tier) for tier in named] or [3]


def _problems_in(revision: MessageRevision, language: str) -> Iterator[str]:
    content = revision.content
    printed = {
        use.variable for source in bodies.sources(content["texts"][language]) for use in rendering.analyse(source)
    }
    try:
        for tier in tiers(content):
            elements = bodies.section_texts(content, language, tier=tier, time_zone="UTC")
            yield from _gaps(content, elements, tier=tier)
            short_body(revision, language=language, tier=tier, time_zone="UTC")
            body(revision, language=language, tier=tier, time_zone="UTC")
        posted = public_body(revision, language=language)
    except Refusal as problem:
        yield str(problem)
        return
    if not printed & CONTACTS and not CONTACT_WRITTEN_OUT.search("\n".join(elements.values())):
        yield _("No telephone number, mailbox or page is named as a contact.")
    limit = content["audience"].get("limit")
    if limit and len(posted.text) > limit:
        yield _("The text has %(length)d characters; %(limit)d fit.") % {"length": len(posted.text), "limit": limit}
    if bodies.promises_next_update(content["kind"]) and bodies.NEXT_UPDATE not in printed:
        yield _("The text does not name the time of the next update.")


def _gaps(content: Mapping[str, Any], elements: dict[str, str], *, tier: int) -> Iterator[str]:
    required = dict.fromkeys([*ALWAYS_REQUIRED, *content["elements_required"], *elements])
    for element in required:
        if not elements.get(element):
            yield _("The element “%s” is empty.") % element
    if bodies.promises_next_update(content["kind"]) and not content["promises"].get(str(tier), {}).get(
        "next_update_at"
    ):
        yield _("No next update is set for tier %d.") % tier


def _stale_facts(revision: MessageRevision) -> list[str]:
    confirmed = facts.confirmed(revision.message.incident)
    if revision.fact_sheet is None or confirmed is None or confirmed.pk == revision.fact_sheet_id:
        return []
    changed = sorted(set(facts.changed_keys(revision.fact_sheet, confirmed)) & set(revision.content["facts_used"]))
    if not changed:
        return []
    named = ", ".join(rendering.label(key) for key in changed)
    return [_("Facts were confirmed differently since this was written: %s. Take the new values over.") % named]


def _contradictions(revision: MessageRevision) -> Iterator[str]:
    """Compare what the text says of a fact with the sheet it is drawn from; only exact values are judged."""
    sheet = revision.fact_sheet.content if revision.fact_sheet else {}
    content, withheld = revision.content, withholding.keys(revision.message.incident)
    spoken = {"", *translations.spoken(revision.message)}
    for key in content["facts_used"]:
        line = sheet.get(key)
        told = {
            language: own[key] for language, own in content["values"].items() if own.get(key) and language in spoken
        }
        if line is None or not (told or content["times"].get(key)):
            continue
        if not line["is_publishable"] or key in withheld:
            yield _("“%s” may not appear in a message to customers.") % rendering.label(key)
        elif _says_otherwise(line["value"], told, moment=content["times"].get(key, "")):
            yield _("“%s” contradicts the fact sheet: take its value over.") % rendering.label(key)


def _unfounded_admission(revision: MessageRevision) -> Iterator[str]:
    """A text drawn while responsibility was accepted admits what the company no longer, or not yet, admits."""
    if revision.message.incident.responsibility_accepted:
        return
    texts, values = revision.content["texts"], revision.content["values"]
    admitting = [texts[language] for language, own in values.items() if own.get(ADMISSION) and language in texts]
    uses = (use for text in admitting for source in bodies.sources(text) for use in rendering.analyse(source))
    if any(use.variable == ADMISSION for use in uses):
        yield _("The text admits responsibility, which is not accepted now. Take the new values over.")


def _says_otherwise(confirmed: Mapping[str, Any], told: Mapping[str, str], *, moment: str) -> bool:
    shared = confirmed.get(facts.SHARED)
    if moment and isinstance(shared, str) and datetime.fromisoformat(moment) != datetime.fromisoformat(shared):
        return True
    texts = {language: confirmed.get(language) for language in told}
    return any(
        isinstance(text, str) and rendering.clean(text).strip() != told[language].strip()
        for language, text in texts.items()
        if language != facts.SHARED
    )


def _content(incident: Incident, given: dict[str, Any], *, kind: str) -> dict[str, Any]:
    company = Company.objects.filter(pk=1).first() or Company()
    texts = {language: clean_text(text) for language, text in given["texts"].items()}
    values = {
        language: {name: rendering.clean(str(value)) for name, value in own.items()}
        for language, own in given["values"].items()
    }
    values.setdefault("", {}).setdefault("incident.reference", incident.reference)
    keys = frozenset(incident.facts.values_list("key", flat=True))
    return {
        **given,
        "kind": str(kind),
        "incident": incident.reference,
        "texts": texts,
        "values": values,
        "languages": [one for one in dict.fromkeys([*company.languages, *texts]) if one in texts],
        "facts_used": _check_texts(texts, keys),
        "sender": {"from": company.sender_address or settings.DEFAULT_FROM_EMAIL, "reply_to": company.reply_address},
        "time_zone": company.time_zone,
        "team_name": company.team_name,
        "elements_required": list(given["elements_required"]),
        "uncertain_policy": str(given["uncertain_policy"]),
    }


def clean_text(text: Mapping[str, Any]) -> dict[str, Any]:
    """Return one language's text as a revision keeps it."""
    return {
        "subject": rendering.clean(text["subject"]),
        "sections": [
            {"element": section["element"], "text": rendering.clean(section["text"])} for section in text["sections"]
        ],
        "short_text": rendering.clean(text.get("short_text", "")),
    }


def _check_texts(texts: dict[str, Any], keys: frozenset[str]) -> list[str]:
    used: set[str] = set()
    for text in texts.values():
        for source in bodies.sources(text):
            rendering.check(source, facts=keys)
            used |= {use.variable for use in rendering.analyse(source)}
    return sorted(used & keys)


def _revise(
    message: Message, *, content: dict[str, Any], fact_sheet: FactSheet | None, by: User | None, now: datetime
) -> MessageRevision:
    stamped = _stamped(content, fact_sheet)
    last = message.revisions.aggregate(last=Max("number"))["last"] or 0
    revision = MessageRevision.objects.create(
        message=message,
        number=last + 1,
        content=stamped,
        sha256=digest(stamped),
        fact_sheet=fact_sheet,
        author=by,
        created_at=now,
    )
    message.reopen()
    message.current = revision
    for name in ("audience", "channels", "promises", "uncertain_policy"):
        setattr(message, name, stamped[name])
    message.submitted_at = message.approved_at = message.release_at = None
    message.cleared_severity = message.cleared_size = None
    message.is_standing_approved = False
    message.save()
    return revision


def _stamped(content: dict[str, Any], fact_sheet: FactSheet | None) -> dict[str, Any]:
    return content | {"fact_sheet": fact_sheet.version if fact_sheet else None}


def _log(message: Message, *, action: str, text: str, by: User | None, now: datetime) -> None:
    revision = current(message)
    data = {"message": message.reference, "revision": revision.number, "sha256": revision.sha256}
    audit.tell(message.incident, kind=TimelineKind.MESSAGE, text=text, by=by, now=now)
    audit.record(message.incident, action=action, actor=by, now=now, data=data)
