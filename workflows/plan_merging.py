"""Merges the playbook of what happened with the playbook of what it did to the relationship."""

from collections.abc import Iterable
from typing import Any

from incidents.phases import Enforcement
from workflows import durations

Content = dict[str, Any]
_STRICT_FIRST = [Enforcement.HARD, Enforcement.WAIVABLE, Enforcement.ADVICE]
_FAST_FIRST = ["fast", "medium", "slow"]
# The words that carry the tone towards a hurt relationship; everything else speaks of what happened.
_TONE_STEPS = frozenset({"emotion"})


def merge(incident: Content, relationship: Content) -> Content:
    """Return one playbook: gates, facts and approvers of both, the shorter cadence, the incident's own texts.

    The relationship type gives its survey, its follow-up rhythm and the words for the customer's feelings.
    """
    return {
        **incident,
        "relationship": {key: relationship[key] for key in ("id", "name", "definition", "response_strategy")},
        "communication_focus": _union(incident["communication_focus"], relationship["communication_focus"], key="id"),
        "pitfalls": _union(incident["pitfalls"], relationship["pitfalls"], key="id"),
        "facts_to_collect": _union(incident["facts_to_collect"], relationship["facts_to_collect"], key="key"),
        "gates": {
            phase: _gates(gates, relationship["gates"].get(phase, [])) for phase, gates in incident["gates"].items()
        },
        "cadence": _cadence(incident["cadence"], relationship["cadence"]),
        "approvals": {
            kind: _approval(rule, relationship["approvals"].get(kind, rule))
            for kind, rule in incident["approvals"].items()
        },
        "stamps": stamps(incident.get("stamps", {}), relationship.get("stamps", {})),
        "clock_refs": _words(incident["clock_refs"], relationship["clock_refs"]),
        "remedy_options": _union(incident["remedy_options"], relationship["remedy_options"], key="id"),
        "metrics_focus": _words(incident["metrics_focus"], relationship["metrics_focus"]),
        "message_templates": _templates(incident["message_templates"], relationship["message_templates"]),
    }


def stamps(first: Content, second: Content) -> Content:
    """Return the further stamps of both; where both say who overrules or opens, the first one's word holds."""
    return {**second, **first, "further": [*first.get("further", []), *second.get("further", [])]}


def _union(first: list[Content], second: list[Content], *, key: str) -> list[Content]:
    known = {item[key] for item in first}
    return [*first, *(item for item in second if item[key] not in known)]


def _words(first: Iterable[str], second: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*first, *second]))


def _gates(first: list[Content], second: list[Content]) -> list[Content]:
    other = {gate["id"]: gate for gate in second}
    kept = [{**gate, "enforcement": _stricter(gate, other.get(gate["id"], gate))} for gate in first]
    return _union(kept, second, key="id")


def _stricter(first: Content, second: Content) -> str:
    return min(Enforcement(first["enforcement"]), Enforcement(second["enforcement"]), key=_STRICT_FIRST.index).value


def _cadence(first: Content, second: Content) -> Content:
    return {
        **first,
        "tempo": min(first["tempo"], second["tempo"], key=_FAST_FIRST.index),
        "by_severity": {
            severity: {
                tier: {
                    name: _shorter(length, second["by_severity"][severity][tier][name])
                    for name, length in rhythm.items()
                }
                for tier, rhythm in tiers.items()
            }
            for severity, tiers in first["by_severity"].items()
        },
        "acknowledge_check_after": {
            tier: _shorter(length, second["acknowledge_check_after"][tier])
            for tier, length in first["acknowledge_check_after"].items()
        },
        "follow_up": second["follow_up"],
        "rules": [*first["rules"], *(rule for rule in second["rules"] if rule not in first["rules"])],
    }


def _shorter(first: str | None, second: str | None) -> str | None:
    """Null means never, so any length is shorter."""
    if first is None or second is None:
        return first or second
    return min(first, second, key=durations.parse)


def _approval(first: Content, second: Content) -> Content:
    return {
        **first,
        "approvers": _words(first["approvers"], second["approvers"]),
        "rule": first["rule"] if first["rule"] == second["rule"] else "all",
        "sla": _shorter(first["sla"], second["sla"]),
        "deputy_after": _shorter(first["deputy_after"], second["deputy_after"]),
    }


def _templates(first: Content, second: Content) -> Content:
    tone = {step["step"]: step for step in second["call_script"]["steps"] if step["step"] in _TONE_STEPS}
    steps = [tone.get(step["step"], step) for step in first["call_script"]["steps"]]
    questions = _union(first["qa_starter"]["items"], second["qa_starter"]["items"], key="id")
    return {
        **first,
        "follow_up_survey": second["follow_up_survey"],
        "call_script": {**first["call_script"], "steps": steps},
        "qa_starter": {**first["qa_starter"], "items": questions},
    }
