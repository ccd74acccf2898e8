"""The limits of the house style that the linter does not know."""

import ast
from pathlib import Path

from tests.architecture import sources

LONGEST_FILE = 400
LONGEST_FUNCTION = 40
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "services", "service", "common", "misc"}


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the last statement; decorators are not counted."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def test_files_are_short() -> None:
    counted = {str(path): len(sources.lines(path)) for path in sources.python_files()}

    assert {path: count for path, count in counted.items() if count > LONGEST_FILE} == {}


def test_functions_are_short() -> None:
    counted = {
        f"{path}:{function.lineno} {function.name}": length(function)
        for path in sources.python_files()
        for function in sources.functions(path)
    }

    assert {place: count for place, count in counted.items() if count > LONGEST_FUNCTION} == {}


def test_modules_are_named_after_things() -> None:
    named = [str(path) for path in sources.python_files() if NAMES_THAT_SAY_NOTHING & {path.stem, *path.parts}]

    assert named == []


def opens_with_a_sentence(path: Path) -> bool:
    source = (sources.ROOT / path).read_text(encoding="utf-8")
    return not source.strip() or ast.get_docstring(ast.parse(source)) is not None


def test_modules_open_with_a_sentence() -> None:
    assert [str(path) for path in sources.python_files() if not opens_with_a_sentence(path)] == []
