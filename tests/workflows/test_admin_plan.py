"""The plan, the press and the links on screen and through the interface: each door does its one thing."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crisiscomm.groups import GroupName
from incidents.models import Incident, User
from notifications.enums import MessageState
from tests import factories_updates
from tests.crisiscomm.test_api import call, token
from tests.factories_admin import client_of, member
from tests.factories_incidents import NOW, person
from workflows import parties, plans, press, social
from workflows.admin.base import Tab, room_url
from workflows.enums import LinkKind, Party
from workflows.models import Case, IncidentLink, PressEnquiry

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[Incident]:
    def build() -> Incident:
        incident = factories_updates.speaking(tiers=(1,))
        factories_updates.speaking(tiers=(1,))
        return incident

    with django_db_blocker.unblock(), factories_updates.once(build) as incident:
        yield incident


@pytest.fixture
def incident(world: Incident, db: None) -> Incident:
    return Incident.objects.get(pk=world.pk)


@pytest.fixture
def lead(db: None) -> Client:
    return client_of(member(GroupName.CRISIS_LEAD))


def post(client: Client, row: Any, door: str, **given: Any) -> Any:
    place = f"admin:{row._meta.app_label}_{row._meta.model_name}_{door}"
    return client.post(reverse(place, args=[row.pk]), given)


def test_words_approvers_and_rhythm_change_on_screen_with_a_reason(incident: Incident, lead: Client) -> None:
    plan = plans.required(incident)
    door = reverse("admin:workflows_communicationplan_edit_template", args=[plan.pk])
    form = lead.get(door, {"kind": "press_release"})
    fields = {field.name: field.value() or "" for field in form.context["form"]}
    fields |= {"kind": "press_release", "en-subject": "For the press", "reason": "plainer"}

    words = post(lead, plan, "edit_template", **fields)
    plan = plans.required(incident)
    given = {"severity": "SEV2", "tier": "1", "first_contact_within": "1:00:00", "update_every": "3:00:00"}
    rhythm = post(lead, plan, "edit_cadence", **given, reason="they call every hour")
    refused = post(lead, plan, "edit_cadence", **given, reason="")
    roles = {"kind": "resolution", "roles": ["legal_counsel"], "rule": "all"}
    times = {"sla": "1:00:00", "deputy_after": "0:30:00"}
    approvers = post(lead, plan, "edit_approvers", **roles, **times, reason="a lawsuit")

    assert [answer.status_code for answer in (words, rhythm, refused, approvers)] == [302, 302, 200, 302]
    plan = plans.required(incident)
    assert plans.template(plan, "press_release")["en"]["subject"] == "For the press"
    assert plans.audience(plan, 1).update_interval == timedelta(hours=3)
    assert [role.value for role in plans.approval_rule(plan, "resolution").roles] == ["legal_counsel"]


def test_a_text_for_partners_is_drafted_and_handed_over_on_screen(incident: Incident, lead: Client) -> None:
    row = plans.required(incident).parties.get(party=Party.PARTNERS, stage="first_notice")

    drafted = post(lead, row, "draft")
    message = incident.messages.latest("number")
    early = lead.get(reverse("admin:notifications_message_change", args=[message.pk])).content.decode()
    factories_updates.approve(message)
    page = lead.get(reverse("admin:notifications_message_change", args=[message.pk])).content.decode()
    post(lead, message, "hand_over", how="to the list of partners")

    message.refresh_from_db()
    assert (drafted.status_code, message.state) == (302, MessageState.SENT)
    assert ("hand_over/" in early, "hand_over/" in page, "/release/" in page) == (False, True, False)


def test_the_press_is_served_on_screen(incident: Incident, lead: Client) -> None:
    post(lead, incident, "log_enquiry", who="A. Reporter", question="How many?")
    enquiry = PressEnquiry.objects.get(incident=incident)
    post(lead, enquiry, "answer", answer="Seventeen.")
    network = {"network": "community", "post_at": "", "poster": ""}
    planned = post(lead, incident, "plan_post", **network)
    place = {"held_at": "2026-11-22T12:00", "place": "Hall 2", "speaker": person("spokesperson").pk}
    User.objects.filter(username="spokesperson").update(is_staff=True)
    post(lead, incident, "plan_conference", **place)
    page = lead.get(room_url(incident, Tab.PRESS)).content.decode()

    enquiry.refresh_from_db()
    assert (enquiry.answer, planned.status_code, incident.conferences.count()) == ("Seventeen.", 302, 1)
    assert all(words in page for words in ("A. Reporter", "Hall 2", "we are working on it"))


def test_incidents_are_linked_and_taken_in_on_screen(incident: Incident, lead: Client) -> None:
    other = Incident.objects.live().exclude(pk=incident.pk).get()

    post(lead, incident, "link_incident", other=other.pk, reason="one supplier")
    link = IncidentLink.objects.get(kind=LinkKind.LINKED)
    post(lead, link, "unlink", reason="two suppliers")
    post(lead, incident, "merge_incident", other=other.pk, reason="one after all")

    other.refresh_from_db()
    assert (other.is_live, IncidentLink.objects.filter(kind=LinkKind.MERGED).count()) == (False, 1)
    assert other.reference in lead.get(room_url(incident, Tab.PLAN)).content.decode()


def test_the_library_is_read_and_widened_on_screen(incident: Incident, lead: Client) -> None:
    words = {"key": "ours", "title_en": "Ours", "story_en": "We waited.", "outcome": "failure", "tags": incident.type}

    answer = lead.post(reverse("admin:workflows_case_add_case"), words)

    case = Case.objects.get(key="ours")
    assert (answer.status_code, case.tags, case.title) == (302, [incident.type], {"en": "Ours"})
    assert "We waited." in lead.get(room_url(incident, Tab.PLAN)).content.decode()
    assert lead.get(reverse("admin:workflows_case_changelist")).status_code == 200


def test_the_tabs_cost_the_same_for_one_row_and_for_many(incident: Incident, lead: Client) -> None:
    def cost(tab: Tab) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert lead.get(room_url(incident, tab)).status_code == 200
        return len(asked)

    def add(number: int) -> None:
        press.log(incident, enquiry=press.Enquiry(f"R{number}", "Why?"), by=person("wen"), now=NOW)
        plan = social.Plan("community", poster=person("wen"))
        made = social.plan_post(incident, plan=plan, by=person("wen"), now=NOW)
        factories_updates.approve(made.message)
        social.mark_posted(made, link="https://network.example/1", by=person("wen"), now=NOW)
        social.log_comment(made, comment=social.Comment("Really?"), by=person("wen"), now=NOW)

    add(1)
    few = {tab: cost(tab) for tab in (Tab.PRESS, Tab.PLAN)}
    add(2)
    add(3)
    parties.draft(plans.required(incident).parties.get(party=Party.PRESS, stage="first_notice"), by=person(), now=NOW)

    assert {tab: cost(tab) for tab in few} == few


def test_other_systems_read_the_plan_and_log_enquiries(incident: Incident, client: Client) -> None:
    secret, path = token(), f"/incidents/{incident.reference}"
    asked, body = f"{path}/press-enquiries", {"who": "R", "question": "Why?"}
    assert call(client, "POST", asked, body, secret=secret).status_code == 403
    person("robot").groups.set(member(GroupName.CRISIS_LEAD).groups.all())

    plan = call(client, "GET", f"{path}/plan", secret=secret).json()
    learning = call(client, "GET", f"{path}/learning", secret=secret).json()
    logged = call(client, "POST", asked, body, key="a", secret=secret).json()
    answer = f"{path}/press-enquiries/{logged['id']}/answer"
    answered = call(client, "POST", answer, {"text": "So."}, key="b", secret=secret)
    again = call(client, "POST", answer, {"text": "So!"}, key="c", secret=secret)
    other = Incident.objects.live().exclude(pk=incident.pk).get()
    link = {"other": other.reference, "reason": "one supplier"}
    linked = call(client, "POST", f"{path}/links", link, key="d", secret=secret)

    assert (plan["state"], plan["lacks"], len(plan["parties"]), len(plan["order"])) == ("approved", [], 15, 4)
    assert [one["reference"] for one in learning["incidents"]] == [other.reference]
    assert (answered.json()["answer"], again.status_code) == ("So.", 409)
    assert (linked.status_code, linked.json()["kind"]) == (201, "linked")
    assert [row["id"] for row in call(client, "GET", f"{path}/press-enquiries", secret=secret).json()] == [logged["id"]]
