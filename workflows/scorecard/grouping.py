"""Which pillar of crisis communication and which goal each metric speaks for: `playbooks/scorecard.yaml`, checked."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from incidents.enums import Language
from incidents.errors import Refusal
from workflows import playbooks

NONE = "none"


class GroupingFaulty(Refusal):
    """The grouping cannot be used; `faults` holds one sentence for each thing to mend."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


@dataclass(frozen=True)
class Group:
    """A pillar or a goal with its name per language and its metrics, in the order of the data."""

    id: str
    name: dict[str, str]
    metrics: tuple[str, ...]


@dataclass(frozen=True)
class Grouping:
    """The pillars, the goals, and the targets the product owes, by metric."""

    pillars: tuple[Group, ...]
    goals: tuple[Group, ...]
    targets: dict[str, float]


@cache
def shipped() -> Grouping:
    """Return the grouping of the product; raises GroupingFaulty."""
    return of(playbooks.read(playbooks.FOLDER / "scorecard.yaml"), known=playbooks.ids("metrics"))


def of(content: Any, *, known: frozenset[str]) -> Grouping:
    """Return the grouping that data describes for the metrics that exist; raises GroupingFaulty."""
    faults = list(_faults(content, known=known))
    if faults:
        raise GroupingFaulty(faults)
    rows = content["metrics"]
    return Grouping(
        pillars=_groups(content["pillars"], rows, part="pillar"),
        goals=_groups(content["goals"], rows, part="goal"),
        targets={row["id"]: float(row["target"]) for row in rows if "target" in row},
    )


def _groups(named: list[dict[str, Any]], rows: list[dict[str, Any]], *, part: str) -> tuple[Group, ...]:
    return tuple(
        Group(one["id"], one["name"], tuple(row["id"] for row in rows if row[part] == one["id"])) for one in named
    )


def _faults(content: Any, *, known: frozenset[str]) -> Iterator[str]:
    wanted = ("pillars", "goals", "metrics")
    if not isinstance(content, dict) or any(not isinstance(content.get(name), list) for name in wanted):
        yield f"scorecard.yaml: expected the lists {', '.join(wanted)}"
        return
    yield from _miscounted(content["metrics"], known=known)
    for part in ("pillar", "goal"):
        yield from _misnamed(content[f"{part}s"], content["metrics"], part=part)
    for row in content["metrics"]:
        if "target" in row and not isinstance(row["target"], int | float):
            yield f"scorecard.yaml: the target of {row.get('id')} is no number"


def _miscounted(rows: list[dict[str, Any]], *, known: frozenset[str]) -> Iterator[str]:
    times = Counter(row.get("id") for row in rows)
    yield from (f"scorecard.yaml: {name} stands {n} times, once is expected" for name, n in times.items() if n > 1)
    yield from (f"scorecard.yaml: {name} is no metric" for name in times if name not in known)
    yield from (f"scorecard.yaml: {name} is missing" for name in sorted(known - set(times)))


def _misnamed(groups: list[dict[str, Any]], rows: list[dict[str, Any]], *, part: str) -> Iterator[str]:
    for one in groups:
        missing = [language for language in Language.values if not one.get("name", {}).get(language)]
        if missing:
            yield f"scorecard.yaml: {part} {one.get('id')} has no name in {', '.join(missing)}"
    allowed = {NONE, *(one.get("id") for one in groups)}
    for row in rows:
        if row.get(part) not in allowed:
            yield f"scorecard.yaml: {row.get('id')} names the {part} {row.get(part)!r}, which there is not"
