"""The wall of clocks, claims, records for gates and the hold list, through the admin."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crisiscomm.groups import GroupName
from incidents.models import Company, Incident
from tests import factories
from tests import factories_updates as updates
from tests.factories_admin import client_of, member
from tests.factories_incidents import NOW, person
from workflows import clocks
from workflows.admin.base import Tab, room_url
from workflows.models import Claim, ClockRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def incident() -> Incident:
    return factories.declared(jurisdictions=("EU",))


@pytest.fixture
def lead() -> Client:
    return client_of(member(GroupName.CRISIS_LEAD))


def begun(incident: Incident, clock: str = "gdpr_33") -> ClockRun:
    return clocks.start(incident, clock=clock, place="EU", answer="yes", by=person(), now=NOW)


def door(run: object, name: str) -> str:
    meta = run._meta  # type: ignore[attr-defined]
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{name}", args=[run.pk])  # type: ignore[attr-defined]


def test_a_clock_is_met_on_its_page(incident: Incident, lead: Client) -> None:
    run = begun(incident)
    wall = lead.get(room_url(incident, Tab.CLOCKS)).content.decode()
    home = lead.get(reverse("admin:index")).content.decode()
    lead.post(door(run, "finish"), {"ticked": ["0", "1", "2", "3"], "receipt": "No. 7"})
    over = lead.get(room_url(incident, Tab.CLOCKS)).content.decode()

    run.refresh_from_db()
    assert "likely consequences" in wall
    assert clocks.name_of(run) in home
    assert (run.state, "No. 7" in over) == ("done", True)


def test_a_stop_wants_another_person(incident: Incident, lead: Client) -> None:
    run = begun(incident)
    lead.post(door(run, "ask_stop"), {"reason": "encrypted"})
    alone = lead.post(door(run, "agree_to_stop"))
    other = client_of(member(GroupName.APPROVER)).post(door(run, "agree_to_stop"))

    run.refresh_from_db()
    assert (alone.status_code, other.status_code, run.state) == (200, 302, "stopped")


def test_the_wall_costs_the_same_for_one_clock_and_for_four(incident: Incident, lead: Client) -> None:
    counts: list[int] = []
    for name in ("gdpr_33", "gdpr_34"):
        begun(incident, name)
        if counts:
            begun(incident, "dora_initial")
            begun(incident, "eu_mar_17")
        lead.get(room_url(incident, Tab.CLOCKS))
        with CaptureQueriesContext(connection) as queries:
            lead.get(room_url(incident, Tab.CLOCKS))
        counts.append(len(queries))

    assert counts[1] <= counts[0]


def test_a_claim_is_noted_and_judged_in_the_room(incident: Incident, lead: Client) -> None:
    lead.post(door(incident, "note_claim"), {"text": "It burns", "said_where": "forum"})
    claim = Claim.objects.get()
    denied = lead.post(door(claim, "classify"), {"truth": "true", "stance": "deny", "evidence": "x", "source": "y"})
    lead.post(door(claim, "classify"), {"truth": "true", "stance": "rebuild", "evidence": "x", "source": "y"})
    page = lead.get(room_url(incident, Tab.DECISIONS)).content.decode()

    claim.refresh_from_db()
    assert (denied.status_code, claim.stance, "It burns" in page) == (200, "rebuild", True)


def test_the_hold_list_is_taken_as_a_file_and_its_kinds_are_set(incident: Incident, lead: Client) -> None:
    updates.affected(incident, name="T-1")
    Company.objects.update(held_campaigns=["newsletter"])

    file = lead.post(reverse("admin:workflows_holdlist_download"))

    text = b"".join(file.streaming_content).decode()  # type: ignore[attr-defined]
    assert f"T-1,newsletter,{incident.reference}" in text
