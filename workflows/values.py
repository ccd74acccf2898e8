"""What a message says apart from its template: values of the confirmed fact sheet, the company, remedies and promises.

Texts are kept per language; moments are kept apart, because each reader sees them in their own time zone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from incidents import facts, hotline, withholding
from incidents.enums import CommitmentKind, Tier
from incidents.models import Commitment, Company, FactSheet, Incident
from notifications import contact, rendering
from notifications.enums import RELEASED, MessageKind
from notifications.models import Message
from workflows import durations, linking, phrases, plans, playbook_rules
from workflows.models import CommunicationPlan

ETA, CONFIDENCE = "incident.eta", "incident.eta_confidence"
Texts = dict[str, str]
Line = dict[str, Any]


@dataclass(frozen=True)
class MessageValues:
    """Texts by language and variable, and moments by variable (ISO 8601, UTC).

    `gaps` names the languages left out and what they lack: they wait for a translation, the others do not.
    """

    by_language: dict[str, Texts]
    times: Texts
    gaps: dict[str, list[str]]


def message_values(  # noqa: PLR0913 - all of it decides what the text says
    incident: Incident,
    *,
    plan: CommunicationPlan,
    fact_sheet: FactSheet | None,
    kind: str,
    now: datetime,
    tiers: Sequence[int] = tuple(Tier),
    number: int = 0,
) -> MessageValues:
    """Return every non-personal value for a message of this kind; without a fact sheet no fact has a value.

    `tiers` and `number` serve progress updates: what changed is told against the last message these tiers got.
    """
    company = Company.objects.first() or Company()
    withheld = withholding.keys(incident)
    lines = {key: line for key, line in _tellable(fact_sheet).items() if key not in withheld}
    times = {**_record_times(incident, now), **_fact_times(lines)}
    found = {language: _record_texts(incident, language) for language in company.languages}
    for language, texts in found.items():
        # An incident may have its own telephone line: the confirmed fact wins over the company's.
        texts |= _company_texts(company, language)
        texts |= {key: value for key, line in lines.items() if (value := _fact_text(key, line, language))}
    _add_waiting_time(company, found, now=now)
    _add_remedies(incident, found, times, now=now)
    _add_commitment(incident, found, times)
    if kind == MessageKind.FOLLOW_UP_SURVEY:
        times |= _survey_times(plan, now)
    if kind == MessageKind.PROGRESS_UPDATE:
        if number:
            _put(found, "update.sequence", str(number))
        _add_changes(incident, found, fact_sheet=fact_sheet, tiers=tiers, zone=company.time_zone)
    if kind in (MessageKind.PROGRESS_UPDATE, plans.NO_CHANGE):
        _add_linked(incident, found)
    if fact_sheet is not None:
        _put(found, "fact_sheet.version", str(fact_sheet.version))
    gaps = _gaps(found, plan=plan, kind=kind)
    spoken = {language: texts for language, texts in found.items() if language not in gaps}
    return MessageValues(spoken or found, times, gaps)


def changed_since(old: FactSheet | None, new: FactSheet, *, language: str, time_zone: str) -> str:
    """Return in words what customers can be told has changed between two fact sheets, or that nothing has.

    Empty when a change has no words in this language: “nothing new” would be untrue.
    """
    told: list[str] = []
    before, after = _tellable(old), _tellable(new)
    for key in facts.changed_keys(old, new):
        line, earlier = after.get(key), before.get(key)
        if line is not None and (earlier is None or line["value"] != earlier["value"]):
            value = worded(key, line, language=language, time_zone=time_zone)
            if not value and line["type"] != "boolean":
                return ""
            told += [phrases.change("changed", language=language, label=line["label"], value=value)] if value else []
        elif earlier is not None and new.content.get(key, {}).get("status") in facts.UNSAID:
            told.append(phrases.change("taken_back", language=language, label=earlier["label"]))
    return phrases.sentences(told, language=language) or phrases.change("nothing", language=language)


def changed_labels(incident: Incident, *, tiers: Sequence[int]) -> list[Line]:
    """Return what the newest confirmed sheet tells otherwise than the last message these tiers got: labels, values."""
    newest, told = facts.confirmed(incident), _last_told(incident, tiers)
    if newest is None or told is None:
        return []
    before, after = _tellable(told), _tellable(newest)
    keys = [key for key in facts.changed_keys(told, newest) if before.get(key) != after.get(key)]
    lines = [(key, before.get(key), after.get(key)) for key in keys]
    return [{"label": (new or old or {})["label"], "old": _value(old), "new": _value(new)} for _key, old, new in lines]


def _value(line: Line | None) -> Any:
    return line["value"] if line else {}


def _tellable(sheet: FactSheet | None) -> dict[str, Line]:
    lines = {key: line for key, line in (sheet.content if sheet else {}).items() if _is_tellable(line)}
    if CONFIDENCE not in lines:
        # A time without its confidence reads as a promise.
        lines.pop(ETA, None)
    return lines


def _is_tellable(line: Line) -> bool:
    return bool(line) and line["is_publishable"] and line["status"] not in facts.UNSAID


def _fact_times(lines: dict[str, Line]) -> Texts:
    return {key: line["value"][facts.SHARED] for key, line in lines.items() if line["type"] == "datetime"}


def _fact_text(key: str, line: Line, language: str) -> str:
    """Return a fact's words in one language; empty where it has none, is a moment, or is not true."""
    value = line["value"].get(language, line["value"].get(facts.SHARED))
    match line["type"]:
        case "datetime":
            return ""
        case "boolean":
            return phrases.yes(language=language) if value is True else ""
        case "choice":
            return phrases.choice(key, value, language=language)
        case "multichoice":
            words = [phrases.choice(key, item, language=language) for item in value or []]
            return phrases.all_of(words, language=language)
    return "" if value is None else str(value)


def worded(key: str, line: Line, *, language: str, time_zone: str) -> str:
    """Return a fact sheet's line in words of one language; empty where it has none."""
    if line["type"] != "datetime":
        return _fact_text(key, line, language)
    moment = datetime.fromisoformat(line["value"][facts.SHARED])
    return rendering.format_moment(moment, language=language, time_zone=time_zone)


def _record_texts(incident: Incident, language: str) -> Texts:
    texts = {
        "incident.reference": incident.reference,
        "incident.owner_name": str(incident.lead or ""),
        "incident.responsibility_accepted": phrases.yes(language=language) if incident.responsibility_accepted else "",
        "contact.portal_url": f"{settings.PUBLIC_BASE_URL}/status/{incident.reference}/",
    }
    return {name: text for name, text in texts.items() if text}


def _record_times(incident: Incident, now: datetime) -> Texts:
    moments = {
        "incident.detected_at": incident.detected_at,
        "incident.declared_at": incident.declared_at,
        "incident.resolved_at": incident.resolved_at,
        "update.issued_at": now,
    }
    return {name: moment.isoformat() for name, moment in moments.items() if moment is not None}


def _company_texts(company: Company, language: str) -> Texts:
    # A name stays a name: where it was not written in a language, the fallback's is printed.
    localised = {
        "company.name": company.name,
        "company.signatory_name": company.signatory_name,
        "company.signatory_title": company.signatory_title,
        "contact.hours": company.contact_hours,
    }
    fallback = company.fallback_language
    texts = {name: texts.get(language) or texts.get(fallback) or "" for name, texts in localised.items()}
    texts |= {"contact.hotline": company.hotline, "contact.email": company.contact_email}
    texts |= {"contact.chat_url": company.chat_url}
    texts |= {"survey.minutes": str(company.survey_minutes)}
    return {name: text for name, text in texts.items() if text}


def _add_waiting_time(company: Company, found: dict[str, Texts], *, now: datetime) -> None:
    """Say how long callers of the company's line wait, with the time of measuring; a stale figure is left out.

    An incident with a telephone of its own has another queue: nothing is known of that one.
    """
    figure = hotline.current(company, now=now)
    if figure is None:
        return
    for language, texts in found.items():
        if texts.get("contact.hotline") == company.hotline:
            words = contact.waiting_time(figure, language=language, time_zone=company.time_zone)
            texts["contact.waiting_time"] = words


def _add_remedies(incident: Incident, found: dict[str, Texts], times: Texts, *, now: datetime) -> None:
    """Name approved remedies that can still be claimed; an entitlement is announced only with the way to get it."""
    approved = incident.remedy_options.filter(approved_at__isnull=False).order_by("position")
    options = [option for option in approved if option.claim_deadline is None or option.claim_deadline > now]
    claimable = [option for option in options if option.how_to_claim]
    for language, texts in found.items():
        names = [option.name[language] for option in options if option.name.get(language)]
        entitled = [option for option in claimable if option.name.get(language) and option.how_to_claim.get(language)]
        ways = list(dict.fromkeys(option.how_to_claim[language] for option in entitled))
        if names:
            texts["remedy.options"] = phrases.one_of(names, language=language)
        if entitled:
            described = [option.name[language] for option in entitled]
            texts["remedy.description"] = phrases.one_of(described, language=language)
            texts["remedy.how_to_claim"] = phrases.sentences(ways, language=language)
    deadlines = [option.claim_deadline for option in claimable if option.claim_deadline is not None]
    if deadlines:
        times["remedy.claim_deadline"] = min(deadlines).isoformat()


def _add_commitment(incident: Incident, found: dict[str, Texts], times: Texts) -> None:
    promised = Commitment.objects.unsettled().filter(incident=incident, kind=CommitmentKind.PROMISE)
    newest = promised.filter(customer=None, tier=None).select_related("owner").order_by("-made_at", "-pk").first()
    if newest is None:
        return
    for language, texts in found.items():
        if newest.text.get(language):
            texts["commitment.text"] = newest.text[language]
    if newest.owner is not None:
        _put(found, "commitment.owner", str(newest.owner))
    if newest.due_at is not None:
        times["commitment.due_at"] = newest.due_at.isoformat()


def _survey_times(plan: CommunicationPlan, now: datetime) -> Texts:
    """The survey stays open as long as its gate waits; as long again is the time to sum the answers up."""
    windows = [
        durations.parse(gate["params"]["min_window"])
        for gates in plan.content["gates"].values()
        for gate in gates
        if "min_window" in (gate.get("params") or {})
    ]
    window = max(windows, default=timedelta(days=5))
    return {
        "survey.sent_on": now.isoformat(),
        "survey.closes_at": (now + window).isoformat(),
        "survey.results_due_at": (now + 2 * window).isoformat(),
    }


def _add_changes(
    incident: Incident, found: dict[str, Texts], *, fact_sheet: FactSheet | None, tiers: Sequence[int], zone: str
) -> None:
    if fact_sheet is None:
        return
    previous = _last_told(incident, tiers)
    for language, texts in found.items():
        told = changed_since(previous, fact_sheet, language=language, time_zone=zone)
        if told:
            texts["update.changed_since_last"] = told


def _add_linked(incident: Incident, found: dict[str, Texts]) -> None:
    """Say what incidents of the same cause have to tell, and keep from which fact sheets it was taken."""
    others = linking.status(incident, languages=list(found))
    if others is None:
        return
    for language, texts in found.items():
        texts |= {linking.VARIABLE: others.texts[language], linking.SOURCES: others.sources}


def _put(found: dict[str, Texts], name: str, text: str) -> None:
    for texts in found.values():
        texts[name] = text


def _last_told(incident: Incident, tiers: Sequence[int]) -> FactSheet | None:
    """Return the oldest of the fact sheets these tiers heard of last, so that nobody misses a change."""
    released = Message.objects.filter(incident=incident, state__in=RELEASED, current__fact_sheet__isnull=False)
    newest: dict[str, FactSheet] = {}
    for message in released.select_related("current__fact_sheet").order_by("-released_at", "-number"):
        told = message.current
        if told is None or told.fact_sheet is None:
            continue
        for tier in message.channels:
            newest.setdefault(tier, told.fact_sheet)
    heard = [newest[str(int(tier))] for tier in tiers if str(int(tier)) in newest]
    return min(heard, key=lambda sheet: sheet.version, default=None)


def _gaps(found: dict[str, Texts], *, plan: CommunicationPlan, kind: str) -> dict[str, list[str]]:
    """Return the languages that lack a value which their template prints and another language has."""
    anywhere = {name for texts in found.values() for name in texts}
    gaps: dict[str, list[str]] = {}
    for language, template in plans.template(plan, kind).items():
        if language in found:
            printed = playbook_rules.printed_variables(template)
            missing = sorted((printed & anywhere) - found[language].keys())
            if missing:
                gaps[language] = missing
    return gaps
