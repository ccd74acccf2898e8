"""What a message says apart from its template."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents import commitments, facts, feedback, hotline
from incidents.enums import FactStatus, Role
from incidents.models import FactSheet, Incident
from notifications import compose
from notifications.enums import MessageKind, MessageState
from notifications.models import Approval, ApprovalRequirement, Message
from tests import factories
from tests.factories_incidents import NOW, person
from workflows import plans, values
from workflows.playbook_rules import printed_variables

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=3)


@pytest.fixture
def incident() -> Incident:
    incident = factories.declared()
    factories.tell_facts(incident)
    return incident


def spoken(incident: Incident, kind: str = MessageKind.FIRST_NOTICE, **more: Any) -> values.MessageValues:
    sheet = facts.confirmed(incident)
    plan = plans.required(incident)
    return values.message_values(incident, **{"plan": plan, "fact_sheet": sheet, "kind": kind, "now": LATER, **more})


def change(incident: Incident, key: str, value: dict[str, Any], status: FactStatus = FactStatus.VERIFIED) -> FactSheet:
    facts.put(incident, change=facts.FactChange(key, value, status, "plant"), by=person("subject_owner"), now=LATER)
    return factories.fact_sheet(incident, now=LATER)


def told(incident: Incident, *, sheet: FactSheet, tiers: tuple[int, ...] = (1, 2, 3)) -> None:
    """Make a message of this fact sheet that went out."""
    spec = compose.DraftSpec(
        kind=MessageKind.FIRST_NOTICE,
        audience={"tiers": list(tiers)},
        channels={str(tier): ["email_bulk"] for tier in tiers},
        texts={"en": {"subject": "s", "sections": [{"element": "opening", "text": "t"}], "short_text": "x"}},
        values={"en": {}},
        fact_sheet=sheet,
    )
    message = compose.draft(incident, spec=spec, by=person("incident_lead"), now=NOW)
    revision = compose.current(message)
    ApprovalRequirement.objects.create(revision=revision, any_of=[Role.COMMUNICATIONS_LEAD])
    message.submit()
    message.save()
    approver = person("communications_lead")
    Approval.objects.create(
        revision=revision, sha256=revision.sha256, role=Role.COMMUNICATIONS_LEAD, approver=approver, approved_at=NOW
    )
    Message.objects.filter(pk=message.pk).update(state=MessageState.SENT, released_at=NOW)


def test_confirmed_facts_and_the_company_speak_in_every_language(incident: Incident) -> None:
    factories.fact_sheet(incident)

    found = spoken(incident)

    assert list(found.by_language) == ["en", "zh", "ru"]
    assert found.gaps == {}
    english, chinese = found.by_language["en"], found.by_language["zh"]
    assert english["incident.scope"] == "scope (en)"
    assert [english["incident.cause_status"], chinese["incident.cause_status"]] == ["suspected", "初步判断"]
    assert [english["company.name"], chinese["company.name"]] == ["Nordbahn Parts", "北轨配件"]
    assert english["incident.affected_count"] == "3"
    assert english["fact_sheet.version"] == "1"
    assert english["contact.portal_url"].endswith(f"/status/{incident.reference}/")
    assert found.times["incident.eta"] == NOW.isoformat()
    assert found.times["incident.declared_at"] == NOW.isoformat()
    assert found.times["update.issued_at"] == LATER.isoformat()


def test_the_waiting_time_names_when_it_was_measured_and_is_left_out_when_old(incident: Incident) -> None:
    factories.company(chat_url="https://chat.nordbahn.example/", hotline_wait_is_fresh_for=timedelta(minutes=30))
    factories.fact_sheet(incident)
    report = hotline.Figure(timedelta(minutes=7), LATER - timedelta(minutes=5), "telephone system")
    hotline.report(report, by=person(), now=LATER)

    fresh, later = spoken(incident).by_language, spoken(incident, now=LATER + timedelta(minutes=25)).by_language

    assert fresh["en"]["contact.waiting_time"] == "about 7 min, measured 22 November 2026, 12:55 (Europe/Berlin)"
    assert fresh["zh"]["contact.waiting_time"] == "约 7 分钟，测于 2026年11月22日 12:55（柏林时间）"
    assert fresh["ru"]["contact.chat_url"] == "https://chat.nordbahn.example/"
    assert ["contact.waiting_time" in texts for texts in later.values()] == [False, False, False]


def test_an_incident_with_its_own_telephone_says_nothing_of_the_companys_queue(incident: Incident) -> None:
    hotline.report(hotline.Figure(timedelta(minutes=7), LATER, "telephone system"), by=person(), now=LATER)
    own = dict.fromkeys(("en", "zh", "ru"), "+49 30 5550199")

    change(incident, "contact.hotline", own)

    english = spoken(incident).by_language["en"]
    assert (english["contact.hotline"], "contact.waiting_time" in english) == ("+49 30 5550199", False)


def test_only_the_confirmed_sheet_speaks(incident: Incident) -> None:
    assert "incident.scope" not in spoken(incident).by_language["en"]

    factories.fact_sheet(incident)
    change_unconfirmed = facts.FactChange("incident.scope", {"en": "All of it"}, FactStatus.VERIFIED, "plant")
    facts.put(incident, change=change_unconfirmed, by=person("subject_owner"), now=LATER)

    assert spoken(incident).by_language["en"]["incident.scope"] == "scope (en)"


@pytest.mark.parametrize("status", [FactStatus.UNKNOWN, FactStatus.RETRACTED])
def test_unknown_and_retracted_facts_are_not_said(incident: Incident, status: FactStatus) -> None:
    change(incident, "incident.cause", {"en": "A wrong guess"}, status)

    assert "incident.cause" not in spoken(incident).by_language["en"]


def test_internal_facts_are_not_said(incident: Incident) -> None:
    factories.fact_sheet(incident)

    assert "facts.stock_on_hand" not in spoken(incident).by_language["en"]
    assert "incident.detection_source" not in spoken(incident).by_language["en"]


def test_an_estimate_without_confidence_is_not_said(incident: Incident) -> None:
    change(incident, "incident.eta_confidence", {}, FactStatus.UNKNOWN)

    assert "incident.eta" not in spoken(incident).times


def test_a_language_that_lacks_a_printed_fact_is_left_out_and_named(incident: Incident) -> None:
    change(incident, "facts.delay_estimate", {"en": "two days", "ru": "два дня"})

    found = spoken(incident)

    assert list(found.by_language) == ["en", "ru"]
    assert found.gaps == {"zh": ["facts.delay_estimate"]}
    assert list(spoken(incident, plans.NO_CHANGE).by_language) == ["en", "zh", "ru"]


def test_remedies_are_named_once_they_are_approved_and_claimable(incident: Incident) -> None:
    first, second, third = incident.remedy_options.order_by("position")[:3]
    for option in (first, second, third):
        feedback.approve_remedy(option, by=person(option.approver_role), now=NOW)
    type(second).objects.filter(pk=second.pk).update(
        how_to_claim={"en": "tell us on your page"}, claim_deadline=LATER + timedelta(days=1)
    )
    type(third).objects.filter(pk=third.pk).update(claim_deadline=LATER)

    found = spoken(incident)

    assert found.by_language["en"]["remedy.options"] == "Expedited freight at our cost or Split delivery"
    assert found.by_language["zh"]["remedy.options"] == "承担加急运费或分批交付"
    assert found.by_language["en"]["remedy.description"] == "Split delivery"
    assert found.by_language["en"]["remedy.how_to_claim"] == "tell us on your page"
    assert "remedy.description" not in found.by_language["zh"]
    assert found.times["remedy.claim_deadline"] == (LATER + timedelta(days=1)).isoformat()


def test_the_newest_open_promise_to_everybody_is_named(incident: Incident) -> None:
    texts = {"en": "ship all orders", "zh": "发出全部订单", "ru": "отгрузить все заказы"}
    due = datetime(2026, 12, 1, tzinfo=UTC)
    promise = commitments.Promise(text={"en": "older"}, owner=person("bo"))
    commitments.promise(incident, promise=promise, now=NOW)
    promise = commitments.Promise(text=texts, owner=person("subject_owner"), due_at=due)
    commitments.promise(incident, promise=promise, now=LATER)
    commitments.promise(incident, promise=commitments.Promise(text={"en": "tier 1 only"}, tier=1), now=LATER)

    found = spoken(incident)

    assert {language: own["commitment.text"] for language, own in found.by_language.items()} == texts
    assert found.by_language["ru"]["commitment.owner"] == "subject_owner"
    assert found.times["commitment.due_at"] == due.isoformat()


def test_an_update_says_what_changed_since_these_tiers_last_heard(incident: Incident) -> None:
    first = factories.fact_sheet(incident)
    told(incident, sheet=first)
    texts = {"en": "two days", "zh": "两天", "ru": "два дня"}
    second = change(incident, "facts.delay_estimate", texts)
    told(incident, sheet=second, tiers=(1,))

    everybody = spoken(incident, MessageKind.PROGRESS_UPDATE, number=2)
    tier_one = spoken(incident, MessageKind.PROGRESS_UPDATE, tiers=(1,))

    assert everybody.by_language["en"]["update.sequence"] == "2"
    changes = {language: own["update.changed_since_last"] for language, own in everybody.by_language.items()}
    assert changes == {
        "en": "Estimated delay (range): two days",
        "zh": "预计延误（区间）：两天",
        "ru": "Оценка задержки (диапазон): два дня",
    }
    nothing = {language: own["update.changed_since_last"] for language, own in tier_one.by_language.items()}
    assert nothing == {
        "en": "no new findings since our previous message",
        "zh": "自上次通报以来没有新的进展",
        "ru": "с прошлого сообщения новых данных нет",
    }


def test_a_changed_time_a_taken_back_fact_and_an_internal_one(incident: Incident) -> None:
    first = factories.fact_sheet(incident)
    change(incident, "incident.eta", {"": "2026-11-25T10:00:00+00:00"})
    change(incident, "facts.stock_on_hand", {"": 99})
    new = change(incident, "incident.cause", {"en": "A wrong guess"}, FactStatus.RETRACTED)

    said = values.changed_since(first, new, language="en", time_zone="Europe/Berlin")

    assert said == (
        "Estimated time of resolution: 25 November 2026, 11:00 (Europe/Berlin); "
        "Cause: our earlier statement is withdrawn and being checked again"
    )


def test_a_change_without_words_in_a_language_is_not_called_nothing_new(incident: Incident) -> None:
    told(incident, sheet=factories.fact_sheet(incident))
    change(incident, "incident.prevention", {"en": "A second supplier", "zh": "第二家供应商"})

    found = spoken(incident, MessageKind.PROGRESS_UPDATE)

    assert found.gaps == {"ru": ["update.changed_since_last"]}


def test_a_survey_names_its_own_times(incident: Incident) -> None:
    times = spoken(incident, MessageKind.FOLLOW_UP_SURVEY).times

    assert times["survey.closes_at"] == (LATER + timedelta(days=5)).isoformat()
    assert times["survey.results_due_at"] == (LATER + timedelta(days=10)).isoformat()
    assert "survey.closes_at" not in spoken(incident).times


@pytest.mark.parametrize("language", ["en", "zh", "ru"])
def test_the_no_change_text_needs_title_next_update_and_contact_alone(incident: Incident, language: str) -> None:
    plan = plans.required(incident)

    needed = printed_variables(plans.template(plan, plans.NO_CHANGE)[language])

    assert needed == {
        "incident.title",
        "incident.reference",
        "update.next_due_at",
        "customer.salutation",
        "contact.person_name",
        "company.name",
    }


def test_the_number_of_queries_does_not_grow_with_languages(incident: Incident) -> None:
    told(incident, sheet=factories.fact_sheet(incident))
    counts = []
    for languages in (["en"], ["en", "zh", "ru"]):
        factories.company(languages=languages)
        sheet, plan = facts.confirmed(incident), plans.required(incident)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            values.message_values(incident, plan=plan, fact_sheet=sheet, kind=MessageKind.PROGRESS_UPDATE, now=LATER)
        counts.append(len(queries))

    assert counts == [7, 7]
