"""Staff, partners, press, authorities and investors: their own texts, by the same facts and the same approval."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.enums import Role
from incidents.models import Feedback, Incident
from notifications import compose, corrections
from notifications.enums import MessageKind, MessageState
from notifications.models import Message
from tests import factories_updates
from tests.factories_incidents import NOW, person
from workflows import escalations, parties, plans, playbook_rules, playbooks, press, releases, social, timetable
from workflows.enums import AlertKind, ConferenceState, Party, PartyState
from workflows.models import PlanParty

pytestmark = pytest.mark.django_db
FIRST = MessageKind.FIRST_NOTICE
SOON = NOW + timedelta(hours=1)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[Incident]:
    def build() -> Incident:
        return factories_updates.speaking(tiers=(1,))

    with django_db_blocker.unblock(), factories_updates.once(build) as incident:
        yield incident


@pytest.fixture
def incident(world: Incident, db: None) -> Incident:
    return Incident.objects.get(pk=world.pk)


def row(incident: Incident, party: Party, stage: MessageKind = FIRST) -> PlanParty:
    return plans.required(incident).parties.get(party=party, stage=stage)


def approved(incident: Incident, party: Party) -> Message:
    return factories_updates.approve(parties.draft(row(incident, party), by=person("wen"), now=NOW))


def states(incident: Incident) -> dict[tuple[str, str], str]:
    cells = parties.matrix(plans.required(incident))
    return {(cell.row.party, cell.row.stage): cell.state for cell in cells if cell.state != PartyState.NOT_NEEDED}


def test_the_plan_names_the_other_audiences_with_owner_channel_and_time(incident: Incident) -> None:
    cells = {cell.row.party: cell for cell in parties.matrix(plans.required(incident)) if cell.row.stage == FIRST}

    assert {party: (cell.state, cell.owner, cell.due_at) for party, cell in cells.items()} == {
        "staff": (PartyState.TO_DRAFT, person("communications_lead"), NOW + timedelta(hours=2)),
        "partners": (PartyState.TO_DRAFT, person("account_manager"), NOW + timedelta(hours=4)),
        "press": (PartyState.NOT_NEEDED, person("spokesperson"), NOW + timedelta(hours=6)),
        "regulators": (PartyState.NOT_NEEDED, person("legal_counsel"), NOW + timedelta(hours=4)),
        "investors": (PartyState.NOT_NEEDED, person("executive_sponsor"), NOW + timedelta(hours=6)),
    }


def test_the_matrix_costs_the_same_for_one_text_and_for_many(incident: Incident) -> None:
    plan = plans.required(incident)
    with CaptureQueriesContext(
        connection,
    ) as few:
        parties.matrix(plan)
    for party in (Party.PARTNERS, Party.PRESS, Party.REGULATORS):
        parties.draft(row(incident, party), by=person("wen"), now=NOW)

    with CaptureQueriesContext(connection) as many:
        parties.matrix(plan)

    assert len(few) == len(many)


@pytest.mark.parametrize("party", Party)
def test_each_party_has_a_text_from_the_confirmed_facts(incident: Incident, party: Party) -> None:
    message = parties.draft(row(incident, party), by=person("wen"), now=NOW)

    assert compose.problems(message) == []
    assert "known (en)" in compose.public_body(compose.current(message), language="en").text
    assert message.kind == (MessageKind.PRESS_RELEASE if party == Party.PRESS else MessageKind.PARTY_NOTICE)
    with pytest.raises(parties.TextExists):
        parties.draft(row(incident, party), by=person("wen"), now=NOW)


@pytest.mark.parametrize("kind", playbooks.reference("parties")["message_templates"])
def test_shipped_texts_are_right_in_three_languages(kind: str) -> None:
    template = playbooks.reference("parties")["message_templates"][kind]
    plan: dict[str, Any] = {"facts_to_collect": []}

    faults = list(playbook_rules.template_faults(template, path=kind, known=playbook_rules.known_variables(plan)))

    assert faults == []
    assert {"en", "zh", "ru"} <= set(template)


def test_a_text_is_handed_over_once_approved_by_another_person(incident: Incident) -> None:
    message = parties.draft(row(incident, Party.PARTNERS), by=person("wen"), now=NOW)
    with pytest.raises(parties.CannotHandOver, match="Only an approved text"):
        parties.hand_over(message, how="mail to all", by=person("wen"), now=NOW)
    factories_updates.approve(message)
    with pytest.raises(releases.CannotRelease, match="People carry this text"):
        releases.release(message, by=person("wen"), now=NOW)
    with pytest.raises(parties.CannotHandOver, match="Say how"):
        parties.hand_over(message, how=" ", by=person("wen"), now=NOW)

    done = parties.hand_over(message, how="mail to all partners", by=person("wen"), now=NOW)

    assert (done.state, done.released_at, done.deliveries.count()) == (MessageState.SENT, NOW, 0)
    assert states(incident)["partners", FIRST] == PartyState.HANDED_OVER
    with pytest.raises(parties.CannotHandOver):
        parties.hand_over(message, how="again", by=person("wen"), now=NOW)


def test_a_text_handed_over_is_not_corrected_but_replaced_by_a_new_one(incident: Incident) -> None:
    old = parties.hand_over(approved(incident, Party.PARTNERS), how="mail", by=person("wen"), now=NOW)
    Message.objects.filter(pk=old.pk).update(needs_correction=True)
    correction = corrections.Correction({"en": "x"}, {"en": {}}, {})
    with pytest.raises(corrections.NothingToCorrect):
        corrections.draft_correction(old, correction=correction, by=person("wen"), now=SOON)

    parties.hand_over(approved(incident, Party.PARTNERS), how="mail", by=person("wen"), now=SOON)

    old.refresh_from_db()
    assert (old.state, old.needs_correction) == (MessageState.SUPERSEDED, False)


def test_who_was_not_told_in_time_wakes_its_owner(incident: Incident) -> None:
    late = NOW + timedelta(hours=5)

    found = [one for one in escalations.FINDERS[AlertKind.PARTY_LATE](late) if one.incident == incident]

    assert {one.text: one.people for one in found} == {
        "Staff should have been told by now.": {person("communications_lead").pk},
        "Partners should have been told by now.": {person("account_manager").pk},
    }
    assert list(escalations.FINDERS[AlertKind.PARTY_LATE](NOW)) == []


def test_the_order_of_the_first_words_is_looked_at(incident: Incident) -> None:
    plan = plans.required(incident)
    factories_updates.released(incident, now=NOW)

    order = timetable.steps(plan, cells=parties.matrix(plan))
    assert [step.name for step in order] == [
        "Staff", "Tier 1 (high)", "Tier 2 (medium)", "The public",
    ]  # fmt: skip
    assert timetable.warnings(order, now=SOON) == ["Told out of turn: Tier 1 (high) before Staff."]


# --- the press and the networks ---------------------------------------------------------------------


def test_an_enquiry_goes_to_the_spokesperson_and_is_answered_once(incident: Incident) -> None:
    enquiry = press.Enquiry(who="A. Reporter", outlet="Daily", question="How many?", due_at=SOON)
    logged = press.log(incident, enquiry=enquiry, by=person("wen"), now=NOW)
    late = list(escalations.FINDERS[AlertKind.ENQUIRY_LATE](SOON))

    press.answer(logged, text="Seventeen orders.", by=person("wen"), now=SOON)

    assert (logged.owner, [one.people for one in late]) == (person("spokesperson"), [{person("spokesperson").pk}])
    assert "who is not the spokesperson" in incident.timeline.latest("pk").text
    assert list(escalations.FINDERS[AlertKind.ENQUIRY_LATE](SOON)) == []
    for refused in ("again", " "):
        with pytest.raises(press.BadEnquiry):
            press.answer(logged, text=refused, by=person("spokesperson"), now=SOON)
    with pytest.raises(press.BadEnquiry):
        press.log(incident, enquiry=press.Enquiry(who="", question="x"), by=person("wen"), now=NOW)


def test_a_conference_is_held_with_an_approved_statement_only(incident: Incident) -> None:
    statement = parties.draft(row(incident, Party.PRESS), by=person("wen"), now=NOW)
    invitation = press.Invitation(SOON, "Hall 2", person("spokesperson"), statement)
    planned = press.plan_conference(incident, invitation=invitation, by=person("communications_lead"), now=NOW)
    lead = person("incident_lead")
    with pytest.raises(press.CannotHold, match="not approved yet"):
        press.approve_conference(planned, by=lead, now=NOW)
    factories_updates.approve(statement)
    for who, words in ((person("communications_lead"), "another person"), (person("wen"), "approved by one of")):
        with pytest.raises(press.CannotApproveConference, match=words):
            press.approve_conference(planned, by=who, now=NOW)
    with pytest.raises(press.CannotHold):
        press.record(planned, words="", by=lead, now=NOW)

    press.approve_conference(planned, by=lead, now=NOW)
    held = press.record(planned, words="Three questions.", by=lead, now=SOON)

    statement.refresh_from_db()
    assert (held.state, statement.state) == (ConferenceState.HELD, MessageState.SENT)


def test_a_changed_statement_is_approved_again(incident: Incident) -> None:
    statement = approved(incident, Party.PRESS)
    invitation = press.Invitation(SOON, "Hall 2", person("spokesperson"), statement)
    planned = press.plan_conference(incident, invitation=invitation, by=person("wen"), now=NOW)
    press.approve_conference(planned, by=person("incident_lead"), now=NOW)

    again = press.attach(planned, statement=statement, by=person("wen"), now=NOW)

    assert (again.state, again.approved_by) == (ConferenceState.PLANNED, None)
    with pytest.raises(press.CannotHold, match="press release"):
        press.attach(planned, statement=approved(incident, Party.PARTNERS), by=person("wen"), now=NOW)
    assert press.cancel(planned, reason="postponed", by=person("wen"), now=NOW).state == ConferenceState.CANCELLED


def test_a_post_keeps_to_the_length_of_its_network(incident: Incident) -> None:
    post = social.plan_post(incident, plan=social.Plan("microblog", post_at=SOON), by=person("wen"), now=NOW)
    assert compose.problems(post.message) == []
    texts = compose.current(post.message).content["texts"]
    texts["en"]["sections"][0]["text"] = "x" * 300

    compose.edit(post.message, changes={"texts": texts}, by=person("wen"), now=NOW)

    post.message.refresh_from_db()
    length = len(social.texts(post)["en"])
    assert compose.problems(post.message) == [f"English: The text has {length} characters; 280 fit."]
    with pytest.raises(social.NoSuchNetwork):
        social.plan_post(incident, plan=social.Plan("nowhere"), by=person("wen"), now=NOW)


def test_a_post_is_reminded_of_posted_once_and_its_comments_have_a_time(incident: Incident) -> None:
    plan = social.Plan("community", post_at=SOON, poster=person("spokesperson"))
    post = social.plan_post(incident, plan=plan, by=person("wen"), now=NOW)
    late = list(escalations.FINDERS[AlertKind.POST_LATE](SOON))
    with pytest.raises(parties.CannotHandOver):
        social.mark_posted(post, link="https://network.example/1", by=person("wen"), now=SOON)
    factories_updates.approve(post.message)

    done = social.mark_posted(post, link="https://network.example/1", by=person("wen"), now=SOON)
    comment = social.Comment("Is it safe?", author_name="reader")
    logged = social.log_comment(done, comment=comment, by=person("wen"), now=SOON)

    assert [one.people for one in late] == [{person("spokesperson").pk}]
    assert (done.link, done.posted_by) == ("https://network.example/1", person("wen"))
    assert list(escalations.FINDERS[AlertKind.POST_LATE](SOON)) == []
    assert Feedback.objects.get(pk=logged.pk).due_at == SOON + timedelta(hours=2)
    assert (logged.owner, logged.comment.author_name) == (person("spokesperson"), "reader")
    with pytest.raises(social.AlreadyPosted):
        social.mark_posted(done, link="x", by=person("wen"), now=SOON)


def test_a_party_is_left_out_for_a_reason_only(incident: Incident) -> None:
    plan, lead = plans.required(incident), person("incident_lead")
    key = (Party.PARTNERS.value, FIRST.value)
    changes = plans.PlanChanges(parties={key: {"is_needed": False, "reason": ""}}, reason="no partners")
    with pytest.raises(plans.BadPlan, match="Say why"):
        plans.change(plan, changes=changes, by=lead, now=SOON)

    changes = plans.PlanChanges(parties={key: {"is_needed": False, "reason": "we have none"}}, reason="no partners")
    changed = plans.change(plan, changes=changes, by=lead, now=SOON)

    assert (changed.version, states(incident).get(key)) == (plan.version + 1, None)
    assert Role.SPOKESPERSON in {cell.owner_role for cell in changed.parties.all()}
