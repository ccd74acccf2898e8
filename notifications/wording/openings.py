"""Says with which letters a construction can begin, so that it is tried only where one of them stands."""

from collections.abc import Iterator

LITERAL = frozenset("abcdefghijklmnopqrstuvwxyzабвгдежзийклмнопрстуфхцчшщъыьэюя0123456789")
SKIPPED = ("(?!", "(?=", "(?<")


def openings(source: str) -> frozenset[str] | None:
    """Return the first one or two letters of everything a source can match; None where that cannot be told."""
    found: set[str] = set()
    for alternative in _alternatives(source.lower()):
        told = _of_one(alternative)
        if told is None:
            return None
        found |= told
    return frozenset(found)


def _of_one(source: str) -> frozenset[str] | None:
    source = source.lstrip("^")
    if not source:
        return None
    if source.startswith(SKIPPED):
        return _of_one(source[_closing(source) + 1 :])
    if source[0] == "(":
        return _of_group(source)
    if not _is_literal(source[0]):
        return None
    if source[1:2] in {"?", "*", "+", "{"}:
        return None
    return frozenset({source[:2] if _has_second(source) else source[0]})


def _has_second(source: str) -> bool:
    return _is_literal(source[1:2]) and source[2:3] not in {"?", "*", "{"}


def _of_group(source: str) -> frozenset[str] | None:
    end = _closing(source)
    inner, after = source[1:end], source[end + 1 :]
    if inner.startswith("?"):
        return None
    told = openings(inner)
    if after[:1] not in {"?", "*"}:
        # One letter is all of the group: the next may be anything.
        return told
    later = _of_one(after[1:].lstrip("?"))
    return None if told is None or later is None else told | later


def _is_literal(character: str) -> bool:
    return character in LITERAL or "\u4e00" <= character <= "\u9fff" if character else False


def _closing(source: str) -> int:
    depth = 0
    for place, character in enumerate(source):
        if source[place - 1 : place] == "\\":
            continue
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return place
    return len(source) - 1


def _alternatives(source: str) -> Iterator[str]:
    depth, last = 0, 0
    for place, character in enumerate(source):
        if source[place - 1 : place] == "\\":
            continue
        depth += (character in "([") - (character in ")]")
        if character == "|" and depth == 0:
            yield source[last:place]
            last = place + 1
    yield source[last:]
