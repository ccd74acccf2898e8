"""The call desk: who is contacted, who has a contact, what came of it, and who is called after a failed delivery."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.enums import ContactKind
from incidents.models import Commitment, ContactPoint, Impact, Incident
from notifications.enums import ChannelName, DeliveryStatus, MessageKind
from notifications.models import Delivery
from tests import factories, outreach_world
from tests import factories_gates as gates
from tests import factories_incidents as make
from workflows import call_desk, call_outcomes, call_sheets, outreach
from workflows.models import OutreachTask

pytestmark = pytest.mark.django_db
NOW = gates.NOW
LATER = NOW + timedelta(hours=1)
REACHED = call_outcomes.CallOutcome("Spoke to the plant manager")


def world(**fields: Any) -> Incident:
    """An incident with a team and a small plan, declared now."""
    factories.company()
    incident = gates.incident_with_team()
    incident.declared_at = NOW
    incident.save()
    gates.plan(incident, content={"message_templates": outreach_world.TEMPLATES}, **fields)
    return incident


def rows(incident: Incident) -> list[tuple[str, str, str, str]]:
    """Every contact as (customer, channel, owner, state)."""
    tasks = OutreachTask.objects.filter(incident=incident).order_by("customer__crm_id", "pk")
    return [(task.customer.crm_id, task.channel, str(task.owner), task.state) for task in tasks]


# --- who is to be contacted -------------------------------------------------------------------------


def test_plan_contacts_makes_one_task_for_each_customer_of_the_personal_tiers() -> None:
    incident = world()
    gates.affected(incident, "C-1", phone="+4930111", account_manager=make.person("mia"))
    gates.affected(incident, "C-2", phone="+4930112", account_manager=make.person("gone", is_active=False))
    gates.affected(incident, "C-3", tier=2)
    gates.affected(incident, "C-4", tier=3)
    notice = gates.released(incident)

    made = outreach.plan_contacts(notice, now=LATER), outreach.plan_contacts(notice, now=LATER)

    assert made == (2, 0)
    assert rows(incident) == [("C-1", "phone", "mia", "to_do"), ("C-2", "phone", "anna", "to_do")]
    assert set(OutreachTask.objects.values_list("due_at", flat=True)) == {NOW + timedelta(hours=2)}


@pytest.mark.parametrize(
    ("order", "phone", "preferred", "chosen"),
    [
        (["phone", "video", "in_person"], "+4930111", "", "phone"),
        (["in_person", "video", "phone"], "+4930111", "", "in_person"),
        (["phone", "video", "in_person"], "", "", "video"),
        (["phone"], "", "", "phone"),
        (["phone", "video", "in_person"], "+4930111", "in_person", "in_person"),
        (["phone", "video", "in_person"], "+4930111", "email_personal", "phone"),
        (["phone", "email_personal"], "", "email_personal", "phone"),
    ],
)
def test_the_customers_wish_then_the_plans_order_picks_the_channel(
    order: list[str], phone: str, preferred: str, chosen: str
) -> None:
    incident = world()
    gates.affected(incident, "C-1", phone=phone, preferred_channel=preferred)
    notice = gates.released(incident, channels={"1": order, "2": ["email_personal", "phone"]})

    outreach.plan_contacts(notice, now=NOW)

    assert [row[1] for row in rows(incident)] == [chosen]


def test_contacts_are_prepared_before_the_release_and_called_after_it() -> None:
    incident = world()
    gates.affected(incident, "C-1", phone="+4930111")
    drafted = gates.approved(incident)
    made = outreach.prepare_contacts(incident, message=drafted, now=NOW)
    task = OutreachTask.objects.get()
    call_desk.prepare(task, sheet=outreach_world.SHEET, by=make.person("anna"), now=NOW)

    with pytest.raises(call_desk.NotReleased):
        call_desk.claim(task, by=make.person("anna"), now=NOW)
    assert call_desk.claim_next(by=make.person("anna"), now=NOW) is None
    drafted.release()
    drafted.released_at = NOW
    drafted.save()
    assert (made, outreach.plan_contacts(drafted, now=NOW)) == (1, 0)
    assert call_desk.claim_next(by=make.person("anna"), now=NOW) == task


def test_a_redrafted_message_takes_the_prepared_contacts_over() -> None:
    incident = world()
    for number in (1, 2):
        gates.affected(incident, f"C-{number}", phone="+4930111")
    first = gates.message(incident)
    outreach.prepare_contacts(incident, message=first, now=NOW)
    OutreachTask.objects.update(is_prepared=True)
    first.cancel()
    first.save()
    second = gates.message(incident, number=2)

    made = outreach.prepare_contacts(incident, message=second, now=NOW)

    assert made == 0
    assert list(OutreachTask.objects.values_list("message", "is_prepared").distinct()) == [(second.pk, True)]


def test_who_left_the_audience_is_not_called_and_who_came_back_is() -> None:
    incident = world()
    gates.affected(incident, "C-1", phone="+4930111")
    notice = gates.released(incident)
    outreach.plan_contacts(notice, now=NOW)
    Impact.objects.update(computed_tier=3)
    outreach.plan_contacts(notice, now=NOW)
    left = [row[3] for row in rows(incident)]
    Impact.objects.update(computed_tier=1)
    outreach.plan_contacts(notice, now=NOW)

    assert (left, [row[3] for row in rows(incident)]) == (["cancelled"], ["to_do"])


def test_a_message_without_personal_channels_plans_no_contact() -> None:
    incident = world()
    gates.affected(incident, "C-1")
    update = gates.released(incident, kind=MessageKind.PROGRESS_UPDATE, channels={"1": ["email_personal"]})

    assert outreach.plan_contacts(update, now=NOW) == 0


# --- failed deliveries ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "status", "called"),
    [
        (MessageKind.RESOLUTION, DeliveryStatus.FAILED, 1),
        (MessageKind.PROGRESS_UPDATE, DeliveryStatus.FAILED, 1),
        (MessageKind.RESOLUTION, DeliveryStatus.SUPPRESSED, 1),
        (MessageKind.PROGRESS_UPDATE, DeliveryStatus.SUPPRESSED, 0),
        (MessageKind.RESOLUTION, DeliveryStatus.ACCEPTED, 0),
        (MessageKind.RESOLUTION, DeliveryStatus.RETRY, 0),
        (MessageKind.RESOLUTION, DeliveryStatus.UNCERTAIN, 0),
    ],
)
def test_a_delivery_that_failed_for_good_becomes_one_contact(
    kind: MessageKind, status: DeliveryStatus, called: int
) -> None:
    incident = world()
    customer = gates.affected(incident, "C-1", tier=2, phone="+4930111")
    sent = gates.released(incident, kind=kind)
    gates.delivery(sent, customer, status=status)

    made = outreach.from_failures(now=LATER), outreach.from_failures(now=LATER)

    assert made == (called, 0)
    assert rows(incident) == [("C-1", "phone", "anna", "to_do")] * called
    assert set(OutreachTask.objects.values_list("due_at", flat=True)) == (
        {LATER + timedelta(hours=4)} if called else set()
    )


def test_two_failures_of_one_message_are_one_contact_and_a_success_is_none() -> None:
    incident = world()
    both, lucky = gates.affected(incident, "C-1", tier=2), gates.affected(incident, "C-2", tier=2)
    sent = gates.released(incident)
    for channel in ("email_personal", "email_bulk"):
        gates.delivery(sent, both, status=DeliveryStatus.FAILED, channel=channel)
    gates.delivery(sent, lucky, status=DeliveryStatus.FAILED)
    gates.delivery(sent, lucky, status=DeliveryStatus.DELIVERED, channel="email_bulk")

    assert outreach.from_failures(now=NOW) == 1
    assert rows(incident) == [("C-1", "in_person", "anna", "to_do")]


def test_a_customer_who_was_called_anyway_is_not_called_again() -> None:
    incident = world()
    customer = gates.affected(incident, "C-1")
    sent = gates.released(incident)
    gates.contact(sent, customer, state="done")
    gates.delivery(sent, customer, status=DeliveryStatus.FAILED)

    assert outreach.from_failures(now=NOW) == 0


# --- the day of the caller --------------------------------------------------------------------------


def planned(incident: Incident, **fields: Any) -> OutreachTask:
    """One contact of a released first notice, owned by anna."""
    customer = gates.affected(incident, f"C-{Impact.objects.count()}", phone="+4930111")
    message = incident.messages.first() or gates.released(incident)
    return gates.contact(message, customer, **{"owner": make.person("anna"), **fields})


def test_claim_next_gives_mine_first_then_what_nobody_owns_never_somebody_elses() -> None:
    incident = world()
    nobody = planned(incident, owner=None, due_at=NOW)
    late = planned(incident, due_at=LATER)
    soon = planned(incident, due_at=NOW)
    planned(incident, owner=make.person("mia"))

    taken = [call_desk.claim_next(by=make.person("anna"), now=NOW, incident=incident) for _ in range(4)]

    assert taken == [soon, late, nobody, None]
    nobody.refresh_from_db()
    assert (nobody.owner, nobody.claimed_by, nobody.state) == (None, make.person("anna"), "claimed")


def test_a_taken_contact_says_who_has_it() -> None:
    task = planned(world())
    call_desk.claim(task, by=make.person("anna"), now=NOW)
    again = call_desk.claim(task, by=make.person("anna"), now=NOW)

    with pytest.raises(call_desk.TaskTaken, match="anna") as refused:
        call_desk.claim(task, by=make.person("mia"), now=NOW)
    assert (again, refused.value.holder) == (task, make.person("anna"))


def test_the_next_contact_is_taken_around_what_another_caller_is_taking() -> None:
    planned(world())

    with CaptureQueriesContext(connection) as queries:
        call_desk.claim_next(by=make.person("anna"), now=NOW)

    assert [query["sql"][-11:] for query in queries if "FOR NO KEY UPDATE" in query["sql"]] == ["SKIP LOCKED"]


def test_prepare_keeps_a_whole_sheet_and_refuses_gaps() -> None:
    task = planned(world())

    with pytest.raises(call_sheets.SheetIncomplete, match="Red lines") as gap:
        call_desk.prepare(task, sheet={**outreach_world.SHEET, "red_lines": " "}, by=make.person("anna"), now=NOW)
    single_option = {**outreach_world.SHEET, "options_to_offer": ["wait", " "]}
    with pytest.raises(call_sheets.SheetIncomplete, match="two options") as single:
        call_desk.prepare(task, sheet=single_option, by=make.person("anna"), now=NOW)
    kept = call_desk.prepare(task, sheet=outreach_world.SHEET, by=make.person("anna"), now=NOW)

    assert (gap.value.fields, single.value.fields) == (["red_lines"], ["options_to_offer"])
    assert (kept.preparation, kept.is_prepared) == (
        {"options_to_offer": ["wait", "cancel"], "red_lines": ["no date"]},
        True,
    )


def test_a_tier_2_customer_may_be_offered_one_option() -> None:
    incident = world()
    task = planned(incident)
    Impact.objects.update(computed_tier=2)

    sheet = {**outreach_world.SHEET, "options_to_offer": "wait"}

    assert call_desk.prepare(task, sheet=sheet, by=make.person("anna"), now=NOW).is_prepared


def test_finish_keeps_what_was_said_and_promised() -> None:
    task = planned(world())
    promise = call_outcomes.CallPromise({"en": "A truck on Monday"}, LATER, make.person("sven"), "truck is booked")
    outcome = call_outcomes.CallOutcome("Spoke to the plant manager", "line stops", "truck on Monday", promise)

    done = call_outcomes.finish(task, outcome=outcome, by=make.person("anna"), now=NOW)

    assert (done.state, done.outcome, done.concern, done.agreed_points, done.finished_by, done.finished_at) == (
        "done",
        "Spoke to the plant manager",
        "line stops",
        "truck on Monday",
        make.person("anna"),
        NOW,
    )
    kept = Commitment.objects.get()
    assert (kept.text, kept.customer, kept.owner, kept.due_at, kept.source_reference) == (
        {"en": "A truck on Monday"},
        task.customer,
        make.person("sven"),
        LATER,
        f"INC-2026-0001/C{task.pk}",
    )


def test_finish_sends_the_written_confirmation_where_the_plan_asks_for_it() -> None:
    incident = world()
    asked, silent, mute = planned(incident), planned(incident), planned(incident)
    ContactPoint.objects.filter(customer=mute.customer, kind=ContactKind.EMAIL).delete()
    Impact.objects.filter(customer=silent.customer).update(computed_tier=3)

    for task in (asked, silent, mute):
        call_outcomes.finish(task, outcome=REACHED, by=make.person("anna"), now=NOW)

    sent = Delivery.objects.values_list("customer__crm_id", "channel", "message")
    assert list(sent) == [(asked.customer.crm_id, "email_personal", asked.message_id)]


@pytest.mark.parametrize(
    "outcome",
    [
        call_outcomes.CallOutcome(" "),
        call_outcomes.CallOutcome("ok", promise=call_outcomes.CallPromise({"en": "x"}, None, None)),
        call_outcomes.CallOutcome("ok", promise=call_outcomes.CallPromise({"en": "x"}, NOW, None)),
    ],
)
def test_finish_refuses_half_an_outcome(outcome: call_outcomes.CallOutcome) -> None:
    task = planned(world())

    with pytest.raises(call_outcomes.OutcomeMissing):
        call_outcomes.finish(task, outcome=outcome, by=make.person("anna"), now=NOW)
    task.refresh_from_db()
    assert (task.state, Commitment.objects.count()) == ("to_do", 0)


def test_nothing_happens_twice_to_a_contact_that_is_over() -> None:
    task = planned(world())
    anna = make.person("anna")
    call_outcomes.finish(task, outcome=REACHED, by=anna, now=NOW)

    with pytest.raises(call_desk.TaskOver):
        call_outcomes.finish(task, outcome=REACHED, by=anna, now=NOW)
    with pytest.raises(call_desk.TaskOver):
        call_outcomes.unreachable(task, reason="gone", by=anna, now=NOW)
    with pytest.raises(call_desk.TaskOver):
        call_desk.claim(task, by=anna, now=NOW)
    with pytest.raises(call_desk.TaskOver):
        call_desk.hand_over(task, to=anna, by=anna, now=NOW)


def test_unreachable_needs_a_reason() -> None:
    task = planned(world())
    with pytest.raises(call_outcomes.OutcomeMissing):
        call_outcomes.unreachable(task, reason="  ", by=make.person("anna"), now=NOW)

    over = call_outcomes.unreachable(task, reason="Company dissolved", by=make.person("anna"), now=NOW)

    assert (over.state, over.outcome) == ("unreachable", "Company dissolved")


def test_a_contact_is_put_off_to_a_time_to_come_with_a_reason() -> None:
    task = planned(world(), state="claimed")
    anna = make.person("anna")
    for due_at, reason in ((LATER, " "), (NOW, "asked for it")):
        with pytest.raises(call_desk.BadAppointment):
            call_desk.reschedule(task, due_at=due_at, reason=reason, by=anna, now=NOW)

    moved = call_desk.reschedule(task, due_at=LATER, reason="in a meeting", by=anna, now=NOW)

    assert (moved.due_at, moved.state, moved.owner) == (LATER, "to_do", anna)


def test_a_contact_is_handed_to_a_named_person_who_can_log_in() -> None:
    task = planned(world(), state="claimed")
    gone = make.person("gone", is_active=False)
    with pytest.raises(call_desk.BadAppointment, match="gone"):
        call_desk.hand_over(task, to=gone, by=make.person("anna"), now=NOW)

    handed = call_desk.hand_over(task, to=make.person("mia"), by=make.person("anna"), now=NOW)

    assert (handed.owner, handed.state) == (make.person("mia"), "to_do")


def test_a_call_back_is_asked_for_outside_the_plan() -> None:
    incident = world()
    customer = gates.affected(incident, "C-1", account_manager=make.person("mia"))

    task = outreach.request(
        incident, customer=customer, channel=ChannelName.PHONE, due_at=LATER, by=make.person("anna"), now=NOW
    )

    assert (task.origin, task.owner, call_desk.claim_next(by=make.person("mia"), now=NOW)) == (
        "request",
        make.person("mia"),
        task,
    )
