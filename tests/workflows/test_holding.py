"""The first word in minutes: it needs next to nothing, and one other person approves and sends it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import override_settings

from incidents import embargo, facts, lifecycle
from incidents.enums import FactStatus, Language, Role, Severity
from incidents.errors import Refusal
from incidents.models import Company, Incident, TeamAssignment, User
from notifications import compose
from notifications.enums import MessageKind, MessageState
from notifications.models import Delivery, Message, PagePost
from tests import factories, factories_updates
from tests.factories_incidents import NOW, customer, person, reported
from workflows import (
    approvals,
    declarations,
    dispatch,
    escalations,
    first_contacts,
    holding,
    plans,
    playbooks,
    playbooks_loader,
    releases,
    roster,
    severity_questions,
)
from workflows.enums import AlertKind
from workflows.holding import Statement
from workflows.models import Alert

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
BARE = Statement()
LEAD, SPEAKER = "incident_lead", "communications_lead"


@pytest.fixture(autouse=True)
def local_mail() -> Iterator[None]:
    with override_settings(EMAIL_HOST="127.0.0.1"):
        yield


def candidate(**fields: Any) -> Incident:
    factories.company(is_demonstration=True)
    incident = reported(**fields)
    factories.team(incident)
    return incident


def declaration(kind: str = factories.TYPE, **changes: Any) -> declarations.Declaration:
    version = playbooks_loader.newest(kind)
    assert version is not None
    fields = {"type": kind, "subtype": version.content["subtypes"][0]["id"], "severity": Severity.SEV1}
    return declarations.Declaration(**{**fields, "lead": person(LEAD), **changes})


def declare(incident: Incident, statement: Statement | None = BARE, **changes: Any) -> holding.Spoken:
    by = person(LEAD)
    return holding.declare(incident, declaration=declaration(**changes), statement=statement, by=by, now=NOW)


def stamped(message: Message, by: User, *, minutes: int = 1) -> dispatch.Dispatch:
    sha256 = compose.current(message).sha256
    return dispatch.approve_and_send(message, by=by, sha256=sha256, now=NOW + minutes * MINUTE)


@pytest.mark.parametrize("kind", [path.stem for path in playbooks.files()])
def test_the_first_word_of_every_playbook_needs_a_title_and_nothing_else(kind: str) -> None:
    spoken = declare(candidate(), kind=kind)

    assert spoken.message is not None
    shown = {language: compose.public_body(compose.current(spoken.message), language=language) for language in Language}
    assert (spoken.trouble, spoken.message.state) == ("", MessageState.IN_REVIEW)
    assert compose.current(spoken.message).content["languages"] == ["en", "zh", "ru"]
    for body in shown.values():
        assert "{" not in body.text
        assert "INC-2026-0001" in body.subject
        assert body.subject[0].isalnum()
        assert not any(gap in body.text for gap in (": .", "：。", " .", "..", "。。", "  "))


def test_known_and_unknown_are_written_once_and_said_in_their_language() -> None:
    statement = Statement(known={"en": "Line 2 stands still."}, unknown={"en": "How long it lasts"})

    message = declare(candidate(), statement).message

    assert message is not None
    incident, revision = message.incident, compose.current(message)
    english = compose.public_body(revision, language="en").text
    russian = compose.public_body(revision, language="ru").text
    assert "Confirmed so far: Line 2 stands still. Still being checked: How long it lasts." in english
    assert "Других подтверждённых сведений пока нет." in russian
    assert incident.facts.get(key="incident.known").status == FactStatus.VERIFIED
    assert incident.decisions.filter(key="holding_statement", outcome="yes").exists()
    assert facts.confirmed(incident) is None


def test_one_press_of_another_person_confirms_approves_and_sends() -> None:
    incident = candidate()
    customer("C-1")
    everybody: dict[str, Any] = {"filter": {}}
    message = declare(incident, Statement(known={"en": "Line 2 stands still"}, audience=everybody)).message
    assert message is not None

    sent = stamped(message, person(SPEAKER))

    sheet = facts.confirmed(incident)
    assert sheet is not None
    assert (sent.trouble, sent.message.state, sheet.confirmed_by) == ("", MessageState.SENDING, person(SPEAKER))
    assert PagePost.objects.filter(message=message).count() == 1


def test_the_author_neither_approves_nor_confirms() -> None:
    message = declare(candidate()).message
    assert message is not None

    with pytest.raises(approvals.OwnText):
        stamped(message, person(LEAD))

    assert facts.confirmed(message.incident) is None


def test_an_approval_stands_when_the_text_cannot_leave() -> None:
    message = declare(candidate()).message
    assert message is not None
    lifecycle.stop_sending(message.incident, reason="wait", by=person(LEAD), now=NOW)

    sent = stamped(message, person(SPEAKER))

    message.refresh_from_db()
    assert (message.state, "Sending is stopped" in sent.trouble) == (MessageState.APPROVED, True)


def test_newer_facts_that_nobody_confirmed_keep_the_older_ones_from_being_confirmed() -> None:
    message = declare(candidate()).message
    assert message is not None
    facts.freeze(message.incident, by=person(LEAD), now=NOW)

    with pytest.raises(facts.NotConfirmable, match="A newer fact sheet exists"):
        stamped(message, person(SPEAKER))


def test_trouble_with_the_word_never_keeps_the_incident_from_being_declared() -> None:
    factories.company(is_demonstration=True)
    lonely = reported()

    spoken = declare(lonely)

    assert lonely.declared_at == NOW
    assert spoken.message is not None
    assert spoken.message.state == MessageState.DRAFT
    assert spoken.trouble.startswith("Nobody but the author can approve as")


def test_a_promise_in_the_past_and_a_second_word_are_refused_in_words() -> None:
    incident = candidate()

    late = declare(incident, Statement(next_update_at=NOW))
    first = holding.prepare(incident, statement=Statement(is_submitted=False), by=person(LEAD), now=NOW)
    second = holding.prepare(incident, statement=Statement(), by=person(LEAD), now=NOW)

    assert first.message is not None
    assert late == holding.Spoken(trouble="The next word is promised for a time that has passed.")
    assert (first.trouble, first.message.state) == ("", MessageState.DRAFT)
    assert second.trouble == "INC-2026-0001/M1 waits already: edit it, or withdraw it first."


def test_a_person_may_promise_another_next_word_than_the_rhythm() -> None:
    soon = NOW + 20 * MINUTE

    message = declare(candidate(), Statement(next_update_at=soon)).message

    assert message is not None
    assert {promise["next_update_at"] for promise in message.promises.values()} == {soon.isoformat()}


@pytest.mark.parametrize(("has_list", "is_embargoed"), [(True, False), (False, False), (False, True)])
def test_it_goes_to_whom_is_known_else_to_the_page(has_list: bool, is_embargoed: bool) -> None:
    incident = candidate(is_embargoed=is_embargoed)
    if has_list:
        factories_updates.affected(incident)

    assert holding.usual_audience(incident) == ({"tiers": [1, 2, 3]} if has_list or is_embargoed else {"page": True})


def test_affected_customers_are_written_to_before_they_are_called() -> None:
    incident = candidate()
    factories_updates.affected(incident, tier=1)
    message = declare(incident).message
    assert message is not None

    stamped(message, person(SPEAKER))

    assert Delivery.objects.filter(message=message, tier=1, channel="email_personal").count() == 1


def test_an_embargoed_word_is_never_on_the_page() -> None:
    incident = candidate(is_embargoed=True)
    message = declare(incident).message
    assert message is not None
    stamped(message, person(SPEAKER))
    page_alone = releases.Draft(MessageKind.HOLDING_STATEMENT, audience={"page": True})

    public = factories_updates.approve(releases.draft(incident, draft=page_alone, by=person("wen"), now=NOW))
    with pytest.raises(releases.CannotRelease, match="under embargo"):
        releases.release(public, by=person(LEAD), now=NOW)

    assert PagePost.objects.count() == 0


def woken(incident: Incident, minutes: int) -> set[str]:
    escalations.refresh(AlertKind.FIRST_WORD_WAITS, now=NOW + minutes * MINUTE)
    found = Alert.objects.filter(incident=incident, kind=AlertKind.FIRST_WORD_WAITS, over_at=None).first()
    return set(found.watchers.values_list("username", flat=True)) if found else set()


def test_the_approver_is_woken_at_once_and_the_deputy_after_the_playbooks_time() -> None:
    message = declare(candidate()).message
    assert message is not None
    incident = message.incident

    at_once, before, after = (woken(incident, minutes) for minutes in (0, 14, 15))
    late = woken(incident, 30)
    path = Alert.objects.get(incident=incident).path
    stamped(message, person(SPEAKER), minutes=31)

    assert (at_once, before, after, late) == ({SPEAKER}, {SPEAKER}, {SPEAKER, "nina"}, {SPEAKER, "nina", LEAD})
    assert path == f"/admin/notifications/message/{message.pk}/approve/"
    assert woken(incident, 32) == set()


def test_a_chat_does_not_hear_of_an_embargoed_incident() -> None:
    from notifications.models import StaffNotice, WebhookEndpoint

    WebhookEndpoint.objects.create(name="chat", url="https://chat.example/hook")
    incident = candidate(is_embargoed=True)
    Company.objects.update(is_demonstration=False)
    User.objects.filter(username=SPEAKER).update(email="speaker@nordbahn.example")
    declare(incident)

    woken(incident, 0)
    escalations.wake(escalations.unheard(now=NOW)[0], now=NOW)

    assert list(StaffNotice.objects.values_list("medium", flat=True)) == ["mail"]


def test_each_tier_has_its_clock_until_it_heard() -> None:
    incident = candidate()
    factories_updates.affected(incident, tier=1)
    factories_updates.affected(incident, tier=3)
    message = declare(incident).message
    assert message is not None
    hours = {row.tier: row.first_contact_interval for row in plans.required(incident).audiences.all()}

    running = first_contacts.clocks(incident, now=NOW + hours[1] + MINUTE)
    stamped(message, person(SPEAKER))
    told = first_contacts.clocks(incident, now=NOW + hours[3] + MINUTE)

    assert [(one.tier, one.due_at, one.is_late) for one in running] == [
        (1, NOW + hours[1], True),
        (3, NOW + hours[3], False),
    ]
    assert [(one.tier, one.heard_at, one.is_late) for one in told] == [
        (1, NOW + MINUTE, False),
        (3, NOW + MINUTE, False),
    ]


def test_the_page_alone_tells_only_the_tiers_that_read_it() -> None:
    incident = candidate()
    message = declare(incident).message
    assert message is not None

    stamped(message, person(SPEAKER))

    assert first_contacts.heard_at(incident) == {3: NOW + MINUTE}


def test_three_people_are_enough() -> None:
    factories.company(is_demonstration=True)
    incident = reported()
    people = roster.TeamOfThree(person("lena"), person("tomas"), person("mira"))
    roster.apply_team_of_three(incident, people=people, by=person("lena"), now=NOW)

    message = declare(incident).message

    assert message is not None
    assert TeamAssignment.objects.filter(incident=incident).count() == len(Role)
    assert stamped(message, person("tomas")).message.state == MessageState.SENDING


SEV1, SEV3 = f"{factories.TYPE}:SEV1", f"{factories.TYPE}:SEV3"


@pytest.mark.parametrize(
    ("answers", "severity"),
    [
        ({"triggers": (SEV3,)}, "SEV3"),
        ({"triggers": (SEV3, SEV1)}, "SEV1"),
        ({"triggers": (SEV3, "financial:SEV1")}, "SEV3"),
        ({"triggers": (SEV3, "rel-customer-churn:SEV2"), "relationship_type": "rel-customer-churn"}, "SEV2"),
        ({"triggers": (SEV1,), "severity": Severity.SEV2, "severity_reason": "one small customer"}, "SEV2"),
    ],
)
def test_the_gravest_answer_proposes_the_severity(answers: dict[str, Any], severity: str) -> None:
    incident = candidate()

    declare(incident, None, **{"severity": None, **answers})

    kept = incident.decisions.get(key=severity_questions.DECISION)
    assert (incident.severity, kept.outcome) == (severity, severity)
    assert {name for name, is_true in kept.data["answers"].items() if is_true} == {
        one for one in answers["triggers"] if not one.startswith("financial")
    }
    assert kept.data["proposed"] == ("SEV1" if SEV1 in answers["triggers"] else severity)


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({}, "Say how severe it is: tick what is true, or choose a severity."),
        (
            {"triggers": (SEV1,), "severity": Severity.SEV3},
            "The answers say SEV1. Say why it is SEV3, or leave the severity to them.",
        ),
        ({"triggers": (f"{factories.TYPE}:loud",)}, f"“{factories.TYPE}:loud” is no question about the severity."),
    ],
)
def test_a_severity_without_answers_or_against_them_is_refused(answers: dict[str, Any], sentence: str) -> None:
    incident = candidate()

    with pytest.raises(Refusal) as refused:
        declare(incident, None, **{"severity": None, **answers})

    assert (str(refused.value), incident.declared_at) == (sentence, None)


def test_three_times_are_kept_apart_and_places_put_right() -> None:
    incident = candidate(impact_started_at=NOW - 3 * MINUTE, detected_at=NOW - 2 * MINUTE)

    declare(incident, None, impact_started_at=NOW - 9 * MINUTE, jurisdictions=("DE", "CN"))

    assert (incident.impact_started_at, incident.detected_at, incident.declared_at, incident.jurisdictions) == (
        NOW - 9 * MINUTE,
        NOW - 2 * MINUTE,
        NOW,
        ["DE", "CN"],
    )


def test_lifting_the_embargo_lets_the_page_speak() -> None:
    incident = candidate(is_embargoed=True)
    declare(incident, None)
    embargo.lift(incident, reason="public now", by=person(LEAD), now=NOW)

    assert holding.usual_audience(incident) == {"page": True}
