"""Cost and customers afterwards in the room: entered, corrected, imported, with the refusals in words."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crisiscomm.groups import GroupName
from incidents import feedback
from incidents.models import CostItem, CustomerOutcome, Incident
from tests.factories_admin import client_of, member
from tests.factories_incidents import NOW, customer, reported
from workflows.admin.base import Tab, room_url

pytestmark = pytest.mark.django_db


@pytest.fixture
def incident() -> Incident:
    made = reported()
    Incident.objects.filter(pk=made.pk).update(declared_at=NOW)
    return made


@pytest.fixture
def lead() -> Client:
    return client_of(member(GroupName.CRISIS_LEAD))


def door(row: Any, name: str) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{name}", args=[row.pk])


def test_a_cost_is_recorded_and_corrected_in_the_room(incident: Incident, lead: Client) -> None:
    given = {"kind": "channel", "amount": "12.5", "currency": "eur", "channel": "phone", "note": "lines"}
    lead.post(door(incident, "record_cost"), given)
    item = CostItem.objects.get()
    page = lead.get(door(item, "correct")).content.decode()
    refused = lead.post(door(item, "correct"), {**given, "kind": "other", "reason": "wrong kind"})
    lead.post(door(item, "correct"), {**given, "amount": "10", "reason": "a discount"})
    room = lead.get(room_url(incident, Tab.REVIEW)).content.decode()

    assert ('value="12.50"' in page, 'value="EUR"' in page) == (True, True)
    assert "Only the cost of a channel names one." in refused.content.decode()
    assert [str(one) for one in CostItem.objects.standing()] == ["10.00 EUR"]
    assert "a discount" in room


def test_outcomes_are_tried_and_imported_and_bad_lines_told(incident: Incident, lead: Client) -> None:
    customer("K1")
    content = f"crm_id,observed_on,is_customer\nK1,{NOW.date()},yes\nK9,{NOW.date()},no\n".encode()

    def sent(**fields: str) -> str:
        file = SimpleUploadedFile("later.csv", content)
        page = lead.post(door(incident, "import_outcomes"), {"file": file, **fields}, follow=True)
        return page.content.decode()

    tried, before = sent(is_trial="on"), CustomerOutcome.objects.count()
    done = sent()

    assert ("Trial run" in tried, before) == (True, 0)
    assert ("1 created" in done, "no customer has this id" in done) == (True, True)
    assert CustomerOutcome.objects.count() == 1


def test_the_tab_costs_the_same_for_one_cost_and_for_four(incident: Incident, lead: Client) -> None:
    given = {"kind": "other", "amount": "1", "currency": "EUR"}
    counts = []
    for times in (1, 3):
        for _time in range(times):
            lead.post(door(incident, "record_cost"), given)
        lead.get(room_url(incident, Tab.REVIEW))
        with CaptureQueriesContext(connection) as queries:
            lead.get(room_url(incident, Tab.REVIEW))
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_a_viewer_reads_costs_and_enters_none(incident: Incident) -> None:
    viewer = client_of(member(GroupName.VIEWER))

    assert viewer.get(room_url(incident, Tab.REVIEW)).status_code == 200
    assert {viewer.get(door(incident, name)).status_code for name in ("record_cost", "import_outcomes")} == {403}


def test_whom_a_customer_turned_to_is_noted_on_the_entry(incident: Incident, lead: Client) -> None:
    entry = feedback.log(incident, entry=feedback.Entry("I call the paper"), now=NOW)

    lead.post(door(entry, "escalate"), {"to": "media"})

    entry.refresh_from_db()
    assert entry.escalated_to == "media"
