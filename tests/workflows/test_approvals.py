"""Approvals: who must stamp a text, who may, and when the set is complete."""

from datetime import timedelta
from typing import Any

import pytest

from incidents.enums import Role
from incidents.models import AuditEvent, Incident, TeamAssignment, User
from notifications import bodies, compose, rendering
from notifications.enums import MessageKind, MessageState
from notifications.models import Approval, Message
from tests import factories
from tests import factories_messages as messages
from tests.factories_incidents import NOW, person, reported
from workflows import approvals, plans
from workflows.models import StandingApproval

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=5)
AFTER_DEPUTY = NOW + timedelta(hours=3)


@pytest.fixture
def incident() -> Incident:
    return factories.declared()


def submitted(incident: Incident, *, by: User | None = None, **fields: Any) -> Message:
    message = messages.message(incident, by=by, **fields)
    return approvals.submit(message, by=by or person("wen"), now=NOW)


def sha(message: Message) -> str:
    return compose.current(message).sha256


def required(message: Message) -> list[list[str]]:
    return [one.any_of for one in compose.current(message).requirements.order_by("pk")]


def actions(message: Message) -> list[str]:
    events = AuditEvent.objects.filter(incident=message.incident, action__startswith="message.").order_by("sequence")
    return [event.action for event in events]


def test_submit_writes_down_every_role_of_the_rule(incident: Incident) -> None:
    rule = plans.approval_rule(plans.required(incident), MessageKind.FIRST_NOTICE)

    message = submitted(incident, kind=MessageKind.FIRST_NOTICE)

    requirement = compose.current(message).requirements.earliest("pk")
    assert required(message) == [[role] for role in rule.roles]
    assert (message.state, message.submitted_at) == (MessageState.IN_REVIEW, NOW)
    assert (requirement.deputy_from, requirement.due_at) == (NOW + rule.deputy_after, NOW + rule.sla)
    assert approvals.missing(message) == list(rule.roles)


def test_submit_of_a_holding_statement_needs_any_one(incident: Incident) -> None:
    message = submitted(incident, kind=MessageKind.HOLDING_STATEMENT)

    assert len(required(message)) == 1
    assert len(required(message)[0]) > 1


def test_holding_statement_needs_no_plan() -> None:
    messages.company()
    incident = reported()
    factories.team(incident)

    message = submitted(incident, kind=MessageKind.HOLDING_STATEMENT)

    assert required(message) == [[Role.COMMUNICATIONS_LEAD, Role.INCIDENT_LEAD]]


def test_other_kinds_wait_for_the_plan() -> None:
    messages.company()
    incident = reported()

    with pytest.raises(approvals.NotReady, match="Before the plan"):
        submitted(incident, kind=MessageKind.FIRST_NOTICE)


def test_submit_refuses_a_text_with_problems_and_lists_them(incident: Incident) -> None:
    message = messages.message(incident, promises={}, values={"en": messages.values(incident__title="")})

    with pytest.raises(approvals.NotReady) as refusal:
        approvals.submit(message, by=person("wen"), now=NOW)

    assert len(refusal.value.problems) >= 1
    assert Message.objects.get(pk=message.pk).state == MessageState.DRAFT


def test_submit_refuses_a_role_nobody_else_holds(incident: Incident) -> None:
    TeamAssignment.objects.filter(role=Role.COMMUNICATIONS_LEAD).update(deputy=None)

    with pytest.raises(approvals.NotReady, match="Communications lead"):
        submitted(incident, by=person("communications_lead"))


def test_submit_twice_is_refused(incident: Incident) -> None:
    message = submitted(incident)

    with pytest.raises(approvals.NotInReview):
        approvals.submit(message, by=person("wen"), now=NOW)


def test_last_stamp_approves(incident: Incident) -> None:
    message = submitted(incident, kind=MessageKind.FIRST_NOTICE)
    roles = approvals.missing(message)

    for role in roles:
        assert Message.objects.get(pk=message.pk).state == MessageState.IN_REVIEW
        message = approvals.approve(message, by=person(role), sha256=sha(message), now=LATER)

    assert (message.state, message.approved_at, approvals.missing(message)) == (MessageState.APPROVED, LATER, [])
    assert actions(message) == [
        "message.drafted",
        "message.submitted",
        *["message.stamped"] * len(roles),
        "message.approved",
    ]


def test_one_person_stamps_all_their_roles_at_once(incident: Incident) -> None:
    TeamAssignment.objects.filter(incident=incident).update(user=person("boss"))
    message = submitted(incident, kind=MessageKind.FIRST_NOTICE)

    message = approvals.approve(message, by=person("boss"), sha256=sha(message), now=LATER)

    assert message.state == MessageState.APPROVED
    assert Approval.objects.count() == len(required(message))


def test_author_never_approves_even_as_superuser(incident: Incident) -> None:
    lead = person("communications_lead")
    User.objects.filter(pk=lead.pk).update(is_superuser=True)
    message = submitted(incident, by=lead)

    with pytest.raises(approvals.OwnText, match="You wrote this text; another person approves it"):
        approvals.approve(message, by=person("communications_lead"), sha256=sha(message), now=LATER)


def test_deputy_stands_in_for_the_author_at_once(incident: Incident) -> None:
    message = submitted(incident, by=person("communications_lead"))

    message = approvals.approve(message, by=person("nina"), sha256=sha(message), now=LATER)

    assert message.state == MessageState.APPROVED


def test_changed_text_is_read_again(incident: Incident) -> None:
    message = submitted(incident)

    with pytest.raises(approvals.TextChanged, match="changed since you read it"):
        approvals.approve(message, by=person("communications_lead"), sha256="0" * 64, now=LATER)


def test_double_click_is_refused_kindly(incident: Incident) -> None:
    message = submitted(incident)
    approvals.approve(message, by=person("communications_lead"), sha256=sha(message), now=LATER)

    with pytest.raises(approvals.AlreadyApproved, match="already approved"):
        approvals.approve(message, by=person("communications_lead"), sha256=sha(message), now=LATER)


def test_second_stamp_of_one_person_names_who_is_missing(incident: Incident) -> None:
    message = submitted(incident, kind=MessageKind.FIRST_NOTICE)
    approvals.approve(message, by=person("incident_lead"), sha256=sha(message), now=LATER)

    with pytest.raises(approvals.AlreadyApproved, match="still missing: .*Communications lead"):
        approvals.approve(message, by=person("incident_lead"), sha256=sha(message), now=LATER)


def test_draft_is_not_approved(incident: Incident) -> None:
    message = messages.message(incident)

    with pytest.raises(approvals.NotInReview):
        approvals.approve(message, by=person("communications_lead"), sha256=sha(message), now=LATER)


def test_stranger_is_not_an_approver(incident: Incident) -> None:
    message = submitted(incident)

    with pytest.raises(approvals.NotApprover, match="Communications lead"):
        approvals.approve(message, by=person("hr_lead"), sha256=sha(message), now=LATER)


def test_deputy_waits_for_the_holder(incident: Incident) -> None:
    message = submitted(incident)

    with pytest.raises(approvals.NotYetDeputy) as refusal:
        approvals.approve(message, by=person("nina"), sha256=sha(message), now=LATER)

    deputy_from = compose.current(message).requirements.get().deputy_from
    assert refusal.value.since == deputy_from
    approved = approvals.approve(message, by=person("nina"), sha256=sha(message), now=AFTER_DEPUTY)
    assert approved.state == MessageState.APPROVED
    assert Approval.objects.get().is_deputy


def test_deputy_of_an_inactive_holder_does_not_wait(incident: Incident) -> None:
    message = submitted(incident)
    User.objects.filter(username="communications_lead").update(is_active=False)

    assert approvals.may_approve(message, by=person("nina"), now=LATER) is None


def test_person_without_log_in_does_not_approve(incident: Incident) -> None:
    message = submitted(incident)
    User.objects.filter(username="communications_lead").update(is_active=False)

    assert isinstance(
        approvals.may_approve(message, by=person("communications_lead"), now=LATER), approvals.NotApprover
    )


def test_edit_voids_the_stamps(incident: Incident) -> None:
    message = submitted(incident)
    approvals.approve(message, by=person("communications_lead"), sha256=sha(message), now=LATER)

    compose.edit(message, changes={"promises": message.promises | {"2": {}}}, by=person("wen"), now=LATER)

    message = approvals.submit(Message.objects.get(pk=message.pk), by=person("wen"), now=LATER)
    assert approvals.missing(message) == [Role.COMMUNICATIONS_LEAD]


def test_objection_sends_the_text_back_and_voids_the_stamps(incident: Incident) -> None:
    message = submitted(incident)
    approvals.approve(message, by=person("communications_lead"), sha256=sha(message), now=LATER)

    message = approvals.object(message, reason="The date is wrong", by=person("communications_lead"), now=LATER)

    assert (message.state, compose.current(message).author) == (MessageState.DRAFT, person("wen"))
    assert "The date is wrong" in incident.timeline.order_by("-pk")[0].text
    resubmitted = approvals.submit(message, by=person("wen"), now=LATER)
    assert approvals.missing(resubmitted) == [Role.COMMUNICATIONS_LEAD]


def test_objection_has_a_reason(incident: Incident) -> None:
    with pytest.raises(approvals.ReasonMissing):
        approvals.object(submitted(incident), reason=" ", by=person("communications_lead"), now=LATER)


def test_only_approvers_object(incident: Incident) -> None:
    with pytest.raises(approvals.NotApprover):
        approvals.object(submitted(incident), reason="No", by=person("hr_lead"), now=LATER)


def test_nothing_to_object_to_in_a_draft(incident: Incident) -> None:
    with pytest.raises(approvals.NotInReview):
        approvals.object(messages.message(incident), reason="No", by=person("communications_lead"), now=LATER)


# --- standing approvals ---------------------------------------------------------------------------


def automatic(incident: Incident, *, by: User | None = None, kind: str = MessageKind.PROGRESS_UPDATE) -> Message:
    """Return what the clock would draw up: the plan's approved template, filled from the confirmed sheet."""
    texts = {"en": plans.template(plans.required(incident), kind)["en"]}
    used = {use.variable for source in bodies.sources(texts["en"]) for use in rendering.analyse(source)}
    sheet = factories.fact_sheet(incident)
    confirmed = {key: line["value"]["en"] for key, line in sheet.content.items() if "en" in line["value"]}
    values = dict.fromkeys([*used, "incident.scope"], "as told") | confirmed
    spec = messages.spec(texts=texts, values={"en": values}, fact_sheet=sheet)
    message = compose.draft(incident, spec=spec, by=by, now=NOW)
    return approvals.submit(message, by=by, now=NOW)


@pytest.fixture
def planned(incident: Incident) -> Incident:
    factories.tell_facts(incident)
    factories.approved_plan(incident, grants_standing_approval=True)
    return incident


def test_standing_approval_names_its_basis(planned: Incident) -> None:
    message = automatic(planned)

    assert approvals.apply_standing(message, now=LATER)

    message = Message.objects.get(pk=message.pk)
    stamp = Approval.objects.get()
    assert (message.state, message.is_standing_approved) == (MessageState.APPROVED, True)
    assert (stamp.approver, stamp.role) == (person("communications_lead"), Role.COMMUNICATIONS_LEAD)
    assert stamp.basis == "standing approval of plan v1 by communications_lead"


def test_standing_approval_is_applied_once(planned: Incident) -> None:
    message = automatic(planned)
    approvals.apply_standing(message, now=LATER)

    assert not approvals.apply_standing(message, now=LATER)


def test_standing_approval_covers_no_other_words(planned: Incident) -> None:
    message = automatic(planned)
    texts = compose.current(message).content["texts"]
    texts["en"]["sections"][-1]["text"] += " All is well."
    compose.edit(message, changes={"texts": texts}, by=None, now=NOW)
    approvals.submit(message, by=None, now=NOW)

    assert not approvals.apply_standing(message, now=LATER)


def test_standing_approval_covers_no_persons_draft(planned: Incident) -> None:
    assert not approvals.apply_standing(automatic(planned, by=person("wen")), now=LATER)


def test_standing_approval_needs_the_newest_confirmed_facts(planned: Incident) -> None:
    message = automatic(planned)
    factories.fact_sheet(planned)

    assert not approvals.apply_standing(message, now=LATER)


def test_revoked_standing_approval_counts_no_more(planned: Incident) -> None:
    message = automatic(planned)
    StandingApproval.objects.update(revoked_at=LATER)

    assert not approvals.apply_standing(message, now=LATER)


def test_standing_approval_is_bound_to_the_template(planned: Incident) -> None:
    message = automatic(planned)
    StandingApproval.objects.update(template_sha256="0" * 64)

    assert not approvals.apply_standing(message, now=LATER)


def test_standing_approval_needs_its_giver_in_the_role(planned: Incident) -> None:
    message = automatic(planned)
    TeamAssignment.objects.filter(role=Role.COMMUNICATIONS_LEAD).update(user=person("someone"))

    assert not approvals.apply_standing(message, now=LATER)


def test_plan_without_a_standing_approval_lets_people_approve(incident: Incident) -> None:
    factories.tell_facts(incident)
    factories.approved_plan(incident)

    assert not approvals.apply_standing(automatic(incident), now=LATER)


def test_no_change_text_has_a_standing_approval_of_its_own(incident: Incident) -> None:
    factories.tell_facts(incident)
    factories.approved_plan(incident)
    message = automatic(incident, kind=plans.NO_CHANGE)

    assert approvals.apply_standing(message, now=LATER)
    assert Approval.objects.get().basis == "standing approval of plan v1 by communications_lead"


def test_no_change_text_waits_where_the_plan_does_not_allow_it(incident: Incident) -> None:
    factories.tell_facts(incident)
    factories.approved_plan(incident, allows_no_change_update=False)

    assert not approvals.apply_standing(automatic(incident, kind=plans.NO_CHANGE), now=LATER)
