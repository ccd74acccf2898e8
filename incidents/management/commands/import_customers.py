"""`manage.py import_customers FILE`: customers from a CSV file or an Excel workbook."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from incidents import clock, imports

EXIT_BAD_LINES = 1
EXIT_REFUSED = 2


class Command(BaseCommand):
    help = (
        "Imports customers from a CSV file or an Excel workbook, by their CRM id; good lines are imported, bad ones "
        "reported. Exit code 0: all lines were good, 1: some were bad, 2: the file was refused and nothing written."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="report everything, write nothing")
        parser.add_argument("--encoding", help="utf-8, gb18030, cp1251, utf-16-le or utf-16-be")
        parser.add_argument("--json", action="store_true", help="print the report as one JSON object")

    def handle(self, *_arguments: Any, **options: Any) -> None:
        try:
            report = self.run_import(options)
        except imports.ImportRefused as refusal:
            self._refuse(refusal, is_json=options["json"])
        self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False) if options["json"] else _told(report))
        if report.bad_lines:
            raise SystemExit(EXIT_BAD_LINES)

    def run_import(self, options: dict[str, Any]) -> imports.Report:
        """Import the file the options name."""
        return imports.run(
            options["file"], encoding=options["encoding"], is_dry_run=options["dry_run"], now=clock.now()
        )

    def _refuse(self, refusal: imports.ImportRefused, *, is_json: bool) -> None:
        if is_json:
            offered = [{"encoding": found.encoding, "sample": found.sample} for found in refusal.candidates]
            self.stdout.write(json.dumps({"error": str(refusal), "candidates": offered}, ensure_ascii=False))
            raise SystemExit(EXIT_REFUSED)
        raise CommandError(str(refusal), returncode=EXIT_REFUSED)


def _told(report: imports.Report) -> str:
    lines = [str(report.source)]
    lines += [f"  {heading} → {name}" for heading, name in report.columns.items() if heading not in report.ignored]
    if report.attributes:
        lines.append(f"  kept as attributes: {', '.join(report.attributes)}")
    if report.ignored:
        lines.append(f"  for affected customers only, not imported here: {', '.join(report.ignored)}")
    lines += [f"  {name} was empty for {count} new customers and filled in" for name, count in report.defaulted.items()]
    lines += [str(error) for error in report.errors]
    if report.error_count > len(report.errors):
        lines.append(f"… and {report.error_count - len(report.errors)} more errors.")
    return "\n".join([*lines, report.summary])
