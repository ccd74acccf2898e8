"""Searches a text for what the rules, the constructions and the lessons of its language say."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from notifications import comparisons
from notifications.wording.learned import Subject, marks
from notifications.wording.rulebook import (
    Patterns,
    Rule,
    Scope,
    elements,
    learned_rules,
    rules,
    sentence_constructions,
)
from notifications.wording.texts import Prepared, Sheet, prepare, sheet

# The words of a sentence from which on it is hard to read; Chinese counts characters.
LONGEST = {"en": 34, "ru": 29}
WORDS = re.compile(r"[\w'’-]*\w[\w'’-]*")
# Where a construction can begin: at a word, and in Chinese at any character.
STARTS = {"en": re.compile(r"(?<![\w-])\w"), "ru": re.compile(r"(?<![\w-])\w"), "zh": re.compile(r"\w")}
CLAUSE_END = re.compile(r"[;；\n]")


@dataclass(frozen=True)
class Finding:
    """One remark about a text, with its place in the text as it was given."""

    rule: str
    category: str
    severity: str
    start: int
    end: int
    explanation: str
    suggestion: str


def is_deterministic(finding: Finding) -> bool:
    """Whether a finding says what is simply not there; everything else is style, and style never blocks."""
    return finding.category.startswith("missing_")


@dataclass(frozen=True)
class _Place:
    rule: Rule
    start: int
    end: int


def check(
    text: str, *, language: str, scope: Scope | str, kind: str | None = None, approved_fact: str | None = None
) -> list[Finding]:
    """Return what the rules of one scope say about a text, in order of place."""
    prepared = prepare(text, language=language)
    asked = [rule for rule in rules(language) if rule.scope == scope and rule.applies_to(kind)]
    if scope == Scope.COMPARISON:
        found = list(_contradictions(asked, prepared, language=language, approved_fact=approved_fact))
    elif scope == Scope.MESSAGE:
        found = list(_gaps(asked, prepared, language=language))
    else:
        found = list(_in_sentences(asked, prepared, language=language))
        found += _constructed(prepared, language=language, known=found, kind=kind)
        found += _learned(prepared, language=language, known=found, kind=kind)
    back = prepared.places
    shown = [
        Finding(
            one.rule.id,
            one.rule.category,
            one.rule.severity,
            back[one.start],
            back[one.end],
            one.rule.explanation,
            one.rule.suggestion,
        )
        for one in found
    ]
    return sorted(shown, key=lambda one: (one.start, one.end, one.rule))


def check_message(
    text: str, *, language: str, kind: str | None = None, approved_facts: Sequence[str] = ()
) -> list[Finding]:
    """Return what every rule says about a whole message; numbers may agree with any of the approved facts."""
    found = check(text, language=language, scope=Scope.SENTENCE, kind=kind)
    found += check(text, language=language, scope=Scope.MESSAGE, kind=kind)
    known = "\n".join(fact for fact in approved_facts if fact.strip())
    if known:
        found += check(text, language=language, scope=Scope.COMPARISON, kind=kind, approved_fact=known)
    return found


def _in_sentences(asked: Sequence[Rule], prepared: Prepared, *, language: str) -> Iterator[_Place]:
    for rule in asked:
        if rule.category == "unreadable_length" and language in LONGEST:
            yield from _long(rule, prepared, longest=LONGEST[language])
            continue
        for start, end in prepared.sentences:
            span = _in_piece(rule, prepared.text[start:end])
            if span:
                yield _Place(rule, start + span[0], start + span[1])


def _in_piece(rule: Rule, piece: str) -> tuple[int, int] | None:
    matches = (pattern.search(piece) for pattern in rule.patterns)
    first = next((match for match in matches if match), None)
    if first is None or any(pattern.search(piece) for pattern in rule.unless):
        return None
    return first.span()


def _long(rule: Rule, prepared: Prepared, *, longest: int) -> Iterator[_Place]:
    for start, end in prepared.sentences:
        for piece in CLAUSE_END.split(prepared.text[start:end]):
            words = list(WORDS.finditer(piece))
            if len(words) > longest:
                yield _Place(rule, start, end)
                break


def _constructed(prepared: Prepared, *, language: str, known: Sequence[_Place], kind: str | None) -> Iterator[_Place]:
    """Search the constructions; what a rule of the same category found in the same sentence is not said twice."""
    laid = sheet(prepared, language=language)
    told = _told(known, prepared)
    ways = sentence_constructions(language)
    for place, start, end in sorted(_hits(laid, language)):
        one = ways[place]
        first, last = laid.span(start, end)
        key = (one.rule.category, _line(prepared, first))
        if key not in told and one.rule.applies_to(kind) and not _excused(one.unless, laid, start):
            told.add(key)
            yield _Place(one.rule, first, last)


def _learned(prepared: Prepared, *, language: str, known: Sequence[_Place], kind: str | None) -> Iterator[_Place]:
    """Mark what the check was taught to hear, where no rule of the category has spoken."""
    told = _told(known, prepared)
    heard = learned_rules(language)
    for start, end in prepared.sentences:
        for mark in marks(prepared.text[start:end], language=language, subject=Subject.FAULTS):
            rule = heard[mark.category]
            if (mark.category, start) not in told and rule.applies_to(kind):
                yield _Place(rule, start + mark.start, start + mark.end)


def _told(known: Sequence[_Place], prepared: Prepared) -> set[tuple[str, int]]:
    """Return which category was found in which sentence."""
    return {(one.rule.category, _line(prepared, one.start)) for one in known}


def _line(prepared: Prepared, place: int) -> int:
    return next((start for start, end in prepared.sentences if start <= place < end), -1)


def _hits(laid: Sheet, language: str) -> Iterator[tuple[int, int, int]]:
    """Yield number of the construction, start and end of what is found, each tried only where it can begin."""
    starts = _starts(laid.text, language)
    for place, one in enumerate(sentence_constructions(language)):
        for pattern in one.find:
            yield from ((place, start, end) for start, end in pattern.spans(laid.text, starts))


def _starts(text: str, language: str) -> Mapping[str, list[int]]:
    """Return where each letter, and each pair of letters, stands at the beginning of a word."""
    found: dict[str, list[int]] = {}
    lower = text.lower()
    for start in (match.start() for match in STARTS[language].finditer(text)):
        found.setdefault(lower[start], []).append(start)
        found.setdefault(lower[start : start + 2], []).append(start)
    return found


def _excused(unless: Patterns, laid: Sheet, place: int) -> bool:
    start, end = laid.line_of(place)
    line = laid.text[start:end]
    return any(pattern.search(line) for pattern in unless)


def _gaps(asked: Sequence[Rule], prepared: Prepared, *, language: str) -> Iterator[_Place]:
    laid = sheet(prepared, language=language)
    unseen = [rule for rule in asked if not _is_there(rule, laid, plain=prepared.text, language=language)]
    # Listening costs more than searching: only for what no pattern has seen.
    heard = elements_of(prepared, language=language) if unseen else frozenset()
    for rule in unseen:
        if rule.category.removeprefix("missing_") not in heard:
            yield _Place(rule, 0, len(prepared.text))


def elements_of(prepared: Prepared, *, language: str) -> frozenset[str]:
    """Return the content elements that the sentences of a text were heard to contain."""
    return frozenset(
        mark.category
        for start, end in prepared.sentences
        for mark in marks(prepared.text[start:end], language=language, subject=Subject.ELEMENTS)
    )


def _is_there(rule: Rule, laid: Sheet, *, plain: str, language: str) -> bool:
    """Whether the text has the element: what merely looks like it does not count."""
    element = elements(language).get(rule.id)
    if element is None:
        return any(pattern.search(plain) for pattern in rule.patterns)
    starts = _starts(laid.text, language)
    text = _blanked(laid.text, [span for one in element.ignore for span in one.spans(laid.text, starts)])
    if any(True for one in element.present for _span in one.spans(text, starts)):
        return True
    return not element.replaces and any(pattern.search(text) for pattern in rule.patterns)


def _blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    characters = list(text)
    for start, end in spans:
        characters[start:end] = "·" * (end - start)
    return "".join(characters)


def _contradictions(
    asked: Sequence[Rule], prepared: Prepared, *, language: str, approved_fact: str | None
) -> Iterator[_Place]:
    if approved_fact is None:
        return
    approved = prepare(approved_fact, language=language).text
    told: set[tuple[int, int]] = set()
    for rule in asked:
        subject = comparisons.Subject(rule.id.rsplit("-", 1)[-1])
        if approved.strip():
            values = comparisons.conflicts(prepared.text, approved=approved, subject=subject, language=language)
        elif subject == comparisons.Subject.ETA:
            values = comparisons.estimates(prepared.text, language=language)
        else:
            continue
        for value in values:
            if (value.start, value.end) not in told or subject == comparisons.Subject.ETA:
                told.add((value.start, value.end))
                yield _Place(rule, value.start, value.end)
