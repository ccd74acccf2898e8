"""Reads the values of a text: what they are of, how much, and where they stand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

from notifications.comparisons.numerals import Digits, in_digits, words

Numbers = tuple[float, ...]


class Kind(StrEnum):
    """What a value is of; counted things have a kind of their own, named by the noun."""

    DAY = "day"
    WEEKDAY = "weekday"
    TIME_OF_DAY = "time of day"
    MINUTES = "minutes"
    WORKING_DAYS = "working days"
    MAIL = "mail"
    PHONE = "phone"
    BARE = "bare"


FIXED = frozenset(Kind) | {"percent"}
NUMBER = r"(?P<value>\d{1,3}(?:[,，\u00a0\u202f ]\d{3})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)?)"
RANGE = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:to|or|до|или|至|到|[-–—~～])\s*$", re.IGNORECASE)
ABOUT = re.compile(
    r"(?:about|around|roughly|some|nearly|almost|approximately|circa|around|close to|около|примерно|порядка|почти"
    r"|приблизительно|ориентировочно|约|大约|近|将近|大概|左右)\s*$",
    re.IGNORECASE,
)
OVER = re.compile(
    r"(?:more than|over|at least|upwards of|no fewer than|более|больше|свыше|не менее|超过|逾|至少|多于|不少于)\s*$",
    re.IGNORECASE,
)
MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
PHONE = re.compile(r"(?<![\w.,-])(?:\+?\d{1,3}[ .-]?)?\(?\d{2,5}\)?(?:[ .-]?\d{2,5}){1,4}(?![\w])")
ISO = re.compile(r"(?<!\d)(20\d{2})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
DOTTED = re.compile(r"(?<!\d)(\d{1,2})\.(\d{1,2})\.(20\d{2}|\d{2})(?!\d)")
SLASHED = re.compile(r"(?<!\d)(\d{1,2})/(\d{1,2})/(20\d{2})(?!\d)")
CLOCK = re.compile(
    r"(?<![\d:.,])(?P<before>下午|晚上|傍晚|凌晨|早上|上午|中午|今晚)?\s*(?P<hour>\d{1,2})"
    r"(?:[:：](?P<minute>\d{2})|\.(?P<dotted>[0-5]\d)(?=\s*(?:am|pm|ч|$|[,;。，]))|\s*[点时](?!\d)(?!间))?"
    r"\s*(?P<half>am|pm|a\.m\.|p\.m\.|o.clock|in the (?:morning|afternoon|evening)|at night"
    r"|утра|вечера|дня|ночи)?(?![\d:])",
    re.IGNORECASE,
)
LATE = re.compile(r"pm|p\.m|afternoon|evening|night|вечера|дня|下午|晚上|傍晚|今晚", re.IGNORECASE)
EARLY = re.compile(r"am|a\.m|morning|утра|ночи|凌晨|早上|上午", re.IGNORECASE)


@dataclass(frozen=True)
class Value:
    """A value and where it stands; `kind` keeps unlike things apart, `slack` is the share it may be off by."""

    kind: str
    low: Numbers
    high: Numbers
    start: int
    end: int
    name: str = ""
    others: tuple[Numbers, ...] = ()
    slack: float = 0.0
    is_lower_bound: bool = False

    @property
    def is_count(self) -> bool:
        """Whether it counts things, so that a bare approved number can be meant."""
        return self.kind not in FIXED

    def agrees_with(self, approved: "Value") -> bool:
        """Whether the approved value or range covers this one; a year counts where both name one."""
        if self.name or approved.name:
            return self.name == approved.name
        mine, theirs = {self.low, *self.others}, {approved.low, *approved.others}
        if approved.others or self.others:
            return any(_same(one, two) for one in mine for two in theirs)
        if self.is_lower_bound and len(self.low) == 1:
            return self.low[0] <= approved.high[0] <= self.low[0] * 1.25
        length = min(len(self.low), len(approved.low))
        bottom = tuple(number * (1 - self.slack) for number in approved.low[:length])
        top = tuple(number * (1 + self.slack) for number in approved.high[:length])
        return bottom <= self.low[:length] and self.high[:length] <= top


def _same(one: Numbers, two: Numbers) -> bool:
    length = min(len(one), len(two))
    return one[:length] == two[:length]


@lru_cache(maxsize=64)
def values(text: str, *, language: str) -> tuple[Value, ...]:
    """Return the values of a text; a piece of it is read once, as what it is first found to be."""
    digits = in_digits(text, language=language)
    taken: list[tuple[int, int]] = []
    found: list[Value] = []
    for read in (_mails, _days, _named_days, _weekdays, _phones, _quantities, _clocks, _bare):
        for value, (start, end) in read(digits, language):
            if not any(start < other and earlier < end for earlier, other in taken):
                taken.append((start, end))
                found.append(value)
    return tuple(sorted(found, key=lambda value: value.start))


Read = Iterator[tuple[Value, tuple[int, int]]]


def _value(digits: Digits, match: re.Match[str], kind: str, low: Numbers, high: Numbers | None = None) -> Value:
    start, end = _trimmed(match)
    return Value(kind, low, high or low, digits.starts[start], digits.ends[end - 1])


def _trimmed(match: re.Match[str]) -> tuple[int, int]:
    written = match.group()
    return match.start() + len(written) - len(written.lstrip()), match.end() - len(written) + len(written.rstrip())


def _mails(digits: Digits, language: str) -> Read:
    for match in MAIL.finditer(digits.text):
        value = _value(digits, match, Kind.MAIL, ())
        yield Value(value.kind, (), (), value.start, value.end, name=match.group().rstrip(".").lower()), match.span()


def _phones(digits: Digits, language: str) -> Read:
    for match in PHONE.finditer(digits.text):
        written = match.group()
        plain = re.sub(r"\D", "", written)
        # Seven digits and more; thousands that are parted by spaces are a number.
        if len(plain) < 7 or re.fullmatch(r"\d{1,3}(?: \d{3})+", written) or plain == written and len(plain) < 9:
            continue
        value = _value(digits, match, Kind.PHONE, ())
        yield Value(value.kind, (), (), value.start, value.end, name=plain[-10:].lstrip("0")), match.span()


def _days(digits: Digits, language: str) -> Read:
    for match in ISO.finditer(digits.text):
        year, month, day = map(int, match.groups())
        yield _value(digits, match, Kind.DAY, (month, day, year)), match.span()
    for match in DOTTED.finditer(digits.text):
        day, month, year = map(int, match.groups())
        yield _value(digits, match, Kind.DAY, (month, day, year + (2000 if year < 100 else 0))), match.span()
    for match in SLASHED.finditer(digits.text):
        one, two, year = map(int, match.groups())
        value = _value(digits, match, Kind.DAY, (two, one, year))
        # Half the world writes the month first: where both can be, neither contradicts.
        other = ((one, two, year),) if max(one, two) <= 12 else ()
        yield Value(value.kind, value.low, value.high, value.start, value.end, others=other), match.span()


@cache
def _day_patterns(language: str) -> tuple[re.Pattern[str], ...]:
    if language == "zh":
        return (re.compile(r"(?:(?P<year>20\d{2})\s*年)?\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日号]"),)
    months = "|".join(words()["months"][language])
    return (
        re.compile(rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|-?го|-?е)?(?:\s+of)?\s+(?P<month>{months})\w*"
                   r"(?:,?\s+(?P<year>20\d{2}))?", re.IGNORECASE),
        re.compile(rf"\b(?P<month>{months})[a-z]*\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?!\s*[:\d])"
                   r"(?:,?\s+(?P<year>20\d{2}))?", re.IGNORECASE),
    )  # fmt: skip


def _named_days(digits: Digits, language: str) -> Read:
    stems = words()["months"].get(language, [])
    for pattern in _day_patterns(language):
        for match in pattern.finditer(digits.text):
            written = match["month"].lower()
            month = (
                int(written)
                if written.isdigit()
                else next(place for place, stem in enumerate(stems, 1) if re.fullmatch(stem, written))
            )
            if not 1 <= month <= 12 or not 1 <= int(match["day"]) <= 31:
                continue
            year = (int(match["year"]),) if match["year"] else ()
            yield _value(digits, match, Kind.DAY, (month, int(match["day"]), *year)), match.span()


def _weekdays(digits: Digits, language: str) -> Read:
    for place, pattern in enumerate(words()["weekdays"][language]):
        for match in re.finditer(pattern, digits.text, re.IGNORECASE):
            yield _value(digits, match, Kind.WEEKDAY, (place,)), match.span()


@cache
def _units() -> tuple[tuple[re.Pattern[str], str, float], ...]:
    return tuple((re.compile(one, re.IGNORECASE), family, float(size)) for one, family, size in words()["units"])


@cache
def _quantity(language: str) -> re.Pattern[str]:
    scales = "|".join(sorted(map(re.escape, words()["scales"]), key=len, reverse=True))
    currency = r"(?P<currency>[€$£¥₽])?\s*"
    if language == "zh":
        measure = "[辆艘架头只条张份座间所列节枚封项段次款种处岁度吨升斤克米层本把双套]"
        return re.compile(
            rf"{currency}{NUMBER}\s*(?P<scale>{scales})?\s*多?余?\s*(?P<unit>[%％]|{_chinese_units()}|{measure})?"
        )
    letters = "a-z" if language == "en" else "а-я"
    return re.compile(
        rf"{currency}(?<![\w.]){NUMBER}\s*(?:(?P<scale>{scales})\w*\.?(?![\w]))?\s*"
        rf"(?P<unit>[%％€$£¥₽]|per ?cent|working days?|business days?|рабоч\w+ дн\w+|[{letters}]+(?:\s[{letters}]+)?)?",
        re.IGNORECASE,
    )


@cache
def _chinese_units() -> str:
    found = [part for pattern, _family, _size in words()["units"] for part in pattern.split("|")]
    chinese = [part for part in found if re.match(r"[\u4e00-\u9fff个]", part)]
    return "|".join(sorted(chinese, key=len, reverse=True))


def _quantities(digits: Digits, language: str) -> Read:
    for match in _quantity(language).finditer(digits.text):
        kind, size, end = _unit(match, language)
        if kind is None:
            continue
        scale = (match["scale"] or "").lower()
        factor = next((number for word, number in words()["scales"].items() if scale and scale.startswith(word)), 1)
        high = number(match["value"]) * size * factor
        before = digits.text[max(0, match.start("value") - 40) : match.start("value")]
        lower = RANGE.search(before)
        low = number(lower.group(1)) * size * factor if lower else high
        start = match.start("currency") if match["currency"] else match.start("value")
        value = Value(
            kind, (low,), (high,), digits.starts[start], digits.ends[end - 1],
            slack=0.05 if ABOUT.search(before) or _is_about_after(digits.text[end:]) else 1e-9,
            is_lower_bound=bool(OVER.search(before)),
        )  # fmt: skip
        yield value, (match.start("value") - len(before) + lower.start() if lower else start, end)


def _is_about_after(after: str) -> bool:
    return after.startswith(("左右", "上下", " or so"))


def _unit(match: re.Match[str], language: str) -> tuple[str | None, float, int]:
    """Return what is counted, its size in the family's own unit, and where the unit ends."""
    if match["currency"]:
        return f"money {match['currency']}", 1, match.end("scale") if match["scale"] else match.end("value")
    written = (match["unit"] or "").lower()
    if not written:
        return None, 1, 0
    parts = written.split()
    for length in range(len(parts), 0, -1):
        piece = " ".join(parts[:length])
        for pattern, family, size in _units():
            if pattern.fullmatch(piece):
                return family, size, match.start("unit") + len(piece)
    if language == "zh":
        return written, 1, match.end("unit")
    noun = parts[0]
    return _noun(noun, language), 1, match.start("unit") + len(noun)


def _noun(word: str, language: str) -> str | None:
    if word in words()["not_counted"][language]:
        return None
    if language == "ru":
        from notifications.wording.russian import lemma  # noqa: PLC0415 - the dictionary is loaded by its first reader

        return lemma(word)
    return re.sub(r"(?<=[^s])(?:ies|es|s)$", "", word.rstrip("."))


def number(written: str) -> float:
    """Return a written number; both a comma and a space may part its thousands."""
    joined = re.sub(r"[\u00a0\u202f ]|[,，](?=\d{3}(?:\D|$))", "", written)
    return float(joined.replace(",", "."))


def _clocks(digits: Digits, language: str) -> Read:
    for match in CLOCK.finditer(digits.text):
        minute = match["minute"] or match["dotted"]
        is_told = minute or match["half"] or match["before"] or re.search("[点时]", match.group())
        hour = int(match["hour"])
        if not is_told or hour > 24:
            continue
        said = (match["half"] or "") + (match["before"] or "")
        late, early = LATE.search(said), EARLY.search(said)
        hour = hour % 12 + 12 if late and hour <= 12 else hour % 12 if early and hour == 12 else hour % 24
        value = _value(digits, match, Kind.TIME_OF_DAY, (hour, int(minute or 0)))
        # Without a word for the half of the day, five o'clock may be either; 05:00 and 16:30 are what they say.
        is_told_by_words = digits.text[match.start() : match.end()] != _given(digits, match)
        is_open = hour <= 12 and not late and not early and (is_told_by_words or not minute)
        other = (((hour + 12) % 24, int(minute or 0)),) if is_open else ()
        yield Value(value.kind, value.low, value.high, value.start, value.end, others=other), _trimmed(match)


def _given(digits: Digits, match: re.Match[str]) -> str:
    start, end = _trimmed(match)
    length = digits.ends[end - 1] - digits.starts[start]
    return match.group() if length == end - start and ":" in match.group() else ""


def _bare(digits: Digits, language: str) -> Read:
    for match in re.finditer(rf"(?<![\w.,:-]){NUMBER}(?![\w%:])", digits.text):
        told = number(match["value"])
        yield _value(digits, match, Kind.BARE, (told,)), match.span()
