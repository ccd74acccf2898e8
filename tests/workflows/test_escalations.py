"""What is late wakes people: again and again, more of them with time, until one takes it or it is over."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from incidents import feedback
from incidents.enums import CommitmentKind, FeedbackKind
from incidents.models import Commitment, Company, Incident, User
from notifications.enums import DeliveryStatus, MessageKind, MessageState, NoticeMedium
from notifications.models import Delivery, StaffNotice, WebhookEndpoint
from tests import factories_updates as updating
from tests.factories_incidents import NOW, person
from workflows import approvals, escalations, plans, updates
from workflows.enums import AlertKind
from workflows.models import Alert

SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[Incident]:
    with django_db_blocker.unblock(), updating.once(updating.told) as incident:
        User.objects.exclude(username="mute").update(email="staff@company.example")
        yield incident


@pytest.fixture
def incident(world: Incident, db: None) -> Incident:
    return Incident.objects.get(pk=world.pk)


def look(kind: AlertKind, *, now: datetime) -> list[Alert]:
    """Let the clock look twice, as two schedulers would, and return what is late now."""
    for _twice in range(2):
        escalations.refresh(kind, now=now)
    return list(Alert.objects.filter(kind=kind, over_at=None).order_by("pk"))


def wake(*, now: datetime) -> int:
    return sum(escalations.wake(pk, now=now) for _twice in range(2) for pk in escalations.unheard(now=now))


def watchers(alert: Alert) -> set[str]:
    return set(alert.watchers.values_list("username", flat=True))


def test_an_update_waiting_for_approval_wakes_approver_then_deputy_then_lead(incident: Incident) -> None:
    slot = updating.slot(incident)
    updates.open_slot(slot.pk, now=slot.opens_at)
    rule = plans.approval_rule(plans.required(incident), MessageKind.PROGRESS_UPDATE)

    [alert] = look(AlertKind.APPROVAL_LATE, now=slot.opens_at)
    first = watchers(alert)
    look(AlertKind.APPROVAL_LATE, now=slot.opens_at + rule.deputy_after)
    second = watchers(alert)
    look(AlertKind.APPROVAL_LATE, now=slot.opens_at + rule.sla)

    assert (first, second) == ({"communications_lead"}, {"communications_lead", "nina"})
    assert watchers(alert) == {"communications_lead", "nina", "incident_lead"}


def test_another_text_is_late_when_the_deputy_may_stand_in(incident: Incident) -> None:
    message = updating.drafted(incident, MessageKind.PROGRESS_UPDATE)
    approvals.submit(message, by=person(updating.WRITER), now=NOW)
    rule = plans.approval_rule(plans.required(incident), MessageKind.PROGRESS_UPDATE)

    early = look(AlertKind.APPROVAL_LATE, now=NOW + rule.deputy_after - SECOND)
    late = look(AlertKind.APPROVAL_LATE, now=NOW + rule.deputy_after)

    assert (len(early), len(late)) == (0, 1)


def test_an_approval_given_ends_the_alert(incident: Incident) -> None:
    slot = updating.slot(incident)
    updates.open_slot(slot.pk, now=slot.opens_at)
    [alert] = look(AlertKind.APPROVAL_LATE, now=slot.opens_at)
    slot.refresh_from_db()
    assert slot.message is not None
    assert slot.message.current is not None
    approver, digest = person("communications_lead"), slot.message.current.sha256
    approvals.approve(slot.message, by=approver, now=slot.opens_at, sha256=digest)

    assert look(AlertKind.APPROVAL_LATE, now=slot.opens_at + SECOND) == []

    alert.refresh_from_db()
    assert alert.over_at == slot.opens_at + SECOND


def test_an_update_is_at_risk_when_half_of_its_time_is_gone(incident: Incident) -> None:
    slot = updating.slot(incident)
    updates.open_slot(slot.pk, now=slot.opens_at)
    half = slot.opens_at + (slot.promised_at - slot.opens_at) / 2

    early, late = look(AlertKind.UPDATE_AT_RISK, now=half - SECOND), look(AlertKind.UPDATE_AT_RISK, now=half)

    assert (len(early), len(late)) == (0, 1)


def test_a_stopped_incident_puts_its_update_at_risk_at_once(incident: Incident) -> None:
    slot = updating.slot(incident)
    Incident.objects.filter(pk=incident.pk).update(is_on_hold=True)

    assert len(look(AlertKind.UPDATE_AT_RISK, now=slot.opens_at)) == 1


def test_an_update_is_missed_from_its_promised_time_on(incident: Incident) -> None:
    slot = updating.slot(incident)

    early = look(AlertKind.UPDATE_MISSED, now=slot.promised_at - SECOND)
    late = look(AlertKind.UPDATE_MISSED, now=slot.promised_at)

    assert (len(early), len(late)) == (0, 1)


def test_a_late_update_wakes_the_tiers_owner_the_deputy_and_the_lead(incident: Incident) -> None:
    slot = updating.slot(incident)
    owner = plans.audience(plans.required(incident), slot.tier).owner_role

    [late] = look(AlertKind.UPDATE_MISSED, now=slot.promised_at)

    assert watchers(late) == {owner, "communications_lead", "nina", "incident_lead"}


def test_the_first_contact_of_a_tier_without_a_word_is_late(incident: Incident) -> None:
    updating.affected(incident, tier=2)
    within = plans.audience(plans.required(incident), 2).first_contact_interval

    heard = look(AlertKind.FIRST_NOTICE_LATE, now=NOW + within)
    incident.messages.update(state=MessageState.SUPERSEDED)
    silent = look(AlertKind.FIRST_NOTICE_LATE, now=NOW + within)

    assert heard == []
    assert "Tier 2 (medium) should have heard from us by now." in [str(alert) for alert in silent]


def test_a_commitment_is_late_from_its_time_on_and_never_quoted(incident: Incident) -> None:
    Commitment.objects.filter(incident=incident, kind=CommitmentKind.ESTIMATE).delete()
    promise = Commitment.objects.get(incident=incident, kind=CommitmentKind.PROMISE)
    assert promise.due_at is not None

    early = look(AlertKind.COMMITMENT_LATE, now=promise.due_at)
    [late] = look(AlertKind.COMMITMENT_LATE, now=promise.due_at + SECOND)

    assert early == []
    assert (watchers(late), "replace" in late.text) == ({"incident_lead"}, False)


def test_a_question_nobody_answered_wakes_its_owner_without_the_customers_words(incident: Incident) -> None:
    question = feedback.Entry(kind=FeedbackKind.QUESTION, verbatim="Where is my order, signed Wang Wei?")
    entry = feedback.log(incident, entry=question, now=NOW, by=person("incident_lead"))
    feedback.assign(entry, owner=person("mia"), due_at=NOW + SECOND, by=person("incident_lead"), now=NOW)

    early = look(AlertKind.QUESTION_LATE, now=NOW)
    [late] = look(AlertKind.QUESTION_LATE, now=NOW + SECOND)

    assert early == []
    assert (watchers(late), "Wang" in late.text) == ({"mia"}, False)


def test_deliveries_nobody_knows_the_fate_of_need_a_person(incident: Incident) -> None:
    updating.affected(incident, tier=1)
    update = updating.released(incident, MessageKind.PROGRESS_UPDATE, now=NOW + SECOND)
    before = look(AlertKind.DELIVERY_STUCK, now=NOW)
    Delivery.objects.filter(message=update).update(status=DeliveryStatus.UNCERTAIN)

    after = look(AlertKind.DELIVERY_STUCK, now=NOW)

    assert (len(before), len(after)) == (0, 1)


def test_a_demonstration_wakes_its_staff_by_webhook_alone(incident: Incident) -> None:
    WebhookEndpoint.objects.create(name="chat", url="https://chat.example/hook")
    slot = updating.slot(incident)
    look(AlertKind.UPDATE_MISSED, now=slot.promised_at)

    assert wake(now=slot.promised_at) == StaffNotice.objects.filter(medium=NoticeMedium.WEBHOOK).count() == 1


def test_a_round_writes_one_mail_a_watcher_and_one_call_a_webhook(incident: Incident) -> None:
    Company.objects.update(is_demonstration=False)
    endpoint = WebhookEndpoint.objects.create(name="chat", url="https://chat.example/hook")
    WebhookEndpoint.objects.create(name="old", url="https://old.example/hook", is_active=False)
    slot = updating.slot(incident)
    [alert] = look(AlertKind.UPDATE_MISSED, now=slot.promised_at)

    written = wake(now=slot.promised_at)

    mails = StaffNotice.objects.filter(medium=NoticeMedium.MAIL)
    [call] = StaffNotice.objects.filter(medium=NoticeMedium.WEBHOOK)
    assert {mail.user.username for mail in mails if mail.user} == watchers(alert)
    assert written == mails.count() + 1
    assert (call.endpoint, sorted(call.data)) == (
        endpoint,
        ["alert", "incident", "is_exercise", "kind", "link", "text"],
    )


def test_people_are_woken_again_until_one_takes_it(incident: Incident, settings: Any) -> None:
    settings.CRISISCOMM_ALERT_REPEAT = timedelta(minutes=5)
    start = updating.slot(incident).promised_at
    [alert] = look(AlertKind.UPDATE_MISSED, now=start)
    first = wake(now=start)

    too_early = wake(now=start + timedelta(minutes=5) - SECOND)
    again = wake(now=start + timedelta(minutes=5))
    escalations.take(alert, by=person("nina"), now=start + timedelta(minutes=6))
    taken = wake(now=start + timedelta(minutes=10))

    assert (too_early, again, taken) == (0, first, 0)


def test_an_alert_is_taken_once(incident: Incident) -> None:
    [alert] = look(AlertKind.UPDATE_MISSED, now=updating.slot(incident).promised_at)
    escalations.take(alert, by=person("nina"), now=NOW)

    with pytest.raises(escalations.AlreadyTaken, match="nina"):
        escalations.take(alert, by=person("incident_lead"), now=NOW)


def test_what_is_over_cannot_be_taken(incident: Incident) -> None:
    [alert] = look(AlertKind.UPDATE_MISSED, now=updating.slot(incident).promised_at)
    look(AlertKind.UPDATE_MISSED, now=NOW)

    with pytest.raises(escalations.AlreadyTaken, match="over"):
        escalations.take(alert, by=person("nina"), now=NOW)


def test_a_finished_incident_wakes_nobody(incident: Incident) -> None:
    start = updating.slot(incident).promised_at
    look(AlertKind.UPDATE_MISSED, now=start)
    updating.cancelled(incident)

    assert look(AlertKind.UPDATE_MISSED, now=start) == []
