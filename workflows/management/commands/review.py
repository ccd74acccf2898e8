"""Writes the review report of one incident to a file."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from incidents.models import Incident
from workflows import reports


class Command(BaseCommand):
    help = "Write the post-incident review of REFERENCE as web page, PDF or JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("reference", help="for example INC-2026-0001")
        parser.add_argument("--format", choices=["html", "pdf", "json"], default="html")
        parser.add_argument("--output", type=Path, required=True, metavar="FILE")
        parser.add_argument("--language", choices=[code for code, _name in settings.LANGUAGES], default="en")

    def handle(self, *args: Any, reference: str, format: str, output: Path, language: str, **options: Any) -> None:  # noqa: A002
        incident = Incident.objects.filter(reference=reference).select_related("review").first()
        if incident is None:
            raise CommandError(f"There is no incident {reference}; references look like INC-2026-0001.")
        if not hasattr(incident, "review"):
            raise CommandError(f"{reference} has no review yet: compute its metrics in the phase Evaluate first.")
        with translation.override(language):
            made = reports.made(incident.review, kind=format)
        try:
            output.write_bytes(made)
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}.") from error
        self.stdout.write(str(output))
