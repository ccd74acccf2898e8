"""The sentences that teach the wording check, as their writers marked them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from notifications.wording.learned import Subject
from notifications.wording.texts import book, prepare

TEACHING = Path(__file__).parent.parent / "teaching"
NOTHING: frozenset[str] = frozenset()
HOW_RULES_SHOW = {
    Subject.FAULTS: ("sentence", "must_flag", "must_not_flag"),
    Subject.ELEMENTS: ("message", "must_not_flag", "must_flag"),
}
# What an element is the rule book defines, so that its examples count several times; its faults its own rules find.
WORD_OF_THE_BOOK = {Subject.FAULTS: 1, Subject.ELEMENTS: 6}
# How long a sentence is can be counted.
UNTAUGHT = "unreadable_length"


@dataclass(frozen=True)
class Example:
    """A sentence, what it says, and the one category its writer judged it for; None: all of them."""

    text: str
    says: frozenset[str]
    about: str | None = None


def examples(language: str, *, subject: Subject, ordinary: Iterable[str]) -> list[Example]:
    """Return the marked sentences of a language; of faults, the sentences of texts that have none as well."""
    if subject == Subject.ELEMENTS:
        return [*_elements(language), *_of_rules(language, subject)]
    usual = (Example(one, NOTHING) for one in _sentences(ordinary, language))
    return [*_faults(language), *_of_rules(language, subject), *usual]


def digest(taught: Sequence[Example]) -> str:
    """Return what tells one set of examples from any other."""
    written = "\n".join(f"{one.about}\t{','.join(sorted(one.says))}\t{one.text}" for one in taught)
    return sha256(written.encode()).hexdigest()


def _faults(language: str) -> Iterator[Example]:
    for written in _written(language, Subject.FAULTS):
        for category, marked in written["sentences"].items():
            yield from (Example(text, frozenset({category}), about=category) for text in marked["flag"])
            yield from (Example(text, NOTHING, about=category) for text in marked["leave"])
        yield from (Example(text, NOTHING) for text in written["neutral"])


def _elements(language: str) -> Iterator[Example]:
    for written in _written(language, Subject.ELEMENTS):
        yield from (Example(one["text"], frozenset(one["has"])) for one in written["elements"])


def _of_rules(language: str, subject: Subject) -> Iterator[Example]:
    """Yield the examples of the rule book: of a fault those that must be marked, of an element those that have it."""
    scope, yes, no = HOW_RULES_SHOW[subject]
    for rule in book(language)["rules"]:
        if rule["scope"] == scope and rule["category"] != UNTAUGHT:
            category = rule["category"].removeprefix("missing_")
            with_it = [Example(text, frozenset({category}), about=category) for text in rule["examples"][yes]]
            without = [Example(text, NOTHING, about=category) for text in rule["examples"][no]]
            yield from (with_it + without) * WORD_OF_THE_BOOK[subject]


def _written(language: str, subject: Subject) -> Iterator[dict[str, Any]]:
    for path in sorted((TEACHING / language).glob(f"{subject}*.yaml")):
        yield yaml.safe_load(path.read_text(encoding="utf-8"))


def _sentences(texts: Iterable[str], language: str) -> Iterator[str]:
    # What stands in ten texts stands here ten times: it is as usual as that.
    for text in texts:
        prepared = prepare(text, language=language)
        yield from (prepared.text[start:end] for start, end in prepared.sentences)
