"""What a notice must carry, and which words a recall notice must not use."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from incidents.errors import Refusal
from incidents.phases import Gate
from notifications import bodies
from notifications.models import MessageRevision
from workflows import playbooks

RECALL = "recall_notice"


@dataclass(frozen=True)
class Item:
    """One content that a person looks for in the text."""

    id: str
    text: dict[str, str]


def name_of(gate: Gate) -> str:
    """Return which list a gate means; empty where it has none of its own."""
    return str(gate.params.get("list") or _reference()["gates"].get(gate.id, ""))


def items(gate: Gate) -> list[Item]:
    """Return what the notice must carry; a gate without a list asks for what its own words say."""
    listed = _reference()["lists"].get(name_of(gate))
    if listed is None:
        return [Item("gate", dict(gate.label))]
    return [Item(entry["id"], entry["text"]) for entry in listed]


def lowering_words(revision: MessageRevision) -> list[str]:
    """Return the words of a text that lower the risk its reader sees, as they stand there, in every language."""
    return list(dict.fromkeys(_lowering(revision)))


def _lowering(revision: MessageRevision) -> Iterator[str]:
    for language in revision.content["texts"]:
        try:
            shown = bodies.public_body(revision, language=language)
        except Refusal:
            # A text that cannot be rendered is named by `compose.problems`.
            continue
        for pattern in _patterns(language):
            yield from (found.group() for found in pattern.finditer(f"{shown.subject}\n{shown.text}"))


@cache
def _patterns(language: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(one, re.IGNORECASE) for one in _reference()["lowering"][RECALL].get(language, []))


def _reference() -> dict[str, Any]:
    return playbooks.reference("content_lists")
