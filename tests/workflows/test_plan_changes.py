"""What a team changes in its plan on screen: words, approvers and rhythm, with a reason; promises made stay."""

from datetime import timedelta
from typing import Any

import pytest

from incidents.enums import Role, Severity
from incidents.models import Incident
from notifications.enums import MessageKind
from tests import factories, factories_updates
from tests.factories_incidents import NOW, person
from workflows import cadence, declarations, plan_check, plans, releases
from workflows.enums import PlanState, SlotState
from workflows.models import CommunicationPlan

pytestmark = pytest.mark.django_db
UPDATE = MessageKind.PROGRESS_UPDATE
SOON = NOW + timedelta(minutes=10)


def change(plan: CommunicationPlan, **changes: object) -> CommunicationPlan:
    return plans.change(plan, changes=plans.PlanChanges(**changes), by=person("incident_lead"), now=SOON)  # type: ignore[arg-type]


def test_an_approved_plan_changes_by_a_new_draft_with_the_reason() -> None:
    incident = factories_updates.speaking()
    old = plans.required(incident)
    lengths = {"first_contact_within": timedelta(hours=1), "update_every": timedelta(hours=3)}

    new = change(old, cadence={("SEV2", 1): lengths}, reason="They call every hour.")

    old.refresh_from_db()
    assert (old.state, new.state, new.version) == (PlanState.SUPERSEDED, PlanState.DRAFT, 2)
    assert new.change_reason == "They call every hour."
    assert (plans.audience(new, 1).update_interval, plans.audience(new, 2).update_interval) == (
        timedelta(hours=3),
        plans.audience(old, 2).update_interval,
    )
    assert new.parties.count() == old.parties.count() == 15


def test_approvers_and_rhythm_change_for_a_reason_and_never_to_nothing() -> None:
    plan = plans.required(factories.declared())
    lengths = {"first_contact_within": timedelta(), "update_every": timedelta(hours=3)}

    for changes, words in (
        ({"approvals": {UPDATE: {"approvers": ["legal_counsel"]}}}, "Say why approvers"),
        ({"approvals": {UPDATE: {"approvers": []}}, "reason": "x"}, "at least one role"),
        ({"approvals": {UPDATE: {"rule": "most"}}, "reason": "x"}, "all, any_one"),
        ({"approvals": {UPDATE: {"deputy_after": timedelta(days=9)}}, "reason": "x"}, "before the time is over"),
        ({"approvals": {"poem": {}}, "reason": "x"}, "expected one of"),
        ({"cadence": {("SEV2", 1): lengths}, "reason": "x"}, "longer than nothing"),
        ({"cadence": {("SEV9", 1): lengths}, "reason": "x"}, "no rhythm"),
    ):
        with pytest.raises(plans.BadPlan, match=words):
            change(plan, **changes)


def test_other_approvers_are_asked_from_then_on() -> None:
    plan = plans.required(factories.declared())

    changed = change(plan, approvals={UPDATE: {"approvers": ["legal_counsel", "subject_owner"]}}, reason="a lawsuit")

    assert plans.approval_rule(changed, UPDATE).roles == (Role.LEGAL_COUNSEL, Role.SUBJECT_OWNER)


@pytest.fixture
def told(settings: Any) -> Incident:
    settings.EMAIL_HOST = "127.0.0.1"
    return factories_updates.told(tiers=(1,))


def test_a_faster_rhythm_keeps_the_promise_made_and_speaks_earlier(told: Incident) -> None:
    """Promised in a day; from now on every eight hours: the update comes by then, and the next one follows it."""
    incident, before = told, factories_updates.slot(told)

    declarations.change_severity(
        incident, severity=Severity.SEV1, reason="a line stands still", by=person("incident_lead"), now=SOON
    )

    after = factories_updates.slot(incident)
    plan = plans.required(incident)
    interval = cadence.interval_of(plan, 1)
    assert interval < before.promised_at - NOW
    assert (after.promised_at, after.state) == (before.promised_at, SlotState.PROMISED)
    assert after.opens_at == SOON + interval / 2
    named = cadence.next_promise(incident, plan=plan, tier=1, planned_at=after.opens_at)
    assert named == after.opens_at + interval


def test_a_slower_rhythm_leaves_the_promise_and_its_preparation(told: Incident) -> None:
    incident, before = told, factories_updates.slot(told)

    declarations.change_severity(
        incident, severity=Severity.SEV4, reason="contained", by=person("incident_lead"), now=SOON
    )

    after = factories_updates.slot(incident)
    assert (after.promised_at, after.opens_at) == (before.promised_at, before.opens_at)


def test_the_check_names_what_is_missing_and_where_it_is_filled_in() -> None:
    incident = factories.declared()
    plan = plans.required(incident)
    empty = change(plan, objective=" ", key_messages="")

    assert [(gap.name, gap.place) for gap in plan_check.gaps(empty)] == [
        ("objective", "edit"), ("key_messages", "edit"), ("audiences", "audience"), ("channels", "tier"),
        ("timetable", "cadence"),
    ]  # fmt: skip
    factories_updates.affected(incident, tier=1)
    full = change(plan, objective="Everybody knows in time.", key_messages="We are on it.")

    assert plan_check.gaps(full) == []


@pytest.mark.parametrize(
    ("names", "tells"),
    [
        (["sms"], False),
        (["sms", "messenger", "in_app"], False),
        (["letter"], False),
        (["social_post"], False),
        (["status_page", "letter"], False),
        (["sms", "phone"], True),
        (["status_page", "sms", "social_post"], True),
        (["letter", "email_bulk"], True),
        ([], False),
    ],
)
def test_channels_tell_only_where_somebody_or_something_carries_them(names: list[str], *, tells: bool) -> None:
    assert plan_check.tells(names) is tells


def test_a_tier_that_nobody_could_tell_is_warned_of_and_keeps_the_plan_incomplete(settings: Any) -> None:
    incident = factories.declared()
    factories_updates.affected(incident, tier=1)
    plan = change(plans.required(incident), objective="Everybody knows in time.", key_messages="We are on it.")
    plan.audiences.filter(tier=1).update(first_channels=["sms"])

    gaps, warnings = plan_check.gaps(plan), plan_check.channel_warnings(plan)
    settings.CRISISCOMM_CHANNELS = {**settings.CRISISCOMM_CHANNELS, "sms": settings.CRISISCOMM_CHANNELS["email_bulk"]}

    assert [gap.name for gap in gaps] == ["channels"]
    assert warnings == [
        "Tier 1 (high): nobody is told by SMS: not set up.",
        "Tier 1 (high): nobody can be told by SMS alone: add e-mail, or put a call first.",
    ]
    assert (plan_check.gaps(plan), plan_check.channel_warnings(plan)) == ([], [])


def test_a_text_is_not_drafted_for_a_channel_that_is_not_set_up() -> None:
    incident = factories.declared()
    plans.required(incident).audiences.filter(tier=3).update(first_channels=["status_page", "sms"])

    message = releases.draft_message(incident, kind=MessageKind.FIRST_NOTICE, by=person("incident_lead"), now=NOW)

    assert message.channels["3"] == ["status_page"]
