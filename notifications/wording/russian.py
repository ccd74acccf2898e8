"""Marks the grammar of Russian words behind them, so that a construction can ask for a future verb, not for a word."""

import re
from functools import cache, lru_cache
from typing import NamedTuple

import pymorphy3

WORD = re.compile(r"[А-Яа-яЁё]+(?:-[А-Яа-яЁё]+)*")
# One private-use character for each property; constructions write them as {future}, {we}, …
FUTURE, WE, PAST, VERBAL_NOUN, GENITIVE, PASSIVE, INFINITIVE, YOU, IMPERATIVE = map(chr, range(0xE000, 0xE009))
MARKS = {
    "future": FUTURE,
    "we": WE,
    "past": PAST,
    "verbal_noun": VERBAL_NOUN,
    "genitive": GENITIVE,
    "passive": PASSIVE,
    "infinitive": INFINITIVE,
    "you": YOU,
    "imperative": IMPERATIVE,
}
VERBAL = re.compile(r"(?:[аеяи]ние|[ыии]тие|[еёо]тие|ция|сия)$")
# They end like a verbal noun and name a thing.
NOT_VERBAL = re.compile(
    r"(?:здание|время|день|неделя|линия|ошибка|посылка|коробка|трубка|крышка|сутки|поставка|доставка|упаковка|компания"
    r"|станция|акция|лекция|комиссия|извинение|внимание|желание|знание|мнение|звание|ситуация|информация|причина"
    r"|сообщение|письмо|приложение|помещение|решение|отделение|имение|растение|обращение|пояснение|заявление)"
)


@cache
def _dictionary() -> pymorphy3.MorphAnalyzer:
    return pymorphy3.MorphAnalyzer()


def warm() -> None:
    """Load the dictionary."""
    _dictionary()


def marked(line: str) -> tuple[str, list[int]]:
    """Return the line with marks behind its words, and for every character where it came from."""
    pieces: list[str] = []
    places: list[int] = []
    last = 0
    for match in WORD.finditer(line):
        pieces.append(line[last : match.end()])
        places += range(last, match.end())
        marks = marks_of(match.group().lower())
        pieces.append(marks)
        places += [match.end() - 1] * len(marks)
        last = match.end()
    pieces.append(line[last:])
    places += range(last, len(line))
    return "".join(pieces), places


@lru_cache(maxsize=20_000)
def marks_of(word: str) -> str:
    """Return the marks of a word by its likeliest reading."""
    reading = _dictionary().parse(word)[0]
    tag = reading.tag
    found = ""
    if tag.POS == "VERB":
        found += _verb(tag)
    elif tag.POS == "INFN":
        found += INFINITIVE
    elif tag.POS == "PRTS":
        found += PASSIVE
    elif tag.POS == "NOUN":
        found += _noun(reading)
    return found


def lemma(word: str) -> str:
    """Return the dictionary form of a word."""
    return form(word.lower()).lemma


class Form(NamedTuple):
    """The dictionary form of a word, and its part of speech with its tense, mood or case; empty where unknown."""

    lemma: str
    grammar: str


@lru_cache(maxsize=20_000)
def form(word: str) -> Form:
    """Return what a word is by its likeliest reading."""
    reading = _dictionary().parse(word)[0]
    tag = reading.tag
    grammar = f"{tag.POS}{tag.tense or tag.mood or tag.case or ''}" if tag.POS else ""
    return Form(str(reading.normal_form).replace("ё", "е"), grammar)


def _verb(tag: pymorphy3.tagset.OpencorporaTag) -> str:
    found = FUTURE if tag.tense == "futr" else PAST if tag.tense == "past" else ""
    if tag.person == "1per" and tag.number == "plur":
        found += WE
    if tag.person == "2per":
        found += YOU
    if tag.mood == "impr":
        found += IMPERATIVE
    return found


def _noun(reading: pymorphy3.analyzer.Parse) -> str:
    found = ""
    word = reading.normal_form
    if len(word) > 6 and VERBAL.search(word) and not NOT_VERBAL.fullmatch(word):
        found += VERBAL_NOUN
    if reading.tag.case in {"gent", "gen2"}:
        found += GENITIVE
    return found
