"""One page for support agents: what we say, what is known and not, what is done when, the next update."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Min

from incidents import facts
from incidents.enums import FactStatus, Sensitivity, Tier
from incidents.models import Company, Incident
from workflows import briefings, phrases, staff_texts
from workflows.enums import SlotState
from workflows.gates import in_reader_language
from workflows.models import StaffBrief, UpdateSlot

# What is done about it, and when it is over.
RECOVERY = (
    "incident.actions_taken",
    "incident.actions_next",
    "incident.solution",
    "incident.interim_measure",
    "incident.customer_action",
    "incident.eta",
    "incident.eta_confidence",
)
UNKNOWN = frozenset({FactStatus.UNKNOWN, FactStatus.RETRACTED})


@dataclass(frozen=True)
class Line:
    """One fact as staff read it."""

    key: str
    label: str
    value: str
    status: FactStatus
    is_publishable: bool


@dataclass(frozen=True)
class LineToTake:
    """The one page: the brief that holds, what changed since, facts by what they are for, and the next words."""

    brief: StaffBrief | None
    words: dict[str, Any]
    changed: list[str]
    recovery: list[Line]
    known: list[Line]
    unknown: list[Line]
    next_updates: list[tuple[str, datetime]]


def now_for(incident: Incident, *, language: str) -> LineToTake:
    """Return what staff say at this moment, in one language; restricted facts stay out."""
    brief = briefings.in_force(incident)
    lines = _lines(incident, language=language)
    labels = {line.key: line.label for line in lines}
    said = [line for line in lines if line.status not in UNKNOWN]
    return LineToTake(
        brief=brief,
        words=_words(brief, language),
        changed=[labels.get(key, key) for key in briefings.changed_facts(brief)] if brief else [],
        recovery=[line for line in said if line.key in RECOVERY],
        known=[line for line in said if line.key not in RECOVERY],
        unknown=[line for line in lines if line.status in UNKNOWN],
        next_updates=_next_updates(incident),
    )


def _words(brief: StaffBrief | None, language: str) -> dict[str, Any]:
    if brief is None:
        return {}
    words: dict[str, Any] = brief.content.get(language) or next(iter(brief.content.values()), {})
    return words


def _lines(incident: Incident, *, language: str) -> list[Line]:
    sheet, company = facts.confirmed(incident), Company.objects.get()
    restricted = set(incident.facts.filter(sensitivity=Sensitivity.RESTRICTED).values_list("key", flat=True))
    content = sheet.content if sheet else {}
    return [
        Line(
            key=key,
            label=in_reader_language(item.get("label") or {"en": key}),
            value=_value(key, item, language=language, company=company),
            status=FactStatus(item["status"]),
            is_publishable=item["is_publishable"],
        )
        for key, item in content.items()
        if key not in restricted
    ]


def _value(key: str, item: dict[str, Any], *, language: str, company: Company) -> str:
    texts = item["value"]
    value = texts.get(language) or texts.get(facts.SHARED, next(iter(texts.values()), ""))
    if item["type"] == "datetime" and value:
        return staff_texts.moment(datetime.fromisoformat(value), language=language, company=company)
    if item["type"] == "boolean":
        return phrases.choice("boolean", str(value).lower(), language=language)
    return (
        phrases.all_of(list(map(str, value)), language=language)
        if isinstance(value, list)
        else (phrases.choice(key, value, language=language))
    )


def _next_updates(incident: Incident) -> list[tuple[str, datetime]]:
    waiting = UpdateSlot.objects.filter(incident=incident, state__in=[SlotState.PROMISED, SlotState.OPEN])
    soonest = waiting.order_by().values("tier").annotate(at=Min("promised_at")).order_by("tier")
    return [(str(Tier(row["tier"]).label), row["at"]) for row in soonest]
