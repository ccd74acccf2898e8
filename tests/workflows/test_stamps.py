"""Stamps by severity and size, asked again when either grows; strong objections; the emergency path; copies."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from incidents.enums import Role, Severity
from incidents.models import AuditEvent, Company, ContactPoint, Incident
from notifications import compose
from notifications.enums import MessageKind, MessageState, NoticeMedium
from notifications.models import Delivery, EmergencyApproval, Message, Objection, StaffNotice
from tests import factories_updates as updating
from tests.factories_incidents import NOW, person
from workflows import (
    approval_rules,
    approvals,
    copies,
    declarations,
    emergencies,
    escalations,
    objections,
    plans,
    releases,
    reviews,
)
from workflows.enums import AlertKind
from workflows.models import Alert, CommunicationPlan

LATER = NOW + timedelta(minutes=1)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[Incident]:
    with django_db_blocker.unblock(), updating.once(updating.speaking) as incident:
        yield incident


@pytest.fixture
def incident(world: Incident, db: None) -> Incident:
    return Incident.objects.get(pk=world.pk)


def fresh(message: Message) -> Message:
    return Message.objects.select_related("incident", "current").get(pk=message.pk)


def submitted(incident: Incident, kind: MessageKind = MessageKind.FIRST_NOTICE) -> Message:
    return approvals.submit(updating.drafted(incident, kind), by=person(updating.WRITER), now=NOW)


def stamp(message: Message, username: str) -> Message:
    digest = compose.current(fresh(message)).sha256
    return approvals.approve(message, by=person(username), sha256=digest, now=LATER)


def size_rule(incident: Incident, customers: int) -> None:
    """Let this plan ask legal counsel from so many customers on."""
    plan = plans.required(incident)
    further = [{"kinds": ["first_notice"], "customers": customers, "roles": ["legal_counsel"]}]
    plan.content["stamps"] = {**plan.content["stamps"], "further": further}
    CommunicationPlan.objects.filter(pk=plan.pk).update(content=plan.content)


def refuses(guard: str, act: Callable[[], object]) -> None:
    with pytest.raises(DatabaseError, match=guard), transaction.atomic():
        act()


# --- severity and size ------------------------------------------------------------------------------


def test_a_grave_incident_asks_for_more_stamps_from_the_start(incident: Incident) -> None:
    before = approval_rules.needed(updating.drafted(incident)).roles
    Incident.objects.filter(pk=incident.pk).update(severity=Severity.SEV1)

    grave = approval_rules.needed(updating.drafted(Incident.objects.get(pk=incident.pk))).roles

    assert set(grave) - set(before) == {Role.EXECUTIVE_SPONSOR, Role.LEGAL_COUNSEL}


def test_a_holding_statement_needs_one_whatever_happens(incident: Incident) -> None:
    Incident.objects.filter(pk=incident.pk).update(severity=Severity.SEV1)
    message = updating.drafted(Incident.objects.get(pk=incident.pk), MessageKind.HOLDING_STATEMENT)

    assert len(approval_rules.needed(message).stamps) == 1


def test_a_raised_severity_asks_again_and_keeps_the_stamps(incident: Incident) -> None:
    message = updating.ready(incident)
    lead = person("incident_lead")
    declarations.change_severity(incident, severity=Severity.SEV1, reason="injuries", by=lead, now=LATER)

    asked = [approvals.ask_outgrown(pk, now=LATER) for _twice in range(2) for pk in approvals.outgrown(now=LATER)]

    message = fresh(message)
    assert [set(roles) for roles in asked] == [{"legal_counsel", "executive_sponsor"}]
    assert (message.state, compose.current(message).approvals.count()) == (MessageState.IN_REVIEW, 3)
    for role in asked[0]:
        stamp(message, role)
    assert fresh(message).state == MessageState.APPROVED


def test_a_grown_audience_asks_again_at_the_release(incident: Incident) -> None:
    size_rule(incident, 2)
    message = updating.ready(incident)
    updating.affected(incident, tier=1)

    with pytest.raises(releases.CannotRelease, match="Legal counsel"):
        releases.release(message, by=person(updating.WRITER), now=LATER)

    assert (fresh(message).state, approvals.missing(fresh(message))) == (MessageState.IN_REVIEW, ["legal_counsel"])
    stamp(message, "legal_counsel")
    assert releases.release(message, by=person(updating.WRITER), now=LATER).state == MessageState.SENDING


def test_a_grown_audience_without_a_further_rule_goes_out(incident: Incident) -> None:
    message = updating.ready(incident)
    updating.affected(incident, tier=1)

    released = releases.release(message, by=person(updating.WRITER), now=LATER)

    assert (released.state, released.cleared_size) == (MessageState.SENDING, 2)


def test_a_scheduled_text_that_was_asked_again_is_scheduled_again(incident: Incident) -> None:
    size_rule(incident, 2)
    message = releases.schedule(updating.ready(incident), at=LATER, by=person(updating.WRITER), now=NOW)
    updating.affected(incident, tier=1)
    approvals.ask_again(message, now=NOW)

    stamp(message, "legal_counsel")

    assert (fresh(message).state, fresh(message).release_at) == (MessageState.SCHEDULED, LATER)


def test_the_database_knows_severity_and_size(incident: Incident) -> None:
    message = updating.ready(incident, MessageKind.PROGRESS_UPDATE)
    rows = Message.objects.filter(pk=message.pk)
    refuses("guard.message", lambda: rows.update(cleared_size=99))
    Incident.objects.filter(pk=incident.pk).update(severity=Severity.SEV1)
    refuses("guard.message", lambda: rows.update(state=MessageState.SENDING))
    Incident.objects.filter(pk=incident.pk).update(severity=Severity.SEV2)

    released = releases.release(message, by=person(updating.WRITER), now=LATER)
    [one] = Delivery.objects.filter(message=released)
    first = updating.affected(incident, tier=1)
    second = updating.affected(incident, tier=1)

    def two_more() -> None:
        Delivery.objects.bulk_create(
            Delivery(**{**_copied(one), "customer_id": customer.pk, "address": "x@example.org"})
            for customer in (first, second)
        )

    refuses("guard.delivery", two_more)


def _copied(delivery: Delivery) -> dict[str, Any]:
    kept = ("id", "reference", "message_id_header", "customer")
    names = [field.attname for field in Delivery._meta.concrete_fields if field.name not in kept]
    return {name: getattr(delivery, name) for name in names}


# --- waking -----------------------------------------------------------------------------------------


def test_approvers_are_woken_once_when_a_text_is_submitted(incident: Incident) -> None:
    Company.objects.update(is_demonstration=False)
    lead = person("communications_lead")
    type(lead).objects.filter(pk=lead.pk).update(email="lead@company.example")

    message = submitted(incident, MessageKind.PROGRESS_UPDATE)

    [notice] = StaffNotice.objects.filter(medium=NoticeMedium.MAIL)
    assert (notice.user, f"/message/{message.pk}/approve/" in notice.body) == (lead, True)


# --- strong objections ------------------------------------------------------------------------------


def test_a_strong_objection_holds_a_text_with_every_stamp_until_withdrawn(incident: Incident) -> None:
    message = updating.ready(incident)
    objection = objections.raise_strong(message, reason="It names a patient.", by=person("hr_lead"), now=LATER)

    with pytest.raises(releases.CannotRelease):
        releases.release(message, by=person(updating.WRITER), now=LATER)

    assert fresh(message).state == MessageState.IN_REVIEW
    objections.withdraw(objection, reason="The name is out.", by=person("hr_lead"), now=LATER)
    assert fresh(message).state == MessageState.APPROVED


def test_a_strong_objection_outlives_an_edit(incident: Incident) -> None:
    message = submitted(incident, MessageKind.PROGRESS_UPDATE)
    objections.raise_strong(message, reason="Wrong in law.", by=person("legal_counsel"), now=LATER)
    compose.renew(fresh(message), now=LATER)
    approvals.submit(message, by=person(updating.WRITER), now=LATER)

    assert stamp(message, "communications_lead").state == MessageState.IN_REVIEW
    refuses("guard.message", lambda: Message.objects.filter(pk=message.pk).update(state=MessageState.APPROVED))


def test_only_whom_the_data_names_overrules(incident: Incident) -> None:
    message = updating.ready(incident)
    objection = objections.raise_strong(message, reason="Too early.", by=person("legal_counsel"), now=LATER)

    with pytest.raises(objections.CannotObject, match="Executive sponsor"):
        objections.overrule(objection, reason="We must.", by=person("communications_lead"), now=LATER)
    with pytest.raises(objections.CannotObject, match="why"):
        objections.overrule(objection, reason=" ", by=person("executive_sponsor"), now=LATER)
    with pytest.raises(objections.CannotObject, match="Only legal_counsel"):
        objections.withdraw(objection, reason="ok", by=person("executive_sponsor"), now=LATER)
    objections.overrule(objection, reason="Silence harms more.", by=person("executive_sponsor"), now=LATER)
    with pytest.raises(objections.CannotObject, match="ended already"):
        objections.overrule(objection, reason="Again.", by=person("executive_sponsor"), now=LATER)

    assert fresh(message).state == MessageState.APPROVED


def test_an_objection_is_for_the_team_with_a_reason_before_the_text_leaves(incident: Incident) -> None:
    message = submitted(incident)

    for by, reason, why in (("stranger", "No", "Only the team"), ("hr_lead", " ", "speaks against")):
        with pytest.raises(objections.CannotObject, match=why):
            objections.raise_strong(message, reason=reason, by=person(by), now=LATER)
    with pytest.raises(objections.CannotObject, match="on its way"):
        objections.raise_strong(updating.released(incident), reason="No", by=person("hr_lead"), now=LATER)


def test_the_database_keeps_an_objection_as_it_was(incident: Incident) -> None:
    objection = objections.raise_strong(submitted(incident), reason="No.", by=person("hr_lead"), now=LATER)
    rows = Objection.objects.filter(pk=objection.pk)

    refuses("guard.objection", lambda: rows.update(reason="Yes."))
    refuses("guard.append_only", rows.delete)
    refuses(
        "objection_overruled_by_another",
        lambda: rows.update(end="overruled", ended_by=person("hr_lead"), ended_at=LATER, end_reason="me"),
    )


# --- the emergency path -----------------------------------------------------------------------------


def test_in_an_emergency_one_other_person_is_enough(incident: Incident) -> None:
    message = submitted(incident)
    emergencies.open_for(message, reason="Gas is leaking.", by=person("incident_lead"), now=LATER)

    approved = stamp(message, "nina")

    assert (approved.state, compose.current(approved).approvals.count()) == (MessageState.APPROVED, 3)
    assert "EMERGENCY" in incident.timeline.get(text__startswith="EMERGENCY").text
    assert AuditEvent.objects.filter(action="message.emergency_opened").count() == 1


def test_in_an_emergency_the_author_is_still_not_enough(incident: Incident) -> None:
    lead = person("incident_lead")
    message = releases.draft_message(incident, kind=MessageKind.FIRST_NOTICE, by=lead, now=NOW)
    approvals.submit(message, by=lead, now=NOW)
    emergencies.open_for(message, reason="Gas is leaking.", by=lead, now=LATER)

    with pytest.raises(approvals.OwnText):
        stamp(message, "incident_lead")
    refuses("guard.message", lambda: Message.objects.filter(pk=message.pk).update(state=MessageState.APPROVED))

    assert stamp(message, "subject_owner").state == MessageState.APPROVED


def test_an_emergency_is_for_one_text(incident: Incident) -> None:
    message = submitted(incident)
    emergencies.open_for(message, reason="Gas is leaking.", by=person("incident_lead"), now=LATER)
    compose.renew(fresh(message), now=LATER)
    approvals.submit(message, by=person(updating.WRITER), now=LATER)

    assert stamp(message, "subject_owner").state == MessageState.IN_REVIEW


def test_who_may_open_an_emergency_and_when(incident: Incident) -> None:
    draft, message = updating.drafted(incident), submitted(incident)

    for subject, by, reason, why in (
        (draft, "incident_lead", "now", "submit it first"),
        (message, "incident_lead", " ", "no time"),
        (message, "hr_lead", "now", "Incident lead"),
    ):
        with pytest.raises(emergencies.NoEmergency, match=why):
            emergencies.open_for(subject, reason=reason, by=person(by), now=LATER)
    emergencies.open_for(message, reason="now", by=person("incident_lead"), now=LATER)
    with pytest.raises(emergencies.NoEmergency, match="already"):
        emergencies.open_for(message, reason="now", by=person("incident_lead"), now=LATER)


def test_an_emergency_wakes_the_sponsor_until_the_review_has_judged_it(incident: Incident) -> None:
    message = submitted(incident)
    emergency = emergencies.open_for(message, reason="Gas is leaking.", by=person("incident_lead"), now=LATER)
    escalations.refresh(AlertKind.EMERGENCY_OPEN, now=LATER)
    [alert] = Alert.objects.filter(kind=AlertKind.EMERGENCY_OPEN, over_at=None)
    meeting = reviews.Meeting("Over", "", "Ask earlier", (person("nina"),), True, NOW)
    review = reviews.begin(incident, now=NOW)

    with pytest.raises(reviews.NotReviewable, match=message.reference):
        reviews.hold(review, meeting=meeting, by=person("nina"), now=LATER)
    with pytest.raises(emergencies.NoEmergency, match="another person"):
        emergencies.judge(emergency, judgement="Fine", by=person("incident_lead"), now=LATER)
    emergencies.judge(emergency, judgement="It was needed.", by=person("executive_sponsor"), now=LATER)
    escalations.refresh(AlertKind.EMERGENCY_OPEN, now=LATER)

    assert reviews.hold(review, meeting=meeting, by=person("nina"), now=LATER).held_at == NOW
    alert.refresh_from_db()
    assert (set(alert.watchers.values_list("username", flat=True)), alert.over_at) == (
        {"executive_sponsor", "nina"},
        LATER,
    )


def test_the_database_keeps_an_emergency_as_it_was_opened(incident: Incident) -> None:
    message = submitted(incident)
    emergency = emergencies.open_for(message, reason="Gas.", by=person("incident_lead"), now=LATER)
    rows = EmergencyApproval.objects.filter(pk=emergency.pk)

    refuses("guard.emergency", lambda: rows.update(reason="Water."))
    refuses("guard.append_only", rows.delete)
    draft = compose.current(updating.drafted(incident))
    refuses(
        "guard.emergency",
        lambda: EmergencyApproval.objects.create(
            revision=draft, opened_by=person("incident_lead"), reason="x", opened_at=NOW
        ),
    )


# --- copies -----------------------------------------------------------------------------------------


def test_staff_get_a_marked_copy_once_and_no_customer_does(incident: Incident, settings: Any) -> None:
    settings.PUBLIC_BASE_URL = "https://crisis.example"
    theirs = ContactPoint.objects.earliest("pk").value
    Company.objects.update(is_demonstration=False, copy_addresses=["Press@Company.example", theirs, ""])

    message = updating.released(incident, MessageKind.PROGRESS_UPDATE)
    copies.send(message, now=LATER)

    [copy] = StaffNotice.objects.filter(key__startswith="copy:")
    assert (copy.address, copy.subject[:6], copy.body[:4]) == ("press@company.example", "[Copy]", "COPY")
    assert Delivery.objects.filter(message=message).count() == 1


def test_a_demonstration_sends_no_copies(incident: Incident) -> None:
    Company.objects.update(copy_addresses=["press@company.example"])

    updating.released(incident)

    assert not StaffNotice.objects.filter(key__startswith="copy:").exists()
