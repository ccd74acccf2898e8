"""`manage.py import_outcomes REFERENCE FILE`: what became of customers after an incident, from CSV or Excel."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from incidents import clock, imports, outcomes
from incidents.management.commands import import_customers
from incidents.models import Incident


class Command(import_customers.Command):
    help = (
        "Imports what became of customers after an incident (columns crm_id, observed_on, is_customer, and if known "
        "orders, revenue, currency, both since the incident), from CSV or Excel. Exit codes as import_customers."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("reference", help="for example INC-2026-0001")
        super().add_arguments(parser)

    def run_import(self, options: dict[str, Any]) -> imports.Report:
        """Import the file the options name."""
        incident = Incident.objects.filter(reference=options["reference"]).first()
        if incident is None:
            raise CommandError(f"There is no incident {options['reference']}; references look like INC-2026-0001.")
        try:
            return outcomes.import_file(
                incident,
                path=options["file"],
                by=None,
                now=clock.now(),
                encoding=options["encoding"],
                is_dry_run=options["dry_run"],
            )
        except outcomes.NotYet as refusal:
            raise CommandError(str(refusal)) from refusal
