"""Says how the content elements of a text stand: a title that names the matter, the matter first, a brief cause, a word
for what it means to the reader."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from notifications.enums import MessageKind
from notifications.wording.findings import elements_of
from notifications.wording.readability import PLACES
from notifications.wording.texts import prepare, sentences

LONGEST_TITLE = {"en": 90, "ru": 90, "zh": 40}
LONGEST_CAUSE = 4
BEFORE_THE_MATTER = frozenset({"greeting", "title"})
# What people read who have just been hit, or have been through it; who only holds the line may not know the impact yet.
WITH_CONCERN = frozenset(
    {MessageKind.HOLDING_STATEMENT, MessageKind.FIRST_NOTICE, MessageKind.CORRECTION, MessageKind.RESOLUTION}
)
WITH_IMPACT = frozenset({MessageKind.FIRST_NOTICE})
# Places whose values say what was hit.
IMPACT_PLACE = re.compile(r"\{\{\s*(?:incident\.impact|customer\.affected_items|facts\.)")
ORDER = ("opening", "cause", "solution", "commitment", "contact", "closing")


def remarks(text: Mapping[str, Any], *, kind: str, language: str) -> list[str]:
    """Return advice on the elements of one language's text; what is required and absent is named elsewhere."""
    return [
        *_on_title(text["subject"], language),
        *_on_sections(text["sections"], language),
        *_on_empathy(text["sections"], kind=kind, language=language),
    ]


def _on_title(subject: str, language: str) -> Iterator[str]:
    plain = PLACES.sub("", subject).strip(" :：,，-()（）")
    if len(PLACES.sub("……", subject)) > LONGEST_TITLE[language]:
        yield _("The title is long: name the matter in a few words.")
    if not plain and subject.strip():
        yield _("The title holds nothing but filled-in values: name the matter.")


def _on_sections(sections: list[dict[str, Any]], language: str) -> Iterator[str]:
    elements = [one["element"] for one in sections if one["text"].strip()]
    spoken = [one for one in elements if one not in BEFORE_THE_MATTER]
    if spoken and "opening" in spoken and spoken[0] != "opening":
        yield _("Open with the matter: what happened comes before everything else.")
    known = [one for one in spoken if one in ORDER]
    if known != sorted(known, key=ORDER.index):
        yield _("Readers expect this order: the matter, the cause, the solution, the promise, the contact.")
    cause = "\n".join(one["text"] for one in sections if one["element"] == "cause")
    if len(list(sentences(PLACES.sub("X", cause), language))) > LONGEST_CAUSE:
        yield _("The cause takes many sentences: readers look for the solution, which is more important.")


def _on_empathy(sections: list[dict[str, Any]], *, kind: str, language: str) -> Iterator[str]:
    if kind not in WITH_CONCERN:
        return
    written = "\n".join(one["text"] for one in sections)
    heard = elements_of(prepare(PLACES.sub("12", written), language=language), language=language)
    if kind in WITH_IMPACT and "impact" not in heard and not IMPACT_PLACE.search(written):
        yield _("Nothing says what this means for the reader: name the trouble, or what they cannot do.")
    if "apology" not in heard:
        yield _("Nothing shows concern for the people hit: say that you are sorry, and for what.")
