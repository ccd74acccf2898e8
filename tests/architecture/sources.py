"""The files of this repository, as the tests of the architecture read them."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("crisiscomm", "workflows", "notifications", "incidents")


@cache
def files() -> tuple[Path, ...]:
    """Every file that is tracked, or would be after `git add`, relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    names = sorted(set(filter(None, listed.split("\0"))))
    return tuple(Path(name) for name in names if (ROOT / name).is_file())


def python_files() -> list[Path]:
    """The Python that people write: everything but migrations."""
    return [path for path in files() if path.suffix == ".py" and "migrations" not in path.parts]


def lines(path: Path) -> list[str]:
    """The lines of a text file; bytes that are no text are replaced, so that nothing can hide behind them."""
    return (ROOT / path).read_text(encoding="utf-8", errors="replace").splitlines()


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"), filename=str(path))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
