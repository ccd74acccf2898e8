"""Prepares a text for the rules: one form of every character, sentences, and the way back to the given places."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from incidents.errors import Refusal

RULES = Path(__file__).parent.parent / "rules"
LANGUAGES = ("en", "zh", "ru")
BLANKS = re.compile(r"[ \t]{2,}")
CLUSTER = re.compile(r"[ \t]+|.[\u0300-\u036f]*", re.DOTALL)
# Characters that are written in several ways and mean one thing; one for one, so that places stay.
SAME = str.maketrans("’‘ʼ“”«»„‑–—\u00a0\u202fёЁ", '\'\'\'"""""---  еЕ')
# A full stop after these ends no sentence.
ABBREVIATION = re.compile(
    r"(?:\b(?:dr|mr|mrs|ms|prof|st|no|nr|ref|tel|approx|incl|e\.g|i\.e|vs|a\.m|p\.m|inc|ltd|co|тел|г|ул|д|кв|стр|руб"
    r"|тыс|млн|млрд|им|т\.е|т\.д|т\.п|т|см|ок|мин|час|ч|№|п|ст|гг|пос|обл|доп|моб|эл)|\b[A-ZА-Я])\.$",
    re.IGNORECASE,
)


class UnknownLanguage(Refusal):
    """There are no message rules for this language."""


@cache
def book(language: str) -> dict[str, Any]:
    """Return the rule book of a language as it is written."""
    if language not in LANGUAGES:
        raise UnknownLanguage(f"There are no message rules for “{language}”; choose one of: {', '.join(LANGUAGES)}.")
    return _read(RULES / f"{language}.yaml")


@cache
def constructions(language: str) -> dict[str, Any]:
    """Return the constructions of a language as they are written."""
    return _read(RULES / "constructions" / f"{language}.yaml")


def _read(path: Path) -> dict[str, Any]:
    # The C loader is ten times as fast; without it the pure one gives the same.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    read: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - both are safe
    return read


@dataclass(frozen=True)
class Prepared:
    """A text in one form, its sentences, and for every character, and the end, where it came from."""

    text: str
    places: list[int]
    sentences: list[tuple[int, int]]


def prepare(given: str, *, language: str) -> Prepared:
    """Return NFC with runs of spaces collapsed, cut into sentences."""
    pieces: list[str] = []
    places: list[int] = []
    for cluster in CLUSTER.finditer(given):
        written = cluster.group()
        piece = " " if BLANKS.fullmatch(written) else unicodedata.normalize("NFC", written)
        pieces.append(piece)
        places += [cluster.start()] * len(piece)
    text = "".join(pieces)
    return Prepared(text, [*places, len(given)], list(sentences(text, language)))


def sentences(text: str, language: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of every sentence; a clause after a semicolon belongs to its sentence."""
    last = 0
    for cut in [*_end_of_sentence(language).finditer(text), None]:
        start, end = last, cut.start() if cut else len(text)
        if cut and "\n" not in cut.group() and ABBREVIATION.search(text[max(start, end - 12) : end]):
            continue
        last = cut.end() if cut else last
        piece = text[start:end]
        if piece.strip():
            yield start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


@cache
def _end_of_sentence(language: str) -> re.Pattern[str]:
    return re.compile(re.sub("[;；]", "", book(language)["usage"]["sentence_split"]))


@dataclass(frozen=True)
class Sheet:
    """Every sentence on a line of its own, in the form that constructions are searched in."""

    text: str
    places: list[int]
    lines: list[int]

    def line_of(self, place: int) -> tuple[int, int]:
        """Return the start and the end of the line a place is in."""
        number = bisect_right(self.lines, place) - 1
        end = self.lines[number + 1] - 1 if number + 1 < len(self.lines) else len(self.text)
        return self.lines[number], end

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return a span of the sheet as a span of the prepared text."""
        return self.places[start], self.places[max(start, end - 1)] + 1


def sheet(prepared: Prepared, *, language: str) -> Sheet:
    """Lay the sentences out; Russian words get marks of their grammar."""
    pieces: list[str] = []
    places: list[int] = []
    lines: list[int] = []
    for start, end in prepared.sentences:
        lines.append(len(places))
        line = prepared.text[start:end].translate(SAME).replace("\n", " ")
        # Only Russian needs its dictionary, and loading it takes a moment.
        written, origins = _marked(line, language)
        pieces.append(written)
        places += [start + place for place in origins]
        places.append(end)
    return Sheet("\n".join(pieces), [*places, len(prepared.text)], lines or [0])


def _marked(line: str, language: str) -> tuple[str, list[int]]:
    if language != "ru":
        return line, list(range(len(line)))
    from notifications.wording import russian  # noqa: PLC0415 - the dictionary is loaded by its first reader

    return russian.marked(line)
