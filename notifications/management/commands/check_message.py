"""Checks a text on standard input against the message rules and prints the findings as JSON."""

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError, CommandParser

from incidents.errors import Refusal
from notifications import wording
from notifications.enums import MessageKind
from notifications.wording import Finding, Scope


class Command(BaseCommand):
    help = "Read a text on standard input and print what the message rules say about it, as JSON."
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's own declaration

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--language", choices=wording.LANGUAGES, help="language of the text")
        parser.add_argument("--kind", choices=MessageKind.values, help="kind of message; without it every rule counts")
        parser.add_argument("--facts", type=Path, help="approved facts: JSON or YAML, {key: text}")
        parser.add_argument("--jsonl", action="store_true", help="read one JSON object a line, print one line for each")

    def handle(self, **options: Any) -> None:
        if options["jsonl"]:
            for line in sys.stdin:
                if line.strip():
                    self._print(self._answer(line))
            return
        if not options["language"]:
            raise CommandError("Name the language of the text: --language en, zh or ru.")
        facts = _read_facts(options["facts"], options["language"]) if options["facts"] else []
        found = wording.check_message(
            sys.stdin.read(), language=options["language"], kind=options["kind"], approved_facts=facts
        )
        self._print(_plain(found))

    def _answer(self, line: str) -> dict[str, Any]:
        """Answer one line; a line that is no question is answered with its error, so that lines stay paired."""
        asked: Any = None
        try:
            asked = json.loads(line)
            return {"id": asked.get("id"), "findings": _plain(_checked(asked))}
        except (AttributeError, KeyError, TypeError, ValueError, Refusal) as error:
            self.stderr.write(f"This line is not {{id, language, text, scope}}: {error}")
            known = asked.get("id") if isinstance(asked, dict) else None
            return {"id": known, "findings": [], "error": str(error)}

    def _print(self, answer: object) -> None:
        self.stdout.write(json.dumps(answer, ensure_ascii=False))


def _checked(asked: dict[str, Any]) -> list[Finding]:
    return wording.check(
        asked["text"],
        language=asked["language"],
        scope=Scope(asked["scope"]),
        kind=asked.get("kind"),
        approved_fact=asked.get("approved_fact"),
    )


def _plain(found: Iterable[Finding]) -> list[dict[str, Any]]:
    return [asdict(one) for one in found]


def _read_facts(path: Path, language: str) -> list[str]:
    try:
        # JSON is YAML.
        facts = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise CommandError(f"The facts in {path} cannot be read: {error}") from error
    if not isinstance(facts, dict):
        raise CommandError(f"{path} must hold an object of facts: {{key: text}}.")
    return [_worded(value, language) for value in facts.values()]


def _worded(value: object, language: str) -> str:
    if isinstance(value, dict):
        return str(value.get(language) or value.get("") or "")
    return str(value)
