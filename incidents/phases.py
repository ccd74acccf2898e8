"""The words of the state machine: phases, their edges, blockers and the registry of gate judges and effects."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from incidents.models import Incident, PhaseTransition


class Phase(models.TextChoices):
    """Where an incident stands."""

    IDENTIFY = "identify", _("Identify")
    ANALYZE = "analyze", _("Analyse")
    PLAN = "plan", _("Plan")
    EXECUTE = "execute", _("Execute")
    FOLLOW_UP = "follow_up", _("Follow-up")
    EVALUATE = "evaluate", _("Evaluate")
    CLOSED = "closed", _("Closed")
    CANCELLED = "cancelled", _("Cancelled (false alarm)")


FORWARD: dict[Phase, Phase] = {
    Phase.IDENTIFY: Phase.ANALYZE,
    Phase.ANALYZE: Phase.PLAN,
    Phase.PLAN: Phase.EXECUTE,
    Phase.EXECUTE: Phase.FOLLOW_UP,
    Phase.FOLLOW_UP: Phase.EVALUATE,
    Phase.EVALUATE: Phase.CLOSED,
}
LIVE: frozenset[Phase] = frozenset(FORWARD)
BACK: dict[Phase, frozenset[Phase]] = {
    Phase.ANALYZE: frozenset({Phase.EXECUTE}),
    Phase.PLAN: frozenset({Phase.EXECUTE}),
    Phase.EXECUTE: frozenset({Phase.FOLLOW_UP}),
    Phase.IDENTIFY: LIVE - {Phase.IDENTIFY},
    Phase.CANCELLED: LIVE,
}


class Enforcement(models.TextChoices):
    """What happens when a gate does not hold."""

    HARD = "hard", _("Hard: never waived")
    WAIVABLE = "waivable", _("Waivable by the lead with a reason")
    ADVICE = "advice", _("Advice")


@dataclass(frozen=True)
class Gate:
    """One condition of a playbook for leaving a phase, as its data says it."""

    id: str
    kind: str
    enforcement: Enforcement
    label: dict[str, str]
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Blocker:
    """Why a gate does not hold: a sentence, and a hint that says what to do about it."""

    id: str
    text: str
    hint: str
    enforcement: Enforcement = Enforcement.HARD
    is_waived: bool = False
    can_judge: bool = True

    @property
    def is_blocking(self) -> bool:
        """Whether the phase change is refused because of this blocker."""
        return self.enforcement != Enforcement.ADVICE and not self.is_waived


Judge = Callable[["Incident", Gate, datetime], list[Blocker]]
Effect = Callable[["Incident", "PhaseTransition", datetime], None]
GateSource = Callable[["Incident", Phase], list[Gate]]

_judges: dict[str, Judge] = {}
_effects: list[Effect] = []
_sources: list[GateSource] = []


def judge(kind: str) -> Callable[[Judge], Judge]:
    """Register the function that judges every gate of `kind`."""

    def register(function: Judge) -> Judge:
        assert kind not in _judges, f"two judges for {kind}"
        _judges[kind] = function
        return function

    return register


def effect(function: Effect) -> Effect:
    """Register what follows a phase change, inside its transaction."""
    if function not in _effects:
        _effects.append(function)
    return function


def gate_source(function: GateSource) -> GateSource:
    """Register the function that reads an incident's gates from its frozen playbook copy."""
    if function not in _sources:
        _sources.append(function)
    return function


def judge_of(kind: str) -> Judge | None:
    """Return the judge of a gate kind, or None when no one can judge it yet."""
    return _judges.get(kind)


def known_kinds() -> frozenset[str]:
    """Return the gate kinds that have a judge."""
    return frozenset(_judges)


def gates_of(incident: "Incident", phase: Phase) -> list[Gate]:
    """Return the gates for leaving `phase`."""
    return [gate for source in _sources for gate in source(incident, phase)]


def effects() -> list[Effect]:
    """Return what follows a phase change, in order of registration."""
    return list(_effects)
