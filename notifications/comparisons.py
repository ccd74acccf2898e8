"""Reads numbers, days and times of day out of a text, and says which of them contradict an approved fact."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

WORDS: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "rules" / "units.yaml").read_text(encoding="utf-8"))
UNITS = [(re.compile(pattern, re.IGNORECASE), family, size) for pattern, family, size in WORDS["units"]]
RANGE = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:to|до|至|到|[-–—~～])\s*$", re.IGNORECASE)
AFTERNOON = re.compile(r"(?:下午|晚上|傍晚)\s*$")
ZH_WORD = re.compile(r"[一二两三四五六七八九十]+(?=\s*个?(?:小时|天|日|周|分钟|名|人|位|户|家|箱|件|台|批|起|工作日))")

# What a value is, its lower and its upper end.
Reading = tuple[str, tuple[float, ...], tuple[float, ...]]


@dataclass(frozen=True)
class Value:
    """A number with its unit, a day or a time of day, and where it stands; `kind` keeps unlike things apart."""

    kind: str
    low: tuple[float, ...]
    high: tuple[float, ...]
    start: int
    end: int

    def agrees_with(self, approved: "Value") -> bool:
        """Whether the approved value or range covers this one; a year counts where both name one."""
        length = min(len(self.low), len(approved.low))
        return approved.low[:length] <= self.low[:length] and self.high[:length] <= approved.high[:length]


def conflicts(text: str, *, approved: str, patterns: Sequence[re.Pattern[str]], language: str) -> Iterator[Value]:
    """Yield the values of a text that no approved value of the same kind covers."""
    known = list(_values(approved, patterns, language))
    for value in _values(text, patterns, language):
        rivals = [one for one in known if one.kind == value.kind]
        if rivals and not any(value.agrees_with(one) for one in rivals):
            yield value


def estimates(text: str, *, patterns: Sequence[re.Pattern[str]], language: str) -> Iterator[Value]:
    """Yield every value of a text: where no estimate is approved, each is one too many."""
    yield from _values(text, patterns, language)


def _values(text: str, patterns: Sequence[re.Pattern[str]], language: str) -> Iterator[Value]:
    plain, places = _in_digits(text, language)
    taken: list[tuple[int, int]] = []
    for pattern in patterns:
        for match in pattern.finditer(plain):
            # The digits of a date or a time of day are no number of days.
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            read = _read(match, plain, language)
            if read is not None:
                taken.append(match.span())
                yield Value(*read, start=places[match.start()], end=places[match.end() - 1] + 1)


def _read(match: re.Match[str], text: str, language: str) -> Reading | None:
    named = match.groupdict()
    if "unit" in named:
        return _quantity(named, before=text[: match.start()])
    if "hour" in named:
        # A bare number is no time of day.
        return None if match.group().strip().isdigit() else _time_of_day(named, before=text[: match.start()])
    return _day(named, language)


def _quantity(named: dict[str, Any], *, before: str) -> Reading:
    family, size = next(
        ((family, size) for pattern, family, size in UNITS if pattern.fullmatch(named["unit"])),
        (named["unit"].lower(), 1),
    )
    scale = (named.get("scale") or "").lower().rstrip(".")
    size *= next((factor for word, factor in WORDS["scales"].items() if scale and scale.startswith(word)), 1)
    high = _number(named["value"]) * size
    lower = RANGE.search(before)
    return family, (_number(lower.group(1)) * size if lower else high,), (high,)


def _number(written: str) -> float:
    joined = re.sub(r"[\u00a0\u202f ]|[,，](?=\d{3}(?:\D|$))", "", written)
    return float(joined.replace(",", "."))


def _time_of_day(named: dict[str, Any], *, before: str) -> Reading:
    half = (named.get("half") or "").lower()
    hour = int(named["hour"]) % 24
    if half in {"am", "pm"}:
        hour = hour % 12 + (12 if half == "pm" else 0)
    elif AFTERNOON.search(before) and hour < 12:
        hour += 12
    minute = 30 if half == "半" else int(named.get("minute") or 0)
    return "time of day", (hour, minute), (hour, minute)


def _day(named: dict[str, Any], language: str) -> Reading | None:
    written = (named.get("month") or named.get("month2") or "").lower()
    day = int(named.get("day") or named.get("day2") or 0)
    month = int(written) if written.isdigit() else _month(written, language)
    if not month or not day:
        return None
    year = (int(named["year"]),) if named.get("year") else ()
    return "day", (month, day, *year), (month, day, *year)


def _month(written: str, language: str) -> int:
    stems = WORDS["months"].get(language, [])
    return next((place for place, stem in enumerate(stems, 1) if written.startswith(stem) or stem == written), 0)


def _in_digits(text: str, language: str) -> tuple[str, list[int]]:
    """Return the text with its number words as digits, and for every character where it came from."""
    words = WORDS["words"].get(language, {})
    pattern = ZH_WORD if language == "zh" else re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)
    pieces: list[str] = []
    places: list[int] = []
    last = 0
    for match in pattern.finditer(text):
        digits = str(words.get(match.group().lower(), match.group()))
        pieces += [text[last : match.start()], digits]
        places += [*range(last, match.start()), *[match.start()] * len(digits)]
        last = match.end()
    return "".join([*pieces, text[last:]]), [*places, *range(last, len(text))]
