"""Conclusions are recorded once they make sense."""

from datetime import timedelta

import pytest

from incidents import assessments
from incidents.enums import ResponsibilityCluster
from incidents.models import Incident, Unknown
from tests.factories_incidents import NOW, person, reported

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def test_assess_sets_the_cluster_and_says_so() -> None:
    incident = reported()

    assessments.assess(incident, cluster=ResponsibilityCluster.ACCIDENTAL, by=person(), now=LATER)

    assert incident.responsibility_cluster == "accidental"
    assert incident.timeline.order_by("-pk")[0].text == "Responsibility: Accidental cluster"


def test_resolve_only_while_executing_and_not_in_the_future(monkeypatch: pytest.MonkeyPatch) -> None:
    incident = reported()
    with pytest.raises(assessments.BadAssessment, match="it is in Identify"):
        assessments.resolve(incident, at=LATER, by=person(), now=LATER)
    executing = Incident.objects.get(pk=incident.pk)
    executing.__dict__["phase"] = "execute"

    with pytest.raises(assessments.BadAssessment, match="in the future"):
        assessments.resolve(executing, at=LATER + timedelta(hours=1), by=person(), now=LATER)
    assessments.resolve(executing, at=LATER, by=person(), now=LATER)

    assert Incident.objects.get(pk=incident.pk).resolved_at == LATER


def test_an_unknown_has_an_owner_and_is_settled_once() -> None:
    incident = reported()
    with pytest.raises(assessments.BadAssessment, match="Write what is not known"):
        assessments.note_unknown(incident, text=" ", owner=person(), due_at=LATER, by=person(), now=NOW)
    row = assessments.note_unknown(incident, text="Restart?", owner=person(), due_at=LATER, by=person(), now=NOW)

    assessments.settle_unknown(row, by=person(), now=LATER)
    with pytest.raises(assessments.BadAssessment, match="settled already"):
        assessments.settle_unknown(row, by=person(), now=LATER)

    assert Unknown.objects.get().resolved_at == LATER
