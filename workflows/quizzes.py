"""The short quiz of a brief: a few questions that only who has read it gets right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from incidents.errors import Refusal
from incidents.models import User
from workflows import briefings
from workflows.enums import BriefState
from workflows.models import BriefAcknowledgement, StaffBrief

MOST_QUESTIONS = 5


class BadQuestion(Refusal):
    """The question lacks words or answers to choose from, or the brief is no draft."""


class WrongAnswers(Refusal):
    """Some answers are not what the brief says; `places` counts them from zero."""

    def __init__(self, places: list[int], text: str) -> None:
        self.places = places
        super().__init__(text)


@dataclass(frozen=True)
class Question:
    """One question in each language, its right answer, and at least one wrong one."""

    question: dict[str, str]
    right: dict[str, str]
    wrong: dict[str, list[str]]


def add(brief: StaffBrief, *, question: Question, by: User, now: datetime) -> StaffBrief:
    """Add a question to a drafted brief; who adds it is the brief's author."""
    whole = {
        language for language in question.question if question.right.get(language) and question.wrong.get(language)
    }
    if not whole or whole != set(question.question):
        raise BadQuestion(_("In every language a question needs its right answer and at least one wrong one."))
    entry = {"question": question.question, "right": question.right, "wrong": question.wrong}
    return _write(brief, quiz=[*brief.quiz, entry], by=by, now=now)


def clear(brief: StaffBrief, *, by: User, now: datetime) -> StaffBrief:
    """Take the quiz off a drafted brief."""
    return _write(brief, quiz=[], by=by, now=now)


def shown(brief: StaffBrief, *, language: str) -> list[tuple[str, list[str]]]:
    """Return the questions with their answers in one language, in an order that does not give the right one away."""
    return [(_in(entry["question"], language), _choices(entry, language)) for entry in brief.quiz]


def take(brief: StaffBrief, *, answers: Sequence[str], language: str, by: User, now: datetime) -> list[int]:
    """Acknowledge the brief if every answer is right, and return the places of wrong ones; the first score is kept."""
    wrong = [
        place
        for place, entry in enumerate(brief.quiz)
        if place >= len(answers) or answers[place] != _in(entry["right"], language)
    ]
    with transaction.atomic():
        row = briefings.asked(brief, by=by)
        if row.acknowledged_at is not None:
            return []
        if brief.quiz:
            row.attempts += 1
            share = Decimal(len(brief.quiz) - len(wrong)) / len(brief.quiz)
            row.first_score = share.quantize(Decimal("0.01")) if row.first_score is None else row.first_score
            row.save(update_fields=["attempts", "first_score"])
        if not wrong:
            briefings.keep_acknowledgement(row, now=now)
    return wrong


def refuse(brief: StaffBrief, *, wrong: list[int], language: str) -> None:
    """Raise WrongAnswers with the questions to read up on, if there are any."""
    if wrong:
        named = "; ".join(_in(brief.quiz[place]["question"], language) for place in wrong)
        raise WrongAnswers(wrong, _("The brief says otherwise; read it once more: %s") % named)


def results(brief: StaffBrief) -> list[BriefAcknowledgement]:
    """Return who took the quiz, with their first scores."""
    taken = brief.acknowledgements.filter(attempts__gt=0).select_related("user")
    return list(taken.order_by("first_score", "pk"))


def _write(brief: StaffBrief, *, quiz: list[dict[str, Any]], by: User, now: datetime) -> StaffBrief:
    if len(quiz) > MOST_QUESTIONS:
        raise BadQuestion(_("%d questions are enough: people have customers on the line.") % MOST_QUESTIONS)
    changed = StaffBrief.objects.filter(pk=brief.pk, state=BriefState.DRAFT).update(quiz=quiz, author=by)
    if not changed:
        raise BadQuestion(_("Staff brief v%s is no draft any more: draft a new one.") % brief.version)
    brief.refresh_from_db()
    briefings.log(brief, action="brief.edited", text=_("Quiz of staff brief v%s") % brief.version, by=by, now=now)
    return brief


def _choices(entry: dict[str, Any], language: str) -> list[str]:
    return sorted({_in(entry["right"], language), *_in(entry["wrong"], language)})


def _in(texts: dict[str, Any], language: str) -> Any:
    return texts.get(language) or next(iter(texts.values()))
