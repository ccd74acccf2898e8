"""Claim, send, settle, sweep: against a real mail server, with real rows."""

import uuid
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from crisiscomm.smtp_inbox import Inbox, Rule
from incidents.models import AuditEvent, Incident
from notifications import channels, engine, freezing, settling, suppressions
from notifications.channels.base import Fate, Outcome, Parcel
from notifications.channels.recording import RecordingChannel
from notifications.enums import DeliveryStatus, MessageKind, SuppressionReason
from notifications.models import Delivery, Message, Suppression
from tests.factories_delivery import (
    NOW,
    make_company,
    make_customer,
    make_impact,
    make_incident,
    make_released,
    make_user,
)

pytestmark = pytest.mark.django_db
NAMES = ["email_personal", "email_bulk"]


def make_frozen(count: int, *, incident: Incident | None = None, **fields: Any) -> Message:
    """A released message with this many deliveries."""
    make_company()
    incident = incident or make_incident()
    if not incident.impacts.exists():
        for _ in range(count):
            make_impact(incident, make_customer())
    message = make_released(incident, **fields)
    freezing.freeze(message, now=NOW)
    return message


def pump(*, now: datetime = NOW) -> engine.Pumped:
    return engine.pump(channel_names=NAMES, worker="test", clock=lambda: now, seconds=60)


def statuses(message: Message) -> dict[str, int]:
    return dict(Counter(message.deliveries.values_list("status", flat=True)))


@pytest.fixture
def recording(settings: Any) -> RecordingChannel:
    path = "notifications.channels.recording.RecordingChannel"
    settings.CRISISCOMM_CHANNELS = dict.fromkeys(NAMES, path)
    channel = channels.carrier("email_bulk")
    assert isinstance(channel, RecordingChannel)
    channel.__init__()  # type: ignore[misc]
    return channel


def test_everybody_gets_the_message_once_and_it_is_complete(inbox: Inbox) -> None:
    message = make_frozen(25)

    done = pump()
    again = pump()

    message.refresh_from_db()
    assert (done.settled, again.settled, inbox.connections) == (25, 0, 1)
    assert sorted(entry["to"] for entry in inbox.accepted) == sorted(
        message.deliveries.values_list("address", flat=True)
    )
    assert (statuses(message), message.state, message.completed_at) == ({"accepted": 25}, "sent", NOW)


def test_an_accepted_delivery_knows_what_the_server_called_it(inbox: Inbox) -> None:
    message = make_frozen(1)

    pump()

    delivery = message.deliveries.get()
    assert (delivery.accepted_at, delivery.provider_id, delivery.lease_owner) == (NOW, "2.0.0 taken as 1", "")
    assert inbox.accepted[0]["reference"] == str(delivery.reference)
    assert inbox.accepted[0]["message_id"] == f"<{delivery.reference}@example.org>"


@pytest.mark.parametrize(
    ("reply", "at_end", "status", "code", "is_suppressed"),
    [
        ("550 5.1.1 no such mailbox", False, "failed", "mailbox_unknown", True),
        ("550 no such mailbox", False, "failed", "mailbox_unknown", True),
        ("550 5.7.1 not wanted", False, "failed", "rejected", False),
        ("552 5.2.2 full", False, "failed", "mailbox_full", False),
        ("554 5.6.0 looks odd", True, "failed", "rejected", False),
        ("451 4.3.0 later", False, "retry", "temporary", False),
        ("452 4.2.2 full", False, "retry", "mailbox_full", False),
        ("451 4.3.0 later", True, "retry", "temporary", False),
        ("421 4.7.0 slow down", False, "queued", "temporary", False),
        ("drop", False, "queued", "connection", False),
        ("drop", True, "uncertain", "unknown_outcome", False),
    ],
)
def test_answers_of_the_server_are_translated(
    inbox: Inbox, reply: str, at_end: bool, status: str, code: str, is_suppressed: bool
) -> None:
    message = make_frozen(1)
    inbox.rules = [Rule("*", reply, at_end=at_end)]

    pump()

    delivery = message.deliveries.get()
    assert (delivery.status, delivery.failure_code) == (status, code)
    assert Suppression.objects.exists() == is_suppressed


def test_one_bad_recipient_does_not_hold_up_the_others(inbox: Inbox) -> None:
    message = make_frozen(12)
    bad = message.deliveries.order_by("pk")[3]
    inbox.rules = [Rule(bad.address, "550 5.1.1 no such mailbox")]

    pump()

    assert statuses(message) == {"accepted": 11, "failed": 1}


def test_a_temporary_refusal_is_tried_again_later_and_longer(inbox: Inbox) -> None:
    message = make_frozen(1)
    inbox.rules = [Rule("*", "451 4.3.0 later", times=2)]
    waits = []
    now = NOW

    while statuses(message) != {"accepted": 1}:
        pump(now=now)
        delivery = message.deliveries.get()
        waits.append((delivery.next_attempt_at - now).total_seconds())
        pump(now=delivery.next_attempt_at - timedelta(seconds=1))
        now = delivery.next_attempt_at

    assert (message.deliveries.get().attempts, len(inbox.accepted)) == (3, 1)
    assert 15 <= waits[0] <= 25
    assert 30 <= waits[1] <= 50


def test_attempts_are_bounded(inbox: Inbox) -> None:
    message = make_frozen(1)
    message.deliveries.update(attempts=settling.MOST_ATTEMPTS - 1)
    inbox.rules = [Rule("*", "451 4.3.0 later")]

    pump()

    assert statuses(message) == {"failed": 1}


def test_slow_down_is_no_attempt_and_pauses_the_rest(inbox: Inbox) -> None:
    message = make_frozen(30)
    third = message.deliveries.order_by("pk")[2]
    inbox.rules = [Rule(third.address, "421 4.7.0 slow down", times=1)]

    first = pump()
    second = pump(now=NOW + timedelta(seconds=30))

    assert (len(inbox.accepted), first.has_more, second.settled) == (30, False, 28)
    assert set(message.deliveries.values_list("attempts", flat=True)) == {1}


def test_an_unreachable_server_costs_no_attempt(inbox: Inbox) -> None:
    message = make_frozen(3)
    inbox.stop()

    pump()

    assert statuses(message) == {"queued": 3}
    assert set(message.deliveries.values_list("attempts", flat=True)) == {0}
    inbox.start()


def test_a_connection_cut_in_the_middle_of_a_message_is_tried_again_and_doubles_nothing(inbox: Inbox) -> None:
    message = make_frozen(3)
    first = message.deliveries.order_by("pk")[0]
    long = first.personal | {"customer.salutation": "A" * 6_000_000}  # more than the buffers between us hold
    Delivery.objects.filter(pk=first.pk).update(personal=long)
    inbox.rules = [Rule(first.address, "cut", at_end=True, times=2)]

    pump()
    before = (statuses(message), len(inbox.accepted), message.deliveries.get(pk=first.pk).attempts)
    pump(now=NOW + timedelta(minutes=1))

    references = [entry["reference"] for entry in inbox.accepted]
    assert before == ({"queued": 3}, 0, 0)
    assert (statuses(message), len(references), len(set(references))) == ({"accepted": 3}, 3, 3)


def test_silence_after_the_final_dot_is_held_for_people(inbox: Inbox) -> None:
    message = make_frozen(3)
    inbox.rules = [Rule("*", "drop", at_end=True)]

    pump()
    pump(now=NOW + timedelta(hours=1))

    assert (statuses(message), len(inbox.accepted)) == ({"uncertain": 3}, 3)


def test_silence_is_sent_again_with_the_same_id_where_the_policy_says_so(inbox: Inbox) -> None:
    message = make_frozen(1, uncertain_policy="resend")
    inbox.rules = [Rule("*", "drop", at_end=True, times=1)]

    pump()
    pump(now=NOW + timedelta(hours=1))

    ids = [entry["message_id"] for entry in inbox.accepted]
    assert (statuses(message), len(ids), len(set(ids))) == ({"accepted": 1}, 2, 1)


def test_a_stop_in_the_middle_of_a_window_holds_the_rest_back_and_resumes_there(recording: RecordingChannel) -> None:
    message = make_frozen(25)

    def stop_at_five(_parcel: Parcel) -> Outcome:
        Incident.objects.filter(pk=message.incident_id).update(is_on_hold=len(recording.sent) == 5)
        return Outcome(Fate.ACCEPTED)

    recording.answer = stop_at_five

    pump()
    stopped = statuses(message)
    attempts = set(message.deliveries.filter(status="queued").values_list("attempts", flat=True))
    has_work = engine.has_work(now=NOW + timedelta(minutes=1))
    Incident.objects.filter(pk=message.incident_id).update(is_on_hold=False)
    pump(now=NOW + timedelta(minutes=1))

    assert (stopped, attempts, has_work) == ({"accepted": 5, "queued": 20}, {0}, False)
    assert statuses(message) == {"accepted": 25}
    assert len({parcel.delivery.pk for parcel in recording.sent}) == len(recording.sent) == 25


@pytest.mark.parametrize(
    "hinder",
    [
        lambda message: Message.objects.filter(pk=message.pk).update(is_stopped=True),
        lambda message: Incident.objects.filter(pk=message.incident_id).update(is_on_hold=True),
        lambda message: Message.objects.filter(pk=message.pk).update(state="superseded"),
        lambda message: message.deliveries.update(next_attempt_at=NOW + timedelta(seconds=1)),
    ],
)
def test_what_must_not_leave_is_not_claimed(recording: RecordingChannel, hinder: Callable[[Message], Any]) -> None:
    message = make_frozen(2)
    hinder(message)

    pump()

    assert (recording.sent, statuses(message)) == ([], {"queued": 2})


def test_late_news_expires_instead_of_leaving(recording: RecordingChannel) -> None:
    message = make_frozen(2, expires_at=NOW)

    pump()
    engine.sweep(now=NOW)

    message.refresh_from_db()
    assert (recording.sent, statuses(message), message.state) == ([], {"expired": 2}, "sent")


def test_an_unsubscribed_customer_gets_what_is_essential_and_nothing_else(recording: RecordingChannel) -> None:
    incident = make_incident()
    notice = make_frozen(1, incident=incident)
    update = make_frozen(1, incident=incident, kind=MessageKind.PROGRESS_UPDATE)
    address = notice.deliveries.get().address
    suppressions.suppress([address], reason=SuppressionReason.UNSUBSCRIBED, now=NOW)

    pump()

    assert (statuses(notice), statuses(update), len(recording.sent)) == ({"accepted": 1}, {"suppressed": 1}, 1)


def test_the_most_urgent_leave_first(recording: RecordingChannel) -> None:
    incident = make_incident()
    for tier in (3, 1, 2):
        make_impact(incident, make_customer(), computed_tier=tier)
    make_frozen(0, incident=incident)

    pump()

    assert [parcel.delivery.tier for parcel in recording.sent] == [1, 2, 3]


def test_a_stopped_message_does_not_stand_before_the_others(recording: RecordingChannel) -> None:
    stopped = make_frozen(12, kind=MessageKind.CORRECTION)
    later, urgent = make_frozen(2, kind=MessageKind.PROGRESS_UPDATE), make_frozen(2)
    Message.objects.filter(pk=stopped.pk).update(is_stopped=True)

    pump()

    sent = [parcel.delivery.message_id for parcel in recording.sent]
    assert (sent, statuses(stopped)) == ([urgent.pk] * 2 + [later.pk] * 2, {"queued": 12})


def test_what_is_suppressed_after_freezing_is_not_claimed(recording: RecordingChannel) -> None:
    update = make_frozen(12, kind=MessageKind.PROGRESS_UPDATE)
    addresses = list(update.deliveries.order_by("pk").values_list("address", flat=True)[:11])
    suppressions.suppress(addresses, reason=SuppressionReason.UNSUBSCRIBED, now=NOW)

    claimed = claim(update)

    assert [one.status for one in claimed] == ["suppressed"] * 10
    assert statuses(update) == {"suppressed": 10, "queued": 2}


def test_a_row_that_cannot_be_written_fails_alone(inbox: Inbox) -> None:
    message = make_frozen(3)
    broken = message.deliveries.order_by("pk")[1]
    Delivery.objects.filter(pk=broken.pk).update(personal={})

    pump()

    broken.refresh_from_db()
    assert (statuses(message), broken.failure_code) == ({"accepted": 2, "failed": 1}, "unrenderable")


def claim(message: Message, *, now: datetime = NOW) -> list[Delivery]:
    return engine._claim(NAMES, owner=f"w:{uuid.uuid4()}", now=now)


@pytest.mark.parametrize(("policy", "status"), [("hold", "uncertain"), ("resend", "retry")])
def test_what_a_dead_sender_held_is_swept_when_its_lease_ends(policy: str, status: str) -> None:
    message = make_frozen(2, uncertain_policy=policy)
    claim(message)

    too_early = engine.sweep(now=NOW + engine.LEASE)
    due = engine.sweep(now=NOW + engine.LEASE + timedelta(seconds=1))

    assert too_early == 0
    assert due == (3 if policy == "hold" else 2)  # two rows, and the message that has none left
    assert statuses(message) == {status: 2}


def test_nothing_leaves_shortly_before_the_lease_ends(recording: RecordingChannel) -> None:
    message = make_frozen(1)
    [delivery] = claim(message)
    almost = NOW + engine.LEASE - engine.LEASE_RESERVE

    assert engine._may_leave(delivery, now=almost - timedelta(seconds=1))
    assert not engine._may_leave(delivery, now=almost)


def test_withdrawing_ends_what_has_not_left() -> None:
    message = make_frozen(12)
    claim(message)

    count = engine.withdraw(message, status=DeliveryStatus.SUPERSEDED, now=NOW)

    assert (count, statuses(message)) == (2, {"sending": 10, "superseded": 2})


def test_a_person_ends_a_doubt_with_evidence_and_it_is_recorded() -> None:
    message = make_frozen(1)
    message.deliveries.update(status=DeliveryStatus.UNCERTAIN)
    delivery, user = message.deliveries.get(), make_user()

    with pytest.raises(engine.BadResolution):
        engine.resolve(delivery, status=DeliveryStatus.DELIVERED, evidence=" ", by=user, now=NOW)
    engine.resolve(delivery, status=DeliveryStatus.DELIVERED, evidence="she answered it", by=user, now=NOW)
    with pytest.raises(engine.NotUncertain):
        engine.resolve(delivery, status=DeliveryStatus.RETRY, evidence="again", by=user, now=NOW)

    assert statuses(message) == {"delivered": 1}
    assert AuditEvent.objects.filter(action="delivery.resolved", actor=user).count() == 1


def test_live_sending_needs_addresses_others_can_reach(settings: Any) -> None:
    settings.EMAIL_HOST, settings.PUBLIC_BASE_URL = "", "http://127.0.0.1:8000"
    bare = engine.live_problems(make_company())
    settings.EMAIL_HOST, settings.PUBLIC_BASE_URL = "mail.example.org", "https://crisis.example.org"
    ready = make_company(sender_address="crisis@example.org", reply_address="help@example.org")
    demonstration = make_company(is_demonstration=True)

    assert len(bare) == 4
    assert engine.live_problems(ready) == []
    assert len(engine.live_problems(demonstration)) == 1
    settings.EMAIL_HOST = "127.0.0.1"
    assert engine.live_problems(demonstration) == []


def test_a_demonstration_never_speaks_to_another_machine(settings: Any) -> None:
    message = make_frozen(1)
    make_company(is_demonstration=True)
    settings.EMAIL_HOST = "mail.example.org"

    pump()

    delivery = message.deliveries.get()
    assert (delivery.status, delivery.failure_code) == ("queued", "connection")


def test_recorded_parcels_name_their_delivery(recording: RecordingChannel) -> None:
    message = make_frozen(1)
    recording.answer = lambda parcel: Outcome(Fate.ACCEPTED, provider_id=f"id-{parcel.delivery.pk}")

    pump()

    assert recording.sent == [Parcel(message.deliveries.get())]
