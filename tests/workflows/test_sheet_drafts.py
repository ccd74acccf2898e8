"""Preparation sheets that the system filled, and the press of a person who looked at them."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crisiscomm.groups import GroupName
from incidents import api_tokens, clock, facts, feedback
from incidents.enums import ApiScope, FactStatus
from incidents.models import AuditEvent, Commitment, Customer, Incident, User
from tests import factories_gates as gates
from tests import factories_updates
from tests.factories_admin import client_of, member
from tests.factories_incidents import NOW, person
from workflows import briefings, call_desk, outreach, qa_bank, sheet_drafts
from workflows.models import OutreachTask

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)
LEAD, MANAGER = "incident_lead", "account_manager"


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[Incident]:
    """Two customers of tier 1 and one of tier 2 whose calls are planned; brief and one answer are approved."""

    def build() -> Incident:
        incident = factories_updates.speaking(tiers=(1, 1, 2))
        Commitment.objects.update(feasibility_evidence="stock counted")
        brief = briefings.draft_brief(incident, by=person("wen"), now=NOW)
        briefings.approve(brief, by=person("communications_lead"), now=NOW)
        qa_bank.seed(incident)
        qa_bank.approve(incident.qa_entries.get(key="my_order"), by=person("communications_lead"), now=NOW)
        notice = factories_updates.drafted(incident)
        outreach.prepare_contacts(incident, message=notice, now=NOW)
        return incident

    with django_db_blocker.unblock(), factories_updates.once(build) as incident:
        yield incident


@pytest.fixture
def incident(world: Incident, db: None) -> Incident:
    return Incident.objects.get(pk=world.pk)


def look(incident: Incident, *, by: str = MANAGER) -> sheet_drafts.Looked:
    seen = sheet_drafts.digest(sheet_drafts.waiting(incident, now=NOW))
    return sheet_drafts.look(incident, seen=seen, by=person(by), now=LATER)


def gate(incident: Incident) -> str:
    return gates.missing(incident, "prep_sheet_ready", tier="tier_1")


def test_a_sheet_says_what_the_record_says_and_names_what_is_not_there(incident: Incident) -> None:
    first = Customer.objects.filter(impacts__tier=1).order_by("pk")[0]
    feedback.log(incident, entry=feedback.Entry("Where is it?", customer=first), now=NOW)

    drafts = sheet_drafts.waiting(incident, now=NOW)

    one = next(draft for draft in drafts if draft.task.customer_id == first.pk)
    sheet: dict[str, Any] = one.sheet
    assert ([draft.is_poor for draft in drafts], len(sheet["options_to_offer"]) >= 2) == ([False, False], True)
    assert sheet["impact_on_this_customer"].startswith("order 17")
    assert any(line.endswith("(fact sheet v1)") for line in sheet["facts_and_figures"])
    assert [line[:14] for line in sheet["facts_and_figures"] if line.startswith(("Line to", "May be"))] == [
        "Line to take: ",
        "May be promise",
    ]
    assert [line[:42] for line in sheet["expected_questions"]] == ["When exactly will my order arrive? – your "[:42]]
    assert sheet["history"] == "Waits for an answer: Where is it?"
    assert "No date, cause or promise beyond what stands on this sheet." in sheet["red_lines"]
    assert one.gaps == ["Risk and date of a line stop at the customer"]


def test_one_press_makes_the_sheets_ready_and_names_who_looked(incident: Incident) -> None:
    before = gate(incident)

    looked = look(incident)

    kept = OutreachTask.objects.filter(is_prepared=True)
    assert (before, looked, gate(incident)) == (
        "0 of 2 preparation sheets are filled.",
        sheet_drafts.Looked(ready=2, left_open=[]),
        "",
    )
    assert (
        list(kept.values_list("is_prefilled", "prepared_by__username", "prepared_at")) == [(True, MANAGER, LATER)] * 2
    )
    assert AuditEvent.objects.filter(action="outreach.sheets_looked_at", actor=person(MANAGER)).count() == 1
    with pytest.raises(sheet_drafts.NothingReady, match="No prefilled sheet"):
        look(incident)


def test_a_sheet_of_a_persons_own_is_left_alone(incident: Incident) -> None:
    task = OutreachTask.objects.filter(customer__impacts__tier=1).order_by("pk")[0]
    own = {**sheet_drafts.of_task(task, now=NOW).sheet, "red_lines": "never a date"}
    call_desk.prepare(task, sheet=own, by=person("wen"), now=NOW)

    looked = look(incident)

    task.refresh_from_db()
    assert (looked.ready, task.preparation["red_lines"], task.is_prefilled) == (1, ["never a date"], False)
    assert task.prepared_by == person("wen")


def test_a_sheet_without_two_options_stays_open_and_is_named(incident: Incident) -> None:
    poor, rich = Customer.objects.filter(impacts__tier=1).order_by("pk")
    Customer.objects.filter(pk=rich.pk).update(region="EU")
    for option in incident.remedy_options.all():
        option.limits.create(segment={"region": ["EU"]})

    looked = look(incident)

    assert looked == sheet_drafts.Looked(ready=1, left_open=[poor.crm_id])
    assert gate(incident) == "1 of 2 preparation sheets are filled."
    with pytest.raises(sheet_drafts.NothingReady, match=poor.crm_id):
        look(incident)


def test_only_the_manager_or_the_lead_looks_and_only_at_what_was_read(incident: Incident) -> None:
    seen = sheet_drafts.digest(sheet_drafts.waiting(incident, now=NOW))
    with pytest.raises(sheet_drafts.NotYoursToLookAt, match="Account manager"):
        look(incident, by="spokesperson")
    change = facts.FactChange("incident.summary", {"en": "Two lines stand still"}, FactStatus.VERIFIED, "plant")
    facts.put(incident, change=change, by=person("wen"), now=NOW)
    facts.confirm(facts.freeze(incident, by=person("wen"), now=NOW), by=person(LEAD), now=NOW)

    with pytest.raises(sheet_drafts.SheetsChanged):
        sheet_drafts.look(incident, seen=seen, by=person(LEAD), now=NOW)
    assert not OutreachTask.objects.filter(is_prepared=True).exists()


def test_more_sheets_cost_no_more_queries(incident: Incident) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            look(incident)
        return len(queries)

    waiting = OutreachTask.objects.filter(customer__impacts__tier=1).order_by("pk")
    count()  # fills what is looked up once a process
    OutreachTask.objects.filter(pk=waiting[0].pk).update(is_prepared=False)
    one = count()
    OutreachTask.objects.update(is_prepared=False)

    assert count() == one


def test_the_door_shows_the_sheets_and_keeps_them(incident: Incident) -> None:
    user = member(GroupName.ACCOUNT_MANAGER, MANAGER)
    User.objects.filter(pk=user.pk).update(is_staff=True)
    manager = client_of(user)
    task = OutreachTask.objects.filter(customer__impacts__tier=1).order_by("pk")[0]
    address = reverse("admin:workflows_outreachtask_change", args=[task.pk])
    door = reverse("admin:incidents_incident_look_at_sheets", args=[incident.pk])

    unread = manager.get(address).content.decode()
    page = manager.get(door)
    manager.post(door, {"seen": page.context["form"].fields["seen"].initial})
    read = manager.get(address).content.decode()

    assert ["nobody looked at it yet" in shown for shown in (unread, read)] == [True, False]
    assert "May be promised" in page.content.decode()
    assert OutreachTask.objects.filter(is_prefilled=True).count() == 2


def test_the_interface_lists_the_sheets_and_takes_the_look(incident: Incident) -> None:
    user, now = member(GroupName.ACCOUNT_MANAGER, MANAGER), clock.now()
    grant = api_tokens.Grant("desk", (ApiScope.DESK_READ, ApiScope.DESK_WRITE), now + timedelta(days=1))
    headers = {"Authorization": f"Bearer {api_tokens.issue(user, grant=grant, now=now)}"}
    base = f"/api/v1/incidents/{incident.reference}/sheets"

    listed = Client().get(base, headers=headers).json()

    def send(digest: str, key: str) -> Any:
        sent = json.dumps({"digest": digest})
        kept = {**headers, "Idempotency-Key": key}
        return Client().post(f"{base}/looked-at", sent, content_type="application/json", headers=kept)

    changed, looked = send("0" * 64, "a"), send(listed["digest"], "b")

    assert len(listed["sheets"]) == 2
    assert (changed.status_code, looked.json()) == (409, {"ready": 2, "left_open": []})
