"""The rhythm beside the promises: pauses, beats put off, no change, silence, reminders, aftercare, the board."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.enums import CommitmentKind
from incidents.models import Commitment, Company, Impact, Incident
from incidents.phases import Phase
from notifications.enums import MessageKind, MessageState
from notifications.models import Message, StaffNotice
from tests import factories
from tests import factories_updates as updating
from tests.factories_incidents import NOW, person
from workflows import aftercare, cadence, cadence_board, escalations, pauses, plans, reminders, updates, waiting
from workflows.enums import AlertKind, OutreachOrigin, SlotState
from workflows.models import Alert, OutreachTask, UpdateSlot

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[Incident]:
    with django_db_blocker.unblock(), updating.once(updating.told) as incident:
        yield incident


@pytest.fixture
def incident(world: Incident, db: None) -> Incident:
    return Incident.objects.get(pk=world.pk)


def opened(incident: Incident) -> UpdateSlot:
    slot = updating.slot(incident)
    updates.open_slot(slot.pk, now=slot.opens_at)
    return UpdateSlot.objects.select_related("message", "incident").get(pk=slot.pk)


# --- pauses -----------------------------------------------------------------------------------------


def test_a_pause_keeps_the_promise_and_moves_what_is_not_promised(incident: Incident) -> None:
    slot, plan = updating.slot(incident), plans.required(incident)
    until = slot.promised_at + 10 * DAY
    pauses.pause(incident, tier=1, until=until, reason="The customer asked for it.", by=person("nina"), now=NOW)

    before = cadence.next_promise(incident, plan=plan, tier=1, planned_at=NOW)
    update = opened(incident).message

    assert (before, UpdateSlot.objects.get(pk=slot.pk).promised_at) == (slot.promised_at, slot.promised_at)
    assert update is not None
    assert cadence.promised_times(update) == {1: until}


def test_a_pause_ends_and_the_rhythm_goes_on(incident: Incident) -> None:
    made = pauses.pause(incident, tier=1, until=NOW + 90 * DAY, reason="Agreed.", by=person("nina"), now=NOW)
    pauses.resume(made, by=person("nina"), now=NOW + SECOND)

    with pytest.raises(pauses.CannotPause, match="over already"):
        pauses.resume(made, by=person("nina"), now=NOW + SECOND)

    assert pauses.until(incident, 1) is None


@pytest.mark.parametrize(("until", "reason"), [(NOW, "why"), (NOW + DAY, " ")])
def test_a_pause_needs_a_reason_and_a_time_to_come(incident: Incident, until: Any, reason: str) -> None:
    with pytest.raises(pauses.CannotPause):
        pauses.pause(incident, tier=1, until=until, reason=reason, by=person("nina"), now=NOW)


# --- putting off ------------------------------------------------------------------------------------


def test_what_customers_were_promised_is_not_put_off(incident: Incident) -> None:
    with pytest.raises(cadence.AlreadyPromised, match="were promised"):
        cadence.postpone(updating.slot(incident), to=NOW + 9 * DAY, reason="tired", by=person("nina"), now=NOW)


def test_a_beat_nobody_was_promised_is_put_off_with_a_reason(incident: Incident) -> None:
    slot = cadence.successor(updating.slot(incident), plan=plans.required(incident))
    slot.save()

    with pytest.raises(cadence.AlreadyPromised, match="reason"):
        cadence.postpone(slot, to=NOW + 9 * DAY, reason="", by=person("nina"), now=NOW)
    moved = cadence.postpone(slot, to=NOW + 9 * DAY, reason="The plant reopens then.", by=person("nina"), now=NOW)

    assert (moved.promised_at, moved.opens_at < moved.promised_at) == (NOW + 9 * DAY, True)
    assert "plant reopens" in incident.timeline.order_by("-pk")[0].text


# --- nothing has changed ----------------------------------------------------------------------------


def test_an_approver_who_confirms_no_change_has_approved_it(incident: Incident) -> None:
    slot = opened(incident)

    word = updates.confirm_no_change(slot, by=person("nina"), now=slot.opens_at)
    waits = (word.state, approved_by(word))
    slot = UpdateSlot.objects.get(pk=slot.pk)

    assert waits == (MessageState.IN_REVIEW, [])
    assert slot.message == word
    again = updates.confirm_no_change(slot, by=person("communications_lead"), now=slot.opens_at)
    assert (again.state, approved_by(again)) == (MessageState.APPROVED, ["communications_lead"])
    assert Message.objects.get(pk=word.pk).state == MessageState.EXPIRED
    with pytest.raises(updates.NothingToConfirm, match="approved already"):
        updates.confirm_no_change(slot, by=person("communications_lead"), now=slot.opens_at)


def approved_by(message: Message) -> list[str]:
    assert message.current is not None
    return list(message.current.approvals.values_list("approver__username", flat=True))


def test_no_change_is_refused_when_facts_have_changed(incident: Incident) -> None:
    factories.tell_facts(incident, cause={"en": "a crack", "zh": "裂纹", "ru": "трещина"})
    factories.fact_sheet(incident)
    slot = opened(incident)

    with pytest.raises(updates.NothingToConfirm, match="Cause"):
        updates.confirm_no_change(slot, by=person("communications_lead"), now=slot.opens_at)


# --- silence, reminders, aftercare ------------------------------------------------------------------


def test_silence_after_the_resolution_wakes_the_lead(incident: Incident) -> None:
    UpdateSlot.objects.filter(incident=incident).update(state=SlotState.WITHDRAWN)
    updating.enter(incident, Phase.FOLLOW_UP)
    longest = plans.audience(plans.required(incident), 1).check_interval
    assert longest is not None

    def late(now: Any) -> list[set[str]]:
        escalations.refresh(AlertKind.SILENCE, now=now)
        found = Alert.objects.filter(kind=AlertKind.SILENCE, over_at=None)
        return [set(one.watchers.values_list("username", flat=True)) for one in found]

    assert late(NOW + longest) == []
    [woken] = late(NOW + longest + SECOND)
    assert {"incident_lead", "communications_lead", "nina"} <= woken
    OutreachTask.objects.filter(incident=incident).update(state="done", finished_at=NOW + longest)
    assert late(NOW + longest + SECOND) == []


def test_a_promise_is_brought_to_mind_once_before_its_time(incident: Incident) -> None:
    Company.objects.update(is_demonstration=False)
    promise = Commitment.objects.get(incident=incident, kind=CommitmentKind.PROMISE)
    assert promise.due_at is not None
    owner = promise.owner
    type(owner).objects.filter(pk=owner.pk).update(email="lead@company.example")  # type: ignore[union-attr]
    Commitment.objects.exclude(pk=promise.pk).update(reminded_at=NOW)

    early = reminders.due(now=promise.due_at - DAY - SECOND)
    due = reminders.due(now=promise.due_at - DAY)
    sent = [reminders.remind(pk, now=promise.due_at - DAY) for _twice in range(2) for pk in due]

    assert (early, due, sent) == ([], [promise.pk], [1, 0])
    assert "replace" not in StaffNotice.objects.get(key__startswith="reminder:").body
    assert reminders.due(now=promise.due_at - SECOND) == []


def test_care_follows_after_30_60_and_90_days_even_when_closed(incident: Incident) -> None:
    updating.enter(incident, Phase.CLOSED)
    Incident.objects.filter(pk=incident.pk).update(resolved_at=NOW)

    def made(now: Any) -> int:
        return sum(aftercare.make(one, now=now) for _twice in range(2) for one in aftercare.due(now=now))

    counts = [made(NOW + timedelta(days=days)) for days in (26, 27, 30, 57, 87, 200)]

    tasks = OutreachTask.objects.filter(incident=incident, origin=OutreachOrigin.AFTERCARE).order_by("due_at")
    assert counts == [0, 1, 0, 1, 1, 0]
    assert [task.due_at - NOW for task in tasks] == [30 * DAY, 60 * DAY, 90 * DAY]
    assert all(task.owner_id for task in tasks)


# --- the board and what waits for me ----------------------------------------------------------------


def boss() -> Any:
    user = person("boss")
    type(user).objects.filter(pk=user.pk).update(is_superuser=True)
    user.refresh_from_db()
    return user


def test_the_board_says_how_far_an_update_is_and_who_must_act(incident: Incident) -> None:
    slot = updating.slot(incident)
    [first] = cadence_board.lines(boss(), now=NOW)
    opened(incident)
    [second] = cadence_board.lines(boss(), now=slot.opens_at)
    rule = plans.approval_rule(plans.required(incident), MessageKind.PROGRESS_UPDATE)
    [third] = cadence_board.lines(boss(), now=slot.opens_at + rule.deputy_after)
    Incident.objects.filter(pk=incident.pk).update(is_on_hold=True)
    [fourth] = cadence_board.lines(boss(), now=slot.promised_at + SECOND)

    standing = cadence_board.Standing
    assert (first.standing, first.actors, first.is_late) == (standing.TO_COME, [], False)
    assert (second.standing, second.actors) == (standing.TO_APPROVE, ["communications_lead"])
    assert third.actors == ["communications_lead", "nina"]
    assert (fourth.standing, fourth.actors, fourth.is_late) == (standing.STOPPED, ["incident_lead"], True)


def test_the_board_shows_who_else_speaks_to_the_same_customers(incident: Incident) -> None:
    other = updating.told(tiers=(2,))
    Impact.objects.filter(incident=other).delete()
    customer = Impact.objects.get(incident=incident).customer
    Impact.objects.create(incident=other, customer=customer, computed_tier=2, affected_items="x")

    found = {line.slot.incident_id: line.also for line in cadence_board.lines(boss(), now=NOW)}

    assert found[incident.pk] == [f"1 × {other.reference} Tier 2 (medium)"]


def test_the_board_asks_as_often_for_one_as_for_three(incident: Incident) -> None:
    user = boss()
    with CaptureQueriesContext(
        connection,
    ) as one:
        cadence_board.lines(user, now=NOW)
    for number in (7, 8):
        slot = updating.slot(incident)
        slot.pk, slot.number, slot.tier = None, number, number - 5
        slot.save(force_insert=True)

    with CaptureQueriesContext(connection) as three:
        lines = cadence_board.lines(user, now=NOW)

    assert (len(lines), len(three)) == (3, len(one))


def test_what_waits_for_me_comes_soonest_first_and_deputies_see_it_coming(incident: Incident) -> None:
    slot = opened(incident)
    rule = plans.approval_rule(plans.required(incident), MessageKind.PROGRESS_UPDATE)

    [lead] = waiting.mine(person("communications_lead"), now=slot.opens_at)
    [early] = waiting.mine(person("nina"), now=slot.opens_at)
    [late] = waiting.mine(person("nina"), now=slot.opens_at + rule.deputy_after)

    assert (lead.message, lead.is_open, lead.due_at) == (slot.message, True, slot.opens_at + rule.sla)
    assert (early.is_open, late.is_open, late.is_deputy) == (False, True, True)
    assert waiting.mine(person("hr_lead"), now=slot.opens_at) == []
