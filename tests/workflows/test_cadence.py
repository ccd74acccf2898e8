"""The rhythm of promised updates: times named, promises made, kept, broken and withdrawn."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from incidents.enums import CommitmentKind, CommitmentState
from incidents.models import Commitment, Company, Incident
from notifications import rendering
from notifications.enums import DeliveryStatus, MessageKind, MessageState
from notifications.models import Delivery, Message
from tests import factories_updates as updating
from tests.factories_incidents import NOW, person
from workflows import cadence, plans, releases, updates
from workflows.enums import SlotState
from workflows.models import UpdateSlot

SECOND = timedelta(seconds=1)
BERLIN = "Europe/Berlin"


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[Incident]:
    with django_db_blocker.unblock(), updating.once(partial(updating.told, tiers=(1, 3))) as incident:
        yield incident


@pytest.fixture
def incident(world: Incident, db: None) -> Incident:
    return Incident.objects.get(pk=world.pk)


def next_update(incident: Incident, *, tier: int = 1) -> Commitment:
    return Commitment.objects.filter(incident=incident, kind=CommitmentKind.NEXT_UPDATE, tier=tier).latest("pk")


def sent_update(incident: Incident) -> UpdateSlot:
    """Open tier 1's promise in time and release its update."""
    updating.grant(incident)
    slot = updating.slot(incident)
    updates.open_slot(slot.pk, now=slot.opens_at)
    updates.release(slot.pk, now=slot.opens_at)
    slot.refresh_from_db()
    return slot


def test_work_begins_early_enough_to_approve_and_send(incident: Incident, settings: Any) -> None:
    settings.CRISISCOMM_SEND_RATE = 10
    plan = plans.required(incident)
    rule = plans.approval_rule(plan, MessageKind.PROGRESS_UPDATE)

    assert cadence.lead_time(plan, tier=1, audience_size=100) == rule.sla + timedelta(seconds=10) + cadence.FLOOR


def test_work_never_begins_before_half_of_the_interval(incident: Incident) -> None:
    plan = plans.required(incident)

    assert cadence.lead_time(plan, tier=1, audience_size=10**9) == updating.interval(incident) / 2


def test_the_first_promise_is_one_interval_after_the_release(incident: Incident) -> None:
    named = cadence.next_promise(incident, plan=plans.required(incident), tier=1, planned_at=NOW)

    assert named == NOW + updating.interval(incident)


def test_a_promise_whose_work_has_not_begun_stands(incident: Incident) -> None:
    slot = updating.slot(incident)

    named = cadence.next_promise(incident, plan=plans.required(incident), tier=1, planned_at=slot.opens_at - SECOND)

    assert named == slot.promised_at


@pytest.mark.parametrize(("late", "beats"), [(0.0, 1), (0.9, 1), (1.0, 2), (4.5, 5)])
def test_the_rhythm_stays_fixed_however_late_an_update_is(incident: Incident, late: float, beats: int) -> None:
    slot, interval = updating.slot(incident), updating.interval(incident)

    named = cadence.next_promise(
        incident, plan=plans.required(incident), tier=1, planned_at=slot.promised_at + late * interval
    )

    assert named == slot.promised_at + beats * interval


def test_a_released_message_makes_slots_and_commitments_once(incident: Incident) -> None:
    message = Message.objects.get(incident=incident)

    cadence.promise(message, now=NOW)

    slots = UpdateSlot.objects.filter(incident=incident).order_by("tier")
    assert [(slot.tier, slot.number, slot.promised_to, slot.state) for slot in slots] == [
        (tier, 1, 1, SlotState.PROMISED) for tier in (1, 3)
    ]
    promised = Commitment.objects.filter(incident=incident, kind=CommitmentKind.NEXT_UPDATE).order_by("tier")
    assert [(one.tier, one.due_at, one.source_reference) for one in promised] == [
        (slot.tier, slot.promised_at, message.reference) for slot in slots
    ]


def test_the_commitment_carries_the_words_of_the_message(incident: Incident) -> None:
    [words] = next_update(incident).text.values()
    assert rendering.format_moment(updating.slot(incident).promised_at, language="en", time_zone=BERLIN) in words


def test_the_commitment_says_nothing_of_one_customer(incident: Incident) -> None:
    message = updating.released(incident, MessageKind.PROGRESS_UPDATE, now=NOW + SECOND)

    [words] = Commitment.objects.filter(source_reference=message.reference, tier=1).latest("pk").text.values()

    assert (rendering.MARKER_OPEN in words, "commitment." in words) == (False, False)


def test_a_promise_is_kept_when_the_last_row_arrived_in_time(incident: Incident) -> None:
    slot = sent_update(incident)
    assert slot.message is not None
    promise = next_update(incident)
    updating.arrive(slot.message, at=slot.promised_at)

    cadence.judge(slot.pk, now=slot.promised_at)

    slot.refresh_from_db()
    promise = Commitment.objects.get(incident=incident, due_at=slot.promised_at, tier=1)
    assert (slot.state, slot.settled_at) == (SlotState.RELEASED, slot.promised_at)
    assert promise.state == CommitmentState.KEPT
    assert cadence.due_and_on_time(incident) == (1, 1)


def test_a_promise_is_broken_when_one_row_arrived_late(incident: Incident) -> None:
    updating.affected(incident, tier=1)
    slot = sent_update(incident)
    assert slot.message is not None
    updating.arrive(slot.message, at=slot.promised_at)
    last = Delivery.objects.filter(message=slot.message).latest("pk")
    Delivery.objects.filter(pk=last.pk).update(accepted_at=slot.promised_at + SECOND)

    cadence.judge(slot.pk, now=slot.promised_at + SECOND)

    slot.refresh_from_db()
    assert slot.state == SlotState.MISSED
    assert cadence.due_and_on_time(incident) == (1, 0)


def test_nothing_is_judged_while_rows_are_leaving_and_there_is_time(incident: Incident) -> None:
    slot = sent_update(incident)

    cadence.judge(slot.pk, now=slot.promised_at)

    slot.refresh_from_db()
    assert (slot.state, slot.settled_at) == (SlotState.RELEASED, None)
    assert cadence.due_and_on_time(incident) == (0, 0)


@pytest.mark.parametrize("status", [DeliveryStatus.QUEUED, DeliveryStatus.UNCERTAIN])
def test_what_has_not_surely_arrived_by_the_time_was_missed(incident: Incident, status: DeliveryStatus) -> None:
    slot = sent_update(incident)
    Delivery.objects.filter(message=slot.message).update(status=status)

    cadence.judge(slot.pk, now=slot.promised_at + SECOND)

    assert cadence.due_and_on_time(incident) == (1, 0)


def test_a_promise_nobody_acted_on_is_broken_when_its_time_has_passed(incident: Incident) -> None:
    slot = updating.slot(incident)

    for _twice in range(2):
        cadence.judge(slot.pk, now=slot.promised_at + SECOND)

    assert next_update(incident).state == CommitmentState.BROKEN
    assert cadence.due_and_on_time(incident) == (1, 0)


def test_an_unmet_promise_is_not_judged_before_its_time(incident: Incident) -> None:
    slot = updating.slot(incident)

    cadence.judge(slot.pk, now=slot.promised_at)

    assert cadence.to_judge(now=slot.promised_at) == []
    assert cadence.to_judge(now=slot.promised_at + SECOND) == [slot.pk]
    assert cadence.due_and_on_time(incident) == (0, 0)


def test_a_later_message_withdraws_a_promise_before_its_time(incident: Incident) -> None:
    slot = updating.slot(incident)

    cadence.withdraw(incident, now=slot.promised_at - SECOND)

    slot.refresh_from_db()
    assert slot.state == SlotState.WITHDRAWN
    assert next_update(incident).state == CommitmentState.WITHDRAWN
    assert cadence.due_and_on_time(incident) == (0, 0)


def test_a_promise_whose_time_has_passed_is_never_withdrawn(incident: Incident) -> None:
    slot = updating.slot(incident)

    cadence.withdraw(incident, now=slot.promised_at, tiers=[1])

    slot.refresh_from_db()
    assert slot.state == SlotState.MISSED
    assert next_update(incident).state == CommitmentState.BROKEN
    assert cadence.due_and_on_time(incident) == (1, 0)


def test_a_new_word_to_one_tier_leaves_the_promises_to_the_others(incident: Incident) -> None:
    sent_update(incident)

    assert [updating.slot(incident, tier=tier).number for tier in (1, 3)] == [2, 1]


def test_a_withdrawn_slot_takes_its_unsent_update_with_it(incident: Incident) -> None:
    slot = updating.slot(incident)
    updates.open_slot(slot.pk, now=slot.opens_at)
    slot.refresh_from_db()

    cadence.withdraw(incident, now=slot.opens_at)

    assert slot.message is not None
    slot.message.refresh_from_db()
    assert slot.message.state == MessageState.EXPIRED


def test_a_changed_plan_keeps_the_promises_already_made(incident: Incident) -> None:
    before = updating.slot(incident).promised_at
    plan = plans.revise(plans.required(incident), reason="calmer", by=person("incident_lead"), now=NOW)
    plan.audiences.filter(tier=1).update(update_interval=timedelta(days=3))

    message = releases.draft_message(incident, kind=MessageKind.PROGRESS_UPDATE, by=person(updating.WRITER), now=NOW)

    assert cadence.promised_times(message)[1] == before


@pytest.mark.parametrize(
    ("severity", "tier", "is_safety_warning", "is_moved"),
    [("SEV3", 3, False, True), ("SEV3", 3, True, False), ("SEV2", 3, False, False), ("SEV4", 2, False, False)],
)
def test_calm_updates_are_planned_around_quiet_hours(
    incident: Incident, severity: str, tier: int, *, is_safety_warning: bool, is_moved: bool
) -> None:
    Incident.objects.filter(pk=incident.pk).update(severity=severity, is_safety_warning=is_safety_warning)
    incident.refresh_from_db()
    UpdateSlot.objects.filter(incident=incident).update(state=SlotState.WITHDRAWN)
    plan = plans.required(incident)

    def named() -> datetime:
        return cadence.next_promise(incident, plan=plan, tier=tier, planned_at=NOW)

    usual = named()
    zone = ZoneInfo(Company.objects.get().time_zone)
    quiet_from, quiet_until = ((usual + timedelta(hours=h)).astimezone(zone).time() for h in (-1, 3))
    Company.objects.update(quiet_from=quiet_from, quiet_until=quiet_until)

    assert named() == (usual + timedelta(hours=3) if is_moved else usual)


def test_a_promise_that_was_made_stands_in_quiet_hours(incident: Incident) -> None:
    Incident.objects.filter(pk=incident.pk).update(severity="SEV3")
    incident.refresh_from_db()
    slot = updating.slot(incident, tier=3)
    zone = ZoneInfo(Company.objects.get().time_zone)
    around = ((slot.promised_at + timedelta(hours=hours)).astimezone(zone).time() for hours in (-1, 1))
    Company.objects.update(**dict(zip(("quiet_from", "quiet_until"), around, strict=True)))

    named = cadence.next_promise(incident, plan=plans.required(incident), tier=3, planned_at=slot.opens_at - SECOND)

    assert named == slot.promised_at
