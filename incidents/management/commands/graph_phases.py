"""Draws the state machine of an incident."""

from typing import Any

from django.core.management.base import BaseCommand

from incidents.phases import BACK, FORWARD


class Command(BaseCommand):
    help = "Print the phases and their edges in the dot language; back edges are dashed and need a reason."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        lines = ["digraph phases {", "  rankdir=LR;"]
        lines += [f'  "{source}" -> "{target}";' for source, target in FORWARD.items()]
        for target, sources in BACK.items():
            lines += [f'  "{source}" -> "{target}" [style=dashed];' for source in sorted(sources)]
        self.stdout.write("\n".join([*lines, "}"]))
