"""Where in the crisis room each gate is met: every blocker leads there by one click."""

from incidents import phases
from incidents.models import Incident
from incidents.phases import Blocker, Gate, Phase
from workflows import clock_screening
from workflows.admin.base import Tab, room_url
from workflows.judges.knowing import AFFECTED

# Whatever is not named here is recorded under Decisions.
TABS = {
    Tab.FACTS: ("field_set", "facts_complete", "list_not_empty", "items_owned"),
    Tab.TEAM: ("role_assigned",),
    Tab.CLOCKS: ("clock_started",),
    Tab.AUDIENCE: ("coverage",),
    Tab.PLAN: ("plan_complete", "remedies_delivered"),
    Tab.BRIEF: ("acknowledged", "staff_trained", "sequence"),
    Tab.MESSAGES: ("approvals_complete", "lint_clean", "delivery", "cadence", "survey_closed", "supersede"),
    Tab.CALLS: ("prep_sheet_ready",),
    Tab.FEEDBACK: ("feedback_owned", "complaints_open"),
    Tab.COMMITMENTS: ("commitments_feasible", "commitments_closed"),
    Tab.REVIEW: ("metrics_computed", "meeting_held", "actions_owned"),
}
TAB_OF = {kind: tab for tab, kinds in TABS.items() for kind in kinds}


def places(incident: Incident, found: list[Blocker]) -> list[tuple[Blocker, Tab | None, str]]:
    """Return each blocker with the tab where it is mended and its address; none where no gate of that name is known."""
    gates = {gate.id: gate for gate in phases.gates_of(incident, Phase(incident.phase))}
    tabs = [(one, _tab(gates[one.id]) if one.id in gates else None) for one in found]
    return [(one, tab, room_url(incident, tab) if tab else "") for one, tab in tabs]


def _tab(gate: Gate) -> Tab | None:
    if gate.kind == "declared":
        return None
    if gate.params.get("check") == clock_screening.CHECK:
        return Tab.CLOCKS
    if AFFECTED in gate.params.values():
        return Tab.AUDIENCE
    if gate.kind == "approved_version":
        return Tab.BRIEF if gate.params.get("artifact") == "qa_bank" else Tab.FACTS
    return TAB_OF.get(gate.kind, Tab.DECISIONS)
