"""Writes numbers that stand in words as digits, so that one reader serves both."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

RULES = Path(__file__).parent.parent / "rules"
ZH_DIGITS = {character: place for place, character in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
ZH_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
RU_WORD = re.compile(r"[а-яё]+(?:[ -][а-яё]+)*", re.IGNORECASE)


@dataclass(frozen=True)
class Digits:
    """A text with digits for number words, and for every character where it began and ended before."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def replaced(self, pattern: re.Pattern[str], write: Callable[[re.Match[str]], str | None]) -> "Digits":
        """Return the text with matches written anew; None leaves a match alone."""
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        last = 0
        for match in pattern.finditer(self.text):
            written = write(match)
            if written is None:
                continue
            pieces += [self.text[last : match.start()], written]
            # Every written character stands for the whole of the words.
            starts += [*self.starts[last : match.start()], *[self.starts[match.start()]] * len(written)]
            ends += [*self.ends[last : match.start()], *[self.ends[match.end() - 1]] * len(written)]
            last = match.end()
        return Digits("".join([*pieces, self.text[last:]]), (*starts, *self.starts[last:]), (*ends, *self.ends[last:]))


@cache
def words() -> dict[str, Any]:
    """Return the units, scales, months and number words of all languages."""
    read: dict[str, Any] = yaml.safe_load((RULES / "units.yaml").read_text(encoding="utf-8"))
    return read


@cache
def phrases(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return what is written in place of phrases such as “half past four”."""
    return tuple((re.compile(one, re.IGNORECASE), two) for one, two in words()["phrases"][language])


def in_digits(text: str, *, language: str) -> Digits:
    """Return the text with its number words as digits."""
    found = Digits(text.replace("ё", "е"), tuple(range(len(text))), tuple(range(1, len(text) + 1)))
    if language == "zh":
        found = found.replaced(re.compile(r"[零〇一二两三四五六七八九十百千万亿]+"), _chinese)
    else:
        known = words()["words"][language]
        alternatives = "|".join(sorted(map(re.escape, known), key=len, reverse=True))
        glue = r"(?:-| and | )" if language == "en" else r"[ -]"
        pattern = re.compile(rf"(?<!\d )(?<!\d)\b(?:{alternatives})(?:{glue}(?:{alternatives}))*\b", re.IGNORECASE)
        found = found.replaced(pattern, lambda match: _sum(match.group(), known))
    for pattern, written in phrases(language):
        found = found.replaced(pattern, lambda match, written=written: _filled(match, written))  # type: ignore[misc]
    return found


def _filled(match: re.Match[str], written: str) -> str:
    """Fill a phrase: `\\1` is a group, `{…}` a sum of the groups."""
    filled = match.expand(written)
    return re.sub(r"\{(-?[\d.]+)([+/*-])(-?[\d.]+)\}", lambda part: _computed(*part.groups()), filled)


def _computed(left: str, sign: str, right: str) -> str:
    one, two = float(left), float(right)
    result = {"+": one + two, "-": one - two, "*": one * two, "/": one / two if two else 0.0}[sign]
    return f"{result:.4g}"


def _sum(written: str, known: dict[str, int]) -> str | None:
    total, current = 0, 0
    numbers = [known[word] for word in re.split(r"[ -]", written.lower()) if word in known]
    for number in numbers:
        if number >= 1000:
            total += max(current, 1) * number
            current = 0
        elif number == 100 and 0 < current < 100:
            current *= 100
        elif current and (current % 100 and number >= 10 or current % 10 and number < 10):
            # “Two, three” are two numbers, not five.
            return None
        else:
            current += number
    return str(total + current)


def _chinese(match: re.Match[str]) -> str | None:
    written = match.group()
    if written[0] in "百千万亿":
        return None
    if not set(written) & set(ZH_SCALES):
        return "".join(str(ZH_DIGITS[character]) for character in written)
    total, section, digit = 0, 0, 0
    for character in written:
        if character in ZH_DIGITS:
            digit = ZH_DIGITS[character]
        elif ZH_SCALES[character] >= 10_000:
            total = (total + section + digit) * ZH_SCALES[character]
            section, digit = 0, 0
        else:
            section += (digit or 1) * ZH_SCALES[character]
            digit = 0
    return str(total + section + digit)
