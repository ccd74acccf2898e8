"""The agent console, the outcome of a call and the training log, as people click them."""

import json
from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crisiscomm.groups import GroupName
from incidents import api_tokens, clock, feedback
from incidents.enums import ApiScope, FeedbackKind, Mood
from incidents.models import Commitment, Customer, Feedback, Incident
from tests import factories_updates
from tests.factories_admin import client_of, member
from tests.factories_incidents import NOW, person
from workflows import briefings, outreach, qa_bank
from workflows.models import CalendarFeed, OutreachTask, StaffBrief, TrainingRecord

CONSOLE = "admin:workflows_staffbrief_console"


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[Incident]:
    """An incident whose customers were told, with an approved brief and answers, and an agent who was asked to read."""

    def build() -> Incident:
        incident = factories_updates.told(tiers=(1, 2))
        member(GroupName.SUPPORT_AGENT, "agent")
        brief = briefings.draft_brief(incident, by=person("wen"), now=NOW)
        briefings.publish(
            briefings.approve(brief, by=person("subject_owner"), now=NOW), by=person("subject_owner"), now=NOW
        )
        qa_bank.seed(incident)
        entry = incident.qa_entries.get(key="my_order")
        qa_bank.approve(entry, by=person("communications_lead"), now=NOW)
        outreach.prepare_contacts(incident, message=incident.messages.get(), now=NOW)
        return incident

    with django_db_blocker.unblock(), factories_updates.once(build) as incident:
        yield incident


@pytest.fixture
def incident(world: Incident, db: None) -> Incident:
    return Incident.objects.get(pk=world.pk)


@pytest.fixture
def agent(incident: Incident) -> Client:
    return client_of(member(GroupName.SUPPORT_AGENT, "agent"))


def test_the_console_shows_the_line_to_take_the_answers_and_who_waits(incident: Incident, agent: Client) -> None:
    feedback.log(incident, entry=feedback.Entry("Where is it?", theme="Delivery date"), now=NOW)

    page = agent.get(reverse(CONSOLE), {"words": "order arrive", "language": "en"}).content.decode()

    said = ("You have not read staff brief", "Give a range unless the date is confirmed", "Not known yet", "Do not")
    assert [
        words for words in (*said, "delay_estimate (en)", "Where is it?", "delivery date · 1") if words not in page
    ] == []
    assert "When exactly will my order arrive?" in page
    assert "Why was I not told" not in page


def test_the_console_finds_a_customer_by_name_id_and_address_and_keeps_them_out_of_the_address(
    incident: Incident, agent: Client
) -> None:
    customer = incident.impacts.get(tier=2).customer
    address = customer.contact_points.get().value

    pages = [
        agent.post(reverse(CONSOLE), {"customer_words": words}).content.decode()
        for words in (customer.name, customer.crm_id.lower(), address)
    ]
    nobody = agent.post(reverse(CONSOLE), {"customer_words": "zzz"}).content.decode()

    assert [("replace every part" in page, "First notice" in page) for page in pages] == [(True, True)] * 3
    assert "Nobody has this name" in nobody


def test_the_console_costs_the_same_for_one_row_and_many(incident: Incident, agent: Client) -> None:
    def cost() -> int:
        customer = incident.impacts.get(tier=1).customer
        with CaptureQueriesContext(connection) as queries:
            agent.get(reverse(CONSOLE), {"customer": customer.pk})
        return len(queries)

    cost()
    for number in range(2):
        feedback.log(incident, entry=feedback.Entry(f"Q{number}", theme=f"t{number}"), now=NOW)
        if not number:
            one = cost()

    for entry in incident.qa_entries.exclude(key="my_order"):
        qa_bank.approve(entry, by=person("communications_lead"), now=NOW)

    assert cost() == one


def test_who_may_not_listen_reads_the_line_alone(incident: Incident) -> None:
    page = client_of(member(GroupName.VIEWER)).get(reverse(CONSOLE)).content.decode()

    assert ("What we say" in page, "What were they told?" in page) == (True, False)


def test_an_embargoed_incident_is_not_on_a_strangers_console(incident: Incident, agent: Client) -> None:
    Incident.objects.update(is_embargoed=True)

    assert incident.reference not in agent.get(reverse(CONSOLE)).content.decode()


def test_feedback_is_logged_by_words_and_one_button(incident: Incident, agent: Client) -> None:
    customer = incident.impacts.get(tier=1).customer
    page = reverse("admin:incidents_incident_log_feedback", args=[incident.pk])
    words = {"verbatim": "My line stands", "kind": "urgent_need", "mood": "distress", "customer": customer.crm_id}

    refused = agent.post(page, {**words, "customer": "C-0"})
    agent.post(page, words)

    entry = Feedback.objects.get()
    assert "No customer has this id" in refused.content.decode()
    assert (entry.kind, entry.mood, entry.customer, entry.owner) == (
        FeedbackKind.URGENT_NEED,
        Mood.DISTRESS,
        customer,
        person("incident_lead"),
    )


def test_an_answer_is_taken_from_the_bank_with_this_customers_values(incident: Incident, agent: Client) -> None:
    customer = incident.impacts.get(tier=1).customer
    entry = feedback.log(incident, entry=feedback.Entry("When?", customer=customer, language="en"), now=NOW)

    page = agent.get(reverse("admin:incidents_feedback_answer", args=[entry.pk]), {"bank": "my_order"}).content.decode()

    assert "order 17: the present estimate is a delay of delay_estimate (en)" in page


def test_a_theme_is_answered_at_once(incident: Incident, agent: Client) -> None:
    for mood in (Mood.NEUTRAL, Mood.WORRIED, Mood.DISTRESS):
        feedback.log(incident, entry=feedback.Entry("When?", theme="Date", mood=mood), now=NOW)
    door = reverse("admin:incidents_incident_answer_theme", args=[incident.pk])

    agent.post(door, {"theme": "date", "answer": "On Friday."})
    again = agent.post(door, {"theme": "date", "answer": "On Friday."})

    assert sorted(Feedback.objects.values_list("mood", "state")) == [
        ("distress", "open"),
        ("neutral", "answered"),
        ("worried", "answered"),
    ]
    assert "No open question has the theme" in again.content.decode()


def test_the_mail_leads_to_the_brief_and_one_click_acknowledges_it(incident: Incident, agent: Client) -> None:
    brief = StaffBrief.objects.get()
    door = reverse("admin:workflows_staffbrief_acknowledge", args=[brief.pk])

    read = agent.get(door).content.decode()
    agent.post(door)

    assert "Give a range unless the date is confirmed" in read
    assert brief.acknowledgements.get(user__username="agent").acknowledged_at is not None
    assert TrainingRecord.objects.get(user__username="agent").incident == incident


def test_one_page_keeps_a_call_and_its_promise(incident: Incident, agent: Client) -> None:
    task = OutreachTask.objects.get()
    door = reverse("admin:workflows_outreachtask_finish", args=[task.pk])
    due = (clock.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    option = incident.remedy_options.order_by("position").first()
    assert option is not None

    page = agent.get(door).content.decode()
    sent = {"result": "reached", "reached": "Spoke to Ann", "mood": "worried", "minutes": 12, "option": option.pk}
    agent.post(
        door, {**sent, "promise": "A truck on Monday", "promise_due_at": due, "promise_owner": person("agent").pk}
    )
    task.refresh_from_db()

    assert "If you did not" in page
    assert (task.state, task.outcome, task.mood, task.chosen_option) == ("done", "Spoke to Ann", "worried", option)
    assert task.attempts.get().minutes == 12
    assert Commitment.objects.get(customer=task.customer).text == {"en": "A truck on Monday"}


def test_one_page_keeps_a_try_in_vain(incident: Incident, agent: Client) -> None:
    task = OutreachTask.objects.get()
    door = reverse("admin:workflows_outreachtask_finish", args=[task.pk])
    again = clock.now() + timedelta(hours=2)

    refused = agent.post(door, {"result": "no_answer", "next_step": "again"}).content.decode()
    agent.post(door, {"result": "no_answer", "next_step": "again", "again_at": again.strftime("%Y-%m-%dT%H:%M")})
    task.refresh_from_db()

    assert "Give a time that is still to come for the next try." in refused
    assert (task.state, task.meets_at) == ("to_do", again.replace(second=0, microsecond=0))
    assert [one.result for one in task.attempts.all()] == ["no_answer"]


def test_a_contact_is_a_calendar_file_and_a_person_has_a_calendar_address(incident: Incident, agent: Client) -> None:
    task = OutreachTask.objects.get()
    OutreachTask.objects.update(owner=person("agent"))

    file = agent.get(reverse("admin:workflows_outreachtask_calendar", args=[task.pk]))
    made = agent.post(reverse("admin:workflows_outreachtask_open_calendar")).content.decode()
    secret = made.partition("/calendar/")[2].partition(".ics")[0]
    feed, stranger = (Client().get(f"/calendar/{one}.ics") for one in (secret, "x" * 43))

    assert (file["Content-Type"], b"BEGIN:VEVENT" in file.content) == ("text/calendar", True)
    assert (feed.status_code, task.customer.crm_id.encode() in feed.content, stranger.status_code) == (200, True, 404)
    assert CalendarFeed.objects.get().user == person("agent")


def test_the_lead_records_a_training(incident: Incident) -> None:
    lead = client_of(member(GroupName.CRISIS_LEAD))
    sent = {
        "people": [person("agent").pk],
        "topic": "hard_conversations",
        "trained_at": "2026-01-02T08:00",
        "score": "0.9",
    }

    lead.post(reverse("admin:workflows_trainingrecord_record"), sent)

    record = TrainingRecord.objects.get(topic="hard_conversations")
    assert (record.user, str(record.score), record.expires_at) == (person("agent"), "0.90", None)
    assert lead.get(reverse("admin:workflows_trainingrecord_changelist")).status_code == 200


def test_another_system_reads_the_line_acknowledges_claims_and_ends_a_contact(
    incident: Incident, agent: Client
) -> None:
    user, now = person("agent"), clock.now()
    grant = api_tokens.Grant("desk", (ApiScope.DESK_READ, ApiScope.DESK_WRITE), now + timedelta(days=1))
    headers = {"Authorization": f"Bearer {api_tokens.issue(user, grant=grant, now=now)}"}
    OutreachTask.objects.update(owner=user)
    Customer.objects.update(call_from=time(0), call_until=time(23, 59, 59))

    def ask(method: str, path: str, **body: Any) -> Any:
        key = {"Idempotency-Key": path}
        sent = json.dumps(body) if method == "POST" else ""
        address = f"/api/v1{path}"
        return (
            Client().generic(method, address, sent, content_type="application/json", headers={**headers, **key}).json()
        )

    of_incident = f"/incidents/{incident.reference}"
    line = ask("GET", f"{of_incident}/line-to-take")
    [answer] = ask("GET", f"{of_incident}/answers?words=order%20arrive")
    read = ask("POST", f"{of_incident}/brief/read")
    claimed = ask("POST", "/contacts/next")
    ended = ask("POST", f"/contacts/{claimed['id']}/outcome", result="reached", reached="Spoke to Ann")
    told = ask("GET", f"/customers/{claimed['customer']}/told")

    assert (line["brief_version"], "delay_estimate (en)" in answer["text"]) == (1, True)
    assert read == {"version": 1, "is_acknowledged": True, "wrong": []}
    assert (claimed["state"], ended["state"], told["contacts"][0]["state"]) == ("claimed", "done", "done")
    assert ask("GET", f"{of_incident}/contacts?state=done")["items"][0]["id"] == claimed["id"]
