"""Judges of what only people can see: each refuses, names what is missing, and opens by the record it asks for."""

from datetime import timedelta
from typing import Any

import pytest

from incidents import facts
from incidents.enums import Role
from incidents.models import Incident, RemedyChoice, RemedyOption
from notifications.enums import DeliveryStatus
from notifications.models import Message, MessageRevision
from tests import factories
from tests import factories_gates as gates
from tests import factories_incidents as make
from workflows import capacity, proofs, recall

pytestmark = pytest.mark.django_db
NOW = gates.NOW
DAY = timedelta(days=1)


@pytest.fixture
def incident() -> Incident:
    return gates.incident_with_team()


def seed(incident: Incident, key: str, *, kind: str = "text", **value: Any) -> None:
    facts.seed(incident, definitions=[make.definition(key, kind=kind)])
    if value:
        make.put(incident, key, **value)


def said(incident: Incident, text: str, *, subject: str = "Late") -> Message:
    """Return a first notice that reads like this in English."""
    notice = gates.message(incident)
    assert notice.current is not None
    words = {**notice.current.content["texts"]["en"], "subject": subject}
    words["sections"] = [{"element": "opening", "text": text}]
    rest = {"facts_used": [], "sender": {}, "time_zone": "UTC", "team_name": {}, "elements_required": []}
    return edited(notice, texts={"en": words}, **rest)


def edited(notice: Message, **content: Any) -> Message:
    """Give a notice a newer text."""
    last = notice.revisions.latest("number")
    notice.current = MessageRevision.objects.create(
        message=notice,
        number=last.number + 1,
        content={**last.content, **content},
        sha256=str(last.number) * 64,
        author=notice.author,
        created_at=NOW,
    )
    notice.save(update_fields=["current"])
    return notice


def test_monitoring_wants_sources_and_a_threshold(incident: Incident) -> None:
    before = gates.missing(incident, "monitoring_on")
    lena = make.person("lena")
    with pytest.raises(proofs.BadProof):
        proofs.watch(incident, monitoring=proofs.Monitoring((" ",), 5, DAY, lena), by=lena, now=NOW)
    proofs.watch(incident, monitoring=proofs.Monitoring(("press",), 5, DAY, lena), by=lena, now=NOW)

    assert before == "nobody watches media and social networks."
    assert gates.missing(incident, "monitoring_on") == ""


def test_consent_holds_for_the_wording_that_was_shown(incident: Incident) -> None:
    notice = said(incident, "Ida Holm leaves.")

    def agree(answer: str) -> str:
        given: dict[str, Any] = {"gate_id": "G-01", "answer": answer, "how": "mail", "by": make.person(), "now": NOW}
        proofs.agree(incident, notice=notice, **given)
        return gates.missing(incident, "consent")

    found = [gates.missing(incident, "consent"), agree(proofs.REFUSED), agree(proofs.AGREED)]
    edited(notice)
    found += [gates.missing(incident, "consent"), agree(proofs.NOBODY_NAMED)]

    assert found == [
        "nobody recorded what the person named says.",
        "the person named does not agree.",
        "",
        "the wording changed since the person agreed.",
        "",
    ]


def tick(notice: Message, *items: str, gate_id: str) -> None:
    proofs.tick_content(notice, gate_id=gate_id, items=items, note="", by=make.person(), now=NOW)


def test_a_breach_notice_is_ticked_item_by_item_on_its_present_text(incident: Incident) -> None:
    before = gates.missing(incident, "content_check", id="LEG-03")
    notice = said(incident, "Your address was leaked.")
    tick(notice, "categories", "cause", "harm", "remedy", "self_protection", gate_id="LEG-03")
    almost = gates.missing(incident, "content_check", id="LEG-03")
    tick(notice, "categories", "cause", "harm", "remedy", "self_protection", "contact", gate_id="LEG-03")
    whole = gates.missing(incident, "content_check", id="LEG-03")
    edited(notice)

    assert before == "no first notice is drafted."
    assert almost.endswith("/M1: contact, with the data protection officer.")
    assert whole == ""
    assert gates.missing(incident, "content_check", id="LEG-03") != ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A voluntary recall; in rare cases it may burn.", "voluntary, in rare cases"),
        ("Stop using it: it can catch fire.", ""),
    ],
)
def test_a_recall_notice_does_not_lower_the_risk(incident: Incident, text: str, words: str) -> None:
    notice = said(incident, text, subject="Product safety recall")
    tick(
        notice,
        "heading",
        "identification",
        "sold",
        "hazard",
        "stop_use",
        "remedy",
        "contact",
        gate_id="PRD-02",
    )

    expected = f"these words lower the risk: {words}." if words else ""
    assert gates.missing(incident, "content_check", id="PRD-02") == expected


def test_a_fact_the_text_draws_on_needs_no_tick(incident: Incident) -> None:
    seed(incident, "facts.exit_terms", en="30 days")
    notice = said(incident, "You may leave within 30 days.")
    before = gates.missing(incident, "content_check", id="RCC-03", field="facts.exit_terms")
    tick(notice, "gate", gate_id="RCC-03")
    ticked = gates.missing(incident, "content_check", id="RCC-03", field="facts.exit_terms")
    edited(notice, facts_used=["facts.exit_terms"])

    assert (bool(before), ticked) == (True, "")
    assert gates.missing(incident, "content_check", id="RCC-03", field="facts.exit_terms") == ""


def provide(incident: Incident, available: int) -> None:
    proofs.provide(incident, gate_id="G-01", available=available, what="hotline", by=make.person(), now=NOW)


def test_capacity_of_units_compares_what_a_person_recorded(incident: Incident) -> None:
    seed(incident, "facts.units_affected", kind="integer")
    params: dict[str, Any] = {"inputs": ["facts.units_affected"]}
    found = [gates.missing(incident, "capacity", **params)]
    make.put(incident, "facts.units_affected", **{"": 40})
    found.append(gates.missing(incident, "capacity", **params))
    provide(incident, 39)
    found.append(gates.missing(incident, "capacity", **params))
    provide(incident, 40)

    assert found == [
        "still empty: facts.units_affected.",
        "0 is there, 40 is needed.",
        "39 is there, 40 is needed.",
    ]
    assert gates.missing(incident, "capacity", **params) == ""


def team_that_calls(incident: Incident, *, customers: int) -> dict[str, Any]:
    """Give tier 1 so many customers to be called by anna, who holds three contacts an hour, and ask for 24 units."""
    factories.company(contact_length=timedelta(minutes=20), contact_hours_a_day=8)
    gates.plan(incident)
    incident.team.update_or_create(role=Role.ACCOUNT_MANAGER, defaults={"user": make.person("anna")})
    for number in range(customers):
        gates.affected(incident, f"C-{number}")
    seed(incident, "facts.units_affected", kind="integer", **{"": 24})
    return {"inputs": ["facts.units_affected"]}


def test_what_people_handle_is_computed_from_the_roster(incident: Incident) -> None:
    params = team_that_calls(incident, customers=1)
    found = [gates.missing(incident, "capacity", **params)]
    make.put(incident, "facts.units_affected", **{"": 25})
    found.append(gates.missing(incident, "capacity", **params))
    capacity.add_people(incident, count=1, who="back office", by=make.person(), now=NOW)
    found.append(gates.missing(incident, "capacity", **params))

    assert found == ["", "24 is there, 25 is needed.", ""]


def test_more_calls_than_people_can_hold_keep_the_gate_shut_until_the_lead_answers(incident: Incident) -> None:
    params = team_that_calls(incident, customers=7)
    before = gates.missing(incident, "capacity", **params)
    incident.team.update_or_create(role=Role.INCIDENT_LEAD, defaults={"user": make.person("lena")})
    capacity.waive(incident, reason="the branch helps", by=make.person("lena"), now=NOW)

    assert before.startswith("7 one-to-one contacts within 2 h; 1 people can hold 6.")
    assert gates.missing(incident, "capacity", **params) == ""


def test_a_stock_covers_the_affected_customers(incident: Incident) -> None:
    seed(incident, "facts.replacement_stock", kind="integer", **{"": 1})
    for number in range(2):
        gates.affected(incident, f"C-{number}")
    before = gates.missing(incident, "capacity", field="facts.replacement_stock")
    make.put(incident, "facts.replacement_stock", **{"": 2})

    assert before == "1 is there, 2 is needed."
    assert gates.missing(incident, "capacity", field="facts.replacement_stock") == ""


def test_resources_are_counted_by_target(incident: Incident) -> None:
    seed(incident, "facts.recovery_targets", kind="list", en="answer in 1 hour\nrepair in 1 day")
    provide(incident, 1)
    before = gates.missing(incident, "capacity", field="facts.recovery_targets")
    provide(incident, 2)

    assert before == "1 is there, 2 is needed."
    assert gates.missing(incident, "capacity", field="facts.recovery_targets") == ""


def measure(incident: Incident, *met: bool, days: int = 0) -> None:
    targets = ("answer in 1 hour", "repair in 1 day")[: len(met)]
    measurement = proofs.Measurement(NOW - 9 * DAY, NOW - days * DAY, targets, met)
    proofs.measure(incident, gate_id="G-01", measurement=measurement, by=make.person(), now=NOW)


def test_targets_are_met_over_a_time_after_the_solution(incident: Incident) -> None:
    params = {"field": "facts.recovery_targets"}
    seed(incident, "facts.recovery_targets", kind="list")
    found = [gates.missing(incident, "threshold", **params)]
    make.put(incident, "facts.recovery_targets", en="answer in 1 hour\nrepair in 1 day")
    found.append(gates.missing(incident, "threshold", **params))
    measure(incident, True, False)
    found.append(gates.missing(incident, "threshold", **params))
    incident.resolved_at = NOW - 2 * DAY
    measure(incident, True, True, days=3)
    found.append(gates.missing(incident, "threshold", **params))
    measure(incident, True, True)

    assert found == [
        "still empty: facts.recovery_targets.",
        "nobody recorded a measurement.",
        "not met or not measured: repair in 1 day.",
        "the measurement ends before the solution.",
    ]
    assert gates.missing(incident, "threshold", **params) == ""


@pytest.mark.parametrize("until", [NOW + DAY, NOW - 10 * DAY])
def test_a_measurement_of_the_future_or_of_no_time_is_refused(incident: Incident, until: Any) -> None:
    measurement = proofs.Measurement(NOW - 9 * DAY, until, ("a",), (True,))

    with pytest.raises(proofs.BadProof):
        proofs.measure(incident, gate_id="G-01", measurement=measurement, by=make.person(), now=NOW)


def test_a_recall_is_counted_step_by_step(incident: Incident) -> None:
    option = RemedyOption.objects.create(incident=incident, key="refund")
    sent = gates.released(incident)
    people = [gates.affected(incident, f"C-{number}") for number in range(4)]
    gates.delivery(sent, people[0], status=DeliveryStatus.ACKNOWLEDGED)
    gates.delivery(sent, people[1], status=DeliveryStatus.ACCEPTED)
    gates.delivery(sent, people[2], status=DeliveryStatus.FAILED)
    RemedyChoice.objects.create(option=option, incident=incident, customer=people[0], chosen_at=NOW, delivered_at=NOW)

    found = recall.funnel(incident)

    assert found == recall.Funnel(4, 3, 2, 1, 1, 1, None, None)
    assert gates.missing(incident, "effectiveness_check", min_ratio=0.25) == ""
    assert gates.missing(incident, "effectiveness_check", min_ratio=0.9) == (
        "25% put right, 90% are wanted; of 4 customers 3 were notified, 2 reached, 1 understood, 1 acted."
    )


def test_units_put_right_outrank_customers(incident: Incident) -> None:
    seed(incident, recall.UNITS, kind="integer", **{"": 10})

    def report(units: int) -> None:
        recall.report_progress(incident, units_corrected=units, source="depot", by=make.person(), now=NOW)

    with pytest.raises(recall.BadProgress):
        report(11)
    report(8)
    before = gates.missing(incident, "effectiveness_check", min_ratio=0.9)
    report(9)

    assert before.startswith("80% put right, 90% are wanted;")
    assert gates.missing(incident, "effectiveness_check", min_ratio=0.9) == ""
