"""The frame of every gate: its words, its condition, its hint."""

from typing import Any

import pytest
from django.utils import translation

from incidents import decisions, facts
from incidents.enums import DecisionKind
from incidents.models import Incident
from incidents.phases import Enforcement, Gate
from tests import factories_gates as gates
from tests import factories_incidents as make
from workflows.gates import Missing, blocker, enumerate_names

pytestmark = pytest.mark.django_db
NOW = gates.NOW


def seed(incident: Incident, *keys: str, **fields: Any) -> None:
    facts.seed(incident, definitions=[make.definition(key, **fields) for key in keys])


def decide(incident: Incident, key: str, *, kind: DecisionKind, outcome: str = "yes", by: str = "lena") -> None:
    decisions.decide(incident, key=key, outcome=outcome, reason="because", kind=kind, by=make.person(by), now=NOW)


def test_a_blocker_speaks_the_language_of_the_screen_and_carries_the_gates_own_words() -> None:
    gate = Gate("ID-01", "field_set", Enforcement.HARD, {"en": "Type chosen", "zh": "已选定类型", "ru": "Тип выбран"})

    with translation.override("zh-hans"):
        found = blocker(gate, Missing("x", "y"))

    assert (found.id, found.text, found.hint, found.enforcement) == ("ID-01", "已选定类型: x", "y", Enforcement.HARD)


def test_long_lists_are_cut_with_how_many_more() -> None:
    assert enumerate_names(list("abcdefg")) == "a, b, c, d, e and 2 more"
    assert enumerate_names(["a"]) == "a"


@pytest.mark.parametrize(
    ("value", "closed"), [(None, True), (True, True), (False, False)], ids=["not asked", "yes", "no"]
)
def test_a_condition_on_a_yes_or_no_holds_until_somebody_says_no(value: bool | None, closed: bool) -> None:
    incident = gates.incident_with_team()
    seed(incident, "incident.safety_risk", kind="boolean")
    if value is not None:
        make.put(incident, "incident.safety_risk", **{"": value})

    text = gates.missing(incident, "decision_recorded", decision="stop_sale", when="incident.safety_risk")

    assert bool(text) == closed


def test_a_condition_on_a_text_waits_for_its_value() -> None:
    incident = gates.incident_with_team()
    seed(incident, "facts.substitute_spec")
    before = gates.missing(incident, "approval", when="facts.substitute_spec", id="SUP-02")
    make.put(incident, "facts.substitute_spec", en="2 mm thicker")

    assert before == ""
    assert gates.missing(incident, "approval", when="facts.substitute_spec", id="SUP-02")


def test_a_condition_may_compare_the_subtype() -> None:
    incident = gates.incident_with_team(subtype="safety_recall")
    params = {"decision": "x"}

    assert gates.missing(incident, "decision_recorded", when="incident.subtype == 'safety_recall'", **params)
    assert not gates.missing(incident, "decision_recorded", when="incident.subtype == 'outage'", **params)
    assert gates.missing(incident, "decision_recorded", when="an unreadable condition!", **params)
