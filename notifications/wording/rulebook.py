"""The rules of a language, ready to search: patterns from the rule book and constructions beside them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import Any

from incidents.enums import Language
from notifications.wording.learned import Subject, lesson
from notifications.wording.patterns import Pattern, compiled, opened
from notifications.wording.texts import book, constructions


class Scope(StrEnum):
    """What a rule looks at: one sentence, the whole text, or the text beside an approved fact."""

    SENTENCE = "sentence"
    MESSAGE = "message"
    COMPARISON = "comparison"


Patterns = tuple[re.Pattern[str], ...]


@dataclass(frozen=True)
class Rule:
    """One rule of message quality, ready to search."""

    id: str
    category: str
    severity: str
    scope: Scope
    is_missing_rule: bool
    kinds: frozenset[str] | None
    patterns: Patterns
    unless: Patterns
    explanation: str
    suggestion: str

    def applies_to(self, kind: str | None) -> bool:
        """Whether the rule holds for this kind of message; without a kind every rule does."""
        return kind is None or self.kinds is None or kind in self.kinds


@dataclass(frozen=True)
class Construction:
    """Ways of saying one thing; one of `find` is a finding unless the sentence has an `unless` too."""

    rule: Rule
    find: tuple[Pattern, ...]
    unless: Patterns


@dataclass(frozen=True)
class Element:
    """How a content element shows itself: what only looks like it is blanked out before `present` is searched."""

    ignore: tuple[Pattern, ...]
    present: tuple[Pattern, ...]
    replaces: bool


@cache
def rules(language: str) -> tuple[Rule, ...]:
    """Return the rules of a language."""
    return tuple(_rule(entry) for entry in book(language)["rules"])


@cache
def categories(language: str) -> frozenset[str]:
    """Return the ids of the categories a finding can have."""
    return frozenset(entry["id"] for entry in book(language)["categories"])


@cache
def sentence_constructions(language: str) -> tuple[Construction, ...]:
    """Return the constructions that are searched in every sentence."""
    known = {rule.id: rule for rule in rules(language)}
    written = constructions(language)
    return tuple(_construction(entry, known, language, written["classes"]) for entry in written["sentence"])


@cache
def elements(language: str) -> Mapping[str, Element]:
    """Return for the id of each rule about a missing element how the element shows itself."""
    written = constructions(language)
    return {
        rule: Element(
            ignore=_opened(entry.get("ignore", ()), language, written["classes"]),
            present=_opened(entry["present"], language, written["classes"]),
            replaces=bool(entry.get("replaces")),
        )
        for rule, entry in written["message"].items()
    }


@cache
def learned_rules(language: str) -> Mapping[str, Rule]:
    """Return for each category the rule under which learned findings are told: like its first, as a warning."""
    first = {rule.category: rule for rule in reversed(rules(language)) if rule.scope == Scope.SENTENCE}
    return {
        category: replace(rule, id=f"{rule.id.rsplit('-', 1)[0]}-00", severity="warning", patterns=(), unless=())
        for category, rule in first.items()
    }


def warm() -> None:
    """Read and compile everything now: it takes seconds, and the first approver of the night should not wait for it."""
    for language in Language.values:
        rules(language)
        sentence_constructions(language)
        elements(language)
        for subject in Subject:
            lesson(language, subject)


def _construction(
    entry: Mapping[str, Any], known: Mapping[str, Rule], language: str, classes: Mapping[str, str]
) -> Construction:
    like = known[entry["like"]]
    rule = Rule(
        id=entry["id"],
        category=like.category,
        severity=entry.get("severity", "warning"),
        scope=Scope.SENTENCE,
        is_missing_rule=False,
        kinds=like.kinds,
        patterns=(),
        unless=(),
        explanation=entry.get("explanation", like.explanation),
        suggestion=entry.get("suggested_rewrite", like.suggestion),
    )
    return Construction(
        rule, _opened(entry["find"], language, classes), unless=_compiled(entry.get("unless", ()), language, classes)
    )


def _opened(written: Iterable[str], language: str, classes: Mapping[str, str]) -> tuple[Pattern, ...]:
    return tuple(opened(one, language=language, classes=classes) for one in written)


def _compiled(written: Iterable[str], language: str, classes: Mapping[str, str]) -> Patterns:
    return tuple(compiled(one, language=language, classes=classes) for one in written)


def _rule(entry: Mapping[str, Any]) -> Rule:
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
