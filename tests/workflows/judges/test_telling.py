"""Judges of the telling: what each misses and what opens it."""

from datetime import timedelta
from typing import Any

import pytest

from incidents import decisions, facts, feedback
from incidents.enums import DecisionKind
from incidents.models import Incident, PhaseTransition
from notifications.enums import DeliveryStatus, MessageKind
from tests import factories_gates as gates
from tests import factories_incidents as make
from workflows.enums import SlotState
from workflows.models import UpdateSlot

pytestmark = pytest.mark.django_db
NOW = gates.NOW
LATER = NOW + timedelta(hours=1)


def seed(incident: Incident, *keys: str, **fields: Any) -> None:
    facts.seed(incident, definitions=[make.definition(key, **fields) for key in keys])


def decide(incident: Incident, key: str, *, kind: DecisionKind, outcome: str = "yes", by: str = "lena") -> None:
    decisions.decide(incident, key=key, outcome=outcome, reason="because", kind=kind, by=make.person(by), now=NOW)


FIRST_NOTICE = {"message": "first_notice", "min_ratio_tier_1": 1.0, "min_ratio_tier_2": 0.5, "min_ratio_tier_3": 0.9}


def test_delivery_names_the_tiers_that_are_short() -> None:
    incident = gates.incident_with_team()
    nobody = gates.missing(incident, "delivery", **FIRST_NOTICE)
    called, first, second = (gates.affected(incident, f"C-{n}", tier=tier) for n, tier in enumerate((1, 2, 2)))
    unsent = gates.missing(incident, "delivery", **FIRST_NOTICE)
    notice = gates.released(incident)
    task = gates.contact(notice, called)
    gates.delivery(notice, first, status=DeliveryStatus.ACCEPTED)
    gates.delivery(notice, second, status=DeliveryStatus.FAILED)
    short = gates.missing(incident, "delivery", **FIRST_NOTICE)
    task.state = "done"
    task.save()

    assert nobody == "no affected customer has a tier."
    assert unsent == "First notice: tier 1: 0 of 1 handled, tier 2: 0 of 2 handled."
    assert short == "First notice: tier 1: 0 of 1 handled."
    assert gates.missing(incident, "delivery", **FIRST_NOTICE) == ""


def test_delivery_of_the_resolution_starts_again_after_a_relapse() -> None:
    incident = gates.incident_with_team()
    customer = gates.affected(incident, "C-1", tier=2)
    params = {"message": "resolution", "min_ratio": 1.0}
    told = gates.released(incident, kind=MessageKind.RESOLUTION)
    gates.delivery(told, customer, status=DeliveryStatus.ACCEPTED)
    before = gates.missing(incident, "delivery", **params)
    PhaseTransition.objects.create(incident=incident, source="follow_up", target="execute", by=make.person(), at=LATER)
    relapsed = gates.missing(incident, "delivery", **params)
    again = gates.released(incident, number=2, kind=MessageKind.RESOLUTION, at=LATER)
    gates.delivery(again, customer, status=DeliveryStatus.ACCEPTED)

    assert (before, relapsed) == ("", "Resolution notice: tier 2: 0 of 1 handled.")
    assert gates.missing(incident, "delivery", **params) == ""


def test_delivery_waits_for_customers_without_a_tier() -> None:
    incident = gates.incident_with_team()
    gates.delivery(gates.released(incident), gates.affected(incident, "C-1", tier=2), status=DeliveryStatus.ACCEPTED)
    gates.affected(incident, "C-2", tier=None)

    assert gates.missing(incident, "delivery", **FIRST_NOTICE) == "First notice: 1 customers have no tier."


def test_feedback_owned() -> None:
    incident = gates.incident_with_team()
    incident.team.all().delete()
    entry = feedback.log(incident, entry=feedback.Entry("Where is it?"), now=NOW)
    before = gates.missing(incident, "feedback_owned")
    feedback.assign(entry, owner=make.person(), due_at=LATER, by=make.person(), now=NOW)

    assert (before, gates.missing(incident, "feedback_owned")) == ("1 entries have no owner.", "")


@pytest.mark.parametrize(
    ("state", "overdue"),
    [("promised", True), ("open", True), ("missed", True), ("released", False), ("withdrawn", False)],
)
def test_cadence_finds_the_overdue(state: str, overdue: bool) -> None:
    incident = gates.incident_with_team()
    UpdateSlot.objects.create(incident=incident, tier=1, number=1, promised_at=NOW, opens_at=NOW, state=state)

    assert gates.missing(incident, "cadence", max_overdue=0) == ""
    text = gates.missing(incident, "cadence", max_overdue=0, now=LATER)
    assert text == ("1 updates are overdue: tier 1, number 1." if overdue else "")
    assert gates.missing(incident, "cadence", max_overdue=1, now=LATER) == ""


def test_cadence_forgives_a_missed_update_once_its_tier_heard_again() -> None:
    incident = gates.incident_with_team()
    for tier in (1, 2):
        UpdateSlot.objects.create(
            incident=incident, tier=tier, number=1, promised_at=NOW, opens_at=NOW, state=SlotState.MISSED
        )
    gates.released(incident, kind=MessageKind.PROGRESS_UPDATE, at=LATER, channels={"1": ["email_personal"]})

    text = gates.missing(incident, "cadence", max_overdue=0, now=LATER)

    assert text == "1 updates are overdue: tier 2, number 1."
