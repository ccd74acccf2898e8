"""What the check was taught by marked sentences, beside the rules that editors wrote down."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from math import sqrt

from notifications.wording.texts import RULES
from notifications.wording.traits import Trait, traits

WEIGHTS = RULES / "learned"
LETTER = re.compile(r"[^\W\d_]")
# Fewer are a greeting or a heading; Chinese says as much in a third of the letters.
FEWEST_LETTERS = {"en": 12, "ru": 12, "zh": 4}
# Part of the length of every sentence, so that a few words are never enough by themselves.
LEAST = 200.0


class Subject(StrEnum):
    """What the check was taught to hear: faults of wording, and the content elements of a message."""

    FAULTS = "faults"
    ELEMENTS = "elements"


@dataclass(frozen=True)
class Lesson:
    """What `manage.py teach_wording` learned of one subject in one language.

    A trait has its rarity, and for each category, in order, what it says for the category (above zero) or against it.
    `taught_by` is the digest of the examples. A sentence is marked where the sum, divided by the length of the
    sentence's rarities, passes the category's bar.
    """

    taught_by: str
    categories: tuple[str, ...]
    bars: tuple[float, ...]
    weights: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True)
class Mark:
    """A fault or an element of a sentence, and the words that speak most for it."""

    category: str
    start: int
    end: int


@cache
def lesson(language: str, subject: Subject) -> Lesson:
    """Return what was learned of a subject in a language."""
    written = json.loads((WEIGHTS / f"{subject}-{language}.json").read_text(encoding="utf-8"))
    unit = written["unit"]
    return Lesson(
        taught_by=written["taught_by"],
        categories=tuple(written["categories"]),
        bars=tuple(written["bars"]),
        weights={name: tuple(number * unit for number in row) for name, row in written["weights"].items()},
    )


def marks(sentence: str, *, language: str, subject: Subject) -> Iterator[Mark]:
    """Yield the faults of a sentence, or the elements it contains."""
    if len(LETTER.findall(sentence)) < FEWEST_LETTERS[language]:
        return
    learned = lesson(language, subject)
    shown = [one for one in traits(sentence, language=language) if one.name in learned.weights]
    names = {one.name for one in shown}
    length = sqrt(LEAST + sum(learned.weights[name][0] ** 2 for name in names))
    for number, (category, bar) in enumerate(zip(learned.categories, learned.bars, strict=True), start=1):
        if sum(learned.weights[name][number] for name in names) / length > bar:
            says = _spread(shown, learned, number=number, length=len(sentence))
            yield Mark(category, *_trimmed(sentence, *_strongest(says)))


def _spread(shown: list[Trait], learned: Lesson, *, number: int, length: int) -> list[float]:
    """Return for every character of a sentence what the traits it is part of say for a category."""
    says = [0.0] * length
    for one in shown:
        for place in range(one.start, one.end):
            says[place] += learned.weights[one.name][number] / (one.end - one.start)
    return says


def _strongest(says: list[float]) -> tuple[int, int]:
    """Return the stretch with the largest sum."""
    best, first, last, total, start = 0.0, 0, len(says), 0.0, 0
    for place, said in enumerate(says):
        if total <= 0:
            total, start = 0.0, place
        total += said
        if total > best:
            best, first, last = total, start, place + 1
    return first, last


def _trimmed(sentence: str, first: int, last: int) -> tuple[int, int]:
    piece = sentence[first:last]
    return first + len(piece) - len(piece.lstrip()), first + len(piece.rstrip())
