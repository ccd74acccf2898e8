"""Every gate of every shipped playbook has a judge, and none of them gives up."""

from typing import Any

import pytest

from incidents.enums import Severity
from incidents.models import Impact, Incident
from incidents.phases import Enforcement, Gate, Phase, judge_of
from tests import factories
from tests import factories_incidents as make
from workflows import declarations, playbooks

pytestmark = pytest.mark.django_db
CONTENTS: dict[str, dict[str, Any]] = {path.stem: playbooks.read(path) for path in playbooks.files()}


def gates_of(content: dict[str, Any]) -> list[Gate]:
    return [
        Gate(item["id"], item["kind"], Enforcement(item["enforcement"]), item["label"], item.get("params") or {})
        for items in content["gates"].values()
        for item in items
    ]


def declared(key: str, subtype: str) -> Incident:
    incident = make.reported(jurisdictions=("EU",))
    lead = make.person("incident_lead")
    declaration = declarations.Declaration(key, subtype, Severity.SEV2, lead)
    declarations.declare(incident, declaration=declaration, by=lead, now=make.NOW)
    return incident


def without_answer(incident: Incident, gates: list[Gate]) -> list[tuple[str, str]]:
    found = []
    for gate in gates:
        judge = judge_of(gate.kind)
        said = judge(incident, gate, make.NOW) if judge else None
        if said is None or not all(blocker.can_judge and blocker.hint for blocker in said):
            found.append((gate.id, gate.kind))
    return found


def test_there_are_ten_playbooks_with_gates_at_each_phase() -> None:
    phases = {key: set(content["gates"]) for key, content in CONTENTS.items()}

    assert len(CONTENTS) == 10
    assert {frozenset(named) for named in phases.values()} == {frozenset(CONTENTS["financial"]["gates"])}
    assert {Phase(phase) for phase in phases["financial"]} == set(Phase) - {Phase.CLOSED, Phase.CANCELLED}


@pytest.mark.parametrize("key", CONTENTS)
def test_every_gate_is_judged_before_and_after_the_facts_are_told(key: str) -> None:
    factories.company()
    gates = gates_of(CONTENTS[key])
    for subtype in [item["id"] for item in CONTENTS[key]["subtypes"]][:2]:
        incident = declared(key, subtype)
        before = without_answer(incident, gates)
        factories.tell_facts(incident, personal_data_involved={"": True}, safety_risk={"": True})
        Impact.objects.create(incident=incident, customer=make.customer(f"{key}-{subtype}"))

        assert (before, without_answer(incident, gates)) == ([], [])
