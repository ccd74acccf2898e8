"""Reads numbers, days, times of day and contacts out of a text, and says which of them contradict an approved fact."""

from collections.abc import Iterator
from enum import StrEnum

from notifications.comparisons.readings import Kind, Value, values

TIMES = frozenset({Kind.DAY, Kind.WEEKDAY, Kind.TIME_OF_DAY, Kind.MINUTES, Kind.WORKING_DAYS})
DAYS = frozenset({Kind.DAY, Kind.WEEKDAY})


class Subject(StrEnum):
    """What a rule compares; the last part of its id."""

    NUMBER = "NUMBER"
    DATE = "DATE"
    ETA = "ETA"


def conflicts(text: str, *, approved: str, subject: Subject, language: str) -> Iterator[Value]:
    """Yield the values of a text that no approved value of the same kind covers."""
    known = [one for one in values(approved, language=language) if _concerns(one, subject)]
    has_bare_numbers_alone = bool(known) and all(one.kind == Kind.BARE for one in known)
    for value in values(text, language=language):
        if not _concerns(value, subject):
            continue
        rivals = [one for one in known if one.kind == value.kind]
        if has_bare_numbers_alone and value.is_count:
            rivals = known
        if rivals and not any(value.agrees_with(one) for one in rivals):
            yield value


def estimates(text: str, *, language: str) -> Iterator[Value]:
    """Yield every time of a text: where no estimate is approved, each is one too many."""
    yield from (value for value in values(text, language=language) if value.kind in TIMES)


def _concerns(value: Value, subject: Subject) -> bool:
    if subject == Subject.ETA:
        return value.kind in TIMES
    if subject == Subject.DATE:
        return value.kind in DAYS
    return value.kind not in DAYS and value.kind != Kind.TIME_OF_DAY
