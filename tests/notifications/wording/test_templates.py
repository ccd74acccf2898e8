"""Our own templates pass our own rules; likeness to a template, readability, structure."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from notifications import wording
from notifications.wording.readability import readability
from notifications.wording.structure import WITH_CONCERN, remarks
from notifications.wording.templates import likeness
from workflows import playbooks

# Of about 180 texts; what is left is worth a look by whoever writes, and no more.
MOST_STYLE_FINDINGS = 60
OTHERWISE = re.compile(r"\{% else %\}.*?\{% endif %\}", re.DOTALL)
TAG = re.compile(r"\{%.*?%\}", re.DOTALL)
PLACE = re.compile(r"\{\{ *([\w.]+).*?\}\}")


def filled(text: str) -> str:
    """The text of a template with every condition met and plain values."""
    return PLACE.sub(value, TAG.sub("", OTHERWISE.sub("", text)))


def value(place: re.Match[str]) -> str:
    name = place[1]
    if name in {"contact.hotline", "contact.email"}:
        return "help@example.org"
    return "18:00" if name.endswith(("_at", "eta", "deadline")) else "A12"


def templates() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path in playbooks.files(playbooks.FOLDER):
        playbook = playbooks.read(path)
        for kind, texts in playbook["message_templates"].items():
            for language in wording.LANGUAGES:
                if "sections" in texts.get(language, {}):
                    yield kind, language, texts[language]


def test_every_shipped_template_passes_our_own_rules() -> None:
    found = [
        (language, one.rule)
        for kind, language, text in templates()
        for one in wording.check_message(
            filled("\n\n".join([text["subject"], *(section["text"] for section in text["sections"])])),
            language=language,
            kind=kind,
        )
    ]

    blocking = {"EN-MIS-CONTACT", "EN-MIS-NEXT", "ZH-MIS-CONTACT", "ZH-MIS-NEXT", "RU-MIS-CONTACT", "RU-MIS-NEXT"}
    assert [one for one in found if one[1] in blocking or "INC" in one[1]] == []
    assert len(found) <= MOST_STYLE_FINDINGS


def text(opening: str, *, solution: str = "Bring it to any shop.") -> dict[str, Any]:
    sections = [{"element": "opening", "text": opening}, {"element": "solution", "text": solution}]
    return {"subject": "Kettle", "sections": sections, "short_text": ""}


def test_an_untouched_opening_is_half_of_what_counts() -> None:
    template = text("Since {{ incident.started_at }} there is a problem.", solution="{{ incident.solution }}")

    share = likeness(
        text("Since  {{ incident.started_at }} there is a problem."), template=template, language="en"
    ).untouched_share

    assert share == 0.5


def test_chinese_is_compared_word_by_word() -> None:
    same = likeness(text("水壶盖子会松脱。"), template=text("水壶盖子会松脱。"), language="zh")

    assert same.untouched_share == 1.0


def test_long_sentences_are_hard_to_read() -> None:
    easy = readability("A fuse blew. The pump is off.", language="en")
    hard = readability("The " + "institutional remediation programme " * 12, language="en")

    assert (easy.mark, easy.sentences, easy.mean_length) == (100, 2, 3.5)
    assert hard.mark == 0


def test_structure_wants_the_matter_first_and_a_title_that_names_it() -> None:
    wrong = {
        "subject": "{{ incident.reference }}",
        "sections": [{"element": "contact", "text": "Ring us."}, {"element": "opening", "text": "A fuse blew."}],
        "short_text": "",
    }

    assert len(remarks(wrong, kind="progress_update", language="en")) == 3
    assert remarks(text("A fuse blew."), kind="progress_update", language="en") == []


def test_a_first_word_without_impact_or_concern_is_remarked_upon() -> None:
    cold = text("A fuse blew in hall 3.", solution="The fuse was changed.")
    warm = text("You cannot pay by card today, and we are sorry for the trouble.", solution="Pay by transfer.")

    assert [len(remarks(cold, kind=kind, language="en")) for kind in ("first_notice", "progress_update")] == [2, 0]
    assert remarks(warm, kind="first_notice", language="en") == []


@pytest.mark.parametrize("language", wording.LANGUAGES)
def test_shipped_first_words_name_the_impact_and_show_concern(language: str) -> None:
    asked = [(kind, text) for kind, code, text in templates() if code == language and kind in WITH_CONCERN]

    without = [
        text["subject"]
        for kind, text in asked
        if any(one.startswith("Nothing") for one in remarks(text, kind=kind, language=language))
    ]

    assert len(asked) >= 30
    assert without == []
