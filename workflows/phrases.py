"""The small words the system itself puts into messages: choices, inline lists, what changed."""

from collections.abc import Sequence
from typing import Any

from incidents.enums import Language
from workflows import playbooks


def choice(key: str, value: object, *, language: str) -> str:
    """Return the word for a choice, or the choice itself where no word was written for it."""
    words = playbooks.reference("phrases")["choices"].get(key, {}).get(str(value), {})
    return str(_in(words, language) or value)


def yes(*, language: str) -> str:
    """Return the word for a truth; what is not true is said by leaving the value out."""
    return choice("boolean", "true", language=language)


def one_of(options: Sequence[str], *, language: str) -> str:
    """Return options as an inline list that offers a choice: “a, b or c”."""
    if len(options) < 2:
        return "".join(options)
    return _list("separator", language).join(options[:-1]) + _list("last_or", language) + options[-1]


def all_of(items: Sequence[str], *, language: str) -> str:
    """Return items as an inline list."""
    return _list("separator", language).join(items)


def sentences(items: Sequence[str], *, language: str) -> str:
    """Return clauses, which may hold commas themselves, as one line."""
    return _list("sentence_separator", language).join(items)


def change(name: str, *, language: str, label: dict[str, str] | None = None, value: str = "") -> str:
    """Return how a change is told: `changed`, `taken_back`, or that there was `nothing` new."""
    pattern = _in(playbooks.reference("phrases")["changes"][name], language)
    return pattern.format(label=_in(label or {}, language), value=value)


def step(name: str, *, language: str, text: str, due: str = "") -> str:
    """Return an action as customers read it: `done`, or `planned` with its time."""
    return _in(playbooks.reference("phrases")["actions"][name], language).format(text=text, due=due)


def corrected(*, language: str, label: dict[str, str], before: str, after: str) -> str:
    """Return what we said and what is right, or that it is taken back where nothing else is known."""
    pattern = playbooks.reference("phrases")["changes"]["corrected" if after else "corrected_to_unknown"]
    return _in(pattern, language).format(label=_in(label, language), before=before, after=after)


def _list(name: str, language: str) -> str:
    return _in(playbooks.reference("phrases")["list"][name], language)


def _in(texts: dict[str, Any], language: str) -> str:
    return str(texts.get(language) or next((texts[one] for one in Language.values if texts.get(one)), ""))
