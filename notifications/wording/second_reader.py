"""Asks a second reader, any model behind an OpenAI-compatible address, what it would mark; off unless configured."""

import json
from typing import Any

import httpx
from django.conf import settings

from notifications.wording.findings import Finding
from notifications.wording.rulebook import categories

RULE = "SECOND-READER"
INSTRUCTION = (
    "You edit crisis messages to customers. Mark sentences that fall under one of these categories: {categories}. "
    'Answer with JSON alone: {{"marks": [{{"quote": "…", "category": "…", "why": "…", "instead": "…"}}]}}. '
    "Quote literally. Answer in the language of the text. An honest, concrete text has no marks."
)


class NoAnswer(Exception):
    """The second reader did not answer, or not in the agreed form; nothing depends on it."""


def is_configured() -> bool:
    """Whether a second reader was set up."""
    return bool(settings.WORDING_READER["url"] and settings.WORDING_READER["model"])


def read(text: str, *, language: str) -> list[Finding]:
    """Return its marks as advice; what it invents (a quote or a category that is not there) is dropped."""
    if not is_configured():
        return []
    known = categories(language)
    marks = _marks(_ask(text, instruction=INSTRUCTION.format(categories=", ".join(sorted(known)))))
    return [
        Finding(
            RULE,
            mark["category"],
            "info",
            text.index(mark["quote"]),
            text.index(mark["quote"]) + len(mark["quote"]),
            str(mark.get("why", "")),
            str(mark.get("instead", "")),
        )
        for mark in marks
        if mark.get("category") in known and mark.get("quote") and str(mark["quote"]) in text
    ]


def _ask(text: str, *, instruction: str) -> str:
    reader: dict[str, Any] = settings.WORDING_READER
    asked = {
        "model": reader["model"],
        "temperature": 0,
        "messages": [{"role": "system", "content": instruction}, {"role": "user", "content": text}],
    }
    headers = {"Authorization": f"Bearer {reader['key']}"} if reader["key"] else {}
    try:
        answer = httpx.post(
            f"{reader['url'].rstrip('/')}/chat/completions", json=asked, headers=headers, timeout=reader["timeout"]
        )
        answer.raise_for_status()
        return str(answer.json()["choices"][0]["message"]["content"])
    except (httpx.HTTPError, ValueError, KeyError, IndexError, TypeError) as error:
        raise NoAnswer(f"The second reader did not answer: {type(error).__name__}.") from error


def _marks(answer: str) -> list[dict[str, Any]]:
    start, end = answer.find("{"), answer.rfind("}")
    try:
        told = json.loads(answer[start : end + 1])["marks"]
        return [mark for mark in told if isinstance(mark, dict) and isinstance(mark.get("quote"), str)]
    except (ValueError, KeyError, TypeError) as error:
        raise NoAnswer("The second reader did not answer in the agreed form.") from error
