"""Everything people read in the interface is there in Chinese and Russian, and the compiled catalogs are current."""

import re
from collections import Counter
from pathlib import Path

import polib
import pytest

from tests.architecture import sources

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}")
LANGUAGES = ("zh_Hans", "ru")


def catalog(language: str) -> polib.POFile:
    return polib.pofile(str(sources.ROOT / "locale" / language / "LC_MESSAGES" / "django.po"))


def forms(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    assert [entry.msgid for entry in catalog(language) if not all(forms(entry)) or entry.fuzzy] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_their_placeholders(language: str) -> None:
    wrong = [
        entry.msgid
        for entry in catalog(language)
        if not entry.msgid_plural
        and Counter(PLACEHOLDER.findall(entry.msgid)) != Counter(PLACEHOLDER.findall(entry.msgstr))
    ]

    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalog_is_the_readable_one(language: str) -> None:
    written = catalog(language)
    compiled = polib.mofile(str(Path(written.fpath).with_suffix(".mo")))

    assert {entry.msgid: forms(entry) for entry in compiled} == {entry.msgid: forms(entry) for entry in written}
