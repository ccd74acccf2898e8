"""Checks a text against the message rules of its language; needs no database and stops nobody."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from incidents.errors import Refusal
from notifications import bodies, comparisons
from notifications.models import MessageRevision

HERE = Path(__file__).parent / "rules"
LANGUAGES = ("en", "zh", "ru")
BLANKS = re.compile(r"[ \t]{2,}")


class Scope(StrEnum):
    """What a rule looks at: one sentence, the whole text, or the text beside an approved fact."""

    SENTENCE = "sentence"
    MESSAGE = "message"
    COMPARISON = "comparison"


@dataclass(frozen=True)
class Rule:
    """One rule of message quality, ready to search."""

    id: str
    category: str
    severity: str
    scope: Scope
    is_missing_rule: bool
    kinds: frozenset[str] | None
    patterns: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...]
    explanation: str
    suggestion: str

    def applies_to(self, kind: str | None) -> bool:
        """Whether the rule holds for this kind of message; without a kind every rule does."""
        return kind is None or self.kinds is None or kind in self.kinds


@dataclass(frozen=True)
class Finding:
    """One remark about a text, with its place in the text as it was given."""

    rule: str
    category: str
    severity: str
    start: int
    end: int
    explanation: str
    suggestion: str


class UnknownLanguage(Refusal):
    """There are no message rules for this language."""


@cache
def rules(language: str) -> tuple[Rule, ...]:
    """Return the rules of a language."""
    return tuple(_rule(entry) for entry in _book(language)["rules"])


@cache
def categories(language: str) -> frozenset[str]:
    """Return the ids of the categories a finding can have."""
    return frozenset(entry["id"] for entry in _book(language)["categories"])


def check(
    text: str, *, language: str, scope: Scope | str, kind: str | None = None, approved_fact: str | None = None
) -> list[Finding]:
    """Return what the rules of one scope say about a text, in order of place."""
    normal, places = _normalised(text)
    found: list[Finding] = []
    for rule in rules(language):
        if rule.scope == scope and rule.applies_to(kind):
            spans = _spans(rule, normal, language=language, approved_fact=approved_fact)
            found += [_finding(rule, start=places[start], end=places[end]) for start, end in spans]
    return sorted(found, key=lambda one: (one.start, one.end, one.rule))


def check_message(
    text: str, *, language: str, kind: str | None = None, approved_facts: Sequence[str] = ()
) -> list[Finding]:
    """Return what every rule says about a whole message; numbers may agree with any of the approved facts."""
    found = check(text, language=language, scope=Scope.SENTENCE, kind=kind)
    found += check(text, language=language, scope=Scope.MESSAGE, kind=kind)
    known = "\n".join(fact for fact in approved_facts if fact.strip())
    if known:
        found += check(text, language=language, scope=Scope.COMPARISON, kind=kind, approved_fact=known)
    return found


def check_revision(revision: MessageRevision) -> dict[str, list[Finding]]:
    """Return the findings for every language of a message, as its public reader would see the text."""
    content = revision.content
    found: dict[str, list[Finding]] = {}
    for language in content["texts"]:
        try:
            shown = bodies.public_body(revision, language=language)
        except Refusal:
            # A text that cannot be rendered is named by `compose.problems`.
            continue
        text = f"{shown.subject}\n\n{shown.text}"
        known = list(bodies.public_facts(content, language).values())
        found[language] = check_message(text, language=language, kind=content["kind"], approved_facts=known)
    return found


def _spans(rule: Rule, text: str, *, language: str, approved_fact: str | None) -> Iterator[tuple[int, int]]:
    if rule.scope == Scope.COMPARISON:
        yield from _contradictions(rule, text, language=language, approved_fact=approved_fact)
    elif rule.scope == Scope.MESSAGE:
        yield from _in_piece(rule, text, offset=0)
    else:
        for start, end in _sentences(text, language):
            yield from _in_piece(rule, text[start:end], offset=start)


def _in_piece(rule: Rule, piece: str, *, offset: int) -> Iterator[tuple[int, int]]:
    matches = (pattern.search(piece) for pattern in rule.patterns)
    first = next((match for match in matches if match), None)
    if (first is None) != rule.is_missing_rule or any(pattern.search(piece) for pattern in rule.unless):
        return
    start, end = first.span() if first else (0, len(piece))
    yield offset + start, offset + end


def _contradictions(rule: Rule, text: str, *, language: str, approved_fact: str | None) -> Iterator[tuple[int, int]]:
    if approved_fact is None:
        return
    approved, _places = _normalised(approved_fact)
    found = (
        comparisons.conflicts(text, approved=approved, patterns=rule.patterns, language=language)
        if approved.strip() or not rule.id.endswith("INC-ETA")
        else comparisons.estimates(text, patterns=rule.patterns, language=language)
    )
    yield from ((value.start, value.end) for value in found)


def _finding(rule: Rule, *, start: int, end: int) -> Finding:
    return Finding(rule.id, rule.category, rule.severity, start, end, rule.explanation, rule.suggestion)


def _sentences(text: str, language: str) -> Iterator[tuple[int, int]]:
    last = 0
    # A clause after a semicolon belongs to its sentence: it often holds what excuses the first half.
    end_of_sentence = re.sub("[;；]", "", _book(language)["usage"]["sentence_split"])
    for cut in [*re.finditer(end_of_sentence, text), None]:
        start, end = last, cut.start() if cut else len(text)
        last = cut.end() if cut else last
        piece = text[start:end]
        if piece.strip():
            yield start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


def _normalised(text: str) -> tuple[str, list[int]]:
    """Return NFC with runs of spaces collapsed, and for every character, and the end, where it came from."""
    pieces: list[str] = []
    places: list[int] = []
    for cluster in re.finditer(r"[ \t]+|.[\u0300-\u036f]*", text, re.DOTALL):
        written = cluster.group()
        piece = " " if BLANKS.fullmatch(written) else unicodedata.normalize("NFC", written)
        pieces.append(piece)
        places += [cluster.start()] * len(piece)
    return "".join(pieces), [*places, len(text)]


@cache
def _book(language: str) -> dict[str, Any]:
    if language not in LANGUAGES:
        raise UnknownLanguage(f"There are no message rules for “{language}”; choose one of: {', '.join(LANGUAGES)}.")
    book: dict[str, Any] = yaml.safe_load((HERE / f"{language}.yaml").read_text(encoding="utf-8"))
    return book


def _rule(entry: dict[str, Any]) -> Rule:
    is_comparison = entry["scope"] == Scope.COMPARISON
    return Rule(
        id=entry["id"],
        category=entry["category"],
        severity=entry["severity"],
        scope=Scope(entry["scope"]),
        is_missing_rule=entry["flag_when"] == "no_pattern_matches",
        kinds=None if entry["applies_to"] == "all" else frozenset(entry["applies_to"]),
        patterns=tuple(re.compile(pattern) for pattern in entry["patterns"]),
        # The exceptions of a comparison are conditions in words.
        unless=() if is_comparison else tuple(re.compile(pattern) for pattern in entry["unless"]),
        explanation=entry["explanation"],
        suggestion=entry["suggested_rewrite"],
    )
