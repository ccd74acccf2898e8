"""The playbooks shipped with the product, and the reference data they are written against."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
NOT_PLAYBOOKS = frozenset({"clocks.yaml", "metrics.yaml", "scorecard.yaml"})
# The loader written in C reads the ten files in half a second, the other one in five.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def files(folder: Path = FOLDER) -> list[Path]:
    """Return the playbook files of a folder, in order of name."""
    return sorted(path for path in folder.glob("*.yaml") if path.name not in NOT_PLAYBOOKS)


def read(path: Path) -> Any:
    """Return what a YAML file holds; raises yaml.YAMLError and UnicodeDecodeError."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)


@cache
def reference(name: str) -> dict[str, Any]:
    """Return the reference file `name` (variables, vocabulary, phrases); shared by all callers, so never change it."""
    found: dict[str, Any] = read(FOLDER / "reference" / f"{name}.yaml")
    return found


@cache
def ids(name: str) -> frozenset[str]:
    """Return the ids that `clocks.yaml` or `metrics.yaml` defines."""
    return frozenset(item["id"] for item in read(FOLDER / f"{name}.yaml")[name])


def words(name: str) -> tuple[str, ...]:
    """Return the ids of one list of the vocabulary: phases, severities, tiers, channels, roles, gate_kinds …"""
    return tuple(item if isinstance(item, str) else item["id"] for item in reference("vocabulary")[name])
