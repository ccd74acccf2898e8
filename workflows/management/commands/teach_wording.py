"""Teaches the wording check by marked sentences and by the texts of the playbooks, which have no fault."""

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from notifications.wording import LANGUAGES
from notifications.wording.learned import Subject
from workflows import playbooks

TAG = re.compile(r"\{%.*?%\}", re.DOTALL)
PLACE = re.compile(r"\{\{.*?\}\}", re.DOTALL)


class Command(BaseCommand):
    help = "Learn the weights of the wording check from marked sentences and write them to notifications/rules/learned."
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's own declaration

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--language", choices=LANGUAGES, action="append", help="default: every language")

    def handle(self, **options: Any) -> None:
        try:
            from notifications.wording.teaching import teach  # noqa: PLC0415 - only who teaches has scikit-learn
        except ModuleNotFoundError as error:
            raise CommandError(f"{error}. Teaching needs scikit-learn: run `make teach`, which installs it.") from error
        for language, subject in product(options["language"] or LANGUAGES, Subject):
            for category, lesson in teach(language, subject=subject, ordinary=templates(language)).items():
                self.stdout.write(
                    f"{language:4} {category:24} recall {lesson.recall:.2f} precision {lesson.precision:.2f}"
                )


def templates(language: str) -> Iterator[str]:
    """Yield the texts of every shipped playbook with a number in every place."""
    for path in playbooks.files(playbooks.FOLDER):
        for texts in playbooks.read(path)["message_templates"].values():
            if "sections" in texts.get(language, {}):
                sections = (section["text"] for section in texts[language]["sections"])
                for text in (texts[language]["subject"], *sections):
                    yield PLACE.sub("12", TAG.sub("\n", text))
