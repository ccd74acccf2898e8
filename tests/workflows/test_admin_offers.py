"""What the crisis room offers: the next step, nothing that would only be refused, and names instead of ids."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from crisiscomm.groups import GroupName
from incidents import facts, lifecycle
from incidents.models import Fact, Incident, User
from incidents.phases import Phase
from notifications.enums import MessageState
from notifications.models import Message
from tests import factories, factories_updates
from tests.factories_admin import client_of, member
from tests.factories_incidents import NOW, person
from workflows import approvals, gates, releases
from workflows.admin import gate_places
from workflows.admin.base import Tab, room_url
from workflows.templatetags import room

pytestmark = pytest.mark.django_db
PRIMARY = re.compile(r'rm-door-primary"')


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[Incident]:
    with django_db_blocker.unblock(), factories_updates.once(factories_updates.told) as incident:
        yield incident


@pytest.fixture
def incident(world: Incident, db: None) -> Incident:
    return Incident.objects.get(pk=world.pk)


@pytest.fixture
def lead(db: None) -> Client:
    return client_of(member(GroupName.CRISIS_LEAD))


def page(client: Client, incident: Incident, tab: Tab = Tab.NOW) -> str:
    return client.get(room_url(incident, tab)).content.decode()


def offered(html: str, *doors: str) -> list[str]:
    return [door for door in doors if f"/{door}/?" in html]


def moved(incident: Incident, phase: Phase) -> Incident:
    if phase == Phase.CANCELLED:
        return factories_updates.cancelled(incident)
    return factories_updates.enter(incident, phase)


@pytest.mark.parametrize(
    ("phase", "buttons"),
    [
        (Phase.EXECUTE, ["draft_message", "stop_sending"]),
        (Phase.CANCELLED, ["draft_message"]),
        (Phase.CLOSED, []),
    ],
)
def test_an_incident_that_is_over_offers_neither_message_nor_stop(
    incident: Incident, lead: Client, phase: Phase, buttons: list[str]
) -> None:
    incident.messages.update(state=MessageState.SENT)

    html = page(lead, moved(incident, phase))

    assert offered(html, "draft_message", "stop_sending") == buttons


def test_what_is_still_being_sent_can_be_stopped_after_the_end(incident: Incident) -> None:
    incident.messages.update(state=MessageState.SENDING)

    assert releases.is_under_way(moved(incident, Phase.CLOSED)) is True


def test_a_declared_incident_is_put_right_not_declared(incident: Incident, lead: Client) -> None:
    fresh = factories.declared(now=NOW)

    html = page(lead, fresh)

    assert offered(html, "declare", "declare_again") == ["declare_again"]


@pytest.mark.parametrize("tab", [Tab.NOW, Tab.PLAN, Tab.MESSAGES, Tab.FACTS])
def test_a_page_has_one_primary_button(incident: Incident, lead: Client, tab: Tab) -> None:
    assert len(PRIMARY.findall(page(lead, incident, tab))) <= 1


def test_a_blocked_phase_offers_the_places_where_it_is_mended(incident: Incident, lead: Client) -> None:
    found = lifecycle.blockers(incident, now=NOW)
    wanted = {link for _one, _tab, link in gate_places.places(incident, found)}

    html = page(lead, incident)

    assert any(one.is_blocking for one in found)
    assert [link for link in wanted if f'href="{link}"' not in html] == []
    assert offered(html, "advance") == []


def test_a_writer_is_told_that_another_person_approves(incident: Incident) -> None:
    message = factories_updates.drafted(incident)
    approvals.submit(message, by=person(factories_updates.WRITER), now=NOW)
    address = reverse("admin:notifications_message_change", args=[message.pk])
    writer, other = staff(factories_updates.WRITER), staff("communications_lead")
    refusal = str(approvals.may_approve(Message.objects.get(pk=message.pk), by=writer, now=NOW))

    own, theirs = (client_of(one).get(address).content.decode() for one in (writer, other))

    assert (offered(own, "approve"), offered(theirs, "approve")) == ([], ["approve"])
    assert refusal in own
    assert "{{ customer.salutation }}" in own


def staff(username: str) -> User:
    user = member(GroupName.CRISIS_LEAD, f"{username}-staff")
    known = person(username)
    known.is_staff = True
    known.save(update_fields=["is_staff"])
    known.groups.set(user.groups.all())
    return known


def test_whoever_wrote_the_fact_sheet_is_not_asked_to_confirm_it(incident: Incident) -> None:
    writer, other = staff("wen"), staff("communications_lead")
    facts.freeze(incident, by=writer, now=NOW)

    own, theirs = (page(client_of(one), incident, Tab.FACTS) for one in (writer, other))

    assert (offered(own, "confirm"), offered(theirs, "confirm")) == ([], ["confirm"])


def test_the_facts_the_phase_waits_for_stand_first(incident: Incident, lead: Client) -> None:
    asked = Fact.objects.filter(incident=incident).order_by("position").last()
    assert asked is not None
    Fact.objects.filter(pk=asked.pk).update(needed_by=Phase.IDENTIFY, value={}, is_answered=False)

    shown = lead.get(room_url(incident, Tab.FACTS)).context["facts"]

    wanted = [line["row"].pk for line in shown if line["is_wanted"]]
    assert asked.pk in wanted
    assert [line["row"].pk for line in shown[: len(wanted)]] == wanted


@pytest.mark.parametrize(
    ("read", "name", "words"),
    [
        (room.phase_name, "follow_up", "Follow-up"),
        (gates.element_name, "cause", "Cause"),
        (gates.element_name, "greeting", "Greeting"),
        (room.kind_name, "qa_starter", "Q&A bank"),
        (room.step_name, "perception", "Hear what they know"),
        (room.as_read, ["a", "b"], "a, b"),
    ],
)
def test_ids_are_read_as_names(read: Any, name: Any, words: str) -> None:
    with translation.override("en"):
        assert read(name) == words


def test_a_kept_time_is_read_in_words() -> None:
    assert "T07:00" not in room.as_read("2026-01-02T07:00:00+00:00")
