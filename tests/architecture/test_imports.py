"""The import contracts hold, and they notice what they are there to notice."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture import sources

LINT_IMPORTS = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*LINT_IMPORTS, "--no-cache"], cwd=root, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The four apps' Python and the contracts, free to be spoiled."""
    for app in sources.APPS:
        shutil.copytree(sources.ROOT / app, tmp_path / app, ignore=shutil.ignore_patterns("__pycache__", "*.yaml"))
    shutil.copy(sources.ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contracts_hold() -> None:
    checked = lint_imports(sources.ROOT)

    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(
    ("module", "line", "broken"),
    [
        ("incidents/newcomer.py", "", "incidents.newcomer"),
        ("crisiscomm/newcomer.py", "", "crisiscomm.newcomer"),
        ("incidents/enums.py", "import notifications.enums", "incidents is not allowed to import notifications"),
        ("incidents/enums.py", "import incidents.models", "incidents.enums is not allowed to import incidents.models"),
        ("workflows/cadence.py", "import celery", "workflows is not allowed to import celery"),
        ("notifications/throttle.py", "import redis", "notifications is not allowed to import redis"),
        ("workflows/cadence.py", "import incidents.clock", "workflows is not allowed to import incidents.clock"),
    ],
)
def test_the_contracts_notice(copy: Path, module: str, line: str, broken: str) -> None:
    for absent in ("notifications/enums.py", "incidents/enums.py", "incidents/clock.py", module):
        (copy / absent).touch()
    with (copy / module).open("a", encoding="utf-8") as spoiled:
        spoiled.write(f"\n{line}\n")

    checked = lint_imports(copy)

    assert checked.returncode == 1
    assert broken in checked.stdout
