"""Declaring an incident: everything that follows from its type."""

from datetime import timedelta
from typing import Any

import pytest

from incidents import facts, lifecycle
from incidents.enums import FactStatus, Severity
from incidents.models import Incident
from incidents.phases import Phase
from tests import factories
from tests.factories_incidents import NOW, person, reported
from workflows import declarations, plans, playbooks_loader
from workflows.declarations import Declaration
from workflows.enums import PlanState

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=2)


def declaration(**changes: Any) -> Declaration:
    fields = {"type": factories.TYPE, "subtype": factories.SUBTYPE, "severity": Severity.SEV2, "lead": person()}
    return Declaration(**{**fields, **changes})


def declare(incident: Incident, **changes: Any) -> Any:
    return declarations.declare(incident, declaration=declaration(**changes), by=person(), now=LATER)


def test_a_declaration_seeds_facts_and_remedies_and_drafts_the_plan() -> None:
    factories.company()
    incident = reported()

    plan = declare(incident)

    assert (incident.type, incident.severity, incident.declared_at) == (factories.TYPE, "SEV2", LATER)
    assert (plan.state, plan.version, plans.current(incident)) == (PlanState.DRAFT, 1, plan)
    keys = [fact["key"] for fact in plan.content["facts_to_collect"]]
    assert list(incident.facts.order_by("position").values_list("key", flat=True)) == keys
    assert keys[0] == "incident.title"
    assert [option.key for option in incident.remedy_options.order_by("position")] == [
        "expedited_freight", "split_delivery", "substitute", "cancel_free", "delay_compensation",
    ]  # fmt: skip
    assert incident.remedy_options.exclude(approved_at=None).count() == 0


def test_what_the_record_knows_is_typed_once() -> None:
    factories.company()
    incident = reported("Late bearings", detection_source="plant manager")

    declare(incident)

    written = {fact.key: (fact.value, fact.status) for fact in incident.facts.filter(is_answered=True)}
    assert written == {
        "incident.title": ({"en": "Late bearings"}, FactStatus.REPORTED),
        "incident.detected_at": ({"": NOW.isoformat()}, FactStatus.REPORTED),
        "incident.detection_source": ({"": "plant manager"}, FactStatus.REPORTED),
        "incident.owner_name": ({"en": "lena", "zh": "lena", "ru": "lena"}, FactStatus.REPORTED),
        "contact.hotline": (dict.fromkeys(("en", "zh", "ru"), "+49 30 5550100"), FactStatus.REPORTED),
        "contact.email": (dict.fromkeys(("en", "zh", "ru"), "help@nordbahn.example"), FactStatus.REPORTED),
        "contact.hours": (factories.company().contact_hours, FactStatus.REPORTED),
    }


def test_a_company_without_settings_can_declare() -> None:
    assert declare(reported()).objective.startswith("Every affected customer knows in time")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"type": "meteor"}, "There is no playbook “meteor”: load it, or choose another type."),
        (
            {"subtype": "meteor"},
            "“meteor” is no subtype of supply-chain-operations; choose one of supplier_failure, logistics_delay, "
            "production_breakdown, natural_event, regulatory_stop, capacity_shortfall.",
        ),
        (
            {"relationship_type": "financial"},
            "“financial” is an incident type: choose a relationship type beside the type.",
        ),
    ],
)
def test_a_declaration_that_fits_no_playbook_is_refused_whole(changes: dict[str, Any], sentence: str) -> None:
    incident = reported()

    with pytest.raises(declarations.BadDeclaration) as refused:
        declare(incident, **changes)

    incident.refresh_from_db()
    assert str(refused.value) == sentence
    assert (incident.type, incident.declared_at, incident.facts.count(), plans.current(incident)) == ("", None, 0, None)


def test_one_playbook_is_not_used_twice() -> None:
    twice = "rel-customer-churn"

    with pytest.raises(declarations.BadDeclaration, match="is the type already: leave the relationship type empty"):
        declare(reported(), type=twice, subtype=_subtype(twice), relationship_type=twice)


def test_a_wrong_type_keeps_facts_by_key_and_supersedes_the_plan() -> None:
    incident = factories.declared()
    change = facts.FactChange("incident.scope", {"en": "Two plants"}, FactStatus.VERIFIED, "plant manager")
    facts.put(incident, change=change, by=person(), now=NOW)
    first = plans.required(incident)

    second = declare(incident, type="financial", subtype=_subtype("financial"), severity=Severity.SEV1)

    first.refresh_from_db()
    assert (first.state, second.version, plans.current(incident)) == (PlanState.SUPERSEDED, 2, second)
    assert (incident.type, incident.severity, incident.declared_at) == ("financial", "SEV1", NOW)
    assert incident.facts.get(key="incident.scope").value == {"en": "Two plants"}
    assert incident.facts.filter(key="facts.obligations_affected").exists()
    assert incident.facts.filter(key="facts.bottleneck").exists()


def test_a_higher_severity_revises_the_plan_with_the_shorter_cadence() -> None:
    incident = factories.declared(severity=Severity.SEV3)
    before = plans.required(incident)

    after = declarations.change_severity(
        incident, severity=Severity.SEV1, reason="a line stands still", by=person(), now=LATER
    )

    before.refresh_from_db()
    rows = {row.tier: (row.first_contact_interval, row.update_interval) for row in after.audiences.all()}
    hours = {1: (2, 8), 2: (4, 12), 3: (8, 24)}
    assert rows == {tier: (timedelta(hours=a), timedelta(hours=b)) for tier, (a, b) in hours.items()}
    assert (before.state, after.version, after.state) == (PlanState.SUPERSEDED, 2, PlanState.DRAFT)
    assert after.change_reason == "Severity is now SEV1: a line stands still"
    assert incident.severity == Severity.SEV1


@pytest.mark.parametrize(
    ("severity", "reason", "sentence"),
    [
        (Severity.SEV2, "because", "INC-2026-0001 is SEV2 already."),
        (Severity.SEV1, " ", "Say why the severity changes: the timeline and the review show it."),
    ],
)
def test_a_severity_changes_for_a_reason_only(severity: Severity, reason: str, sentence: str) -> None:
    incident = factories.declared()

    with pytest.raises(declarations.BadDeclaration) as refused:
        declarations.change_severity(incident, severity=severity, reason=reason, by=person(), now=LATER)

    assert str(refused.value) == sentence
    assert plans.required(incident).version == 1


def test_an_undeclared_incident_does_not_leave_identify() -> None:
    incident = reported()

    with pytest.raises(lifecycle.GateClosed) as refused:
        lifecycle.move(incident, to=Phase.ANALYZE, by=person(), now=NOW)

    assert [blocker.id for blocker in refused.value.blockers] == ["plan.drafted"]


def _subtype(key: str) -> str:
    version = playbooks_loader.newest(key)
    assert version is not None
    return str(version.content["subtypes"][0]["id"])
