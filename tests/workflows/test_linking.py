"""Two incidents of one cause: linked, combined updates, taken back, merged; no promise is lost on the way."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from incidents import facts, feedback
from incidents.enums import CommitmentState, FactStatus
from incidents.models import Commitment, Customer, Feedback, Impact, Incident, Unknown
from incidents.phases import Phase
from notifications import compose
from notifications.enums import ChannelName, DeliveryStatus, FailureCode, MessageKind, MessageState
from notifications.models import Delivery, Message
from tests import factories, factories_updates
from tests.factories_incidents import NOW, person, reported
from workflows import handled, linking, merging, plans, releases
from workflows.enums import LinkKind, SlotState
from workflows.models import UpdateSlot

pytestmark = pytest.mark.django_db
UPDATE = MessageKind.PROGRESS_UPDATE
SOON = NOW + timedelta(hours=1)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[Incident]:
    """Two incidents in execution: A reached “both” and “only-a”, B reached “both” and “only-b”."""

    def build() -> Incident:
        first = factories_updates.speaking(tiers=(1,))
        second = factories_updates.speaking(tiers=(1,), now=NOW)
        both = Customer.objects.get(impacts__incident=first)
        Impact.objects.create(incident=second, customer=both, computed_tier=1, affected_items="order 18")
        for incident in (first, second):
            factories_updates.arrive(factories_updates.released(incident), at=NOW)
        linking.link(first, other=second, reason="the same supplier", by=person("incident_lead"), now=NOW)
        return first

    with django_db_blocker.unblock(), factories_updates.once(build) as incident:
        yield incident


@pytest.fixture
def first(world: Incident, db: None) -> Incident:
    return Incident.objects.get(pk=world.pk)


@pytest.fixture
def second(first: Incident) -> Incident:
    return linking.linked(first)[0]


def both(first: Incident, second: Incident) -> Customer:
    return Customer.objects.filter(impacts__incident=first).get(impacts__incident=second)


def released(incident: Incident, *, at: datetime) -> Message:
    return factories_updates.released(incident, UPDATE, now=at)


def fates(message: Message) -> list[tuple[str, str]]:
    rows = Delivery.objects.filter(message=message).order_by("customer_id")
    return list(rows.values_list("status", "failure_code"))


def test_an_update_of_a_linked_incident_names_both(first: Incident, second: Incident) -> None:
    message = factories_updates.drafted(first, UPDATE, now=SOON)

    text = compose.preview(message, customer=both(first, second), channel=ChannelName.EMAIL_PERSONAL).text

    assert compose.problems(message) == []
    assert f"This message also covers {second.reference}, which has the same cause: known (en); actions_taken" in text


def test_who_got_the_combined_update_is_not_written_to_again(first: Incident, second: Incident) -> None:
    combined = released(first, at=SOON)

    own = released(second, at=SOON + timedelta(minutes=5))

    assert fates(combined) == [(DeliveryStatus.QUEUED, "")]
    assert sorted(fates(own)) == [(DeliveryStatus.QUEUED, ""), (DeliveryStatus.SUPERSEDED, FailureCode.COMBINED)]
    spared = Delivery.objects.get(message=own, failure_code=FailureCode.COMBINED)
    assert (spared.customer, spared.failure_detail) == (both(first, second), combined.reference)
    assert handled.handled(own) == {1: handled.Share(handled=1, total=2)}


def test_new_facts_are_told_to_everybody(first: Incident, second: Incident) -> None:
    released(first, at=SOON)
    change = facts.FactChange("incident.known", {"en": "another plant too"}, FactStatus.VERIFIED, "plant")
    facts.put(second, change=change, by=person("subject_owner"), now=SOON)
    factories.fact_sheet(second, now=SOON)

    own = released(second, at=SOON + timedelta(minutes=5))

    assert {status for status, _code in fates(own)} == {DeliveryStatus.QUEUED}


def test_an_update_whose_next_time_has_passed_covers_nobody(first: Incident, second: Incident) -> None:
    combined = released(first, at=SOON)
    later = datetime.fromisoformat(combined.promises["1"]["next_update_at"]) + timedelta(minutes=1)

    assert linking.covering(factories_updates.drafted(second, UPDATE, now=SOON), now=later) == []


def test_a_text_that_left_the_other_out_covers_nobody(first: Incident, second: Incident) -> None:
    message = factories_updates.drafted(first, UPDATE, now=SOON)
    texts = compose.current(message).content["texts"]
    for section in texts["en"]["sections"]:
        section["text"] = section["text"].replace("{{ update.linked }}", "")
    compose.edit(message, changes={"texts": texts}, by=person("wen"), now=SOON)
    releases.release(factories_updates.approve(message, now=SOON), by=person("wen"), now=SOON)

    assert linking.covering(factories_updates.drafted(second, UPDATE, now=SOON), now=SOON) == []


def test_danger_is_told_by_each_incident(first: Incident, second: Incident) -> None:
    Impact.objects.filter(incident=second, customer=both(first, second)).update(harm="safety")
    released(first, at=SOON)

    own = released(second, at=SOON + timedelta(minutes=5))

    assert {status for status, _code in fates(own)} == {DeliveryStatus.QUEUED}


def test_a_link_taken_back_hastens_what_was_promised_for_both(first: Incident, second: Incident) -> None:
    combined = released(first, at=SOON)
    named = datetime.fromisoformat(combined.promises["1"]["next_update_at"])
    slot = factories_updates.slot(second)
    UpdateSlot.objects.filter(pk=slot.pk).update(promised_at=named + timedelta(days=1), opens_at=named)
    made = first.links.get()

    linking.unlink(made, reason="another supplier", by=person("incident_lead"), now=SOON)

    slot.refresh_from_db()
    assert (slot.state, slot.opens_at) == (SlotState.PROMISED, SOON)
    assert linking.linked(first) == []
    with pytest.raises(linking.CannotLink, match="only once"):
        linking.unlink(made, reason="again", by=person("incident_lead"), now=SOON)


def test_a_link_joins_two_open_incidents_once(first: Incident, second: Incident) -> None:
    lead = person("incident_lead")
    drill = factories.declared(is_drill=True)

    for other, reason, words in (
        (first, "x", "itself"),
        (second, " ", "Say why"),
        (second, "x", "linked already"),
        (drill, "x", "An exercise"),
    ):
        with pytest.raises(linking.CannotLink, match=words):
            linking.link(first, other=other, reason=reason, by=lead, now=SOON)


def test_a_merge_moves_customers_and_keeps_every_promise(first: Incident, second: Incident) -> None:
    shared = both(first, second)
    Impact.objects.filter(incident=first, customer=shared).update(computed_tier=3)
    slot = factories_updates.slot(second)
    question = feedback.log(second, entry=feedback.Entry("When?", customer=shared), now=NOW)
    open_question = Unknown.objects.create(incident=second, text="which batch", created_at=NOW)
    draft = factories_updates.drafted(second, UPDATE, now=SOON)

    merging.merge(first, other=second, reason="one supplier", by=person("incident_lead"), now=SOON)

    moved = UpdateSlot.objects.get(pk=slot.pk)
    promise = Commitment.objects.get(source_reference=second.messages.get(number=1).reference, kind="next_update")
    draft.refresh_from_db()
    assert (moved.incident, moved.promised_at, moved.tier, moved.state) == (first, slot.promised_at, 1, "promised")
    assert (promise.incident, promise.state, promise.due_at) == (first, CommitmentState.OPEN, slot.promised_at)
    assert set(first.impacts.values_list("tier", flat=True)) == {1}
    assert first.impacts.get(customer=shared).override_reason == f"merged from {second.reference}"
    assert (second.phase, draft.state) == (Phase.CANCELLED, MessageState.EXPIRED)
    assert second.messages.get(number=1).is_released
    assert {Feedback.objects.get(pk=question.pk).incident, Unknown.objects.get(pk=open_question.pk).incident} == {first}
    assert (merging.into(second), linking.linked(first)) == (first, [])


def test_a_customer_placed_higher_is_told_by_the_time_the_other_promised(first: Incident, second: Incident) -> None:
    """In B the customer waits in tier 2 for an earlier time than A's tier 1 was promised."""
    shared, slot = both(first, second), factories_updates.slot(second)
    Impact.objects.filter(incident=second).update(computed_tier=2)
    early = slot.promised_at - timedelta(hours=3)
    UpdateSlot.objects.filter(pk=slot.pk).update(tier=2, promised_at=early, opens_at=early - timedelta(hours=1))

    merging.merge(first, other=second, reason="one supplier", by=person("incident_lead"), now=SOON)

    waiting = UpdateSlot.objects.filter(incident=first, state=SlotState.PROMISED)
    assert first.impacts.get(customer=shared).tier == 1
    assert sorted(waiting.filter(promised_at=early).values_list("tier", "promised_to")) == [(1, 1), (2, 2)]


def test_the_moved_promise_is_kept_by_an_update_of_the_incident_that_stays(first: Incident, second: Incident) -> None:
    slot = factories_updates.slot(second)
    merging.merge(first, other=second, reason="one supplier", by=person("incident_lead"), now=SOON)

    update = released(first, at=SOON)

    waiting = UpdateSlot.objects.filter(incident=first, state=SlotState.PROMISED, promised_at__lte=slot.promised_at)
    assert update.deliveries.count() == 2
    assert waiting.exists()
    assert Commitment.objects.filter(incident=first, kind="next_update", state=CommitmentState.BROKEN).count() == 0


def test_a_merge_needs_a_plan_and_is_final(first: Incident, second: Incident) -> None:
    lead = person("incident_lead")
    undeclared = reported()

    with pytest.raises(plans.NoPlan):
        merging.merge(undeclared, other=second, reason="x", by=lead, now=SOON)
    made = merging.merge(first, other=second, reason="x", by=lead, now=SOON)

    with pytest.raises(linking.CannotLink, match="not taken back"):
        linking.unlink(made, reason="x", by=lead, now=SOON)
    with pytest.raises(linking.CannotLink, match="still be open"):
        merging.merge(first, other=second, reason="x", by=lead, now=SOON)
    second.refresh_from_db()
    assert (made.kind, second.merged_into) == (LinkKind.MERGED, first)
