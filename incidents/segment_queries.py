"""Reads a segment's query, such as `region = DE and (importance >= 2 or attributes.product in (NB-12, NB-14))`.

The language is small so that it can be read aloud: fields compared with values, joined by `and`, `or`, `not` and
brackets. What cannot be read is told with its place and with what would be allowed there.
"""

import re
from dataclasses import dataclass
from typing import NoReturn

from django.db.models import Q
from django.utils.translation import gettext as _

from incidents import segment_words as words
from incidents.errors import Refusal
from incidents.segment_words import Attribute, Field, Flag, WrongValue

LONGEST_QUERY = 2000
MOST_VALUES = 500
DEEPEST = 20
_TOKEN = re.compile(
    r"""\s*(?:
        "(?P<quoted>(?:[^"\\]|\\.)*)" | “(?P<curled>[^”]*)” |
        (?P<sign><=|>=|!=|<>|[=<>(),，（）]) |
        (?P<word>[^\s"“”=<>!(),，（）]+)
    )""",
    re.VERBOSE,
)
_NARROW = {"（": "(", "）": ")", "，": ",", "<>": "!="}
_JOINING = frozenset({"and", "or", "not", "in", "is", "empty", "contains", "begins"})


class QueryProblem(Refusal):
    """A query that cannot be read: `place` counts characters from 1, `found` is what stands there."""

    def __init__(self, sentence: str, *, place: int, found: str) -> None:
        self.place, self.found = place, found
        where = _("at character %(place)s (“%(found)s”)") % {"place": place, "found": found or "…"}
        super().__init__(_("%(sentence)s – %(where)s.") % {"sentence": sentence.rstrip("."), "where": where})


@dataclass(frozen=True)
class Token:
    """One word, quoted text or sign of a query, with its place."""

    text: str
    place: int
    is_sign: bool = False
    is_quoted: bool = False
    is_end: bool = False

    def says(self, *those: str) -> bool:
        """Whether this is one of the language's own words or signs."""
        return not self.is_quoted and self.text.lower() in those


def condition(query: str) -> Q:
    """Return the condition on customers that a query stands for; raises QueryProblem."""
    if len(query) > LONGEST_QUERY:
        sentence = _("A query has at most %s characters: save part of it as a segment of its own")
        raise QueryProblem(sentence % LONGEST_QUERY, place=LONGEST_QUERY + 1, found=query[LONGEST_QUERY:][:10])
    return _Reader(_tokens(query)).everything()


def _tokens(query: str) -> list[Token]:
    found, place = [], 0
    while query[place:].strip():
        match = _TOKEN.match(query, place)
        start = place + len(query[place:]) - len(query[place:].lstrip())
        if match is None:
            raise QueryProblem(
                _("This text is not closed, or this sign means nothing here"),
                place=start + 1,
                found=query[start : start + 10],
            )
        place = match.end()
        found.append(_token(match, start + 1))
    return [*found, Token("", len(query) + 1, is_end=True)]


def _token(match: re.Match[str], place: int) -> Token:
    if match["sign"]:
        return Token(_NARROW.get(match["sign"], match["sign"]), place, is_sign=True)
    if match["word"] is not None:
        # A quoted part of a name, as in attributes."Product line", is read with it.
        return Token(match["word"], place)
    quoted = match["quoted"] if match["quoted"] is not None else match["curled"]
    return Token(re.sub(r"\\(.)", r"\1", quoted), place, is_quoted=True)


class _Reader:
    """Walks the tokens once, left to right."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens, self.at, self.depth = tokens, 0, 0

    def everything(self) -> Q:
        if self.next.is_end:
            self._refuse(_("Write what customers must have, such as region = DE"))
        found = self._either()
        last = self.next
        if not last.is_end:
            self._refuse(_("Here only “and”, “or” or the end can follow"))
        return found

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def _take(self) -> Token:
        token = self.next
        self.at += 1
        return token

    def _refuse(self, sentence: str, *, token: Token | None = None) -> NoReturn:
        token = token or self.next
        raise QueryProblem(sentence, place=token.place, found=token.text)

    def _either(self) -> Q:
        found = self._both()
        while self.next.says("or"):
            self._take()
            found |= self._both()
        return found

    def _both(self) -> Q:
        found = self._one()
        while self.next.says("and"):
            self._take()
            found &= self._one()
        return found

    def _one(self) -> Q:
        self.depth += 1
        if self.depth > DEEPEST:
            self._refuse(_("Brackets stand at most %s deep") % DEEPEST)
        if self.next.says("not"):
            self._take()
            found = ~self._one()
        elif self.next.says("("):
            self._take()
            found = self._either()
            self._expect(")")
        else:
            found = self._comparison()
        self.depth -= 1
        return found

    def _comparison(self) -> Q:
        token, name = self.next, self._name()
        field = words.find(name)
        if field is None:
            sentence = _("There is no field of this name; a query can ask for %s") % ", ".join(words.names())
            self._refuse(sentence, token=token)
        if isinstance(field, Flag):
            return field.condition()
        if self.next.says("is"):
            return self._emptiness(field)
        is_negated = self.next.says("not")
        if is_negated:
            self._take()
        found = self._asked(field, name)
        return ~found if is_negated else found

    def _name(self) -> str:
        token = self.next
        if token.is_end or token.is_sign or token.is_quoted or token.says(*_JOINING):
            self._refuse(_("A field is wanted here: %s") % ", ".join(words.names()))
        self._take()
        if token.text == words.ATTRIBUTE and self.next.is_quoted:
            return words.ATTRIBUTE + self._take().text
        return token.text

    def _emptiness(self, field: Field | Attribute) -> Q:
        self._take()
        is_negated = self.next.says("not")
        if is_negated:
            self._take()
        self._expect("empty")
        return ~field.is_empty() if is_negated else field.is_empty()

    def _asked(self, field: Field | Attribute, name: str) -> Q:
        operator = self._take()
        if operator.is_end or not operator.says(*field.operators):
            sentence = _("“%(field)s” can be compared by %(signs)s, “is empty”")
            self._refuse(sentence % {"field": name, "signs": " ".join(field.operators)}, token=operator)
        start = self.at
        values = self._list() if operator.says(words.IN) else [self._value()]
        try:
            return field.asks(operator.text.lower(), values)
        except WrongValue as wrong:
            sentence = _("“%(field)s” can be %(expected)s") % {"field": name, "expected": wrong.expected}
            self._refuse(sentence, token=next(one for one in self.tokens[start:] if one.text == wrong.value))

    def _list(self) -> list[str]:
        self._expect("(")
        values = [self._value()]
        while self.next.says(","):
            self._take()
            values.append(self._value())
        if len(values) > MOST_VALUES:
            self._refuse(_("A list holds at most %s values") % MOST_VALUES)
        self._expect(")")
        return values

    def _value(self) -> str:
        token = self.next
        if token.is_end or token.is_sign or token.says(*_JOINING):
            self._refuse(_("A value is wanted here; put it into quotation marks if it has blanks"))
        return self._take().text

    def _expect(self, sign: str) -> None:
        if not self.next.says(sign):
            self._refuse(_("“%s” is wanted here") % sign)
        self._take()
