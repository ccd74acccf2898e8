"""Says how well the wording check does on marked sentences, per category and language."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from notifications.wording import LANGUAGES
from notifications.wording.evaluation import Sample, Score, scores


class Command(BaseCommand):
    help = "Print precision and recall of the wording check on marked sentences that nobody tunes it on."
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's own declaration

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--language", choices=LANGUAGES, action="append", help="default: every language")
        parser.add_argument("--sample", choices=list(Sample), default=Sample.BLIND, help="which sentences to ask")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")

    def handle(self, **options: Any) -> None:
        asked = {one: scores(one, sample=Sample(options["sample"])) for one in options["language"] or LANGUAGES}
        totals = {language: sum(found.values(), Score()) for language, found in asked.items()}
        if options["json"]:
            told = {one: {name: _plain(score) for name, score in found.items()} for one, found in asked.items()}
            told = {one: {**found, "total": _plain(totals[one])} for one, found in told.items()}
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        self.stdout.write(
            f"{'':4} {'category':24} {'recall':>7} {'precision':>10} {'faults':>7} {'innocent':>9} {'marked':>7}"
        )
        for language, found in asked.items():
            for name, score in [*found.items(), ("total", totals[language])]:
                faults, innocent = score.found + score.missed, score.false + score.passed
                recall = f"{score.recall:.2f}" if faults else "-"
                precision = f"{score.precision:.2f}" if faults else "-"
                self.stdout.write(
                    f"{language:4} {name:24} {recall:>7} {precision:>10} {faults:7} {innocent:9} {score.false:7}"
                )


def _plain(score: Score) -> dict[str, float]:
    return {
        "recall": round(score.recall, 3),
        "precision": round(score.precision, 3),
        "faults": score.found + score.missed,
        "innocent": score.false + score.passed,
        "marked": score.false,
    }
