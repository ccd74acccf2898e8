"""Judges the wording check by sentences that editors marked; every second one is held out from tuning."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from notifications.wording.findings import check
from notifications.wording.rulebook import Scope

SENTENCES = Path(__file__).parent.parent / "evaluation"


class Half(StrEnum):
    """Which sentences are asked: those that rules may be tuned on, or those that nobody tunes on."""

    TUNED = "tuned"
    HELD_OUT = "held-out"


@dataclass(frozen=True)
class Case:
    """A sentence or a message, and whether an editor would mark it for a category."""

    language: str
    category: str
    is_fault: bool
    half: Half
    text: str
    approved: str | None


@dataclass(frozen=True)
class Score:
    """How many faults were found and missed, and how many innocent sentences were marked."""

    found: int = 0
    missed: int = 0
    false: int = 0
    passed: int = 0

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.found + other.found,
            self.missed + other.missed,
            self.false + other.false,
            self.passed + other.passed,
        )

    @property
    def recall(self) -> float:
        """The share of the faults that was found."""
        return self.found / max(1, self.found + self.missed)

    @property
    def precision(self) -> float:
        """The share of the marks that were right; without a mark none was wrong."""
        return self.found / (self.found + self.false) if self.found + self.false else 1.0


@cache
def cases(language: str) -> tuple[Case, ...]:
    """Return the marked sentences of a language."""
    book: dict[str, dict[str, list[Any]]] = yaml.safe_load((SENTENCES / f"{language}.yaml").read_text(encoding="utf-8"))
    return tuple(
        case for category, marked in book.items() for case in _cases(language, category=category, marked=marked)
    )


def scores(language: str, *, half: Half) -> dict[str, Score]:
    """Return the score of every category on one half of the sentences of a language."""
    found: dict[str, Score] = {}
    for case in cases(language):
        if case.half == half:
            found[case.category] = found.get(case.category, Score()) + judge(case)
    return found


def judge(case: Case) -> Score:
    """Return what the check made of one case; only its own category counts."""
    findings = check(case.text, language=case.language, scope=scope_of(case.category), approved_fact=case.approved)
    is_marked = any(one.category == case.category for one in findings)
    if case.is_fault:
        return Score(found=int(is_marked), missed=int(not is_marked))
    return Score(false=int(is_marked), passed=int(not is_marked))


def scope_of(category: str) -> Scope:
    """Return what a category is about: a whole message, a fact beside it, or a sentence."""
    if category.startswith("missing_"):
        return Scope.MESSAGE
    return Scope.COMPARISON if category == "inconsistent_fact" else Scope.SENTENCE


def _cases(language: str, *, category: str, marked: dict[str, list[Any]]) -> Iterator[Case]:
    for name, is_fault in (("flag", True), ("leave", False)):
        for place, one in enumerate(marked[name]):
            text, approved = (one["text"], one["approved"]) if isinstance(one, dict) else (one, None)
            half = Half.HELD_OUT if place % 2 else Half.TUNED
            yield Case(language, category, is_fault, half, text, approved)
