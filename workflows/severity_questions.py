"""The severity triggers of the playbooks as questions with yes or no, and the severity that the answers propose."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from incidents.enums import Severity
from incidents.errors import Refusal
from workflows import playbooks_loader

DECISION = "incident.severity"


class UnknownQuestion(Refusal):
    """An answer names a question that no playbook asks."""


@dataclass(frozen=True)
class Question:
    """One trigger: if it is true now, the incident is at least of this severity."""

    id: str
    playbook: str
    severity: Severity
    text: dict[str, str]


def questions(*keys: str) -> list[Question]:
    """Return the questions of these playbooks, the gravest first; a name without a playbook asks nothing."""
    found = []
    for key in dict.fromkeys(filter(None, keys)):
        version = playbooks_loader.newest(key)
        triggers = version.content["severity_triggers"] if version is not None else {}
        found += [
            Question(f"{key}:{severity}", key, Severity(severity), text) for severity, text in sorted(triggers.items())
        ]
    return found


def propose(true: Iterable[str]) -> Severity | None:
    """Return the gravest severity among the questions answered with yes, or None when none was."""
    return min((_severity(name) for name in true), default=None)


def _severity(name: str) -> Severity:
    level = name.rpartition(":")[2]
    if level not in Severity.values:
        raise UnknownQuestion(_("“%s” is no question about the severity.") % name)
    return Severity(level)
