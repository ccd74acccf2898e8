"""What the documents point at exists."""

import re

import pytest

from tests.architecture import sources

PRACTICES = sources.ROOT / "docs" / "practices.md"
TOP = "|".join([*sources.APPS, "templates", "tests", "docs", "deploy"])
PLACE = re.compile(rf"(?<![\w./-])((?:{TOP})/[\w./*-]*[\w*])(?:::(\w+))?")


def dead_places(text: str) -> list[str]:
    """The paths in a text that lead nowhere, and the `path::name` whose file does not define that name."""
    return sorted({place for place, path, name in places(text) if not is_alive(path, name)})


def places(text: str) -> list[tuple[str, str, str]]:
    return [(found.group(0), found.group(1), found.group(2) or "") for found in PLACE.finditer(text)]


def is_alive(path: str, name: str) -> bool:
    found = list(sources.ROOT.glob(path))
    if not name:
        return found != []
    return any(re.search(rf"(def|class) {name}\b", file.read_text(encoding="utf-8")) for file in found)


@pytest.mark.parametrize(
    ("text", "dead"),
    [
        ("`tests/architecture/test_documents.py::dead_places` and `tests/architecture/`.", []),
        ("`tests/architecture/test_documents.py::gone`", ["tests/architecture/test_documents.py::gone"]),
        ("[page](docs/gone.md), `tests/*/test_doc*.py`", ["docs/gone.md"]),
    ],
)
def test_dead_places_are_found(text: str, dead: list[str]) -> None:
    assert dead_places(text) == dead


def test_every_place_in_the_practices_is_alive() -> None:
    text = PRACTICES.read_text(encoding="utf-8") if PRACTICES.exists() else ""

    assert dead_places(text) == []
