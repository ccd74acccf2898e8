"""The review: computed in its phase, held with lessons, written as page, PDF and JSON in three languages."""

import io
import json
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from pypdf import PdfReader

from incidents import costs, feedback, outcomes
from incidents.enums import CostKind
from incidents.models import Incident
from incidents.phases import Phase
from tests import factories_updates as updating
from tests.factories_incidents import NOW, person
from workflows import charts, figures, reports, reviews
from workflows.models import Review

pytestmark = pytest.mark.django_db


def _evaluated() -> Incident:
    """An incident whose first notice arrived and whose customers spoke in three languages, with its figures."""
    incident = updating.told(tiers=(1, 2))
    for words in ("Where is my order?", "Где мой заказ?", "我的订单在哪里？ <script>alert(1)</script>"):
        feedback.log(incident, entry=feedback.Entry(words), now=NOW)
    updating.enter(incident, Phase.EVALUATE)
    reviews.compute(incident, by=person(), now=NOW)
    return incident


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[Incident]:
    with django_db_blocker.unblock(), updating.once(_evaluated) as incident:
        yield incident


@pytest.fixture
def review(world: Incident, db: None) -> Review:
    return Review.objects.select_related("incident").get(incident=world.pk)


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
        (
            "ratio",
            {
                "numerator": 1,
                "denominator": 2,
                "value": 0.5,
                "of": 4,
                "unaffected": {"numerator": 3, "denominator": 4, "value": 0.75},
            },
            "50.0 % (1/2); 2 of 4 observed; unaffected 75.0 % (3/4), difference -25.0 points",
        ),
        (
            "money",
            {
                "amounts": {"EUR": "1200.00"},
                "each": {"EUR": "12.00"},
                "n": 100,
                "by_channel": {"phone": {"each": {"EUR": "6.00"}}},
            },
            "1,200.00 EUR; 12.00 EUR each (n = 100); Telephone call 6.00 EUR",
        ),
    ],
)
def test_results_are_worded_by_their_unit(unit: str, result: dict[str, Any] | None, words: str) -> None:
    assert figures.worded(unit, result) == words


def test_a_chart_says_in_words_what_it_draws() -> None:
    drawn = charts.bars("Reach <1>", [charts.Bar("Tier & 1", 0.5, "50 %")], maximum=1.0)

    assert "<title>Reach &lt;1&gt;</title><desc>Tier &amp; 1: 50 %</desc>" in drawn
    assert 'width="145.0"' in drawn


def reckoned(review: Review) -> Review:
    """The review with a known and a corrected cost, and with one customer observed after 90 days, computed again."""
    incident, by, later = review.incident, person(), NOW + timedelta(days=100)
    wrong = costs.record(incident, cost=costs.Cost(CostKind.LOGISTICS, Decimal(9000), "EUR"), by=by, now=NOW)
    right = costs.Cost(CostKind.LOGISTICS, Decimal("1234.5"), "EUR", is_estimate=True, note="by road")
    costs.correct(wrong, cost=right, reason="a nought too many", by=by, now=NOW)
    costs.record(incident, cost=costs.Cost(CostKind.CHANNEL, Decimal(80), "CNY", channel="phone"), by=by, now=NOW)
    crm_id = incident.impacts.order_by("pk")[0].customer.crm_id
    seen = outcomes.Outcome(crm_id, (NOW + timedelta(days=95)).date(), is_customer=True, orders=2)
    outcomes.note(incident, outcomes=[seen], by=by, now=later)
    return reviews.compute(incident, by=by, now=later)


def test_the_report_reckons_up_pillars_goals_cost_and_customers(review: Review) -> None:
    document = json.loads(reports.as_json(reckoned(review)))

    lines = {one["id"]: one["line"] for one in [*document["pillars"], *document["goals"]]}
    assert lines["timely"].startswith(
        "7 of 16 figures have data; missed their target: First-notice on-time rate 50.0 %"
    )
    assert lines["empathic"] == "5 of 7 figures have data; none of these has a target."
    assert lines["competitiveness"] == "4 of 7 figures have data; none of these has a target."
    assert document["costs"]["raw"] == {
        "CNY": {"known": "80.00", "estimated": "0", "by_kind": {"channel": "80.00"}},
        "EUR": {"known": "0.00", "estimated": "1234.50", "by_kind": {"logistics": "1234.50"}},
    }
    assert [(item["kind"], item["amount"], item["note"]) for item in document["costs"]["items"]] == [
        ("Logistics and replacement", "1,234.50 EUR", "by road; corrected from 9,000.00 EUR: a nought too many"),
        ("Channels · Telephone call", "80.00 CNY", ""),
    ]
    assert [(row["id"], row["stayed"], row["bought"]) for row in document["afterwards"]["rows"]][0] == (
        "affected",
        "100.0 % (1/1)",
        "100.0 % (1/1)",
    )
    assert document["raw_metrics"]["retention_90d"]["total"]["of"] == 2


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Clear plan of action", "Protect the brand", "9,000.00 EUR", "Supply chain"]),
        ("zh-hans", ["行动计划清晰", "保护品牌"]),
        ("ru", ["С ясным планом действий", "Защитить бренд"]),
    ],
)
def test_page_and_file_show_the_same_in_the_readers_language(review: Review, language: str, words: list[str]) -> None:
    review = reckoned(review)
    with translation.override(language):
        page = reports.as_html(review)
        pages = PdfReader(io.BytesIO(reports.as_pdf(review))).pages
    printed = "".join(one.extract_text() for one in pages)

    assert [word for word in words if word not in page] == []
    assert [word for word in words if "".join(word.split()) not in "".join(printed.split())] == []
    assert review.incident.type not in page
    assert page.count("<svg") == 4


def test_a_report_costs_the_same_for_one_cost_and_for_many(review: Review) -> None:
    reckoned(review)
    counts = []
    for _round in range(2):
        with CaptureQueriesContext(connection) as queries:
            reports.build(Review.objects.select_related("incident").get(pk=review.pk))
        counts.append(len(queries))
        for amount in (1, 2, 3):
            item = costs.Cost(CostKind.OTHER, Decimal(amount), "USD")
            costs.record(review.incident, cost=item, by=person(str(amount)), now=NOW)

    assert counts[0] == counts[1]
