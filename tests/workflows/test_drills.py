"""An exercise reaches no customer: not by a call, a calendar, a letter, a list; and what leaves says what it is."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from incidents import commitments
from incidents.enums import ContactKind
from incidents.models import Company, ContactPoint, Customer, Incident
from notifications import outbox
from notifications.enums import DeliveryStatus
from notifications.models import Message, StaffNotice, WebhookEndpoint
from tests import factories, outreach_world
from tests import factories_gates as gates
from tests import factories_incidents as make
from tests.factories_updates import once
from workflows import (
    aftercare,
    calendars,
    call_desk,
    call_outcomes,
    copies,
    customer_history,
    drills,
    handled,
    outreach,
    staff_notices,
)
from workflows.enums import OutreachState
from workflows.models import OutreachTask, PlanAudience

pytestmark = pytest.mark.django_db
NOW = gates.NOW


def played() -> Incident:
    """An exercise with a released first notice, a real customer and a test recipient in the tier that is called."""
    factories.company(test_recipients=["t-1@example.org"], copy_addresses=["copies@nordbahn.example"])
    incident = gates.incident_with_team()
    Incident.objects.filter(pk=incident.pk).update(declared_at=NOW, is_drill=True)
    incident.refresh_from_db()
    gates.plan(incident, content={"message_templates": outreach_world.TEMPLATES})
    for crm_id in ("REAL-1", "T-1"):
        found = gates.affected(incident, crm_id, phone="+4930111", account_manager=make.person("anna"))
        ContactPoint.objects.filter(customer=found, kind=ContactKind.EMAIL).update(is_primary=True)
    gates.released(incident)
    return incident


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[Incident]:
    with django_db_blocker.unblock(), once(played) as incident:
        yield incident


@pytest.fixture
def incident(world: Incident, db: None) -> Incident:
    return Incident.objects.get(pk=world.pk)


@pytest.fixture
def notice(incident: Incident) -> Message:
    return incident.messages.get()


@pytest.fixture
def real(incident: Incident) -> Customer:
    return Customer.objects.get(crm_id="REAL-1")


def called() -> list[str]:
    return list(OutreachTask.objects.order_by("pk").values_list("customer__crm_id", flat=True))


def test_a_plan_calls_test_recipients_alone(incident: Incident, notice: Message) -> None:
    made = outreach.plan_contacts(notice, now=NOW), outreach.plan_contacts(notice, now=NOW)

    assert (made, called()) == ((1, 0), ["T-1"])
    assert OutreachTask.objects.get().state == OutreachState.TO_DO


def test_who_is_no_test_recipient_counts_as_told(incident: Incident, notice: Message) -> None:
    outreach.plan_contacts(notice, now=NOW)

    before = handled.handled(notice)[1]
    call_outcomes.finish(OutreachTask.objects.get(), outcome=call_outcomes.CallOutcome("played"),
                         by=make.person("anna"), now=NOW)  # fmt: skip

    assert (before, handled.handled(notice)[1]) == (handled.Share(1, 2), handled.Share(2, 2))


def test_a_test_recipients_address_beside_the_main_mailbox_makes_no_test_customer(
    incident: Incident, notice: Message, real: Customer
) -> None:
    beside = "t-1@example.org"
    ContactPoint.objects.filter(customer__crm_id="T-1").update(value="t@x.example", normalised="t@x.example")
    ContactPoint.objects.create(
        customer=real, kind=ContactKind.EMAIL, value=beside, normalised=beside, is_primary=False
    )

    outreach.plan_contacts(notice, now=NOW)

    assert called() == []


def test_a_failed_mail_makes_no_call_to_a_real_customer(incident: Incident, notice: Message) -> None:
    Company.objects.update(test_recipients=["t-1@example.org", "bounces@nordbahn.example"])
    for customer, address in zip(Customer.objects.order_by("crm_id"), Company.objects.get().test_recipients[::-1],
                                 strict=True):  # fmt: skip
        gates.delivery(notice, customer, status=DeliveryStatus.FAILED, address=address)

    made = outreach.from_failures(now=NOW)

    assert (made, called()) == (1, ["T-1"])


def test_nobody_asks_for_a_call_to_a_real_customer(incident: Incident, real: Customer) -> None:
    wanted: dict[str, Any] = {"channel": "phone", "due_at": NOW, "by": make.person(), "now": NOW}

    with pytest.raises(drills.RealCustomer, match="REAL-1"):
        outreach.request(incident, customer=real, **wanted)
    outreach.request(incident, customer=Customer.objects.get(crm_id="T-1"), **wanted)

    assert called() == ["T-1"]


def test_care_afterwards_is_played_with_test_recipients(incident: Incident) -> None:
    audience = PlanAudience.objects.get(plan__incident=incident, tier=1)

    made = aftercare.make(aftercare.Round(audience, NOW), now=NOW)

    assert (made, called()) == (1, ["T-1"])


def test_the_database_refuses_a_call_whoever_asks(incident: Incident, notice: Message, real: Customer) -> None:
    task = gates.contact(notice, Customer.objects.get(crm_id="T-1"))

    with pytest.raises(IntegrityError, match=r"guard\.drill"), transaction.atomic():
        gates.contact(notice, real)
    with pytest.raises(IntegrityError, match=r"guard\.drill"), transaction.atomic():
        OutreachTask.objects.filter(pk=task.pk).update(customer=real)


def test_an_incident_with_calls_never_becomes_an_exercise(incident: Incident, real: Customer) -> None:
    other = make.reported("real")
    outreach.request(other, customer=real, channel="phone", due_at=NOW, by=make.person(), now=NOW)  # type: ignore[arg-type]

    with pytest.raises(IntegrityError, match=r"guard\.drill"), transaction.atomic():
        Incident.objects.filter(pk=other.pk).update(is_drill=True)


def test_a_played_call_is_not_confirmed_in_writing(incident: Incident, notice: Message) -> None:
    outreach.plan_contacts(notice, now=NOW)
    anna = make.person("anna")
    task = call_desk.claim(OutreachTask.objects.get(), by=anna, now=NOW)

    ended = call_outcomes.finish(task, outcome=call_outcomes.CallOutcome("played"), by=anna, now=NOW)

    assert (ended.confirmation_due_at, notice.deliveries.count()) == (None, 0)


def test_an_exercise_stands_in_no_calendar(incident: Incident, notice: Message) -> None:
    outreach.plan_contacts(notice, now=NOW)
    task, anna = OutreachTask.objects.get(), make.person("anna")

    with pytest.raises(drills.NoAppointment):
        calendars.contact_file(task, now=NOW)

    assert b"VEVENT" not in calendars.feed(anna, now=NOW)


def test_the_calendar_page_says_why_not(incident: Incident, notice: Message, admin_client: Client) -> None:
    outreach.plan_contacts(notice, now=NOW)
    task = OutreachTask.objects.get()

    answer = admin_client.get(reverse("admin:workflows_outreachtask_calendar", args=[task.pk]))

    assert answer.headers["Location"] == reverse("admin:workflows_outreachtask_change", args=[task.pk])
    assert [str(one) for one in get_messages(answer.wsgi_request)] == ["An exercise makes no calendar entries."]


def test_what_was_played_was_told_to_nobody(incident: Incident, notice: Message, real: Customer) -> None:
    gates.delivery(notice, real, status=DeliveryStatus.FAILED)
    promise = commitments.Promise(text={"en": "x"}, owner=make.person(), due_at=NOW + timedelta(days=1))
    commitments.promise(incident, promise=promise, now=NOW)

    told = customer_history.told(real, to=make.person())

    assert (told.impacts, told.deliveries, told.promises) == ([], [], [])


def test_every_wake_up_says_that_it_is_an_exercise(incident: Incident, notice: Message) -> None:
    WebhookEndpoint.objects.create(name="chat", url="https://chat.example/hook")
    anna = make.person("anna")
    anna.email = "anna@nordbahn.example"
    anna.save()
    wake_up = outbox.WakeUp("k", incident, "Late", "It is late.", "/admin/", {"kind": "late"})
    outbox.write(wake_up, people=[anna.pk], now=NOW)
    news = staff_notices.News("n", "Brief", "Read it.", "/admin/")
    staff_notices.tell(incident, news=news, people=[anna], now=NOW)
    copies.send(notice, now=NOW)

    told = list(StaffNotice.objects.values_list("medium", "subject", "data__is_exercise").order_by("pk"))

    assert [medium for medium, _subject, _mark in told] == ["mail", "webhook", "mail", "webhook", "mail"]
    assert [subject for _medium, subject, _mark in told if not subject.startswith("[EXERCISE] [")] == []
    assert {mark for _medium, _subject, mark in told} == {True}


def test_a_real_wake_up_says_that_it_is_none() -> None:
    factories.company()
    WebhookEndpoint.objects.create(name="chat", url="https://chat.example/hook")
    real = make.reported("real")

    outbox.write(outbox.WakeUp("k", real, "Late", "x", "/admin/", {}), people=[], now=NOW)

    row = StaffNotice.objects.get()
    assert (row.subject, row.data["is_exercise"]) == (f"[{real.reference}] Late", False)
