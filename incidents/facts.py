"""Facts, written once per incident, and the fact sheets that a second person confirms."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from incidents import audit, sentences
from incidents.enums import FactStatus, Language, TimelineKind
from incidents.errors import Refusal
from incidents.models import Company, Fact, FactSheet, FactVersion, Incident, User
from incidents.sentences import gettext as _

LOCALISED_TYPES = frozenset({"text", "list", "person"})
# What people translate; a name is the same person in every language.
TRANSLATED_TYPES = frozenset({"text", "list"})
SHARED = ""
# What nobody may say: never known, or taken back.
UNSAID = frozenset({FactStatus.UNKNOWN, FactStatus.RETRACTED})
Follower = Callable[[FactSheet, datetime], object]
_followers: list[Follower] = []


class BadFact(Refusal):
    """The value does not fit the fact, or says nothing about where it came from."""


class UnknownFact(Refusal):
    """The fact sheet of this incident has no such line."""


class NotConfirmable(Refusal):
    """The fact sheet cannot be confirmed by this person or a second time."""


@dataclass(frozen=True)
class FactChange:
    """A new value of one fact: texts per language, or one shared value under `""`; where it came from.

    `is_news` says that the value before it was right when it was told: what was sent with it needs no correction.
    """

    key: str
    value: dict[str, Any]
    status: FactStatus
    source: str
    is_news: bool = False


def when_confirmed(follower: Follower) -> Follower:
    """Register what follows a confirmed fact sheet, inside its transaction."""
    if follower not in _followers:
        _followers.append(follower)
    return follower


def seed(incident: Incident, *, definitions: list[dict[str, Any]]) -> int:
    """Add the playbook's lines that the fact sheet lacks and return how many; lines that exist keep their values."""
    existing = set(incident.facts.values_list("key", flat=True))
    rows = [
        Fact(
            incident=incident,
            key=item["key"],
            type=item["type"],
            label=item["label"],
            sensitivity=item["sensitivity"],
            is_publishable=item["publishable"],
            affects_customer=item.get("affects_customer", False),
            needed_by=item["needed_by"],
            position=position,
        )
        for position, item in enumerate(definitions)
        if item["key"] not in existing
    ]
    return len(Fact.objects.bulk_create(rows))


def put(incident: Incident, *, change: FactChange, by: User, now: datetime) -> Fact:
    """Set one fact; raises UnknownFact or BadFact with a sentence that says what to do."""
    with transaction.atomic():
        fact = _find(incident, change.key)
        value = _clean(fact, change)
        _write(fact, value, change=change, by=by, now=now)
        text = _("Fact %(key)s: %(status)s, from %(source)s") % {
            "key": sentences.one_of(fact.label or {"en": fact.key}),
            "status": FactStatus(fact.status).label,
            "source": fact.source,
        }
        audit.tell(incident, kind=TimelineKind.FACT, text=text, by=by, now=now)
        audit.record(incident, action="fact.set", actor=by, now=now, data={"key": fact.key, "version": fact.version})
    return fact


def mark_unknown(incident: Incident, *, key: str, source: str, by: User, now: datetime) -> Fact:
    """Say on purpose that a fact is not known yet; an honest gap counts as an answer."""
    return put(incident, change=FactChange(key, {}, FactStatus.UNKNOWN, source), by=by, now=now)


def translate(fact: Fact, *, language: Language, text: str, by: User, now: datetime) -> Fact:
    """Write one language of a fact and leave the others as they are; the same text again says that it still holds."""
    with transaction.atomic():
        locked = _find(fact.incident, fact.key)
        if locked.type not in TRANSLATED_TYPES or not locked.value:
            raise BadFact(_("“%s” has nothing to translate.") % locked.key)
        if language == source_language(locked.value):
            raise BadFact(_("“%s” is translated from this language: change the fact itself.") % locked.key)
        change = FactChange(
            locked.key, {**locked.value, language: text}, FactStatus(locked.status), locked.source, is_news=True
        )
        value = _clean(locked, change)
        if language not in value:
            raise BadFact(_("The translation of “%s” is empty.") % locked.key)
        behind = [one for one in locked.stale_languages if one != language]
        _write(locked, value, change=change, by=by, now=now)
        locked.stale_languages = behind
        locked.save(update_fields=["stale_languages"])
        audit.record(
            fact.incident, action="fact.translated", actor=by, now=now, data={"key": locked.key, "to": language}
        )
    return locked


def value_told(fact: Fact) -> dict[str, Any]:
    """Return a fact's value without the translations that are behind their source: they would tell old news."""
    return {language: text for language, text in fact.value.items() if language not in fact.stale_languages}


def source_language(texts: dict[str, Any]) -> str:
    """Return the language the others are translated from: the first of the company's that is there."""
    company = Company.objects.first()
    order = [*(company.languages if company else []), *Language.values]
    return next((language for language in order if language in texts), SHARED)


def freeze(incident: Incident, *, by: User, now: datetime) -> FactSheet:
    """Write the facts as they stand into a new fact sheet, to be confirmed by another person."""
    with transaction.atomic():
        Incident.objects.select_for_update(no_key=True).get(pk=incident.pk)
        content = _content(incident)
        if not content:
            raise BadFact(_("The fact sheet is empty: enter what is known, or mark it unknown, first."))
        number = (incident.fact_sheets.aggregate(last=Max("version"))["last"] or 0) + 1
        sheet = FactSheet.objects.create(
            incident=incident, version=number, content=content, sha256=_digest(content), created_by=by, created_at=now
        )
        audit.tell(incident, kind=TimelineKind.FACT, text=_("Fact sheet v%s written") % number, by=by, now=now)
        audit.record(incident, action="factsheet.written", actor=by, now=now, data={"version": number})
    return sheet


def is_current(sheet: FactSheet) -> bool:
    """Whether the sheet still says what the facts say."""
    return sheet.sha256 == _digest(_content(sheet.incident))


def confirm(sheet: FactSheet, *, by: User, now: datetime) -> FactSheet:
    """Confirm a fact sheet as the single source of truth; another person than its writer does it, once."""
    with transaction.atomic():
        locked = (
            FactSheet.objects.select_for_update(no_key=True, of=("self",)).select_related("incident").get(pk=sheet.pk)
        )
        if locked.confirmed_by_id is not None:
            raise NotConfirmable(_("Fact sheet v%s is confirmed already.") % locked.version)
        if locked.created_by_id == by.pk:
            raise NotConfirmable(_("You wrote fact sheet v%s: ask another person to confirm it.") % locked.version)
        if locked.incident.fact_sheets.filter(version__gt=locked.version).exists():
            raise NotConfirmable(_("A newer fact sheet exists: confirm the newest one."))
        locked.confirmed_by = by
        locked.confirmed_at = now
        locked.save(update_fields=["confirmed_by", "confirmed_at"])
        text = _("Fact sheet v%s confirmed") % locked.version
        audit.tell(locked.incident, kind=TimelineKind.FACT, text=text, by=by, now=now)
        audit.record(locked.incident, action="factsheet.confirmed", actor=by, now=now, data={"version": locked.version})
        for follow in _followers:
            follow(locked, now)
    sheet.refresh_from_db()
    return sheet


def confirmed(incident: Incident) -> FactSheet | None:
    """Return the newest confirmed fact sheet, or None."""
    return incident.fact_sheets.filter(confirmed_by__isnull=False).order_by("-version").first()


def changed_keys(old: FactSheet | None, new: FactSheet) -> list[str]:
    """Return the keys whose value or status differs between two sheets, in the order of the newer one."""
    before = old.content if old else {}
    keys = [key for key, item in new.content.items() if _core(before.get(key)) != _core(item)]
    return keys + [key for key in before if key not in new.content]


def _content(incident: Incident) -> dict[str, Any]:
    return {
        fact.key: {
            "type": fact.type,
            "value": value_told(fact),
            "status": fact.status,
            "source": fact.source,
            "label": fact.label,
            "is_publishable": fact.is_publishable,
            "version": fact.version,
            "corrected_in": fact.corrected_in,
        }
        for fact in incident.facts.filter(is_answered=True).order_by("position", "key")
    }


def _core(item: dict[str, Any] | None) -> tuple[Any, Any, Any] | None:
    return (item["value"], item["status"], item["is_publishable"]) if item else None


def _write(fact: Fact, value: dict[str, Any], *, change: FactChange, by: User, now: datetime) -> None:
    """Change a locked fact and keep the change; a value told before may have become wrong by it."""
    was_told = fact.is_answered and fact.status not in UNSAID
    is_other = any(value.get(language) != text for language, text in fact.value.items())
    fact.stale_languages = _behind(fact, value)
    fact.version += 1
    if was_told and not change.is_news and (is_other or change.status in UNSAID):
        fact.corrected_in = fact.version
    fact.value, fact.status, fact.source = value, change.status, change.source.strip()
    fact.is_answered = True
    fact.updated_by, fact.updated_at = by, now
    fact.save()
    FactVersion.objects.create(
        fact=fact,
        version=fact.version,
        value=value,
        status=fact.status,
        source=fact.source,
        is_news=change.is_news,
        by=by,
        at=now,
    )


def _behind(fact: Fact, value: dict[str, Any]) -> list[str]:
    """Return the languages that still say what the source said before it changed."""
    if fact.type not in TRANSLATED_TYPES or not value:
        return []
    source = source_language(value)
    kept = {language for language, text in value.items() if fact.value.get(language) == text}
    is_moved = source in fact.value and source not in kept
    behind = kept if is_moved else kept & set(fact.stale_languages)
    return sorted(behind - {source})


def _find(incident: Incident, key: str) -> Fact:
    try:
        return Fact.objects.select_for_update(no_key=True).get(incident=incident, key=key)
    except Fact.DoesNotExist:
        raise UnknownFact(_("This incident's fact sheet has no line “%s”.") % key) from None


def _clean(fact: Fact, change: FactChange) -> dict[str, Any]:
    if not change.source.strip():
        raise BadFact(_("Say where the fact comes from: a person, a document, a system."))
    if change.status == FactStatus.UNKNOWN:
        return {}
    if fact.type in LOCALISED_TYPES:
        value = {language: str(text).strip() for language, text in change.value.items() if str(text).strip()}
        wrong = sorted(set(value) - set(Language.values))
    else:
        value = {SHARED: _shared(fact, change.value.get(SHARED))}
        wrong = sorted(set(change.value) - {SHARED})
    if wrong:
        raise BadFact(
            _("“%(key)s” has values for %(wrong)s, which it does not take.") % {"key": fact.key, "wrong": wrong}
        )
    if not value:
        raise BadFact(_("“%s” has no value: give one, or mark it unknown.") % fact.key)
    return value


def _shared(fact: Fact, value: Any) -> Any:
    if value is None or value == "":
        raise BadFact(_("“%s” has no value: give one, or mark it unknown.") % fact.key)
    if fact.type == "datetime":
        moment = value if isinstance(value, datetime) else parse_datetime(str(value))
        if moment is None or timezone.is_naive(moment):
            raise BadFact(_("“%s” needs a date and time with its zone, like 2026-11-22T14:00+01:00.") % fact.key)
        return moment.isoformat()
    if fact.type == "integer":
        try:
            return int(value)
        except (TypeError, ValueError):
            raise BadFact(_("“%s” needs a whole number.") % fact.key) from None
    return value


def _digest(content: dict[str, Any]) -> str:
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
