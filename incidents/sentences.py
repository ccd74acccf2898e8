"""Sentences that remember how they were made, so that what is kept of them is read in the reader's language."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import translation
from django.utils.functional import Promise

# The language that msgids are written in.
SOURCE = "en"


class Sentence(str):
    """A translated text; `said` holds what it was made of, and can be kept as JSON."""

    __slots__ = ("said",)
    said: dict[str, Any]

    def __mod__(self, values: Any) -> "Sentence":
        return _made({**self.said, "with": _frozen_values(values)})


def gettext(text: str) -> Sentence:
    """Translate like Django's gettext; what is filled in with % is remembered too."""
    return _made({"say": text})


def ngettext(one: str, many: str, number: int) -> Sentence:
    """Translate like Django's ngettext; what is filled in with % is remembered too."""
    return _made({"say": one, "many": many, "number": number})


def join(parts: Iterable[object], *, by: str = ", ") -> Sentence:
    """Put names in a row, each of them translated when the row is read."""
    return _made({"row": [_frozen(part) for part in parts], "by": by})


def pattern(text: str) -> Sentence:
    """Put values into a frame that has no words of its own and is the same in every language."""
    return _made({"frame": text})


def one_of(texts: Mapping[str, str]) -> Sentence:
    """Say a name that is written in several languages in the reader's, else in English, else in any."""
    return _made({"texts": dict(texts)})


def read(said: Mapping[str, Any]) -> str:
    """Say a kept sentence in the language that is active now."""
    if "row" in said:
        return str(said["by"]).join(str(_thawed(part)) for part in said["row"])
    if "texts" in said:
        return _best(said["texts"])
    words = said["frame"] if "frame" in said else _translated(said)
    if "with" not in said:
        return str(words)
    return str(words % _thawed_values(said["with"]))


def _translated(said: Mapping[str, Any]) -> str:
    if "many" in said:
        return translation.ngettext(said["say"], said["many"], said["number"])
    return translation.gettext(said["say"])


def kept(text: str) -> dict[str, Any]:
    """Return what is stored beside a text: how it was made, or nothing for words that a person wrote."""
    return text.said if isinstance(text, Sentence) else {}


def _made(said: dict[str, Any]) -> Sentence:
    sentence = Sentence(read(said))
    sentence.said = said
    return sentence


def _best(texts: Mapping[str, str]) -> str:
    code = (translation.get_language() or SOURCE).partition("-")[0]
    return texts.get(code) or texts.get(SOURCE) or next(iter(texts.values()), "")


def _frozen_values(values: Any) -> Any:
    if isinstance(values, Mapping):
        return {name: _frozen(value) for name, value in values.items()}
    return [_frozen(value) for value in (values if isinstance(values, tuple) else (values,))]


def _thawed_values(values: Any) -> Any:
    if isinstance(values, Mapping):
        return {name: _thawed(value) for name, value in values.items()}
    return tuple(_thawed(value) for value in values)


def _frozen(value: object) -> Any:
    said = getattr(value, "said", None)
    if isinstance(said, dict):
        return {"sentence": said}
    if isinstance(value, Promise):
        with translation.override(SOURCE):
            return {"sentence": {"say": str(value)}}
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    # A member of an enumeration is kept as its number.
    return int(value) if isinstance(value, int) else value


def _thawed(value: Any) -> Any:
    return read(value["sentence"]) if isinstance(value, dict) else value
