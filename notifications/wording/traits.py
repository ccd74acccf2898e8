"""What a sentence shows to the taught check: its words and what stands beside them, each with its place."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from notifications.wording.texts import SAME

# Addresses and codes, times and amounts: which one it is says nothing about the wording.
NUMBER = re.compile(r"[\w.+-]+@[\w.-]+|https?://[^\s，。；）)]+|[\da-z.-]*\d[\da-z]*(?:[.,:-][\da-z]+)*", re.ASCII)
CHARACTER = re.compile(r"0+|\S")
TOKEN = re.compile(r"[\w'-]+|[?!]")
# Beside the first and the last word stands the edge of the sentence.
EDGE = "|"
LONGEST_RUN = 3
ENGLISH_STEM = 6


class Trait(NamedTuple):
    """Something a sentence shows, and the span that shows it."""

    name: str
    start: int
    end: int


def traits(sentence: str, *, language: str) -> Iterator[Trait]:
    """Yield what a sentence shows; one trait can stand in several places."""
    plain = "".join(map(_lower, sentence.translate(SAME)))
    if language == "zh":
        return _runs(plain)
    if language == "ru":
        return _grammar(plain)
    return _beside([(_stem(match.group()), *match.span()) for match in TOKEN.finditer(_without_numbers(plain))])


def _lower(character: str) -> str:
    # Some capitals have two small letters; places must stay.
    small = character.lower()
    return small if len(small) == 1 else character


def _without_numbers(plain: str) -> str:
    # A number counts as a number, whichever; its length stays, so that places do.
    return NUMBER.sub(lambda match: "0" * len(match.group()), plain)


def _stem(word: str) -> str:
    return "0" if word.strip("0") == "" else word[:ENGLISH_STEM]


def _runs(plain: str) -> Iterator[Trait]:
    """Chinese: every run of up to three characters; numbers are one."""
    characters = [
        (match.group() if len(match.group()) == 1 else "0", *match.span())
        for match in CHARACTER.finditer(_without_numbers(plain))
    ]
    row = [(EDGE, 0, 0), *characters, (EDGE, len(plain), len(plain))]
    for length in range(1, LONGEST_RUN + 1):
        for first in range(len(row) - length + 1):
            run = row[first : first + length]
            yield Trait("".join(one[0] for one in run), run[0][1], run[-1][2])


def _grammar(plain: str) -> Iterator[Trait]:
    """Russian: dictionary forms, and what part of speech in which form."""
    from notifications.wording import russian  # noqa: PLC0415 - the dictionary is loaded by its first reader

    words: list[tuple[str, int, int]] = []
    for match in TOKEN.finditer(_without_numbers(plain)):
        form = russian.form(match.group()) if match.group().strip("0") else russian.Form("0", "")
        words.append((form.lemma, *match.span()))
        if form.grammar:
            yield Trait(f"={form.grammar}", *match.span())
    yield from _beside(words)


def _beside(words: list[tuple[str, int, int]]) -> Iterator[Trait]:
    """Yield words, neighbours, and neighbours with one word between."""
    yield from (Trait(word, start, end) for word, start, end in words)
    last = words[-1][2] if words else 0
    row = [(EDGE, 0, 0), *words, (EDGE, last, last)]
    for one, other in zip(row, row[1:], strict=False):
        yield Trait(f"{one[0]} {other[0]}", one[1], other[2])
    for one, other in zip(row, row[2:], strict=False):
        yield Trait(f"{one[0]} .. {other[0]}", one[1], other[2])
