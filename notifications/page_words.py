"""The words of the pages customers open, in their own language."""

from functools import cache
from pathlib import Path

import yaml
from django.http.request import HttpHeaders
from django.utils.translation.trans_real import parse_accept_lang_header

from incidents.enums import Language

WORDS: dict[str, dict[str, str]] = yaml.safe_load(
    (Path(__file__).parent / "page_words.yaml").read_text(encoding="utf-8")
)
# What each language calls itself, and the tag that browsers and screen readers know it by.
NAMES = {Language.EN: "English", Language.ZH: "中文", Language.RU: "Русский"}
TAGS = {Language.EN: "en", Language.ZH: "zh-Hans", Language.RU: "ru"}
# The language of the screens, for sentences that the domain speaks.
SCREENS = {Language.EN: "en", Language.ZH: "zh-hans", Language.RU: "ru"}


@cache
def words(language: Language) -> dict[str, str]:
    """Return every word in one language."""
    return {name: texts[language] for name, texts in WORDS.items()}


def language_of(code: str, *, fallback: str = Language.EN) -> Language:
    """Return the language of a code such as `zh` or `zh-Hans`, or the fallback."""
    prefix = code.split("-", 1)[0].lower()
    return Language(prefix if prefix in Language.values else fallback)


def preferred(headers: HttpHeaders, *, fallback: str = Language.EN) -> Language:
    """Return the first of the browser's languages that we speak, or the fallback."""
    for code, _weight in parse_accept_lang_header(headers.get("Accept-Language", "")):
        if code.split("-", 1)[0] in Language.values:
            return language_of(code)
    return language_of(fallback)


def is_known(code: str) -> bool:
    """Whether a code names a language we speak."""
    return code.split("-", 1)[0].lower() in Language.values
