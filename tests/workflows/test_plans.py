"""The plan: a frozen, merged copy; edited by one person, approved by another, revised for a reason."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from incidents import phases
from incidents.enums import Role
from incidents.models import Incident
from incidents.phases import Enforcement, Phase
from notifications.enums import MessageKind
from tests import factories
from tests.factories_incidents import NOW, person, reported
from workflows import plan_freezing, plan_merging, plans, playbook_rules, playbooks, playbooks_loader
from workflows.enums import PlanState
from workflows.models import CommunicationPlan
from workflows.plans import PlanChanges

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def plan() -> CommunicationPlan:
    return plans.required(factories.declared())


def content(name: str) -> dict[str, Any]:
    found: dict[str, Any] = playbooks.read(playbooks.FOLDER / f"{name}.yaml")
    return found


def merged(relationship: str = "rel-negative-publicity", incident: str = factories.TYPE) -> dict[str, Any]:
    return plan_merging.merge(content(incident), content(relationship))


def test_the_plan_has_a_row_for_each_tier_and_words_to_begin_with(plan: CommunicationPlan) -> None:
    row = plans.audience(plan, 1)

    assert plan.audiences.count() == 3
    assert (row.first_channels, row.update_channels, row.fallback_channels) == (
        ["phone", "video", "in_person"],
        ["email_personal", "status_page"],
        ["messenger", "sms", "email_personal"],
    )
    assert (row.first_contact_interval, row.update_interval) == (timedelta(hours=4), timedelta(days=1))
    assert (row.written_confirmation_interval, row.survey_interval) == (timedelta(hours=2), timedelta(days=7))
    assert (row.needs_prep_sheet, row.owner_role) == (True, Role.ACCOUNT_MANAGER)
    assert plans.audience(plan, 3).written_confirmation_interval is None
    assert plan.owner == person("communications_lead")
    assert plan.objective.endswith("First of all: Extent, degree and expected restart in one message")
    assert plan.key_messages.splitlines()[1].startswith("Say which back-up sources")


def test_the_first_words_are_in_the_companys_first_language() -> None:
    incident = factories.declared()
    factories.company(languages=["ru", "en"])

    assert plan_freezing.freeze(incident).objective.startswith("Каждый затронутый клиент")


def test_a_new_playbook_version_leaves_a_drafted_plan_as_it_is(plan: CommunicationPlan) -> None:
    before = plan.content

    playbooks_loader.load(now=LATER, divisor=60)

    plan.refresh_from_db()
    assert plan.content == before
    assert plans.audience(plan, 1).update_interval == timedelta(days=1)


def test_a_new_incident_uses_the_newest_version() -> None:
    playbooks_loader.load(now=NOW, divisor=7200)

    plan = plans.required(factories.declared())

    assert plan.playbook.duration_divisor == 7200
    assert plans.audience(plan, 1).update_interval == timedelta(seconds=12)
    assert plans.approval_rule(plan, MessageKind.PROGRESS_UPDATE).deputy_after == timedelta(milliseconds=125)


@pytest.mark.parametrize("kind", [*MessageKind.values, plans.NO_CHANGE])
def test_every_kind_has_a_template_in_three_languages_and_an_approval_rule(plan: CommunicationPlan, kind: str) -> None:
    assert list(plans.template(plan, kind)) == ["en", "zh", "ru"]
    assert plans.approval_rule(plan, kind).roles != ()


@pytest.mark.parametrize("kind", ["no_change", "correction", "last_word"])
def test_our_own_templates_keep_the_rules_of_playbooks(plan: CommunicationPlan, kind: str) -> None:
    template = plan.content["message_templates"][kind]
    known = playbook_rules.known_variables(plan.content)

    assert list(playbook_rules.template_faults(template, path=kind, known=known)) == []
    for language in ("en", "zh", "ru"):
        elements = {"title", *(section["element"] for section in template[language]["sections"])}
        assert set(template["elements_required"]) <= elements


def test_rules_say_who_approves(plan: CommunicationPlan) -> None:
    holding = plans.approval_rule(plan, MessageKind.HOLDING_STATEMENT)
    correction = plans.approval_rule(plan, MessageKind.CORRECTION)

    assert holding == plans.ApprovalRule(
        (Role.COMMUNICATIONS_LEAD, Role.INCIDENT_LEAD), "any_one", timedelta(minutes=30), timedelta(minutes=15)
    )
    assert holding.is_any_one
    assert correction == plans.approval_rule(plan, MessageKind.FIRST_NOTICE)


# --- two playbooks on one incident ----------------------------------------------------------------


def test_merging_unites_gates_facts_and_remedies() -> None:
    one, two, both = content(factories.TYPE), content("rel-negative-publicity"), merged()

    for phase in one["gates"]:
        ids = [gate["id"] for gate in both["gates"][phase]]
        assert ids == list(dict.fromkeys(gate["id"] for source in (one, two) for gate in source["gates"][phase]))
    keys = [fact["key"] for fact in both["facts_to_collect"]]
    assert keys == list(dict.fromkeys(fact["key"] for source in (one, two) for fact in source["facts_to_collect"]))
    assert set(both["clock_refs"]) == {*one["clock_refs"], *two["clock_refs"]}


def test_merging_takes_the_shorter_cadence_and_the_relationships_follow_up() -> None:
    one, two = content(factories.TYPE), content("rel-negative-publicity")
    two["cadence"]["follow_up"]["tier_1"]["survey_after_resolution"] = "P20D"

    both = plan_merging.merge(one, two)

    sev1 = [source["cadence"]["by_severity"]["SEV1"]["tier_1"] for source in (one, two, both)]
    assert [rhythm["update_every"] for rhythm in sev1] == ["PT8H", "PT1H", "PT1H"]
    assert both["cadence"]["follow_up"] == two["cadence"]["follow_up"]
    assert both["cadence"]["tempo"] == "fast"


def test_merging_keeps_the_incidents_texts_and_takes_the_relationships_tone() -> None:
    one, two, both = content(factories.TYPE), content("rel-negative-publicity"), merged()
    texts = both["message_templates"]

    assert texts["first_notice"] == one["message_templates"]["first_notice"]
    assert texts["follow_up_survey"] == two["message_templates"]["follow_up_survey"]
    steps = {step["step"]: step for step in texts["call_script"]["steps"]}
    theirs = {step["step"]: step for step in two["message_templates"]["call_script"]["steps"]}
    ours = {step["step"]: step for step in one["message_templates"]["call_script"]["steps"]}
    assert steps == {**ours, "emotion": theirs["emotion"]}
    assert both["relationship"]["id"] == "rel-negative-publicity"


def test_merging_asks_the_approvers_of_both() -> None:
    one, two, both = content(factories.TYPE), content("rel-negative-publicity"), merged()

    for kind, rule in both["approvals"].items():
        assert set(rule["approvers"]) == {*one["approvals"][kind]["approvers"], *two["approvals"][kind]["approvers"]}
    assert both["approvals"]["holding_statement"]["rule"] == "any_one"


def test_a_gate_of_both_keeps_the_stricter_enforcement() -> None:
    one, two = content(factories.TYPE), content("rel-negative-publicity")
    one["gates"]["analyze"][4]["enforcement"] = "waivable"
    two["gates"]["analyze"][4]["enforcement"] = "hard"

    assert plan_merging.merge(one, two)["gates"]["analyze"][4]["enforcement"] == "hard"
    assert plan_merging.merge(two, one)["gates"]["analyze"][4]["enforcement"] == "hard"


@pytest.mark.parametrize("relationship", [path.stem for path in playbooks.files() if path.stem.startswith("rel-")])
@pytest.mark.parametrize("incident", [path.stem for path in playbooks.files() if not path.stem.startswith("rel-")])
def test_every_pair_merges_into_a_right_playbook(incident: str, relationship: str) -> None:
    both = merged(relationship, incident)
    both.pop("relationship")

    assert playbook_rules.faults(both, languages=("en", "zh", "ru")) == []


# --- gates ----------------------------------------------------------------------------------------


def test_gates_come_from_the_frozen_copy(plan: CommunicationPlan) -> None:
    found = phases.gates_of(plan.incident, Phase.ANALYZE)

    assert [gate.id for gate in found] == ["AN-01", "AN-02", "AN-03", "AN-04", "AN-05", "SUP-01"]
    assert found[1].enforcement == Enforcement.HARD
    assert found[1].params == {"list": "affected_customers"}
    assert phases.gates_of(plan.incident, Phase.EXECUTE)[1].params == {}


def test_an_incident_without_a_plan_has_one_gate_that_names_what_is_missing() -> None:
    incident = reported()

    [gate] = phases.gates_of(incident, Phase.IDENTIFY)
    [blocker] = plans.is_declared(incident, gate, NOW)

    assert (gate.id, gate.enforcement) == ("plan.drafted", Enforcement.HARD)
    assert blocker.text == "The incident is not declared."
    with pytest.raises(plans.NoPlan, match="has no plan yet: declare it"):
        plans.required(incident)


def test_reading_gates_takes_one_query(plan: CommunicationPlan) -> None:
    with CaptureQueriesContext(connection) as queries:
        plans.gates(plan.incident, Phase.PLAN)

    assert len(queries) == 1


# --- edit, approve, revise ------------------------------------------------------------------------


def test_an_edit_changes_texts_and_audiences_and_makes_its_writer_the_author(plan: CommunicationPlan) -> None:
    subject = {"en": {**plans.template(plan, "first_notice")["en"], "subject": "Late: {{ incident.title }}"}}
    changes = PlanChanges(
        objective="Keep every line running",
        templates={"first_notice": subject},
        audiences={2: {"update_interval": timedelta(hours=6), "first_channels": ["phone"]}},
    )

    plans.edit(plan, changes=changes, by=person("spokesperson"), now=LATER)

    row = plans.audience(plan, 2)
    assert (plan.objective, plan.created_by) == ("Keep every line running", person("spokesperson"))
    assert plans.template(plan, "first_notice")["en"]["subject"] == "Late: {{ incident.title }}"
    assert list(plans.template(plan, "first_notice")) == ["en", "zh", "ru"]
    assert (row.update_interval, row.first_channels) == (timedelta(hours=6), ["phone"])


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            PlanChanges(templates={"first_notice": {"en": {"subject": "{{ gone }}"}}}),
            "message_templates.first_notice.en.subject: expected a variable of variables.yaml or of facts_to_collect, "
            'found "gone"',
        ),
        (PlanChanges(audiences={1: {"first_channels": ["pigeon"]}}), "first_channels: ['pigeon'] is not possible."),
        (PlanChanges(audiences={1: {"tier": 2}}), "tier: 2 is not possible."),
        (
            PlanChanges(audiences={1: {"update_channels": []}}),
            "Tier 1 needs a channel for the first contact and one for updates.",
        ),
        (
            PlanChanges(audiences={1: {"update_interval": timedelta()}}),
            "Tier 1: an interval is longer than nothing.",
        ),
    ],
)
def test_an_edit_that_breaks_the_plan_is_refused(plan: CommunicationPlan, changes: PlanChanges, sentence: str) -> None:
    with pytest.raises(plans.BadPlan) as refused:
        plans.edit(plan, changes=replace(changes, objective="lost"), by=person(), now=LATER)

    plan.refresh_from_db()
    assert str(refused.value) == sentence
    assert plan.objective != "lost"


def test_another_member_of_the_team_approves(plan: CommunicationPlan) -> None:
    plans.approve(plan, by=person("communications_lead"), now=LATER)

    assert (plan.state, plan.approved_by, plan.approved_at) == (
        PlanState.APPROVED,
        person("communications_lead"),
        LATER,
    )
    kinds = plan.standing_approvals.values_list("message_kind", flat=True)
    assert MessageKind.PROGRESS_UPDATE not in kinds


def test_the_author_does_not_approve_and_neither_does_a_bystander(plan: CommunicationPlan) -> None:
    with pytest.raises(plans.CannotApprovePlan, match="You wrote plan v1: another person approves it"):
        plans.approve(plan, by=person("incident_lead"), now=LATER)
    with pytest.raises(plans.CannotApprovePlan, match="stranger holds no role in this incident"):
        plans.approve(plan, by=person("stranger"), now=LATER)

    plan.refresh_from_db()
    assert plan.state == PlanState.DRAFT


def test_the_database_refuses_the_author_too(plan: CommunicationPlan) -> None:
    with pytest.raises(IntegrityError, match="plan_approved_by_another_person"), transaction.atomic():
        CommunicationPlan.objects.filter(pk=plan.pk).update(approved_by=plan.created_by)


def test_an_editor_of_the_plan_does_not_approve_it(plan: CommunicationPlan) -> None:
    editor = person("communications_lead")
    plans.edit(plan, changes=PlanChanges(objective="Mine"), by=editor, now=LATER)

    with pytest.raises(plans.CannotApprovePlan, match="You wrote plan v1"):
        plans.approve(plan, by=editor, now=LATER)


def test_a_standing_approval_is_bound_to_the_frozen_template() -> None:
    incident = factories.declared()

    plan = factories.approved_plan(incident, grants_standing_approval=True)

    granted = plan.standing_approvals.get(message_kind=MessageKind.PROGRESS_UPDATE)
    assert granted.template_sha256 == plans.template_digest(plan, MessageKind.PROGRESS_UPDATE)
    assert (granted.granted_by, granted.revoked_at) == (person("communications_lead"), None)


def test_a_standing_approval_comes_from_who_approves_updates_or_their_deputy(plan: CommunicationPlan) -> None:
    plans.edit(plan, changes=PlanChanges(grants_standing_approval=True), by=person("incident_lead"), now=LATER)

    with pytest.raises(plans.CannotApprovePlan, match="which only their approver can do: Communications lead"):
        plans.approve(plan, by=person("spokesperson"), now=LATER)

    assert plans.approve(plan, by=person("nina"), now=LATER).approved_by == person("nina")


def test_an_approved_plan_is_neither_edited_nor_approved_again() -> None:
    plan = factories.approved_plan(factories.declared())

    with pytest.raises(plans.PlanIsFrozen, match="Plan v1 is not a draft any more: revise it, with a reason"):
        plans.edit(plan, changes=PlanChanges(objective="x"), by=person(), now=LATER)
    with pytest.raises(plans.PlanIsFrozen, match="Plan v1 is Approved already"):
        plans.approve(plan, by=person("communications_lead"), now=LATER)


def test_a_revision_is_a_new_draft_with_the_same_audiences_and_revokes_what_stood() -> None:
    incident: Incident = factories.declared()
    hours = {3: {"update_interval": timedelta(hours=5)}}
    old = factories.approved_plan(incident, grants_standing_approval=True, audiences=hours)

    new = plans.revise(old, reason="the cause was another one", by=person("spokesperson"), now=LATER)

    assert (old.state, new.state, new.version) == (PlanState.SUPERSEDED, PlanState.DRAFT, 2)
    assert (new.created_by, new.approved_by, new.change_reason) == (
        person("spokesperson"),
        None,
        "the cause was another one",
    )
    assert plans.current(incident) == new
    assert [row.tier for row in new.audiences.order_by("tier")] == [1, 2, 3]
    assert plans.audience(new, 3).update_interval == timedelta(hours=5)
    assert old.audiences.count() == 3
    assert set(old.standing_approvals.values_list("revoked_at", flat=True)) == {LATER}


def test_a_revision_needs_a_reason_and_the_present_plan(plan: CommunicationPlan) -> None:
    with pytest.raises(plans.BadPlan, match="Say why the plan changes"):
        plans.revise(plan, reason=" ", by=person(), now=LATER)
    plans.revise(plan, reason="wider scope", by=person(), now=LATER)
    with pytest.raises(plans.PlanIsFrozen, match="Plan v1 was replaced already"):
        plans.revise(plan, reason="again", by=person(), now=LATER)

    assert [one.version for one in plan.incident.plans.order_by("version")] == [1, 2]
