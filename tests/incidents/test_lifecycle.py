"""Phases change by one door, and the gates say why not."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from incidents import lifecycle, phases
from incidents.enums import Severity
from incidents.models import AuditEvent, Incident, PhaseTransition
from incidents.phases import Blocker, Enforcement, Gate, Phase
from tests.factories_incidents import NOW, person, reported, roster

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def gates(monkeypatch: pytest.MonkeyPatch) -> list[Gate]:
    """Replace the playbook's gates by a list of this test's own, judged by `open_until_told`."""
    listed: list[Gate] = []

    def of_phase(incident: Incident, phase: Phase) -> list[Gate]:
        return listed

    def shut(incident: Incident, gate: Gate, now: datetime) -> list[Blocker]:
        return [Blocker(gate.id, "not done", "do it")] if gate.params.get("shut") else []

    monkeypatch.setattr(phases, "_sources", [of_phase])
    monkeypatch.setitem(phases._judges, "test_kind", shut)
    return listed


def gate(enforcement: Enforcement = Enforcement.HARD, *, kind: str = "test_kind", **params: bool) -> Gate:
    return Gate("T-01", kind, enforcement, {"en": "A test gate"}, params)


def test_report_numbers_incidents_and_copies_the_roster() -> None:
    roster(incident_lead=person("lena"), legal_counsel=person("lou"))

    first, second = reported(), reported("Second")

    assert [first.reference, second.reference] == ["INC-2026-0001", "INC-2026-0002"]
    assert list(second.team.order_by("role").values_list("role", "user__username")) == [
        ("incident_lead", "lena"),
        ("legal_counsel", "lou"),
    ]


def test_declare_starts_the_clocks_once() -> None:
    incident = reported()

    lifecycle.declare(incident, severity=Severity.SEV2, lead=person(), by=person(), now=LATER)

    assert (incident.severity, incident.declared_at, incident.lead) == ("SEV2", LATER, person())
    with pytest.raises(lifecycle.AlreadyDone, match="INC-2026-0001 is declared already"):
        lifecycle.declare(incident, severity=Severity.SEV1, lead=person(), by=person(), now=LATER)


def test_move_walks_forward_to_closed(gates: list[Gate]) -> None:
    incident = reported()

    for phase in ["analyze", "plan", "execute", "follow_up", "evaluate", "closed"]:
        lifecycle.move(incident, to=Phase(phase), by=person(), now=LATER)

    assert (incident.phase, incident.closed_at) == ("closed", LATER)
    assert PhaseTransition.objects.count() == 6
    assert list(AuditEvent.objects.values_list("action", flat=True).order_by("sequence")) == [
        "incident.reported",
        *["incident.phase"] * 6,
    ]


def test_move_refuses_a_closed_gate_and_changes_nothing(gates: list[Gate]) -> None:
    incident = reported()
    gates.append(gate(shut=True))

    with pytest.raises(lifecycle.GateClosed) as refusal:
        lifecycle.move(incident, to=Phase.ANALYZE, by=person(), now=LATER)

    assert str(refusal.value) == "The phase cannot change yet:\nT-01: not done do it"
    assert (incident.phase, PhaseTransition.objects.count()) == ("identify", 0)


def test_move_passes_advice_that_does_not_hold(gates: list[Gate]) -> None:
    incident = reported()
    gates.append(gate(Enforcement.ADVICE, shut=True))

    lifecycle.move(incident, to=Phase.ANALYZE, by=person(), now=LATER)

    assert incident.phase == "analyze"


def test_waive_opens_a_waivable_gate_by_name_and_reason(gates: list[Gate]) -> None:
    incident = reported()
    gates.append(gate(Enforcement.WAIVABLE, shut=True))

    with pytest.raises(lifecycle.ReasonMissing):
        lifecycle.waive(incident, gate_id="T-01", reason=" ", by=person(), now=LATER)
    lifecycle.waive(incident, gate_id="T-01", reason="checked by phone", by=person(), now=LATER)
    with pytest.raises(lifecycle.AlreadyDone):
        lifecycle.waive(incident, gate_id="T-01", reason="again", by=person(), now=LATER)
    lifecycle.move(incident, to=Phase.ANALYZE, by=person(), now=LATER)

    assert incident.phase == "analyze"
    assert [waiver.reason for waiver in incident.waivers.all()] == ["checked by phone"]


def test_waive_refuses_a_hard_gate_and_one_that_holds(gates: list[Gate]) -> None:
    incident = reported()
    gates.append(gate(shut=True))

    with pytest.raises(lifecycle.CannotWaive, match="T-01 is never waived: do it"):
        lifecycle.waive(incident, gate_id="T-01", reason="please", by=person(), now=LATER)
    with pytest.raises(lifecycle.CannotWaive, match="nothing to waive"):
        lifecycle.waive(incident, gate_id="T-02", reason="please", by=person(), now=LATER)


def test_a_gate_nobody_can_judge_blocks_until_a_named_person_waives_it(gates: list[Gate]) -> None:
    incident = reported()
    gates.append(gate(kind="unheard_of"))

    with pytest.raises(lifecycle.GateClosed, match="cannot be judged by the system yet"):
        lifecycle.move(incident, to=Phase.ANALYZE, by=person(), now=LATER)
    lifecycle.waive(incident, gate_id="T-01", reason="counted by hand", by=person(), now=LATER)
    lifecycle.move(incident, to=Phase.ANALYZE, by=person(), now=LATER)

    assert incident.phase == "analyze"


@pytest.mark.parametrize(
    ("path", "to"),
    [
        (["analyze", "plan", "execute"], Phase.ANALYZE),
        (["analyze", "plan", "execute"], Phase.PLAN),
        (["analyze", "plan", "execute", "follow_up"], Phase.EXECUTE),
        (["analyze", "plan"], Phase.IDENTIFY),
        (["analyze"], Phase.CANCELLED),
    ],
)
def test_back_edges_need_a_reason(gates: list[Gate], path: list[str], to: Phase) -> None:
    incident = reported()
    for phase in path:
        lifecycle.move(incident, to=Phase(phase), by=person(), now=LATER)

    with pytest.raises(lifecycle.ReasonMissing):
        lifecycle.move(incident, to=to, by=person(), now=LATER)
    lifecycle.move(incident, to=to, by=person(), now=LATER, reason="new cause")

    assert (incident.phase, incident.transitions.order_by("-pk")[0].reason) == (to, "new cause")


@pytest.mark.parametrize("to", [Phase.PLAN, Phase.CLOSED, Phase.IDENTIFY])
def test_move_refuses_what_is_no_edge(gates: list[Gate], to: Phase) -> None:
    with pytest.raises(lifecycle.WrongPhase):
        lifecycle.move(reported(), to=to, by=person(), now=LATER, reason="because")


def test_effects_share_the_transaction(gates: list[Gate], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(incident: Incident, step: PhaseTransition, now: datetime) -> None:
        raise RuntimeError("an effect failed")

    incident = reported()
    monkeypatch.setattr(phases, "_effects", [fail])

    with pytest.raises(RuntimeError), transaction.atomic():
        lifecycle.move(incident, to=Phase.ANALYZE, by=person(), now=LATER)

    incident.refresh_from_db()
    assert (incident.phase, PhaseTransition.objects.count()) == ("identify", 0)


def test_stop_and_resume_say_when_there_is_nothing_to_do() -> None:
    incident = reported()

    with pytest.raises(lifecycle.AlreadyDone, match="not stopped"):
        lifecycle.resume_sending(incident, by=person(), now=LATER)
    lifecycle.stop_sending(incident, reason="wrong date in the text", by=person(), now=LATER)
    with pytest.raises(lifecycle.AlreadyDone, match="stopped already"):
        lifecycle.stop_sending(incident, reason="again", by=person(), now=LATER)

    assert (incident.is_on_hold, incident.hold_reason) == (True, "wrong date in the text")


def test_no_path_past_the_door_changes_a_phase() -> None:
    incident = reported()

    with pytest.raises(AttributeError):
        incident.phase = "closed"
    with pytest.raises(IntegrityError, match=r"guard\.phase"), transaction.atomic():
        Incident.objects.update(phase="closed")
    incident.start_analysis()
    with pytest.raises(IntegrityError, match=r"guard\.phase"), transaction.atomic():
        incident.save()
    with (
        pytest.raises(IntegrityError, match=r"guard\.phase"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE incidents_incident SET phase = 'evaluate'")
    with pytest.raises(IntegrityError, match=r"guard\.phase"), transaction.atomic():
        Incident.objects.bulk_create(
            [Incident(reference="X", title="X", phase="execute", created_at=NOW, phase_entered_at=NOW)]
        )


def test_an_old_transition_row_opens_the_door_only_in_its_own_transaction(gates: list[Gate]) -> None:
    incident = reported()
    PhaseTransition.objects.create(incident=incident, source="identify", target="closed", by=person(), at=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE incidents_phasetransition DISABLE TRIGGER append_only")
        cursor.execute("UPDATE incidents_phasetransition SET transaction_id = transaction_id - 1")
        cursor.execute("ALTER TABLE incidents_phasetransition ENABLE TRIGGER append_only")

    with pytest.raises(IntegrityError, match=r"guard\.phase"), transaction.atomic():
        Incident.objects.update(phase="closed")
