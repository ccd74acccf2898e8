"""From an approved text to deliveries, page and promises: once, in one transaction, or not at all with a sentence."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from incidents.enums import CommitmentKind, CommitmentState
from incidents.models import AuditEvent, Commitment, Incident
from incidents.phases import Phase
from notifications import previews
from notifications.enums import DeliveryStatus, MessageKind, MessageState
from notifications.models import Delivery, Message, PagePost
from tests import factories
from tests import factories_updates as updating
from tests.factories_incidents import NOW, person, reported
from workflows import plans, releases
from workflows.enums import SlotState
from workflows.models import OutreachTask, UpdateSlot

SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[Incident]:
    with django_db_blocker.unblock(), updating.once(updating.speaking) as incident:
        yield incident


@pytest.fixture
def incident(world: Incident, db: None) -> Incident:
    return Incident.objects.get(pk=world.pk)


def release(message: Message, *, now: Any = NOW) -> Message:
    return releases.release(message, by=person(updating.WRITER), now=now)


def told(incident: Incident) -> Incident:
    updating.arrive(updating.released(incident), at=NOW)
    return incident


def resolved(incident: Incident) -> Incident:
    incident.resolved_at = NOW
    incident.save(update_fields=["resolved_at"])
    return incident


def test_a_draft_speaks_every_language_by_the_channels_of_each_tier(incident: Incident) -> None:
    factories.company(languages=["zh", "en"])

    message = updating.drafted(incident)

    assert message.current is not None
    rows = [plans.audience(plans.required(incident), tier) for tier in (1, 2, 3)]
    assert message.channels == {str(row.tier): row.first_channels for row in rows}
    assert message.promises == {
        str(row.tier): {"next_update_at": (NOW + row.update_interval).isoformat()} for row in rows
    }
    assert sorted(message.current.content["texts"]) == ["en", "zh"]


def test_an_update_goes_by_the_channels_of_updates(incident: Incident) -> None:
    message = updating.drafted(incident, MessageKind.PROGRESS_UPDATE)

    assert message.channels["1"] == plans.audience(plans.required(incident), 1).update_channels


def test_the_page_says_once_what_two_tiers_are_told_together_and_counts_for_itself(incident: Incident) -> None:
    told(incident)

    def update(tier: int, *, at: Any) -> Message:
        wanted = releases.Draft(MessageKind.PROGRESS_UPDATE, audience={"tiers": [tier]})
        return releases.draft(incident, draft=wanted, by=person(updating.WRITER), now=at)

    together = [update(1, at=NOW + SECOND), update(3, at=NOW + SECOND)]
    for message in together:
        release(updating.approve(message, now=NOW + SECOND), now=NOW + 2 * SECOND)
    release(updating.approve(update(3, at=NOW + 3 * SECOND), now=NOW + 3 * SECOND), now=NOW + 4 * SECOND)

    posts = PagePost.objects.filter(kind=MessageKind.PROGRESS_UPDATE).order_by("message__number")
    first, second, third = posts
    assert (first.repeats, second.repeats, third.repeats) == (None, first, None)
    assert ("update 1" in first.texts["en"]["title"], "update 2" in third.texts["en"]["title"]) == (True, True)


def test_a_survey_is_not_asked_on_the_page(incident: Incident) -> None:
    resolved(told(incident))
    updating.released(incident, MessageKind.RESOLUTION)
    updating.enter(incident, Phase.FOLLOW_UP)

    survey = updating.drafted(incident, MessageKind.FOLLOW_UP_SURVEY)

    assert {name for names in survey.channels.values() for name in names} == {"email_personal", "email_bulk"}


def test_a_release_freezes_publishes_plans_calls_and_promises_at_once(incident: Incident) -> None:
    message = release(updating.ready(incident))

    assert (message.state, message.released_at) == (MessageState.SENDING, NOW)
    assert Delivery.objects.filter(message=message).count() == message.frozen_count
    assert PagePost.objects.filter(message=message).count() == 1
    assert OutreachTask.objects.filter(message=message).count() >= 1
    assert UpdateSlot.objects.filter(promised_in=message).count() == 1
    assert AuditEvent.objects.filter(incident=incident, action="message.released").count() == 1


def test_a_second_release_is_told_and_changes_nothing(incident: Incident) -> None:
    message = updating.ready(incident)
    release(message)
    frozen = Delivery.objects.filter(message=message).count()

    with pytest.raises(releases.CannotRelease):
        release(message)

    assert Delivery.objects.filter(message=message).count() == frozen
    assert AuditEvent.objects.filter(action="message.released").count() == 1


def test_an_unapproved_message_is_refused(incident: Incident) -> None:
    message = updating.drafted(incident)

    with pytest.raises(releases.CannotRelease, match="approved"):
        release(message)


def test_a_stopped_incident_is_refused(incident: Incident) -> None:
    message = updating.ready(incident)
    Incident.objects.filter(pk=incident.pk).update(is_on_hold=True, hold_reason="wrong list")

    with pytest.raises(releases.CannotRelease, match="wrong list"):
        release(message)


def test_a_promised_time_that_has_passed_is_refused(incident: Incident) -> None:
    message = updating.ready(incident)

    with pytest.raises(releases.CannotRelease, match="tier 1"):
        release(message, now=NOW + updating.interval(incident))


def test_without_a_way_to_send_nothing_is_released(incident: Incident, settings: Any) -> None:
    settings.EMAIL_HOST = "mail.elsewhere.example"
    message = updating.ready(incident)

    with pytest.raises(releases.LiveSendingRefused) as refused:
        release(message)

    assert refused.value.problems != []


@pytest.mark.parametrize(
    ("kind", "phase"),
    [
        (MessageKind.FIRST_NOTICE, Phase.PLAN),
        (MessageKind.FIRST_NOTICE, Phase.FOLLOW_UP),
        (MessageKind.HOLDING_STATEMENT, Phase.FOLLOW_UP),
        (MessageKind.PROGRESS_UPDATE, Phase.EVALUATE),
        (MessageKind.RESOLUTION, Phase.FOLLOW_UP),
        (MessageKind.FOLLOW_UP_SURVEY, Phase.EXECUTE),
    ],
)
def test_every_kind_has_its_phases(incident: Incident, kind: MessageKind, phase: Phase) -> None:
    message = Message(kind=kind, incident=Incident(phase=phase), state=MessageState.APPROVED)

    with pytest.raises(releases.CannotRelease, match="phase"):
        releases._refuse_release(message, now=NOW)


def test_a_cancelled_incident_is_refused(incident: Incident) -> None:
    message = updating.ready(incident)
    updating.cancelled(incident)

    with pytest.raises(releases.CannotRelease, match="phase"):
        release(message)


def test_a_resolution_waits_until_the_incident_is_resolved(incident: Incident) -> None:
    message = Message(kind=MessageKind.RESOLUTION, incident=Incident(phase=Phase.EXECUTE), state=MessageState.APPROVED)

    with pytest.raises(releases.CannotRelease, match="resolved"):
        releases._refuse_release(message, now=NOW)


def test_a_resolution_ends_every_promise_and_every_unsent_update(incident: Incident) -> None:
    incident = resolved(told(incident))
    update = updating.ready(incident, MessageKind.PROGRESS_UPDATE)

    message = release(updating.ready(incident, MessageKind.RESOLUTION))

    update.refresh_from_db()
    assert (message.promises, update.state) == ({}, MessageState.EXPIRED)
    assert set(UpdateSlot.objects.filter(incident=incident).values_list("state", flat=True)) == {SlotState.WITHDRAWN}


def test_a_newer_update_takes_the_place_of_one_still_leaving(incident: Incident) -> None:
    older = updating.released(incident, MessageKind.PROGRESS_UPDATE, now=NOW + SECOND)

    updating.released(incident, MessageKind.PROGRESS_UPDATE, now=NOW + 2 * SECOND)

    older.refresh_from_db()
    assert older.state == MessageState.SUPERSEDED
    left = Delivery.objects.filter(message=older).values_list("status", flat=True)
    assert set(left) == {DeliveryStatus.SUPERSEDED}


def test_updates_are_numbered_for_those_who_read_them(incident: Incident) -> None:
    updating.released(incident, MessageKind.PROGRESS_UPDATE, now=NOW + SECOND)

    second = updating.drafted(incident, MessageKind.PROGRESS_UPDATE)

    assert second.update_number == 2


def test_a_correction_stops_the_wrong_text_and_goes_to_those_who_got_it(incident: Incident) -> None:
    updating.affected(incident, tier=2)
    updating.affected(incident, tier=2)
    wrong = updating.released(incident)
    first, second = Delivery.objects.filter(message=wrong).order_by("pk")[:2]
    Delivery.objects.filter(pk=first.pk).update(status=DeliveryStatus.ACCEPTED, accepted_at=NOW, settled_at=NOW)
    correction = updating.correction(wrong)

    release(correction, now=NOW + SECOND)

    wrong.refresh_from_db()
    second.refresh_from_db()
    assert (wrong.state, second.status) == (MessageState.SUPERSEDED, DeliveryStatus.SUPERSEDED)
    assert [row.customer_id for row in Delivery.objects.filter(message=correction)] == [first.customer_id]


def test_a_text_that_names_an_estimate_makes_it_a_commitment_once(incident: Incident) -> None:
    updating.released(incident, MessageKind.PROGRESS_UPDATE, now=NOW + SECOND)

    estimates = Commitment.objects.filter(incident=incident, kind=CommitmentKind.ESTIMATE)
    assert [estimate.due_at for estimate in estimates] == [NOW]


def test_a_resolution_judges_the_estimate(incident: Incident) -> None:
    incident = resolved(told(incident))

    release(updating.ready(incident, MessageKind.RESOLUTION))

    estimate = Commitment.objects.get(incident=incident, kind=CommitmentKind.ESTIMATE)
    assert estimate.state == CommitmentState.KEPT


def test_a_resolution_does_not_list_the_estimate_it_ends_as_open(incident: Incident) -> None:
    told(incident)
    customer = incident.impacts.order_by("pk")[0].customer
    label = Commitment.objects.get(incident=incident, kind=CommitmentKind.ESTIMATE).text["en"]
    resolution = updating.ready(resolved(incident), MessageKind.RESOLUTION)

    def still_open(message: Message) -> str:
        own = previews.personal_values(message, customer=customer, language="en")
        return own["commitment.open_summary"]

    assert label in still_open(incident.messages.get(kind=MessageKind.FIRST_NOTICE))
    assert (label in still_open(resolution), "replace every part" in still_open(resolution)) == (False, True)
    release(resolution)
    mailed = Delivery.objects.get(message=resolution, customer=customer).personal["commitment.open_summary"]
    assert mailed == still_open(resolution)


def test_a_scheduled_message_leaves_when_its_time_comes_and_once(incident: Incident) -> None:
    message = updating.ready(incident)
    at = NOW + timedelta(minutes=1)
    releases.schedule(message, at=at, by=person(updating.WRITER), now=NOW)

    early, due = releases.due(now=at - SECOND), releases.due(now=at)
    releases.release_scheduled(message.pk, now=at)

    assert (early, due, releases.due(now=at)) == ([], [message.pk], [])
    message.refresh_from_db()
    assert message.released_at == at


@pytest.mark.parametrize("at", [NOW - SECOND, NOW, NOW + timedelta(days=400)])
def test_a_time_that_has_passed_or_outlives_the_promise_is_refused(incident: Incident, at: Any) -> None:
    message = updating.ready(incident)

    with pytest.raises(releases.CannotRelease):
        releases.schedule(message, at=at, by=person(updating.WRITER), now=NOW)


def test_only_an_approved_message_is_scheduled(incident: Incident) -> None:
    message = updating.drafted(incident)

    with pytest.raises(releases.CannotRelease):
        releases.schedule(message, at=NOW + SECOND, by=person(updating.WRITER), now=NOW)


def test_a_withdrawn_message_never_leaves(incident: Incident) -> None:
    message = updating.ready(incident)

    releases.cancel(message, by=person(updating.WRITER), now=NOW)

    with pytest.raises(releases.CannotRelease):
        release(message)


def test_what_was_released_cannot_be_withdrawn(incident: Incident) -> None:
    message = updating.released(incident)

    with pytest.raises(releases.CannotRelease):
        releases.cancel(message, by=person(updating.WRITER), now=NOW)


@pytest.mark.django_db
def test_before_the_declaration_there_is_no_template_to_draft_from() -> None:
    factories.company()

    with pytest.raises(plans.NoPlan):
        updating.drafted(reported())
