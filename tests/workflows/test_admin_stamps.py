"""Approving from a phone, what waits for me, vetoes, emergencies and the cadence board, through the admin's pages."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from crisiscomm.groups import GroupName
from incidents import clock
from incidents.models import Company, Incident, User
from notifications import throttle, webhooks
from notifications.enums import MessageState
from notifications.models import EmergencyApproval, Message, Objection
from tests import factories_updates as updating
from tests.factories_admin import client_of
from tests.factories_incidents import NOW, person
from workflows import approvals, cadence, plans, updates
from workflows.models import RhythmPause, UpdateSlot

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[Incident]:
    with django_db_blocker.unblock(), updating.once(updating.told) as incident:
        yield incident


@pytest.fixture
def incident(world: Incident, db: None, monkeypatch: pytest.MonkeyPatch) -> Incident:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Incident.objects.get(pk=world.pk)


def browser(username: str, group: GroupName = GroupName.CRISIS_LEAD) -> Client:
    user = person(username)
    User.objects.filter(pk=user.pk).update(is_staff=True)
    user.refresh_from_db()
    user.groups.set([Group.objects.get(name=group.value)])
    return client_of(user)


def submitted(incident: Incident) -> Message:
    return approvals.submit(updating.drafted(incident), by=person(updating.WRITER), now=NOW)


def door(row: Any, name: str) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{name}", args=[row.pk])


def test_what_waits_for_me_is_one_click_from_reading(incident: Incident) -> None:
    message = submitted(incident)

    page = browser("incident_lead", GroupName.APPROVER).get(reverse("admin:notifications_message_mine"))

    assert f"/message/{message.pk}/approve/" in page.content.decode()
    assert [one.message for one in page.context["mine"]] == [message]


def test_the_page_to_approve_tells_how_many_get_it_what_is_wrong_and_what_stands_against_it(incident: Incident) -> None:
    message = submitted(incident)
    client = browser("incident_lead", GroupName.APPROVER)
    client.post(door(message, "object_strongly"), {"reason": "It names a patient."})

    page = client.get(door(message, "approve"))
    form = page.context["form"]

    assert (form.recipients(), form.due_at() is not None) == (1, True)
    assert "It names a patient." in page.content.decode()
    assert door(message, "object_to") in page.content.decode()


def test_a_veto_is_raised_and_overruled_by_doors(incident: Incident) -> None:
    message = updating.ready(incident)
    browser("legal_counsel", GroupName.APPROVER).post(door(message, "object_strongly"), {"reason": "Wrong in law."})
    objection = Objection.objects.get(message=message)

    browser("communications_lead").post(door(objection, "overrule"), {"reason": "No."})
    assert Objection.objects.standing().count() == 1
    browser("executive_sponsor", GroupName.APPROVER).post(door(objection, "overrule"), {"reason": "We must."})

    assert Message.objects.get(pk=message.pk).state == MessageState.APPROVED
    page = browser("incident_lead").get(reverse("admin:notifications_message_change", args=[message.pk]))
    assert "Wrong in law." in page.content.decode()


def test_an_emergency_is_opened_and_judged_by_doors(incident: Incident) -> None:
    message = submitted(incident)
    browser("incident_lead").post(door(message, "open_emergency"), {"reason": "Gas is leaking."})
    emergency = EmergencyApproval.objects.get()

    browser("executive_sponsor", GroupName.APPROVER).post(door(emergency, "judge"), {"judgement": "It was needed."})

    emergency.refresh_from_db()
    assert emergency.judgement == "It was needed."


def test_the_board_has_its_doors(incident: Incident) -> None:
    slot = updating.slot(incident)
    updates.open_slot(slot.pk, now=slot.opens_at)
    client = browser("communications_lead")

    board = client.get(reverse("admin:workflows_updateslot_board"))
    client.post(door(slot, "pause"), {"until": "2026-12-31T10:00", "reason": "Agreed with them."})
    client.post(door(slot, "confirm_no_change"))
    paused = client.get(reverse("admin:workflows_updateslot_board")).content.decode()

    assert [line.slot for line in board.context["lines"]] == [slot]
    assert "Agreed with them." in paused
    assert UpdateSlot.objects.get(pk=slot.pk).message.state == MessageState.APPROVED  # type: ignore[union-attr]
    client.post(door(RhythmPause.objects.get(), "resume"))
    assert RhythmPause.objects.get().ended_at == NOW


def test_a_beat_nobody_was_promised_is_put_off_by_a_door(incident: Incident) -> None:
    slot = cadence.successor(updating.slot(incident), plan=plans.required(incident))
    slot.save()

    browser("communications_lead").post(door(slot, "postpone"), {"to": "2026-12-31T10:00", "reason": "Plant closed."})

    assert UpdateSlot.objects.get(pk=slot.pk).promised_at - NOW > timedelta(days=30)


def test_the_company_keeps_its_copy_addresses_one_a_line(incident: Incident) -> None:
    Company.objects.update(copy_addresses=["a@company.example", "b@company.example"])

    page = browser("incident_lead").get(reverse("admin:incidents_company_change", args=[1]))
    field = page.context["adminform"].form["copy_addresses"]

    assert field.value() == "a@company.example\nb@company.example"
    assert field.field.clean("a@company.example\n\nb@company.example ") == ["a@company.example", "b@company.example"]
    with pytest.raises(ValidationError):
        field.field.clean("nobody")


def test_turned_away_reports_are_counted_for_the_figures(incident: Incident, settings: Any) -> None:
    settings.METRICS_TOKEN = "token"
    client = Client(headers={"Authorization": "Bearer token"})

    for _twice in range(2):
        client.post("/hooks/email/", data=b"{}", content_type="application/json")

    assert throttle.noted([f"{webhooks.REFUSED}signature"]) == {f"{webhooks.REFUSED}signature": 2}
    assert 'crisiscomm_hooks_refused_total{reason="signature"} 2.0' in client.get("/metrics").content.decode()
