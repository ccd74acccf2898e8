"""When a customer is called, whose contact it is, what a try in vain leads to, and what must follow in writing."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any, cast

import pytest
from icalendar import Calendar

from incidents import feedback
from incidents.enums import Harm, Mood
from incidents.models import Customer, Feedback, Impact, Incident
from notifications.enums import ChannelName, DeliveryStatus
from notifications.models import Delivery
from tests import factories, outreach_world
from tests import factories_gates as gates
from tests import factories_incidents as make
from tests.factories_updates import once
from workflows import calendars, call_desk, call_outcomes, calling_hours, customer_history, escalations
from workflows.enums import AlertKind, AttemptResult
from workflows.models import Alert, OutreachTask

NOW = gates.NOW  # nine in the morning, UTC
LATER = NOW + timedelta(hours=1)
Step = call_outcomes.NextStep


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[Incident]:
    """A first notice is released; anna has one contact to make."""

    def build() -> Incident:
        factories.company()
        incident = gates.incident_with_team()
        incident.declared_at = NOW
        incident.save()
        gates.plan(incident, content={"message_templates": outreach_world.TEMPLATES})
        customer = gates.affected(incident, "C-1", phone="+4930111222", name="Müller Werke")
        gates.contact(gates.released(incident), customer, owner=make.person("anna"))
        return incident

    with django_db_blocker.unblock(), once(build) as incident:
        yield incident


@pytest.fixture
def task(world: Incident, db: None) -> OutreachTask:
    return OutreachTask.objects.select_related("incident", "customer", "message").get()


def attempt(step: call_outcomes.NextStep = Step.AGAIN, **fields: Any) -> call_outcomes.Attempt:
    return call_outcomes.Attempt(AttemptResult.NO_ANSWER, step, **fields)


@pytest.mark.parametrize(
    ("fields", "hour", "is_called"),
    [
        ({}, 9, True),
        ({}, 7, False),
        ({}, 20, False),
        ({"time_zone": "Asia/Shanghai"}, 9, True),
        ({"time_zone": "Asia/Shanghai"}, 12, False),
        ({"time_zone": "Nowhere/Gone"}, 9, True),
        ({"call_from": time(13), "call_until": time(14)}, 9, False),
        ({"call_from": time(13), "call_until": time(14)}, 13, True),
    ],
)
def test_a_customer_is_called_in_the_hours_of_their_own_clock(
    task: OutreachTask, fields: dict[str, Any], hour: int, is_called: bool
) -> None:
    Customer.objects.update(**fields)
    now = NOW.replace(hour=hour)
    task.customer.refresh_from_db()

    taken = call_desk.claim_next(by=make.person("anna"), now=now)

    assert (taken == task, calling_hours.is_welcome(task.customer, now=now)) == (is_called, is_called)


def test_danger_and_an_agreed_time_know_no_hours(task: OutreachTask) -> None:
    night, anna = NOW.replace(hour=23), make.person("anna")
    Impact.objects.update(harm=Harm.SAFETY)
    in_danger = call_desk.claim_next(by=anna, now=night)
    Impact.objects.update(harm=Harm.NONE)
    OutreachTask.objects.update(state="to_do", meets_at=night)

    too_early = call_desk.claim_next(by=anna, now=night - timedelta(hours=12))

    assert (in_danger, too_early, call_desk.claim_next(by=anna, now=night)) == (task, None, task)


def test_the_next_welcome_moment_is_the_customers_next_morning(task: OutreachTask) -> None:
    task.customer.time_zone = "Asia/Shanghai"

    assert calling_hours.next_welcome(task.customer, after=NOW) == NOW
    assert calling_hours.next_welcome(task.customer, after=NOW.replace(hour=14)) == datetime(2026, 11, 23, tzinfo=UTC)


def test_a_claim_runs_out_and_leaves_the_owner_alone(task: OutreachTask) -> None:
    mia, over = make.person("mia"), NOW + call_desk.CLAIM + timedelta(seconds=1)
    call_desk.claim(task, by=mia, now=NOW)
    with pytest.raises(call_desk.TaskTaken, match="mia"):
        call_outcomes.finish(task, outcome=call_outcomes.CallOutcome("x"), by=make.person("anna"), now=NOW)

    freed = [call_desk.free_expired(now=now) for now in (over - timedelta(seconds=2), over, over)]

    task.refresh_from_db()
    assert (freed, task.state, task.owner, task.claimed_by) == ([0, 1, 0], "to_do", make.person("anna"), None)


def test_a_video_meeting_needs_its_link_and_stands_in_the_calendar(task: OutreachTask) -> None:
    OutreachTask.objects.update(channel=ChannelName.VIDEO)
    task.refresh_from_db()
    anna = make.person("anna")
    for appointment in (call_desk.Appointment(LATER), call_desk.Appointment(NOW, video_link="https://x.example")):
        with pytest.raises(call_desk.BadAppointment):
            call_desk.arrange(task, appointment=appointment, by=anna, now=NOW)

    meeting = call_desk.Appointment(LATER, 45, video_link="https://meet.example/1", attendees="Ann\nBo")
    task = call_desk.arrange(task, appointment=meeting, by=anna, now=NOW)

    event, public = (
        cast(Any, Calendar.from_ical(file).walk("VEVENT")[0])
        for file in (calendars.contact_file(task, now=NOW), calendars.feed(anna, now=NOW))
    )
    assert (event["dtstart"].dt, event["dtend"].dt) == (LATER, LATER + timedelta(minutes=45))
    assert (str(event["location"]), "Müller Werke" in event["summary"]) == ("https://meet.example/1", True)
    assert ("Müller" in public.to_ical().decode(), "Ann" in public.to_ical().decode()) == (False, False)
    assert ("C-1" in public["summary"], task.due_at) == (True, LATER)


def test_a_calendar_address_ends_with_the_next_one_and_with_the_log_in(task: OutreachTask) -> None:
    anna = make.person("anna")
    first, second = (calendars.open_feed(anna, now=NOW)[len("/calendar/") : -len(".ics")] for _twice in range(2))

    known = calendars.owner_of(first), calendars.owner_of(second)
    anna.is_active = False
    anna.save()

    assert (known, calendars.owner_of(second)) == ((None, anna), None)
    assert [calendars.close_feed(anna, now=NOW) for _twice in range(2)] == [True, False]


def test_a_try_in_vain_is_kept_and_tried_again_at_its_time(task: OutreachTask) -> None:
    anna = make.person("anna")
    for again_at in (None, NOW):
        with pytest.raises(call_outcomes.OutcomeMissing):
            call_outcomes.not_reached(task, attempt=attempt(again_at=again_at), by=anna, now=NOW)
    worn_out = []
    for _try in range(3):
        worn_out.append(call_outcomes.is_worn_out(task))
        task = call_outcomes.not_reached(task, attempt=attempt(again_at=LATER), by=anna, now=NOW)

    assert (worn_out, task.attempts.count()) == ([False, False, True], 3)
    assert call_desk.claim_next(by=anna, now=NOW) is None
    assert call_desk.claim_next(by=anna, now=LATER) == task


def test_who_cannot_be_reached_is_told_in_writing_or_recorded_with_the_reason(task: OutreachTask) -> None:
    anna = make.person("anna")
    with pytest.raises(call_outcomes.OutcomeMissing):
        call_outcomes.not_reached(task, attempt=attempt(Step.UNREACHABLE), by=anna, now=NOW)

    told = call_outcomes.not_reached(task, attempt=attempt(Step.IN_WRITING, note="3 rings"), by=anna, now=NOW)

    assert (told.state, told.outcome) == ("unreachable", "Nobody answered; told by Personal e-mail. 3 rings")
    assert Delivery.objects.get().channel == "email_personal"


def test_without_an_address_nobody_is_told_in_writing(task: OutreachTask) -> None:
    task.customer.contact_points.filter(kind="email").delete()

    assert call_outcomes.written_way(task) is None
    with pytest.raises(call_outcomes.OutcomeMissing, match="no address"):
        call_outcomes.not_reached(task, attempt=attempt(Step.IN_WRITING), by=make.person("anna"), now=NOW)


def test_the_written_confirmation_is_due_and_wakes_people_until_it_arrived(task: OutreachTask) -> None:
    done = call_outcomes.finish(task, outcome=call_outcomes.CallOutcome("ok"), by=make.person("anna"), now=NOW)
    due = NOW + timedelta(hours=2)
    early = call_outcomes.settle_confirmations(now=due)
    escalations.refresh(AlertKind.CONFIRMATION_LATE, now=due)
    [alert] = Alert.objects.filter(over_at=None)
    Delivery.objects.update(status=DeliveryStatus.ACCEPTED)

    settled = [call_outcomes.settle_confirmations(now=due) for _twice in range(2)]
    escalations.refresh(AlertKind.CONFIRMATION_LATE, now=due)

    assert (done.confirmation_due_at, early, settled) == (due, 0, [1, 0])
    assert set(alert.watchers.values_list("username", flat=True)) == {"anna", "lena"}
    assert not Alert.objects.filter(over_at=None).exists()


def test_a_letter_confirms_too_once(task: OutreachTask) -> None:
    anna = make.person("anna")
    done = call_outcomes.finish(task, outcome=call_outcomes.CallOutcome("ok"), by=anna, now=NOW)

    confirmed = call_outcomes.confirm_written(done, how="letter", by=anna, now=LATER)

    assert confirmed.confirmed_at == LATER
    with pytest.raises(call_outcomes.OutcomeMissing):
        call_outcomes.confirm_written(done, how="letter", by=anna, now=LATER)


def test_anger_heard_in_a_call_goes_to_the_log(task: OutreachTask) -> None:
    outcome = call_outcomes.CallOutcome("ok", concern="Nobody told me", mood=Mood.ANGRY)

    call_outcomes.finish(task, outcome=outcome, by=make.person("anna"), now=NOW)

    entry = Feedback.objects.get()
    assert (entry.verbatim, entry.source, entry.mood, entry.owner) == (
        "Nobody told me",
        "call",
        "angry",
        make.person("anna"),
    )


@pytest.mark.parametrize("words", ["c-1", "müller", "C-1@example.org", "030 111222"])
def test_a_customer_is_found_by_id_name_and_address(task: OutreachTask, words: str) -> None:
    assert customer_history.find(words) == [task.customer]


def test_distress_and_themes_wake_the_lead(task: OutreachTask) -> None:
    incident = task.incident
    factories.company(theme_alarm_count=2)
    feedback.log(incident, entry=feedback.Entry("Help", mood=Mood.DISTRESS, theme="Safety"), now=NOW)
    feedback.log(incident, entry=feedback.Entry("When?", theme="Date "), now=NOW)
    for kind in (AlertKind.DISTRESS, AlertKind.THEME_UNANSWERED):
        escalations.refresh(kind, now=NOW)
    first = list(Alert.objects.order_by("pk").values_list("kind", flat=True))
    feedback.log(incident, entry=feedback.Entry("Which day?", theme="date"), now=NOW)
    escalations.refresh(AlertKind.THEME_UNANSWERED, now=NOW)
    counted = Alert.objects.get(kind=AlertKind.THEME_UNANSWERED)

    escalations.refresh(AlertKind.THEME_UNANSWERED, now=NOW + timedelta(hours=1))

    assert (first, counted.text) == (["distress"], "Open questions on “date” wait for an answer: 2.")
    assert set(counted.watchers.values_list("username", flat=True)) == {"lena", "carla"}
    assert Alert.objects.filter(kind=AlertKind.THEME_UNANSWERED, over_at=None).count() == 2


def test_what_asks_is_due_by_the_call_back_time_and_distress_sooner(task: OutreachTask) -> None:
    def due(**fields: Any) -> timedelta | None:
        entry = feedback.log(task.incident, entry=feedback.Entry("x", **fields), now=NOW)
        return entry.due_at - NOW if entry.due_at else None

    assert (due(), due(kind="urgent_need"), due(kind="praise"), due(mood=Mood.DISTRESS)) == (
        timedelta(hours=4),
        timedelta(hours=4),
        None,
        timedelta(hours=1),
    )
