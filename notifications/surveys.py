"""The questions customers are asked after an incident, read from whoever keeps them, and their answers made whole."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from incidents.models import Incident

SCALE_1_5 = "1-5"
SCALE_0_10 = "0-10"
YES_PARTLY_NO = "yes/partly/no"
FREE_TEXT = "text"
CHOICES: dict[str, tuple[str, ...]] = {
    SCALE_1_5: tuple(str(number) for number in range(1, 6)),
    SCALE_0_10: tuple(str(number) for number in range(11)),
    YES_PARTLY_NO: ("yes", "partly", "no"),
}
LONGEST_ANSWER = 2000

Source = Callable[[Incident], list[dict[str, Any]]]
_sources: list[Source] = []


@dataclass(frozen=True)
class Question:
    """One question: its id, the scale it is answered on, and its wording per language."""

    id: str
    scale: str
    label: dict[str, str]

    @property
    def choices(self) -> tuple[str, ...]:
        """The answers to choose from; none for a free text."""
        return CHOICES.get(self.scale, ())


def source(function: Source) -> Source:
    """Register the function that knows an incident's questions, as `[{"id", "scale", "label": {language: text}}]`."""
    if function not in _sources:
        _sources.append(function)
    return function


def questions_of(incident: Incident) -> list[Question]:
    """Return the questions for the customers of one incident, in order."""
    found = [item for read in _sources for item in read(incident)]
    return [Question(id=item["id"], scale=item["scale"], label=item["label"]) for item in found]


def answers_in(form: Mapping[str, str], *, questions: list[Question]) -> dict[str, int | str]:
    """Return the answers that fit their questions: numbers as numbers; what was left out or does not fit is absent."""
    found: dict[str, int | str] = {}
    for question in questions:
        given = form.get(f"answer-{question.id}", "").replace("\x00", "").strip()
        if question.scale == FREE_TEXT and given:
            found[question.id] = given[:LONGEST_ANSWER]
        elif given in question.choices:
            found[question.id] = int(given) if given.isdecimal() else given
    return found
