"""Judges the wording check by sentences that editors marked: its own, and those of writers who knew no rule of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import yaml

from notifications.wording.findings import check
from notifications.wording.rulebook import Scope

SENTENCES = Path(__file__).parent.parent / "evaluation"


# Sentences with nothing to mark at all, whichever the category.
ORDINARY = "ordinary"
ELEMENTS = ("cause", "solution", "eta", "contact", "next_update")


class Sample(StrEnum):
    """Which sentences are asked.

    Those that rules may be tuned on; those by the same writer that nobody tunes on; those that nobody tunes on by a
    writer who saw neither a rule nor a sentence of the check.
    """

    TUNED = "tuned"
    HELD_OUT = "held-out"
    BLIND = "blind"


@dataclass(frozen=True)
class Case:
    """A sentence or a message, and whether an editor would mark it for a category."""

    language: str
    category: str
    is_fault: bool
    sample: Sample
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
    """Return the marked sentences and messages of a language."""
    own = _read(SENTENCES / f"{language}.yaml")
    blind = _read(SENTENCES / "blind" / f"{language}.yaml")
    return (
        *(case for category, marked in own.items() for case in _own(language, category=category, marked=marked)),
        *_blind(language, blind),
    )


def scores(language: str, *, sample: Sample) -> dict[str, Score]:
    """Return the score of every category on one sample of a language."""
    found: dict[str, Score] = {}
    for case in cases(language):
        if case.sample == sample:
            found[case.category] = found.get(case.category, Score()) + judge(case)
    return found


def judge(case: Case) -> Score:
    """Return what the check made of one case; only its own category counts, and of an ordinary sentence every one."""
    findings = check(case.text, language=case.language, scope=scope_of(case.category), approved_fact=case.approved)
    is_marked = any(case.category in {one.category, ORDINARY} for one in findings)
    if case.is_fault:
        return Score(found=int(is_marked), missed=int(not is_marked))
    return Score(false=int(is_marked), passed=int(not is_marked))


def scope_of(category: str) -> Scope:
    """Return what a category is about: a whole message, a fact beside it, or a sentence."""
    if category.startswith("missing_"):
        return Scope.MESSAGE
    return Scope.COMPARISON if category == "inconsistent_fact" else Scope.SENTENCE


def _read(path: Path) -> dict[str, Any]:
    written: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return written


def _own(language: str, *, category: str, marked: dict[str, list[Any]]) -> Iterator[Case]:
    for name, is_fault in (("flag", True), ("leave", False)):
        for place, one in enumerate(marked[name]):
            text, approved = (one["text"], one["approved"]) if isinstance(one, dict) else (one, None)
            sample = Sample.HELD_OUT if place % 2 else Sample.TUNED
            yield Case(language, category, is_fault, sample, text, approved)


def _blind(language: str, written: dict[str, Any]) -> Iterator[Case]:
    for category, marked in written["sentences"].items():
        yield from (Case(language, category, True, Sample.BLIND, text, None) for text in marked["flag"])  # noqa: FBT003
        yield from (Case(language, category, False, Sample.BLIND, text, None) for text in marked["leave"])  # noqa: FBT003
    for message, element in product(written["messages"], ELEMENTS):
        is_missing = element not in message["has"]
        yield Case(language, f"missing_{element}", is_missing, Sample.BLIND, message["text"], None)
    yield from (Case(language, ORDINARY, False, Sample.BLIND, text, None) for text in written["neutral"])  # noqa: FBT003
