"""The legal clocks as their data describes them: where each counts, what starts it, when it is due."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from incidents.enums import Language
from workflows import durations, playbooks

AWARENESS, DECISION, SOLUTION = "awareness", "decision", "solution"
RECALL, MARKET = "recall", "market"
# Weekends are left out, public holidays are not: a deadline taken too early does no harm.
_WORKING = frozenset({"business days", "working days", "trading days", "weekends and holidays excluded"})
_CONTRACT = "contract"
_SATURDAY = 5

Texts = dict[str, str]


@dataclass(frozen=True)
class Clock:
    """One notification duty; texts are per language."""

    id: str
    name: Texts
    jurisdiction: str
    question: Texts
    trigger: str
    deadline_text: str
    audience: str
    legal_reference: str
    items: tuple[Texts, ...]
    owner: str
    starts: str
    topic: str = ""
    fact: str = ""
    rule: str = ""
    rule_text: Texts | None = None
    is_to_customers: bool = False
    length: str | None = None
    house_target: str | None = None
    is_in_working_days: bool = False
    limit_from_awareness: str | None = None


@cache
def clocks() -> dict[str, Clock]:
    """Return every clock by its id."""
    words = playbooks.reference("clock_words")["clocks"]
    listed = playbooks.read(playbooks.FOLDER / "clocks.yaml")["clocks"]
    return {item["id"]: _clock(item, words[item["id"]]) for item in listed}


def find(clock: str) -> Clock | None:
    """Return a clock, or None for an id that the data no longer has."""
    return clocks().get(clock)


def places_of(clock: str, jurisdictions: Sequence[str]) -> list[str]:
    """Return for which of an incident's jurisdictions a clock is asked: where it counts, and wherever nobody can tell.

    A duty from a contract is asked once.
    """
    known = find(clock)
    if known is not None and known.jurisdiction.startswith(_CONTRACT):
        return list(jurisdictions[:1])
    reference = playbooks.reference("clock_words")
    area = reference["jurisdictions"].get(known.jurisdiction) if known else None
    home = set(reference["places"].get(area, []))
    everywhere = {code for codes in reference["places"].values() for code in codes}
    return [
        place for place in jurisdictions if area is None or place.upper() in home or place.upper() not in everywhere
    ]


def followers(clock: str) -> list[Clock]:
    """Return the clocks that begin when this one is met."""
    return [other for other in clocks().values() if other.starts == clock]


def due_at(clock: Clock, *, starts_at: datetime, aware_at: datetime) -> datetime | None:
    """Return the deadline of the law, else of the house; None where neither has a number."""
    length = clock.length or clock.house_target
    if length is None:
        return None
    due = _later(starts_at, length, skips_weekends=clock.is_in_working_days)
    limit = clock.limit_from_awareness
    if limit is not None and starts_at <= aware_at + durations.parse(limit):
        return min(due, aware_at + durations.parse(limit))
    return due


def _later(moment: datetime, length: str, *, skips_weekends: bool) -> datetime:
    if length.startswith("P") and length.endswith("M") and "T" not in length:
        return _months_later(moment, int(length[1:-1]))
    whole = durations.parse(length)
    if not skips_weekends:
        return moment + whole
    days, rest = divmod(whole, timedelta(days=1))
    due = moment + rest
    while days:
        due += timedelta(days=1)
        days -= due.weekday() < _SATURDAY
    return due


def _months_later(moment: datetime, months: int) -> datetime:
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))


def _clock(item: dict[str, Any], words: dict[str, Any]) -> Clock:
    contents = {Language.EN: item["content_required"], **words["content"]}
    rule = item.get("communication_rule")
    return Clock(
        id=item["id"],
        name=item["name"],
        jurisdiction=item["jurisdiction"],
        question=words["question"],
        trigger=item["trigger"],
        deadline_text=item["deadline_text"],
        audience=item["audience"],
        legal_reference=item["legal_reference"],
        items=tuple(
            {language: str(texts[place]) for language, texts in contents.items()}
            for place in range(len(item["content_required"]))
        ),
        owner=words["owner"],
        starts=words["starts"],
        topic=words.get("topic", ""),
        fact=words.get("fact", ""),
        rule=words.get("rule", ""),
        rule_text={Language.EN: rule, **words["rule_words"]} if rule else None,
        is_to_customers=words.get("to_customers", False),
        length=item["deadline"],
        house_target=item.get("recommended_internal_target") or words.get("target"),
        is_in_working_days=item["day_count"] in _WORKING,
        limit_from_awareness=(item.get("second_limit") or {}).get("deadline"),
    )
