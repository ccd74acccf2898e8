"""The audience tab and the segments' page: every rule by a click, every refusal beside the form."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crisiscomm.groups import GroupName
from incidents import duties
from incidents.enums import Duty
from incidents.models import Company, Exclusion, Incident, Segment
from tests import factories_updates as updating
from tests.factories_admin import client_of, member
from workflows.admin.base import Tab, room_url

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[Incident]:
    with django_db_blocker.unblock(), updating.once(partial(updating.speaking, tiers=(1, 3))) as incident:
        yield incident


@pytest.fixture
def incident(world: Incident, db: None) -> Incident:
    return Incident.objects.get(pk=world.pk)


@pytest.fixture
def lead(db: None) -> Client:
    return client_of(member(GroupName.CRISIS_LEAD))


def door(incident: Incident, name: str) -> str:
    return reverse(f"admin:incidents_incident_{name}", args=[incident.pk])


def test_a_segment_is_tried_kept_and_used_to_mark_and_to_leave_out(lead: Client, incident: Incident) -> None:
    updating.affected(incident, tier=3, name="T3-b", region="BY")
    asked = {"name": "Bavaria", "query": "region = BY", "note": ""}

    wrong = lead.post(reverse("admin:incidents_segment_add"), {**asked, "query": "colour = red"})
    kept = lead.post(reverse("admin:incidents_segment_add"), asked, follow=True)
    tried = lead.post(reverse("admin:incidents_segment_try_out"), {"query": "region = BY"}, follow=True)
    segment = Segment.objects.get()
    added = lead.post(door(incident, "add_by_segment"), {"segment": segment.pk, "query": ""}, follow=True)
    both = lead.post(door(incident, "add_by_segment"), {"segment": segment.pk, "query": "has_email"})
    gone = lead.post(door(incident, "exclude_customers"), {"segment": segment.pk, "reason": "in court"}, follow=True)
    back = lead.post(door(incident, "include_customers"), {"crm_ids": "T3-b"}, follow=True)

    assert "at character 1 (“colour”)" in wrong.content.decode()
    assert kept.status_code == 200
    assert "1 customers, for example Customer T3-b (T3-b)" in tried.content.decode()
    assert "0 affected customers added, 1 were on the list" in added.content.decode()
    assert "one of the two" in both.content.decode()
    assert "1 customers are left out" in gone.content.decode()
    assert "1 customers hear again" in back.content.decode()
    assert Exclusion.objects.filter(lifted_at=None).count() == 0


def test_the_tab_shows_duties_calls_and_one_customers_ladder(lead: Client, incident: Incident) -> None:
    message = updating.drafted(incident)
    customer = incident.impacts.get(tier=1).customer

    page = lead.get(f"{room_url(incident, Tab.AUDIENCE)}&why={customer.crm_id}").content.decode()
    lead.post(door(incident, "owe_duty"), {"duty": Duty.MARKET_FIRST, "reason": "listed"})
    waiting = lead.get(room_url(incident, Tab.AUDIENCE)).content.decode()
    lead.post(door(incident, "record_disclosure"), {"at": "2026-11-22 08:00", "evidence": "notice 7"})
    lead.post(door(incident, "owe_duty"), {"duty": Duty.SAFETY_WARNING, "reason": "recall"})
    refused = lead.post(door(incident, "exclude_customers"), {"query": "has_email", "reason": "in court"})
    lead.post(door(incident, "give_back_duty"), {"duty": Duty.SAFETY_WARNING, "reason": "laboratory"})
    people = lead.post(door(incident, "add_callers"), {"count": 2, "who": "support"}, follow=True).content.decode()
    left_out = reverse("admin:notifications_message_leave_out", args=[message.pk])
    lead.post(left_out, {"query": f"crm_id = {customer.crm_id}", "reason": "in court"})
    shown = lead.get(reverse("admin:notifications_message_change", args=[message.pk])).content.decode()
    incident.refresh_from_db()

    assert f"Why {customer.crm_id} is told this way" in page
    assert "This way" in page
    assert "1 one-to-one contacts within" in page
    assert "No customer hears before the market" in waiting
    assert "Nobody is left out of this incident" in refused.content.decode()
    assert duties.of(incident) == {Duty.MARKET_FIRST}
    assert incident.market_disclosed_at is not None
    assert "4 people can hold" in people
    assert "Left out, with a reason" in shown


@pytest.mark.usefixtures("incident")
def test_test_recipients_are_addresses(lead: Client) -> None:
    url = reverse("admin:incidents_company_change", args=[1])
    form = lead.get(url).context["adminform"].form
    given = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    texts = {key: value for key, value in given.items() if isinstance(value, str | int)}

    wrong = lead.post(url, {**texts, "test_recipients": "nobody"}).content.decode()

    assert "nobody: This is no e-mail address" in wrong
    assert Company.objects.get().test_recipients == []
