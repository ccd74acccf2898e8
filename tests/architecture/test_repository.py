"""What may never be committed: addresses of package registries, paths of one machine, a second state machine."""

import re
from importlib import metadata

import pytest

from tests.architecture import sources

# Written in pieces, so that this file is not its own finding.
REGISTRIES = [
    "pypi" + r"\.org",
    "pythonhosted" + r"\.org",
    "deb" + r"\.debian\.org",
    "snapshot" + r"\.debian\.org",
    "registry" + r"\.npmjs\.org",
    "--(extra-)?index" + r"-url[ =]+\S",
]
MACHINE_PATHS = [rf"(?<![\w.~$}}-])/{place}/" for place in ("work", "root", "home", "Users", "opt/wheels", "opt/pypi")]
FORBIDDEN = re.compile("|".join([*REGISTRIES, *MACHINE_PATHS]))


def findings() -> list[str]:
    return [
        f"{path}:{number}: {line.strip()[:120]}"
        for path in sources.files()
        for number, line in enumerate(sources.lines(path), start=1)
        if FORBIDDEN.search(line)
    ]


def test_no_registry_address_and_no_path_of_one_machine_is_committed() -> None:
    assert findings() == []


@pytest.mark.parametrize(
    "line",
    [
        "--index" + "-url https://packages.example/simple",
        "https://files.pythonhosted" + ".org/packages/x.whl",
        "FONT = '/" + "home/someone/fonts'",
        "see /" + "work/shared/design.md",
    ],
)
def test_an_address_or_a_path_of_one_machine_is_recognised(line: str) -> None:
    assert FORBIDDEN.search(line)


@pytest.mark.parametrize("line", ["https://crisiscomm.example/home/", "docs/root/page.md", "${HOME}/work/x"])
def test_other_addresses_and_paths_pass(line: str) -> None:
    assert not FORBIDDEN.search(line)


def test_every_pin_has_a_hash() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (sources.ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
        pins = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]

        assert [pin for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == []


def test_one_distribution_provides_the_state_machine() -> None:
    assert metadata.packages_distributions()["django_fsm"] == ["django-fsm-2"]
