"""Shapes: small functions that say what a value in a playbook file must look like, and where it does not.

A shape takes a value and its path and yields one sentence a fault:
`gates.analyze[1].enforcement: expected one of hard, waivable, advice, found "strong"`.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from incidents.enums import Language
from workflows import durations

Shape = Callable[[Any, str], Iterator[str]]


def fault(path: str, expected: str, found: Any) -> str:
    """Return the one sentence every fault is told in."""
    place = f"{path}: " if path else ""
    return f"{place}expected {expected}, found {_shown(found)}"


def text(value: Any, path: str) -> Iterator[str]:
    """Words: a string that is not empty."""
    if not isinstance(value, str) or not value.strip():
        yield fault(path, "a text", value)


def yes_or_no(value: Any, path: str) -> Iterator[str]:
    """True or false, not a word for it."""
    if not isinstance(value, bool):
        yield fault(path, "true or false", value)


def duration(value: Any, path: str) -> Iterator[str]:
    """An ISO 8601 duration longer than nothing."""
    if not durations.is_duration(value) or not durations.parse(value):
        yield fault(path, "an ISO 8601 duration such as PT2H or P14D", value)


def anything(value: Any, path: str) -> Iterator[str]:
    """Whatever stands there."""
    return iter(())


def optional(shape: Shape) -> Shape:
    """The shape, or null."""
    return lambda value, path: iter(()) if value is None else shape(value, path)


def one_of(words: Sequence[str]) -> Shape:
    """One word of a closed list."""

    def check(value: Any, path: str) -> Iterator[str]:
        if value not in words:
            yield fault(path, f"one of {', '.join(words)}", value)

    return check


def list_of(shape: Shape, *, at_least: int = 0, key: str = "") -> Shape:
    """A list whose items have the shape; `key` names the field that must differ from item to item."""

    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, list) or len(value) < at_least:
            yield fault(path, f"a list of {at_least} or more" if at_least else "a list", value)
            return
        for index, item in enumerate(value):
            yield from shape(item, f"{path}[{index}]")
        if key:
            yield from _repeated(value, path, key)

    return check


def record(fields: Mapping[str, Shape], *, also: Mapping[str, Shape] | None = None) -> Shape:
    """A mapping with all of `fields`, perhaps some of `also`, and nothing else."""
    known = {**fields, **(also or {})}

    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield fault(path, f"a mapping with {', '.join(fields)}", value)
            return
        for name in fields:
            if name not in value:
                yield f"{_joined(path, name)}: expected, but missing"
        for name, item in value.items():
            if name in known:
                yield from known[name](item, _joined(path, name))
            else:
                yield f"{_joined(path, name)}: unknown field, expected one of {', '.join(known)}"

    return check


def localised(shape: Shape, *, languages: Sequence[str], also: Mapping[str, Shape] | None = None) -> Shape:
    """A mapping from language to the shape: all of `languages`, or at least one where none is demanded."""
    by_language = dict.fromkeys(Language.values, shape)
    inner = record(dict.fromkeys(languages, shape), also={**by_language, **(also or {})})

    def check(value: Any, path: str) -> Iterator[str]:
        if isinstance(value, dict) and not set(value) & set(Language.values):
            yield fault(path, f"at least one language of {', '.join(Language.values)}", sorted(map(str, value)))
            return
        yield from inner(value, path)

    return check


def _repeated(items: list[Any], path: str, key: str) -> Iterator[str]:
    seen: set[str] = set()
    for index, item in enumerate(items):
        name = item.get(key) if isinstance(item, dict) else None
        if isinstance(name, str) and name in seen:
            yield fault(f"{path}[{index}].{key}", "a name used once", name)
        seen.add(str(name))


def _joined(path: str, name: object) -> str:
    return f"{path}.{name}" if path else str(name)


def _shown(value: Any) -> str:
    shown = json.dumps(value, ensure_ascii=False, default=str)
    return shown if len(shown) <= 60 else f"{shown[:57]}…"
