"""`manage.py reconcile`: proves that nobody frozen is lost, and finds what is stuck."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from incidents import clock
from notifications import reconciling


class Command(BaseCommand):
    """Exit 0: every delivery is final or live, nothing is stuck. Exit 1: something is off and was not repaired."""

    help = "Proves that every frozen delivery is final or live, and finds expired leases and stuck messages."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """One switch: without it nothing is changed."""
        parser.add_argument("--repair", action="store_true", help="free expired leases, complete messages, mend counts")

    def handle(self, *_arguments: Any, **options: Any) -> None:
        """Print one line a finding."""
        if options["repair"]:
            self.stdout.write(f"repaired: {reconciling.repair(now=clock.now())} rows")
        findings = reconciling.findings(now=clock.now())
        for finding in findings:
            self.stdout.write(finding)
        if findings:
            raise CommandError(f"{len(findings)} findings")
        self.stdout.write("frozen = final + live for every message; nothing is stuck")
