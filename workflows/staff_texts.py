"""Texts for staff: the words customers read, from the same fact sheet, with gaps that say so instead of blocking."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from incidents import facts
from incidents.enums import Role, Tier
from incidents.models import Company, Customer, FactSheet, Impact, Incident
from notifications import rendering
from workflows import playbooks, roster, values
from workflows.enums import SlotState
from workflows.models import CommunicationPlan, UpdateSlot

Texts = dict[str, str]
BRIEF = "staff_brief"


def shared_values(incident: Incident, *, plan: CommunicationPlan, now: datetime) -> dict[str, Texts]:
    """Return by language what customers would read today: confirmed facts, company, remedies, next update.

    A language that lacks a translation reads the words of another one: staff must not wait for it.
    """
    company = Company.objects.get()
    sheet = facts.confirmed(incident)
    spoken = values.message_values(incident, plan=plan, fact_sheet=sheet, kind=BRIEF, now=now)
    anywhere: Texts = {}
    for language in reversed(company.languages):
        anywhere |= spoken.by_language.get(language, {})
    return {
        language: {
            **anywhere,
            **_facts(sheet, language),
            **spoken.by_language.get(language, {}),
            **_moments(spoken.times, language=language, company=company),
        }
        for language in company.languages
    }


def brief_values(incident: Incident, *, language: str, valid_until: datetime) -> Texts:
    """Return what only a staff brief says: whom to ask, who speaks, how fast customers are called back."""
    company = Company.objects.get()
    return {
        "brief.escalation_contact": str(roster.holder(incident, Role.COMMUNICATIONS_LEAD) or incident.lead or ""),
        "brief.spokesperson": str(roster.holder(incident, Role.SPOKESPERSON) or ""),
        "brief.callback_within": length(company.brief_callback_within, language=language),
        "brief.valid_until": moment(valid_until, language=language, company=company),
    }


def customer_values(incident: Incident, *, customer: Customer, language: str) -> Texts:
    """Return what is this customer's own in a conversation."""
    impact = Impact.objects.filter(incident=incident, customer=customer).first()
    company = Company.objects.get()
    tier = impact.tier if impact and impact.tier else Tier.THREE
    slots = UpdateSlot.objects.filter(incident=incident, tier=tier)
    waiting = slots.filter(state__in=[SlotState.PROMISED, SlotState.OPEN]).order_by("promised_at").first()
    greeting = rendering.phrase("salutation", language).format(name=customer.name)
    own = {
        "customer.salutation": customer.salutation or greeting,
        "customer.affected_items": (impact.affected_items if impact else "") or word("this_customer", language),
        "contact.person_name": str(customer.account_manager or company.team_name.get(language, "")),
    }
    if waiting is not None:
        own["update.next_due_at"] = moment(waiting.promised_at, language=language, company=company)
    return own


def fill(source: str, *, known: Mapping[str, str], language: str) -> str:
    """Render a text for staff; what is printed and has no value says that it is not known yet."""
    gaps = {
        use.variable: word("not_known", language)
        for use in rendering.analyse(source)
        if use.is_printed and not known.get(use.variable)
    }
    asked = {use.variable for use in rendering.analyse(source) if not use.is_printed}
    return rendering.render(source, {**{k: v for k, v in gaps.items() if k not in asked}, **known})


def fill_all(content: Any, *, known: Mapping[str, str], language: str) -> Any:
    """Fill every text of a nested structure; names of elements have no variables and stay as they are."""
    if isinstance(content, dict):
        return {key: fill_all(item, known=known, language=language) for key, item in content.items()}
    if isinstance(content, list):
        return [fill_all(item, known=known, language=language) for item in content]
    return fill(content, known=known, language=language) if isinstance(content, str) else content


def variables(content: Any) -> set[str]:
    """Return every variable that the texts of a nested structure name."""
    return {use.variable for source in _sources(content) for use in rendering.analyse(source)}


def word(name: str, language: str) -> str:
    """Return one of the small words for staff."""
    texts: Texts = playbooks.reference("staff")[name]
    return texts.get(language) or texts["en"]


def moment(when: datetime, *, language: str, company: Company) -> str:
    """Return a moment as the company's own people read it."""
    return rendering.format_moment(when, language=language, time_zone=company.time_zone)


def length(interval: timedelta, *, language: str) -> str:
    """Return a length in the largest unit that fits, like “4 h”."""
    words: dict[str, Texts] = playbooks.reference("phrases")["durations"]
    seconds = interval.total_seconds()
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= size and seconds % size == 0:
            return (words[unit].get(language) or words[unit]["en"]).format(n=int(seconds // size))
    return (words["seconds"].get(language) or words["seconds"]["en"]).format(n=int(seconds))


def _facts(sheet: FactSheet | None, language: str) -> Texts:
    """The words of this language for what customers may read, where the rest of its texts has gaps."""
    lines = sheet.content if sheet else {}
    return {
        key: line["value"][language]
        for key, line in lines.items()
        if line["is_publishable"] and line["status"] not in facts.UNSAID and line["value"].get(language)
    }


def _moments(times: Texts, *, language: str, company: Company) -> Texts:
    return {
        name: moment(datetime.fromisoformat(when), language=language, company=company) for name, when in times.items()
    }


def _sources(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
        return
    nested: Iterable[Any] = content.values() if isinstance(content, dict) else content
    if isinstance(content, (dict, list)):
        for item in nested:
            yield from _sources(item)
