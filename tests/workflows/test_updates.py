"""Promised updates: opened in time, once, by the clock alone; overtaken, replaced by the plain word, never stale."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from incidents.models import Incident
from notifications.enums import MessageKind, MessageState
from notifications.models import Delivery, Message
from tests import factories_updates as updating
from tests.factories_incidents import NOW, person
from workflows import approvals, cadence, plans, releases, tick, updates
from workflows.enums import SlotState
from workflows.models import StandingApproval, UpdateSlot

SECOND = timedelta(seconds=1)
STANDING = {"grants_standing_approval": True}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[Incident]:
    with django_db_blocker.unblock(), updating.once(updating.told) as incident:
        yield incident


@pytest.fixture
def incident(world: Incident, db: None) -> Incident:
    return Incident.objects.get(pk=world.pk)


def progress(incident: Incident) -> list[Message]:
    return list(Message.objects.filter(incident=incident, kind=MessageKind.PROGRESS_UPDATE).order_by("number"))


def states(incident: Incident, *, tier: int = 1) -> list[str]:
    slots = UpdateSlot.objects.filter(incident=incident, tier=tier).order_by("number")
    return list(slots.values_list("state", flat=True))


def open_due(*, now: datetime) -> None:
    for pk in updates.due(now=now):
        updates.open_slot(pk, now=now)


def test_a_slot_is_not_opened_before_its_time(incident: Incident) -> None:
    open_due(now=updating.slot(incident).opens_at - SECOND)

    assert progress(incident) == []


def test_a_due_slot_is_opened_once(incident: Incident) -> None:
    slot = updating.slot(incident)

    for _twice in range(2):
        open_due(now=slot.opens_at)
        updates.open_slot(slot.pk, now=slot.opens_at)

    slot.refresh_from_db()
    assert [message.audience for message in progress(incident)] == [{"tiers": [1]}]
    assert (slot.state, slot.opened_at, slot.message) == (SlotState.OPEN, slot.opens_at, progress(incident)[0])


def test_a_late_slot_is_still_opened(incident: Incident) -> None:
    slot = updating.slot(incident)

    open_due(now=slot.promised_at + SECOND)

    slot.refresh_from_db()
    assert slot.state == SlotState.OPEN


def test_a_standing_approval_sends_the_update_by_the_clock_alone(incident: Incident) -> None:
    updating.grant(incident)
    slot = updating.slot(incident)

    tick.run(now=slot.opens_at)

    slot.refresh_from_db()
    [update] = progress(incident)
    assert (slot.state, slot.message) == (SlotState.RELEASED, update)
    assert (update.is_standing_approved, update.author, update.update_number) == (True, None, 1)
    assert Delivery.objects.filter(message=update).count() == 1
    following = updating.slot(incident)
    assert (following.number, following.promised_at) == (2, slot.promised_at + updating.interval(incident))


def test_without_a_standing_approval_the_update_waits_in_review(incident: Incident) -> None:
    tick.run(now=updating.slot(incident).opens_at)

    assert [message.state for message in progress(incident)] == [MessageState.IN_REVIEW]
    assert states(incident) == [SlotState.OPEN]


def test_an_update_approved_by_a_person_goes_out_with_the_next_tick(incident: Incident) -> None:
    opens_at = updating.slot(incident).opens_at
    tick.run(now=opens_at)
    [update] = progress(incident)
    assert update.current is not None
    approver = person("communications_lead")
    approvals.approve(update, by=approver, now=opens_at + SECOND, sha256=update.current.sha256)

    tick.run(now=opens_at + 2 * SECOND)

    update.refresh_from_db()
    assert update.released_at == opens_at + 2 * SECOND
    assert states(incident) == [SlotState.RELEASED, SlotState.PROMISED]


def test_the_plain_word_goes_out_rather_than_silence(incident: Incident) -> None:
    slot = updating.slot(incident)
    tick.run(now=slot.opens_at)
    last_moment = slot.promised_at - cadence.sending_time(slot.promised_to)

    tick.run(now=last_moment - SECOND)
    before = [message.state for message in progress(incident)]
    tick.run(now=last_moment)

    full, plain = progress(incident)
    assert before == [MessageState.IN_REVIEW]
    assert full.state == MessageState.EXPIRED
    assert (plain.released_at, plain.is_standing_approved) == (last_moment, True)
    assert states(incident) == [SlotState.RELEASED, SlotState.PROMISED]


def test_the_plain_word_stays_away_where_the_plan_does_not_allow_it(incident: Incident) -> None:
    updating.forbid_plain_word(incident)
    slot = updating.slot(incident)
    tick.run(now=slot.opens_at)

    tick.run(now=slot.promised_at)

    assert [message.state for message in progress(incident)] == [MessageState.IN_REVIEW]


def test_the_plain_word_stays_away_once_the_plans_approval_is_revoked(incident: Incident) -> None:
    slot = updating.slot(incident)
    StandingApproval.objects.update(revoked_at=NOW)
    tick.run(now=slot.opens_at)

    tick.run(now=slot.promised_at)

    assert [message.state for message in progress(incident)] == [MessageState.IN_REVIEW]


def test_after_an_outage_of_five_updates_one_goes_out(incident: Incident) -> None:
    updating.grant(incident)
    slot, interval = updating.slot(incident), updating.interval(incident)
    back = slot.promised_at + 4.25 * interval

    for _twice in range(2):
        tick.run(now=back)

    [update] = [message for message in progress(incident) if message.audience == {"tiers": [1]}]
    assert states(incident) == [SlotState.MISSED] * 5 + [SlotState.PROMISED]
    assert update.promises == {"1": {"next_update_at": (slot.promised_at + 5 * interval).isoformat()}}


def test_an_update_nobody_approved_expires_into_its_successor(incident: Incident) -> None:
    updating.forbid_plain_word(incident)
    slot, interval = updating.slot(incident), updating.interval(incident)
    lead = slot.promised_at - slot.opens_at
    tick.run(now=slot.opens_at)

    tick.run(now=slot.promised_at + interval - lead)

    stale, fresh = [message for message in progress(incident) if message.audience == {"tiers": [1]}]
    assert (stale.state, fresh.state) == (MessageState.EXPIRED, MessageState.IN_REVIEW)
    assert states(incident) == [SlotState.MISSED, SlotState.OPEN]


def test_an_open_update_is_not_overtaken_before_its_successor_begins(incident: Incident) -> None:
    updating.forbid_plain_word(incident)
    slot = updating.slot(incident)
    updates.open_slot(slot.pk, now=slot.opens_at)

    assert updates.overtaken(now=slot.opens_at + updating.interval(incident) - 2 * SECOND) == []


def test_a_stopped_incident_waits_and_speaks_when_resumed(incident: Incident) -> None:
    updating.grant(incident)
    slot = updating.slot(incident)
    Incident.objects.filter(pk=incident.pk).update(is_on_hold=True)
    tick.run(now=slot.opens_at)
    waiting = progress(incident)

    Incident.objects.filter(pk=incident.pk).update(is_on_hold=False)
    tick.run(now=slot.opens_at + SECOND)

    assert waiting == []
    assert [message.state for message in progress(incident)] != []


def test_a_cancelled_incident_says_no_more(incident: Incident) -> None:
    updating.grant(incident)
    slot = updating.slot(incident)
    updating.cancelled(incident)

    tick.run(now=slot.opens_at)

    assert progress(incident) == []
    assert states(incident) == [SlotState.WITHDRAWN]


def test_an_update_that_cannot_be_written_leaves_its_slot_open(incident: Incident) -> None:
    updating.forbid_plain_word(incident)
    slot = updating.slot(incident)
    plan = plans.required(incident)
    plan.content["message_templates"]["progress_update"] = {"en": {"subject": "{{ nothing.known }}", "sections": []}}
    plan.save()

    tick.run(now=slot.opens_at)

    assert progress(incident) == []
    assert states(incident) == [SlotState.OPEN]


def test_an_update_between_two_promises_keeps_the_promised_time(incident: Incident) -> None:
    slot = updating.slot(incident)

    releases.release(updating.ready(incident, MessageKind.PROGRESS_UPDATE, now=NOW + SECOND), by=None, now=NOW + SECOND)

    assert updating.slot(incident).promised_at == slot.promised_at
    assert states(incident) == [SlotState.WITHDRAWN, SlotState.PROMISED]
