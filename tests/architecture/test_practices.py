"""The table of practices is whole: every practice has its row, and every row names places or says `not yet`."""

import re

from tests.architecture import sources

PRACTICES = sources.ROOT / "docs" / "practices.md"
NUMBERS = [*(f"P{number}" for number in range(1, 186)), *(f"C{number}" for number in range(1, 17))]
PLACE = re.compile(r"`[a-z]+/[^`]+`")
TEST = re.compile(r"`tests/[\w/]+\.py::\w+`")


def rows() -> list[list[str]]:
    lines = PRACTICES.read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return [row for row in cells if re.fullmatch(r"[PC]\d+", row[0])]


def test_every_practice_has_its_row_in_order() -> None:
    assert [row[0] for row in rows()] == NUMBERS


def test_every_row_names_places_and_tests_or_says_not_yet() -> None:
    assert [row for row in rows() if len(row) != 4] == []
    assert [row[0] for row in rows() if not (PLACE.search(row[2]) or row[2].startswith("not yet"))] == []
    assert [row[0] for row in rows() if not (TEST.search(row[3]) or row[3].startswith("not yet"))] == []
