"""The review: computed in its phase, held with lessons, written as page, PDF and JSON in three languages."""

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from pypdf import PdfReader

from incidents import feedback
from incidents.models import Incident
from incidents.phases import Phase
from tests import factories_updates as updating
from tests.factories_incidents import NOW, person
from workflows import charts, figures, reports, reviews
from workflows.models import Review

pytestmark = pytest.mark.django_db


@pytest.fixture
def review(settings: Any) -> Review:
    """A review of an incident whose first notice arrived and whose customers spoke in three languages."""
    settings.EMAIL_HOST = "127.0.0.1"
    incident = updating.told(tiers=(1, 2))
    for words in ("Where is my order?", "Где мой заказ?", "我的订单在哪里？ <script>alert(1)</script>"):
        feedback.log(incident, entry=feedback.Entry(words), now=NOW)
    updating.enter(incident, Phase.EVALUATE)
    return reviews.compute(incident, by=person(), now=NOW)


def meeting(**fields: Any) -> reviews.Meeting:
    given = {"summary": "Told early.", "strengths": "fast\n\nhonest", "lessons": "ask sooner", "held_at": NOW}
    return reviews.Meeting(**{**given, "participants": (person(),), "has_front_line": True, **fields})


def test_metrics_are_computed_in_evaluate_only() -> None:
    with pytest.raises(reviews.NotReviewable, match="phase Evaluate"):
        reviews.compute(updating.speaking(), by=person(), now=NOW)


def test_a_review_needs_people_and_a_lesson(review: Review) -> None:
    with pytest.raises(reviews.NotReviewable, match="Name who took part"):
        reviews.hold(review, meeting=meeting(participants=()), by=person(), now=NOW)
    with pytest.raises(reviews.NotReviewable, match="write at least one"):
        reviews.hold(review, meeting=meeting(lessons=" "), by=person(), now=NOW)
    reviews.hold(review, meeting=meeting(), by=person(), now=NOW)

    assert (review.lessons, review.held_at, list(review.participants.all())) == ("ask sooner", NOW, [person()])


def test_an_improvement_has_words_and_a_test_and_is_done_once(review: Review) -> None:
    action: dict[str, Any] = {"text": "spare press", "owner": person(), "due_on": date(2027, 1, 1)}
    with pytest.raises(reviews.NotReviewable, match="verified"):
        reviews.improve(review, action=reviews.Action(test=" ", **action), by=person(), now=NOW)
    row = reviews.improve(review, action=reviews.Action(test="drill", **action), by=person(), now=NOW)

    reviews.finish_improvement(row, has_passed=True, by=person(), now=NOW)
    with pytest.raises(reviews.NotReviewable, match="done already"):
        reviews.finish_improvement(row, has_passed=True, by=person(), now=NOW)

    assert (row.done_at, row.has_passed) == (NOW, True)


def test_the_page_is_self_contained_and_harmless(review: Review) -> None:
    page = reports.as_html(review)

    assert "<svg" in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<script" not in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize("language", ["en", "zh-hans", "ru"])
def test_the_pdf_reads_chinese_and_cyrillic(review: Review, language: str) -> None:
    with translation.override(language):
        document = PdfReader(io.BytesIO(reports.as_pdf(review)))

    text = "".join(page.extract_text() for page in document.pages)
    assert {words in text for words in ("我的订单在哪里", "Где мой заказ", review.incident.reference)} == {True}


def test_the_command_writes_each_format_or_says_why_not(review: Review, tmp_path: Path) -> None:
    reference = review.incident.reference
    for kind in ("html", "pdf", "json"):
        target = tmp_path / f"review.{kind}"
        call_command("review", reference, format=kind, output=target, stdout=io.StringIO())
        assert target.stat().st_size > 1000

    assert json.loads((tmp_path / "review.json").read_text())["raw_metrics"] == review.metrics
    with pytest.raises(CommandError, match="There is no incident X"):
        call_command("review", "X", output=tmp_path / "x")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("review", reference, output=tmp_path / "absent" / "x", stdout=io.StringIO())


def test_without_a_review_the_command_says_what_to_do(tmp_path: Path) -> None:
    incident: Incident = updating.speaking()

    with pytest.raises(CommandError, match="no review yet"):
        call_command("review", incident.reference, output=tmp_path / "x")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.25, "0.2 s"),
        (59, "59 s"),
        (61, "1 min 1 s"),
        (3 * 3600 + 61, "3 h 1 min"),
        (90000, "1 d 1 h"),
        (-60, "-1 min"),
    ],
)
def test_lengths_read_in_two_units(seconds: float, words: str) -> None:
    assert figures.length(seconds) == words


@pytest.mark.parametrize(
    ("unit", "result", "words"),
    [
        ("ratio", {"numerator": 1, "denominator": 3, "value": 1 / 3}, "33.3 % (1/3)"),
        ("ratio", {"numerator": None, "denominator": None, "value": 0.5}, "50.0 %"),
        ("count", {"value": 2}, "2"),
        ("number", {"value": 4.5, "n": 7}, "4.5 (n = 7)"),
        (
            "duration",
            {"median": 60.0, "p90": 120.0, "max": 180.0, "n": 3},
            "median 1 min, 90 % within 2 min, worst 3 min",
        ),
        ("ratio", None, "no data"),
    ],
)
def test_results_are_worded_by_their_unit(unit: str, result: dict[str, Any] | None, words: str) -> None:
    assert figures.worded(unit, result) == words


def test_a_chart_says_in_words_what_it_draws() -> None:
    drawn = charts.bars("Reach <1>", [charts.Bar("Tier & 1", 0.5, "50 %")], maximum=1.0)

    assert "<title>Reach &lt;1&gt;</title><desc>Tier &amp; 1: 50 %</desc>" in drawn
    assert 'width="145.0"' in drawn
