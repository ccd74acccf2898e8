"""Says how much of a text is its template untouched: an opening and a solution that nobody wrote are nobody's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# What a reader looks at first, and what the message is for.
PERSONAL_ELEMENTS = ("opening", "solution")
# Above this likeness, of 100, a change is one of commas and spaces.
NEARLY_THE_SAME = 95.0


@dataclass(frozen=True)
class Likeness:
    """How near the opening and the solution of one language are to the template, each of 100."""

    by_element: Mapping[str, float]

    @property
    def untouched_share(self) -> float:
        """The share of these elements that are as in the template."""
        same = [one for one in self.by_element.values() if one >= NEARLY_THE_SAME]
        return len(same) / len(self.by_element) if self.by_element else 0.0


def likeness(text: Mapping[str, Any], *, template: Mapping[str, Any], language: str) -> Likeness:
    """Compare the sections of a text with those of its template, word by word."""
    written, given = _sections(text), _sections(template)
    return Likeness(
        {
            element: _ratio(written[element], given[element], language)
            for element in PERSONAL_ELEMENTS
            if element in written and element in given
        }
    )


def _sections(text: Mapping[str, Any]) -> dict[str, str]:
    return {section["element"]: section["text"] for section in text["sections"]}


def _ratio(written: str, given: str, language: str) -> float:
    from rapidfuzz import fuzz  # noqa: PLC0415 - only who compares pays for it

    return float(fuzz.ratio(words(written, language=language), words(given, language=language)))


def words(text: str, *, language: str) -> list[str]:
    """Return the words of a text; Chinese writes no spaces, so that they are cut by a dictionary."""
    if language != "zh":
        return text.split()
    import rjieba  # noqa: PLC0415 - its dictionary is loaded by its first reader

    return [word for word in rjieba.cut(text) if word.strip()]
