"""Every page of the crisis room opens for every group, costs the same for one row and many, and refuses in words."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crisiscomm.groups import GroupName
from incidents.admin.doors import Door
from incidents.models import Incident
from incidents.phases import Phase
from notifications.enums import MessageKind
from notifications.models import Message
from tests import factories, factories_updates
from tests.factories_admin import client_of, member
from tests.factories_incidents import NOW, person, reported
from workflows import briefings, outreach, qa_bank, reviews
from workflows.admin.base import Tab, room_url
from workflows.models import CommunicationPlan, OutreachTask, Review, UpdateSlot

pytestmark = pytest.mark.django_db
MODELS = [
    "incidents.incident",
    "notifications.message",
    "notifications.delivery",
    "notifications.suppression",
    "notifications.staffnotice",
    "notifications.webhookendpoint",
    "notifications.providerevent",
    "workflows.outreachtask",
    "workflows.updateslot",
    "workflows.alert",
    "workflows.holdlist",
    "workflows.review",
    "workflows.playbookversion",
]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[Incident]:
    def build() -> Incident:
        return factories_updates.told(tiers=(1, 2, 3))

    with django_db_blocker.unblock(), factories_updates.once(build) as incident:
        yield incident


@pytest.fixture
def incident(world: Incident, db: None) -> Incident:
    return Incident.objects.get(pk=world.pk)


@pytest.fixture
def lead(db: None) -> Client:
    return client_of(member(GroupName.CRISIS_LEAD))


def rows(incident: Incident) -> list[Any]:
    """One row of every kind the room shows."""
    writer = person("wen")
    brief = briefings.draft_brief(incident, by=writer, now=NOW)
    qa_bank.seed(incident)
    review = reviews.begin(incident, now=NOW)
    message = incident.messages.get()
    outreach.prepare_contacts(incident, message=message, now=NOW)
    plan = CommunicationPlan.objects.get(incident=incident)
    found: list[Any] = [incident, message, brief, review, plan, plan.audiences.first(), incident.facts.first()]
    found += [incident.fact_sheets.first(), incident.qa_entries.first(), incident.remedy_options.first()]
    found += [message.deliveries.first(), UpdateSlot.objects.first(), incident.impacts.first()]
    return [row for row in found if row is not None]


@pytest.mark.parametrize("group", GroupName)
def test_every_tab_opens_for_every_group(incident: Incident, group: GroupName) -> None:
    client = client_of(member(group))

    codes = {tab: client.get(room_url(incident, tab)).status_code for tab in Tab}

    assert codes == dict.fromkeys(Tab, 200)


# Who may do nothing; the other groups are for the long run.
ENDS = {GroupName.VIEWER}


@pytest.mark.parametrize(
    "group", [pytest.param(one, marks=() if one in ENDS else pytest.mark.long) for one in GroupName]
)
def test_every_address_answers_every_group(incident: Incident, group: GroupName) -> None:
    client = client_of(member(group))
    strange = {}

    for row in rows(incident):
        page: Any = admin.site.get_model_admin(type(row))
        place = f"admin:{page.opts.app_label}_{page.opts.model_name}"
        names = ["change", *page.actions_detail]
        for name in names:
            address = reverse(f"{place}_{name}", args=[row.pk])
            for answer in (client.get(address), client.post(address, {})):
                if answer.status_code not in {200, 302, 403}:
                    strange[address] = answer.status_code

    assert strange == {}


@pytest.mark.parametrize("group", GroupName)
def test_every_list_answers_every_group(incident: Incident, group: GroupName) -> None:
    client = client_of(member(group))

    pages = {model: reverse(f"admin:{model.replace('.', '_')}_changelist") for model in MODELS}
    codes = {model: client.get(page, {"q": "INC"}).status_code for model, page in pages.items()}

    assert {model: code for model, code in codes.items() if code not in {200, 403}} == {}


def test_a_viewer_passes_no_door(incident: Incident) -> None:
    client = client_of(member(GroupName.VIEWER))
    open_doors = set()

    for row in rows(incident):
        page: Any = admin.site.get_model_admin(type(row))
        for name in page.actions_detail:
            door: Door = getattr(type(page), name).door
            address = reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_{name}", args=[row.pk])
            if client.post(address, {}).status_code != 403:
                open_doors.add((page.opts.model_name, name, door.permission))

    # Reading is all it takes to say that one has read; who was not asked is refused in words.
    assert open_doors == {("staffbrief", "acknowledge", "workflows.view_staffbrief")}


@pytest.mark.parametrize("tab", Tab)
def test_a_tab_costs_the_same_for_one_row_and_for_three(incident: Incident, lead: Client, tab: Tab) -> None:
    lead.get(room_url(incident, tab))
    with CaptureQueriesContext(connection) as few:
        lead.get(room_url(incident, tab))
    for tier in (1, 2, 3):
        factories_updates.affected(incident, tier=tier)
    for _round in range(3):
        factories_updates.drafted(incident, MessageKind.PROGRESS_UPDATE)
    with CaptureQueriesContext(connection) as many:
        lead.get(room_url(incident, tab))

    assert len(many) <= len(few)


def test_the_pulse_tells_what_changes(incident: Incident, lead: Client) -> None:
    page = lead.get(reverse("admin:incidents_incident_pulse", args=[incident.pk]))

    assert "data-due" in page.content.decode()
    assert "rm-part-accepted" in page.content.decode()


def test_closing_too_early_names_what_is_missing(incident: Incident, lead: Client) -> None:
    page = lead.post(reverse("admin:incidents_incident_advance", args=[incident.pk]))

    assert page.status_code == 200
    assert "EX-05" in page.content.decode()
    incident.refresh_from_db()
    assert incident.phase == "execute"


def test_no_state_is_written_by_a_form(incident: Incident, lead: Client) -> None:
    for name in ("incidents_incident", "notifications_message"):
        row = incident if "incident_" in f"{name}_" and "message" not in name else incident.messages.get()
        lead.post(reverse(f"admin:{name}_change", args=[row.pk]), {"phase": "closed", "state": "sent"})

    incident.refresh_from_db()
    assert (incident.phase, incident.messages.get().state) == ("execute", "sending")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("odd.xlsx", b"no workbook at all"),
        ("odd.csv", b"\x00\x01\x02\xff"),
        ("no.csv", b"a;b\n1;2\n"),
    ],
)
def test_an_odd_file_is_refused_in_a_sentence(incident: Incident, lead: Client, name: str, content: bytes) -> None:
    file = SimpleUploadedFile(name, content)

    page = lead.post(reverse("admin:incidents_incident_add_by_file", args=[incident.pk]), {"file": file})

    assert page.status_code == 200
    assert page.context["form"].errors != {}


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"id: x", b"- [", b"a: !!python/object:os.system x"])
def test_an_odd_playbook_is_refused_in_a_sentence(lead: Client, content: bytes) -> None:
    file = SimpleUploadedFile("own.yaml", content)

    page = lead.post(reverse("admin:workflows_playbookversion_upload"), {"file": file})

    assert page.status_code == 200
    assert page.context["form"].errors != {}


def test_my_next_call_is_the_one_due_first(incident: Incident, lead: Client) -> None:
    task = OutreachTask.objects.filter(incident=incident).order_by("due_at", "pk").first()

    page = lead.post(reverse("admin:incidents_incident_next_call", args=[incident.pk]))

    if task is not None:
        assert page.status_code == 302


def test_the_report_is_read_as_page_and_file(incident: Incident, lead: Client) -> None:
    factories_updates.enter(incident, Phase.EVALUATE)
    lead.post(reverse("admin:incidents_incident_compute_review", args=[incident.pk]))
    review = Review.objects.get(incident=incident)

    kinds = {
        kind: lead.get(reverse("admin:workflows_review_report", args=[review.pk, kind])).headers["Content-Type"]
        for kind in ("html", "pdf", "json")
    }

    assert kinds == {"html": "text/html; charset=utf-8", "pdf": "application/pdf", "json": "application/json"}


def test_reporting_leads_into_the_room() -> None:
    factories.company()
    client = client_of(member(GroupName.COMMUNICATIONS_WRITER))

    page = client.post(reverse("admin:incidents_incident_report"), {"title": "Press stands", "jurisdictions": "DE, CN"})

    made = Incident.objects.latest("pk")
    assert page.headers["Location"] == room_url(made)
    assert (made.title, made.jurisdictions) == ("Press stands", ["DE", "CN"])


def test_a_room_opens_before_anything_is_declared() -> None:
    client = client_of(member(GroupName.CRISIS_LEAD))
    made = reported()

    assert {client.get(room_url(made, tab)).status_code for tab in Tab} == {200}


def test_a_message_page_shows_findings_and_previews(incident: Incident, lead: Client) -> None:
    message: Message = factories_updates.drafted(incident, MessageKind.PROGRESS_UPDATE)
    page = lead.get(reverse("admin:notifications_message_change", args=[message.pk]))
    frames = {
        way: lead.get(reverse("admin:notifications_message_preview", args=[message.pk]), {"way": way})
        for way in ("html", "text", "short", "page")
    }

    assert page.status_code == 200
    assert {way: frame.status_code for way, frame in frames.items()} == dict.fromkeys(frames, 200)
    assert {frame.headers["X-Frame-Options"] for frame in frames.values()} == {"SAMEORIGIN"}
    policy = frames["html"].headers["Content-Security-Policy"]
    assert "script-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
