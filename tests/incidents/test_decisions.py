"""Decisions and evidence carry their reasons."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from incidents import decisions
from incidents.enums import DecisionKind
from incidents.models import Decision
from tests.factories_incidents import NOW, person, reported

pytestmark = pytest.mark.django_db


def test_the_newest_record_of_a_subject_counts() -> None:
    incident = reported()
    fields: dict[str, Any] = {"key": "holding_statement", "reason": "customers already ask", "by": person()}

    decisions.decide(incident, outcome="no", now=NOW, **fields)
    decisions.decide(incident, outcome="yes", now=NOW + timedelta(minutes=1), **fields)

    found = decisions.latest(incident, kind=DecisionKind.DECISION, key="holding_statement")
    assert (found.outcome if found else None) == "yes"
    assert decisions.latest(incident, kind=DecisionKind.CHECK, key="holding_statement") is None


def test_a_decision_needs_its_reason_and_evidence_its_source() -> None:
    incident = reported()

    with pytest.raises(decisions.Incomplete, match="outcome and a reason"):
        decisions.decide(incident, key="k", outcome="yes", reason=" ", by=person(), now=NOW)
    with pytest.raises(decisions.Incomplete, match="its source"):
        decisions.add_evidence(incident, subject="s", text="t", source="", by=person(), now=NOW)


def test_nothing_recorded_is_changed() -> None:
    decisions.decide(reported(), key="k", outcome="yes", reason="r", by=person(), now=NOW)

    with pytest.raises(IntegrityError, match=r"guard\.append_only"), transaction.atomic():
        Decision.objects.update(outcome="no")
