"""Loads playbook files as new versions, or only says what is wrong in them."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from incidents import clock
from workflows import playbooks, playbooks_loader


class Command(BaseCommand):
    help = "Loads the playbooks as versions; unchanged files make none. New incidents use the newest version."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "path",
            nargs="?",
            type=Path,
            default=playbooks.FOLDER,
            help="a file or a folder; without it, the shipped ones",
        )
        parser.add_argument("--divisor", type=int, default=1, help="divide every duration (demonstrations, exercises)")
        parser.add_argument("--check", action="store_true", help="only say what is wrong; needs no database")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["divisor"] < 1:
            raise CommandError("--divisor is a whole number, 1 or more.")
        try:
            if options["check"]:
                self._check(options["path"])
            else:
                self._load(options["path"], options["divisor"])
        except playbooks_loader.PlaybookFaulty as error:
            raise CommandError(str(error)) from error

    def _check(self, path: Path) -> None:
        faults = playbooks_loader.validate(path)
        if faults:
            raise playbooks_loader.PlaybookFaulty(faults)
        self.stdout.write("No faults found.")

    def _load(self, path: Path, divisor: int) -> None:
        made = playbooks_loader.load(now=clock.now(), path=path.resolve(), divisor=divisor)
        for version in made:
            self.stdout.write(f"{version} from {version.source}")
        self.stdout.write(f"{len(made)} new version(s).")
