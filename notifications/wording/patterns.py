"""Compiles the short notation of constructions into regular expressions.

A space stands for what parts two words, `..` for up to four words between, `...` for up to twelve; in Chinese, which
writes no spaces, for up to eight and thirty characters, and a space for nothing. `stem*` is a word that begins so,
`<name>` one of a class, `{mark}` a Russian word with that mark of grammar. The rest is a regular expression.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from notifications.wording.openings import openings
from notifications.wording.texts import SAME

CLASS = re.compile(r"<(\w+)>")
MARK = re.compile(r"\{([a-z_]+)\}")
STAR = re.compile(r"(?<=[\w'])(?<!\\[wds])\*")
BETWEEN = r"[^\w\n]{1,5}"
WORD = r"[\w'-]+"
# A group that is not yet one for looking or for flags catches nothing.
GROUP = re.compile(r"(?<!\\)\((?!\?)")


@dataclass(frozen=True)
class Pattern:
    """An expression, and the letters it can begin with; None where it may begin with anything."""

    expression: re.Pattern[str]
    openings: frozenset[str] | None

    def spans(self, text: str, starts: Mapping[str, Sequence[int]]) -> Iterator[tuple[int, int]]:
        """Yield where it matches; `starts` tells for every opening where it stands."""
        if self.openings is None:
            yield from (match.span() for match in self.expression.finditer(text))
            return
        for opening in self.openings:
            for start in starts.get(opening, ()):
                match = self.expression.match(text, start)
                if match:
                    yield match.span()


def opened(written: str, *, language: str, classes: Mapping[str, str]) -> Pattern:
    """Return a construction that is tried only where it can begin."""
    source = _spelled_out(written, classes).translate(SAME)
    return Pattern(compiled(written, language=language, classes=classes), openings(source))


def compiled(written: str, *, language: str, classes: Mapping[str, str]) -> re.Pattern[str]:
    """Return the expression of one construction; it never leaves a sentence, which is a line."""
    source = GROUP.sub("(?:", _spelled_out(written, classes))
    if language == "zh":
        return re.compile(_chinese(source), re.IGNORECASE | re.MULTILINE)
    source = MARK.sub(lambda match: rf"{WORD}[\ue000-\uf000]*?{_marks()[match[1]]}[\ue000-\uf000]*", source)
    source = STAR.sub(r"\\w*", source.translate(SAME))
    source = re.sub(r" \.\.\. ", "\x01", source)
    source = re.sub(r" \.\. ", "\x02", source)
    source = source.replace(" ", BETWEEN)
    source = source.replace("\x01", rf"(?:{BETWEEN}{WORD}){{0,12}}?{BETWEEN}")
    source = source.replace("\x02", rf"(?:{BETWEEN}{WORD}){{0,4}}?{BETWEEN}")
    return re.compile(rf"(?<![\w-])(?:{source})(?!\w)", re.IGNORECASE | re.MULTILINE)


def _spelled_out(written: str, classes: Mapping[str, str]) -> str:
    while CLASS.search(written):
        written = CLASS.sub(lambda match: f"({classes[match[1]]})", written)
    return written


def _chinese(source: str) -> str:
    source = source.replace(" ?", r"\s?").replace(" ... ", r"[^。！？\n]{0,30}?").replace(" .. ", r"[^。！？\n]{0,8}?")
    return source.replace(" ", "")


@cache
def _marks() -> Mapping[str, str]:
    from notifications.wording.russian import MARKS  # noqa: PLC0415 - the dictionary is loaded by its first reader

    return MARKS
