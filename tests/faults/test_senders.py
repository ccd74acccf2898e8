"""Senders that are killed, put to sleep, doubled, stopped: lost none, doubled none, every doubt shown."""

import os
import signal
import time
from contextlib import closing
from functools import partial

import pytest
from django.db import connection, transaction

from crisiscomm.smtp_inbox import Inbox, Rule
from incidents import clock
from incidents.models import Incident
from notifications import engine, freezing
from notifications.enums import DeliveryStatus, MessageKind
from tests.factories_delivery import make_released
from tests.faults import lab

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("committed")]


def _has_taken(inbox: Inbox, count: int) -> bool:
    return len(inbox.accepted) >= count


def test_killed_senders_lose_nothing_and_double_nothing(inbox: Inbox) -> None:
    message = lab.make_batch(900)
    kills = 0

    for taken in (150, 350, 550):
        senders = [lab.start_sender(inbox) for _ in range(2)]
        lab.wait_until(partial(_has_taken, inbox, taken))
        lab.kill(*senders)
        kills += len(senders)
        lab.sweep_expired()
    last = lab.start_sender(inbox)
    lab.wait_until(lambda: lab.is_settled(message))
    lab.kill(last)

    counts, taken_copies = lab.statuses(message), lab.copies(inbox)
    assert set(counts) <= {"accepted", "uncertain"}
    assert sum(counts.values()) == 900
    assert counts.get("uncertain", 0) <= engine.WINDOW * kills
    assert max(taken_copies.values()) == 1
    assert lab.lost(message, inbox) == set()


def test_two_senders_share_the_work_and_double_nothing(inbox: Inbox) -> None:
    message = lab.make_batch(400)

    senders = [lab.start_sender(inbox) for _ in range(3)]
    lab.wait_until(lambda: lab.is_settled(message))
    lab.kill(*senders)

    assert (lab.statuses(message), len(inbox.accepted), max(lab.copies(inbox).values())) == ({"accepted": 400}, 400, 1)


def test_a_row_another_session_holds_keeps_nobody_waiting() -> None:
    message = lab.make_batch(12)
    held = message.deliveries.order_by("priority", "pk")[0]
    with closing(connection.copy()) as other, transaction.atomic():
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT 1 FROM notifications_delivery WHERE id = %s FOR UPDATE", [held.pk])
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")

        window = engine._claim(["email_personal", "email_bulk"], owner="w:1", now=clock.now())

    assert len(window) == engine.WINDOW
    assert held not in window


def test_a_sleeper_that_wakes_after_its_lease_is_refused(inbox: Inbox) -> None:
    message = lab.make_batch(60)
    inbox.rules = [Rule("*", at_end=True, delay=0.01)]
    sleeper = lab.start_sender(inbox)
    lab.wait_until(lambda: len(inbox.accepted) >= 5)
    os.kill(sleeper.pid, signal.SIGSTOP)
    time.sleep(0.05)  # the message on the wire arrives

    lab.sweep_expired()
    doubtful = message.deliveries.filter(status="uncertain").count()
    os.kill(sleeper.pid, signal.SIGCONT)
    lab.wait_until(lambda: lab.is_settled(message))
    lab.kill(sleeper)

    counts = lab.statuses(message)
    assert 1 <= doubtful <= engine.WINDOW
    assert counts == {"accepted": 60 - doubtful, "uncertain": doubtful}
    assert max(lab.copies(inbox).values()) == 1


def test_a_stop_takes_effect_within_two_seconds_and_resumes_exactly_there(inbox: Inbox) -> None:
    message = lab.make_batch(500)
    inbox.rules = [Rule("*", at_end=True, delay=0.002)]
    senders = [lab.start_sender(inbox) for _ in range(2)]
    lab.wait_until(lambda: len(inbox.accepted) >= 100)

    Incident.objects.filter(pk=message.incident_id).update(is_on_hold=True)
    stopped_at = time.monotonic()
    lab.wait_until(lambda: not message.deliveries.filter(status="sending").exists())
    at_rest = len(inbox.accepted)
    time.sleep(0.5)
    late = [entry for entry in inbox.accepted if entry["at"] > stopped_at + 2]
    still = len(inbox.accepted)
    Incident.objects.filter(pk=message.incident_id).update(is_on_hold=False)
    lab.wait_until(lambda: lab.is_settled(message))
    lab.kill(*senders)

    after_stop = [entry for entry in inbox.accepted[:at_rest] if entry["at"] > stopped_at]
    assert (late, still, len(after_stop) <= len(senders)) == ([], at_rest, True)
    assert (lab.statuses(message), max(lab.copies(inbox).values())) == ({"accepted": 500}, 1)


def test_a_correction_in_mid_send_reaches_exactly_those_who_got_the_wrong_text(inbox: Inbox) -> None:
    wrong = lab.make_batch(300)
    inbox.rules = [Rule("*", at_end=True, delay=0.002)]
    sender = lab.start_sender(inbox)
    lab.wait_until(lambda: len(inbox.accepted) >= 80)

    now = clock.now()
    wrong.refresh_from_db()
    wrong.supersede()
    wrong.save()

    def is_drained() -> bool:
        engine.withdraw(wrong, status=DeliveryStatus.SUPERSEDED, now=now)
        return lab.is_settled(wrong)

    lab.wait_until(is_drained)
    told = {entry["to"] for entry in inbox.accepted}
    correction = make_released(
        wrong.incident, kind=MessageKind.CORRECTION, audience={"recipients_of": wrong.pk}, corrects=wrong
    )
    freezing.freeze(correction, now=now)
    lab.wait_until(lambda: lab.is_settled(correction))
    lab.kill(sender)

    references = {str(one) for one in correction.deliveries.values_list("reference", flat=True)}
    corrected = {entry["to"] for entry in inbox.accepted if entry["reference"] in references}
    assert 80 <= len(told) < 300
    assert corrected == told


def test_lost_replies_are_held_and_nothing_is_doubled(inbox: Inbox) -> None:
    message = lab.make_batch(300)
    inbox.rules = [Rule("b1?5@*", "drop", at_end=True), Rule("b2*7@*", "451 4.3.0 later", times=1)]
    inbox.rules += [Rule("b3*", "550 5.1.1 no such mailbox")]

    sender = lab.start_sender(inbox)
    lab.wait_until(lambda: not message.deliveries.filter(status__in=["queued", "sending"]).exists())
    message.deliveries.filter(status="retry").update(next_attempt_at=clock.now())
    lab.wait_until(lambda: lab.is_settled(message))
    lab.kill(sender)

    assert lab.statuses(message) == {"accepted": 278, "uncertain": 10, "failed": 12}
    assert (max(lab.copies(inbox).values()), len(inbox.accepted)) == (1, 288)
