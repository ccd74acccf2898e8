"""The command: findings as JSON, line by line too, with places in the text as it was given."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from notifications import wording


def run(monkeypatch: pytest.MonkeyPatch, text: str, *arguments: str) -> list[Any]:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    out = io.StringIO()
    call_command("check_message", *arguments, stdout=out, stderr=io.StringIO())
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_prints_findings_with_their_place(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Fine.  We   guarantee this will never happen again."

    [found] = run(monkeypatch, text, "--language", "en", "--kind", "last_word")

    assert [(one["rule"], text[one["start"] : one["end"]]) for one in found] == [
        ("EN-OVP-01", "guarantee this will never")
    ]
    assert set(found[0]) == {"rule", "category", "severity", "start", "end", "explanation", "suggestion"}


def test_compares_with_facts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    facts = tmp_path / "facts.json"
    facts.write_text('{"count": "3,200 customers", "eta": {"en": "20 May", "ru": "20 мая"}}', encoding="utf-8")
    text = "Some 2,300 customers wait until May 20th."

    [found] = run(monkeypatch, text, "--language", "en", "--kind", "last_word", "--facts", str(facts))

    assert {text[one["start"] : one["end"]] for one in found} == {"2,300 customers"}


def test_answers_every_line_with_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        {"id": "a", "language": "zh", "text": "我们保证绝不会再发生此类事件。", "scope": "sentence"},
        {"id": 2, "language": "ru", "text": "Всё хорошо.", "scope": "sentence"},
        {"id": "c", "language": "en", "text": "Back at 16:30.", "scope": "comparison", "approved_fact": "18:00"},
        {"id": "d", "language": "fr", "text": "Bonjour", "scope": "sentence"},
    ]
    text = "\n".join([*(json.dumps(line) for line in lines), "no json"])

    answers = run(monkeypatch, text, "--jsonl")

    assert [(one["id"], {found["category"] for found in one["findings"]}) for one in answers] == [
        ("a", {"over_promising"}),
        (2, set()),
        ("c", {"inconsistent_fact"}),
        ("d", set()),
        (None, set()),
    ]


def test_asks_for_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="--language"):
        run(monkeypatch, "Text")


def test_says_which_facts_cannot_be_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        run(monkeypatch, "Text", "--language", "en", "--facts", str(tmp_path / "none.json"))


@pytest.mark.parametrize(
    ("language", "text", "approved", "wrong"),
    [
        ("en", "Back in two days, on 12 May.", "2 days, 20 May", ["12 May"]),
        ("en", "It takes 48 hours.", "2 days", []),
        ("zh", "预计下午6点恢复，两天内送达。", "18:00，3 天", ["两天"]),
        ("ru", "Восстановим через два дня, 25 мая.", "3 дня, 25 мая", ["два дня"]),
        ("en", "In 3 days.", "", ["3 days"]),
    ],
)
def test_comparison_reads_words_ranges_and_clocks(language: str, text: str, approved: str, wrong: list[str]) -> None:
    found = wording.check(text, language=language, scope=wording.Scope.COMPARISON, approved_fact=approved)

    assert sorted({text[one.start : one.end] for one in found}) == wrong
