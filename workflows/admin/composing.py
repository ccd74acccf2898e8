"""What is said about the texts of a message while they are written, at review and at release."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.template.loader import render_to_string

from incidents.enums import Language
from notifications import compose, wording
from notifications.models import Message
from notifications.wording import second_reader, structure
from notifications.wording.readability import Readability, readability
from notifications.wording.revisions import check_texts
from notifications.wording.templates import likeness
from workflows import plans

TEMPLATE_IS_UNTOUCHED = 0.5
HARD_TO_READ = 40


@dataclass(frozen=True)
class Report:
    """What is said about one language of a message."""

    code: str
    name: str
    findings: list[wording.Finding]
    remarks: list[str]
    readability: Readability
    untouched_share: float

    @property
    def is_untouched(self) -> bool:
        """Whether the opening or the solution is the template's."""
        return self.untouched_share >= TEMPLATE_IS_UNTOUCHED

    @property
    def untouched_percent(self) -> int:
        """The share in per cent."""
        return round(self.untouched_share * 100)

    @property
    def is_hard(self) -> bool:
        """Whether it is hard to read."""
        return self.readability.mark < HARD_TO_READ


def reports(message: Message, texts: Mapping[str, Mapping[str, Any]] | None = None) -> list[Report]:
    """Return what is said about each language: of its current revision, or of texts that are being written."""
    revision = compose.current(message)
    asked = revision.content["texts"] if texts is None else texts
    found = check_texts(revision, asked)
    templates = _templates(message)
    names = dict(Language.choices)
    return [
        Report(
            code=code,
            name=str(names.get(code, code)),
            findings=found.get(code, []),
            remarks=structure.remarks(text, kind=message.kind, language=code),
            readability=readability("\n".join(one["text"] for one in text["sections"]), language=code),
            untouched_share=likeness(text, template=templates[code], language=code).untouched_share
            if code in templates
            else 0.0,
        )
        for code, text in asked.items()
    ]


def answer(message: Message, request: HttpRequest) -> JsonResponse:
    """Answer the composer: what is said about each language as it stands in the form."""
    written = {code: _written(text, code, request) for code, text in _asked(message, request).items()}
    shown = {
        one.code: render_to_string("admin/room/wording.html", {"one": one}, request)
        for one in reports(message, written)
    }
    return JsonResponse({"reports": shown})


def second_answer(message: Message, request: HttpRequest) -> JsonResponse:
    """Answer what the second reader would mark in each language; whoever does not answer is only said so."""
    told: list[tuple[str, list[wording.Finding], str]] = []
    for code, text in compose.current(message).content["texts"].items():
        plain = "\n\n".join([text["subject"], *(one["text"] for one in text["sections"])])
        try:
            told.append((code, second_reader.read(plain, language=code), ""))
        except second_reader.NoAnswer as problem:
            told.append((code, [], str(problem)))
    return JsonResponse({"marks": render_to_string("admin/room/second_reader.html", {"told": told}, request)})


def _asked(message: Message, request: HttpRequest) -> dict[str, Any]:
    texts: dict[str, Any] = compose.current(message).content["texts"]
    language = request.POST.get("language")
    return {language: texts[language]} if language in texts else texts


def _written(text: Mapping[str, Any], code: str, request: HttpRequest) -> dict[str, Any]:
    given = request.POST
    return {
        "subject": given.get(f"{code}-subject", text["subject"]),
        "sections": [
            {**one, "text": given.get(f"{code}-{place}", one["text"])} for place, one in enumerate(text["sections"])
        ],
        "short_text": given.get(f"{code}-short", text.get("short_text", "")),
    }


def _templates(message: Message) -> Mapping[str, Any]:
    plan = plans.current(message.incident)
    return plans.template(plan, message.kind) if plan and message.kind in plan.content["message_templates"] else {}
