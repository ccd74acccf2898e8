"""The staff brief and the Q&A bank: one line to take, approved by another person, read by the front line."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Group

from incidents import facts
from incidents.enums import FactStatus, Role
from incidents.models import Incident
from notifications import rendering
from notifications.enums import MessageKind
from notifications.models import ApprovalRequirement
from tests import factories
from tests import factories_gates as gates
from tests import factories_incidents as make
from workflows import briefings, call_scripts, plans, playbooks, qa_bank
from workflows.models import BriefAcknowledgement, QAEntry, StaffBrief

pytestmark = pytest.mark.django_db
NOW = gates.NOW
LATER = NOW + timedelta(hours=1)


def briefed() -> tuple[Incident, StaffBrief]:
    """A declared incident with confirmed facts and a drafted brief by the subject owner."""
    incident = factories.declared()
    factories.tell_facts(incident)
    factories.fact_sheet(incident)
    return incident, briefings.draft_brief(incident, by=make.person("subject_owner"), now=NOW)


def change(incident: Incident, key: str, **value: str) -> None:
    """Set a fact and confirm the new sheet."""
    change = facts.FactChange(key, value, FactStatus.VERIFIED, "plant")
    facts.put(incident, change=change, by=make.person("subject_owner"), now=LATER)
    factories.fact_sheet(incident, now=LATER)


def renew(*, now: datetime) -> int:
    """Let the clock look once; return how many briefs it drafted anew."""
    return sum(briefings.renew(pk, now=now) is not None for pk in briefings.outdated(now=now))


# --- the brief --------------------------------------------------------------------------------------


def test_the_brief_speaks_every_language_of_the_company_from_confirmed_facts() -> None:
    incident, brief = briefed()

    assert sorted(brief.content) == ["en", "ru", "zh"]
    situation = {language: text["sections"][0]["text"] for language, text in brief.content.items()}
    assert situation["en"] == (
        "Bottleneck: bottleneck (en). Estimated delay: delay_estimate (en). Alternative: alternative_source (en)."
    )
    assert "bottleneck (zh)" in situation["zh"]
    assert brief.content["en"]["subject"] == f"Staff brief: title (en) ({incident.reference}, internal only)"
    assert "called back within 4 h" in brief.content["en"]["escalation"]
    assert "fact sheet version 1 and is valid until 23 November 2026, 10:00" in brief.content["en"]["logging"]


def test_the_brief_says_what_is_not_known_and_needs_confirmed_facts() -> None:
    incident = factories.declared()
    factories.tell_facts(incident)
    with pytest.raises(briefings.NotConfirmed):
        briefings.draft_brief(incident, by=make.person("subject_owner"), now=NOW)
    facts.mark_unknown(incident, key="facts.alternative_source", source="plant", by=make.person(), now=NOW)
    factories.fact_sheet(incident)

    brief = briefings.draft_brief(incident, by=make.person("subject_owner"), now=NOW)

    assert brief.content["en"]["sections"][0]["text"].endswith("Alternative: (not known yet).")


def test_a_language_without_translation_reads_the_words_of_another() -> None:
    incident = factories.declared()
    factories.tell_facts(incident, bottleneck={"en": "the port"})
    factories.fact_sheet(incident)

    brief = briefings.draft_brief(incident, by=make.person("subject_owner"), now=NOW)

    situation = brief.content["zh"]["sections"][0]["text"]
    assert ("the port" in situation, "delay_estimate (zh)" in situation) == (True, True)


def test_a_brief_is_approved_by_another_person_in_an_approving_role() -> None:
    _incident, brief = briefed()

    with pytest.raises(briefings.CannotApproveBrief, match="You wrote"):
        briefings.approve(brief, by=make.person("subject_owner"), now=NOW)
    with pytest.raises(briefings.CannotApproveBrief, match="Communications lead / Owner of the subject area"):
        briefings.approve(brief, by=make.person("hr_lead"), now=NOW)
    approved = briefings.approve(brief, by=make.person("communications_lead"), now=NOW)
    with pytest.raises(briefings.CannotApproveBrief, match="not a draft"):
        briefings.approve(brief, by=make.person("communications_lead"), now=NOW)

    assert (approved.state, approved.approved_by) == ("approved", make.person("communications_lead"))


def test_an_edit_makes_its_writer_the_author_and_an_approved_brief_stays_as_it_is() -> None:
    _incident, brief = briefed()
    editor = make.person("communications_lead")

    edited = briefings.edit(brief, language="en", changes={"do": ["Listen first"]}, by=editor, now=NOW)

    assert (edited.content["en"]["do"], edited.author) == (["Listen first"], editor)
    with pytest.raises(briefings.NotApproved):
        briefings.edit(brief, language="en", changes={"jokes": []}, by=editor, now=NOW)
    with pytest.raises(briefings.CannotApproveBrief, match="You wrote"):
        briefings.approve(brief, by=editor, now=NOW)
    briefings.approve(brief, by=make.person("subject_owner"), now=NOW)
    with pytest.raises(briefings.CannotApproveBrief):
        briefings.edit(brief, language="en", changes={"do": []}, by=editor, now=NOW)


def test_the_front_line_reads_the_brief_once_published() -> None:
    incident, brief = briefed()
    agent = make.person("agent")
    agent.groups.add(Group.objects.get_or_create(name="Support agent")[0])
    gone = make.person("gone", is_active=False)
    gone.groups.add(Group.objects.get_or_create(name="Account manager")[0])
    publisher = make.person("communications_lead")
    with pytest.raises(briefings.NotApproved):
        briefings.publish(brief, by=publisher, now=NOW)
    briefings.approve(brief, by=publisher, now=NOW)
    brief.refresh_from_db()

    asked = briefings.publish(brief, by=publisher, now=NOW), briefings.publish(brief, by=publisher, now=NOW)
    briefings.acknowledge(brief, by=agent, now=NOW)
    briefings.acknowledge(brief, by=agent, now=LATER)

    people = len(Role) + 2  # every role, its deputy nina, the agent
    assert asked == (people, 0)
    assert briefings.acknowledgements(brief) == (1, people)
    assert briefings.ratio(brief) == 1 / people
    assert BriefAcknowledgement.objects.get(user=agent).acknowledged_at == NOW
    with pytest.raises(briefings.NotAsked):
        briefings.acknowledge(brief, by=gone, now=NOW)


def test_a_brief_is_approved_and_given_in_one_step_or_not_at_all() -> None:
    _incident, brief = briefed()

    with pytest.raises(briefings.CannotApproveBrief):
        briefings.approve_and_give(brief, by=make.person("subject_owner"), now=NOW)
    asked = briefings.approve_and_give(brief, by=make.person("communications_lead"), now=NOW)

    assert briefings.acknowledgements(brief) == (0, asked)
    assert asked > 0


def test_asked_of_nobody_is_read_by_nobody() -> None:
    _incident, brief = briefed()

    assert briefings.ratio(brief) == 0.0


def test_a_new_confirmed_fact_reopens_the_brief_and_its_acknowledgement() -> None:
    incident, brief = briefed()
    briefings.approve(brief, by=make.person("communications_lead"), now=NOW)
    change(incident, "facts.allocation_rule", en="by need")
    unused = renew(now=LATER)
    change(incident, "facts.bottleneck", en="the port")
    brief.refresh_from_db()
    stale = briefings.changed_facts(brief)
    replaced = renew(now=LATER), renew(now=LATER)

    newest = briefings.current(incident)
    assert newest is not None
    brief.refresh_from_db()
    assert (unused, stale, replaced) == (0, ["facts.bottleneck"], (1, 0))
    assert (brief.state, newest.version, newest.state, newest.author) == (
        "superseded",
        2,
        "draft",
        make.person("subject_owner"),
    )
    with pytest.raises(briefings.NotApproved, match="newest"):
        briefings.acknowledge(brief, by=make.person("hr_lead"), now=LATER)


def test_the_gate_wants_an_up_to_date_brief_read_by_enough_people() -> None:
    incident, brief = briefed()
    gate = {"artifact": "staff_brief", "min_ratio": 0.9}
    texts = [gates.missing(incident, "acknowledged", **gate)]
    brief = briefings.approve(brief, by=make.person("communications_lead"), now=NOW)
    texts.append(gates.missing(incident, "acknowledged", **gate))
    briefings.publish(brief, by=make.person("communications_lead"), now=NOW)
    for row in brief.acknowledgements.all():
        briefings.acknowledge(brief, by=row.user, now=NOW)
    read = gates.missing(incident, "acknowledged", **gate)
    change(incident, "facts.bottleneck", en="the port")

    assert texts == ["no staff brief is approved.", "0 of 0 have read it; 90% are wanted."]
    assert read == ""
    assert gates.missing(incident, "acknowledged", **gate) == "the brief is older than these facts: facts.bottleneck."


# --- the words --------------------------------------------------------------------------------------


def test_the_gate_of_the_approvals_wants_a_first_notice_with_its_stamps() -> None:
    incident = gates.incident_with_team()
    gates.plan(incident)
    none = gates.missing(incident, "approvals_complete")
    notice = gates.message(incident)
    drafted = gates.missing(incident, "approvals_complete")
    assert notice.current is not None
    ApprovalRequirement.objects.create(revision=notice.current, any_of=[Role.INCIDENT_LEAD])
    notice.submit()
    notice.save()
    waiting = gates.missing(incident, "approvals_complete")
    notice.cancel()
    notice.save()
    cancelled = gates.missing(incident, "approvals_complete")
    gates.approved(incident, number=2)

    assert (none, cancelled) == ("no first notice is drafted.", "no first notice is drafted.")
    assert drafted == "INC-2026-0001/M1 is not submitted."
    assert waiting == "INC-2026-0001/M1 waits for: Incident lead."
    assert gates.missing(incident, "approvals_complete") == ""


def test_the_gate_of_the_rules_names_findings_above_the_allowed_severity() -> None:
    incident = gates.incident_with_team()
    factories.company()
    notice = gates.message(incident)
    assert notice.current is not None

    strict = gates.missing(incident, "lint_clean", max_severity="info")
    lenient = gates.missing(incident, "lint_clean", max_severity="error")

    assert strict.partition(" findings in ")[2].startswith("INC-2026-0001/M1: en: ")
    assert lenient == ""


# --- the Q&A bank -----------------------------------------------------------------------------------


def test_the_bank_is_seeded_once_from_the_plan() -> None:
    incident = factories.declared()

    seeded = qa_bank.seed(incident), qa_bank.seed(incident)

    assert seeded == (6, 0)
    assert set(incident.qa_entries.values_list("state", flat=True)) == {"draft"}


def entry_of(incident: Incident) -> QAEntry:
    return qa_bank.add(
        incident,
        key="lorry",
        question={"en": "Which lorry?"},
        answer={"en": "Lorry of {{ incident.reference }}"},
        by=make.person("subject_owner"),
        now=NOW,
    )


def test_an_answer_is_approved_by_another_person_in_an_approving_role_and_voided_by_an_edit() -> None:
    entry = entry_of(factories.declared())
    for person, why in (("subject_owner", "You wrote"), ("hr_lead", "approved by")):
        with pytest.raises((qa_bank.AnswerNotApproved, briefings.CannotApproveBrief), match=why):
            qa_bank.approve(entry, by=make.person(person), now=NOW)
    approved = qa_bank.approve(entry, by=make.person("legal_counsel"), now=NOW)
    with pytest.raises(qa_bank.AnswerNotApproved, match="not a draft"):
        qa_bank.approve(entry, by=make.person("legal_counsel"), now=NOW)

    texts = {"en": "A blue one"}
    edited = qa_bank.edit(entry, question={"en": "Which?"}, answer=texts, by=make.person("legal_counsel"), now=LATER)

    assert (approved.state, approved.approved_by) == ("approved", make.person("legal_counsel"))
    assert (edited.state, edited.approved_by, edited.answer, edited.author) == (
        "draft",
        None,
        texts,
        make.person("legal_counsel"),
    )


def test_all_answers_of_others_are_approved_in_one_step() -> None:
    incident, _brief = briefed()
    seeded = qa_bank.seed(incident)
    texts = {"question": {"en": "Why?"}, "answer": {"en": "A fault."}}
    mine = qa_bank.add(incident, key="why", **texts, by=make.person("legal_counsel"), now=NOW)

    with pytest.raises(briefings.CannotApproveBrief):
        qa_bank.approve_all(incident, by=make.person("nobody"), now=NOW)
    approved = qa_bank.approve_all(incident, by=make.person("legal_counsel"), now=NOW)

    assert approved == seeded
    assert [entry.key for entry in incident.qa_entries.filter(approved_at=None)] == [mine.key]
    with pytest.raises(qa_bank.AnswerNotApproved):
        qa_bank.approve_all(incident, by=make.person("legal_counsel"), now=NOW)


def test_only_an_approved_answer_is_said_in_a_language_it_has() -> None:
    entry = entry_of(factories.declared())
    values = {"incident.reference": "INC-2026-0001"}
    with pytest.raises(qa_bank.AnswerNotApproved):
        qa_bank.answer_text(entry, language="en", values=values)
    entry = qa_bank.approve(entry, by=make.person("legal_counsel"), now=NOW)

    assert qa_bank.answer_text(entry, language="en", values=values) == "Lorry of INC-2026-0001"
    with pytest.raises(qa_bank.BadAnswer):
        qa_bank.answer_text(entry, language="ru", values=values)
    with pytest.raises(rendering.MissingValue):
        qa_bank.answer_text(entry, language="en", values={})


@pytest.mark.parametrize("answer", [{"en": " "}, {"ru": "Синий"}, {}])
def test_an_answer_needs_words_in_the_languages_of_its_question(answer: dict[str, str]) -> None:
    incident = factories.declared()
    with pytest.raises(qa_bank.BadAnswer):
        qa_bank.add(incident, key="x", question={"en": "Which?"}, answer=answer, by=make.person(), now=NOW)

    entry_of(incident)
    with pytest.raises(qa_bank.BadAnswer, match="already"):
        entry_of(incident)


# --- the script -------------------------------------------------------------------------------------


def test_the_script_follows_the_steps_with_this_customers_values() -> None:
    incident, _brief = briefed()
    customer = gates.affected(incident, "C-1", account_manager=make.person("mia"))
    notice = gates.message(incident, kind=MessageKind.FIRST_NOTICE)
    task = gates.contact(notice, customer)

    spoken = {language: call_scripts.script(task, language=language, now=NOW) for language in ("en", "zh", "ru")}

    assert [step.name for step in spoken["en"]] == [
        "setting",
        "perception",
        "invitation",
        "knowledge",
        "emotion",
        "strategy",
        "summary",
    ]
    assert spoken["en"][0].text.startswith("Hello, this is mia from Nordbahn Parts.")
    assert spoken["en"][3].text.startswith(
        "order 7 will be late by delay_estimate (en). The hold-up is bottleneck (en)"
    )
    assert "(as heard in the call)" in spoken["en"][4].text
    assert "in writing by 22 November 2026, 12:00" in spoken["en"][6].text
    assert "bottleneck (zh)" in spoken["zh"][3].text


@pytest.mark.parametrize("key", sorted(path.stem for path in playbooks.files()))
def test_every_playbook_names_roles_for_staff_texts(key: str) -> None:
    content = playbooks.read(playbooks.FOLDER / f"{key}.yaml")

    named = [content["approvals"][kind]["approvers"] for kind in (briefings.TEMPLATE, qa_bank.TEMPLATE)]

    assert all(set(roles) <= set(Role.values) and roles for roles in named)
    assert plans.NO_CHANGE not in content["approvals"]
