"""Who stayed and who bought again, affected or not, told in time or not; what it cost; how often it happened before."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from incidents import costs, feedback, outcomes
from incidents.enums import CostKind, EscalatedTo
from incidents.models import Customer, Incident
from incidents.phases import Phase
from notifications.enums import DeliveryStatus, MessageKind
from tests import factories_gates as gates
from tests.factories_incidents import NOW, customer, person, reported
from tests.factories_updates import enter
from workflows.models import PlaybookVersion
from workflows.scorecard import afterwards, registry
from workflows.scorecard.registry import Question

pytestmark = pytest.mark.django_db
DAY = (NOW + timedelta(days=90)).date()
LATER = NOW + timedelta(days=400)


@pytest.fixture
def incident() -> Incident:
    """Three affected customers: A and B told in time, C never; D and E are not affected."""
    made = gates.incident_with_team()
    Incident.objects.filter(pk=made.pk).update(declared_at=NOW)
    made.refresh_from_db()
    gates.plan(made)
    for crm_id in ("A", "B", "C"):
        gates.affected(made, crm_id, tier=2)
    for crm_id in ("D", "E"):
        customer(crm_id)
    return made


def observe(incident: Incident, rows: str, *, day: date = DAY, revenue: str = "") -> None:
    """Note outcomes: `A+2` stayed and ordered twice, `B-` is gone, `C+` stayed and nobody knows of orders."""
    told = [
        outcomes.Outcome(
            row[0],
            day,
            is_customer=row[1] == "+",
            orders=int(row[2:]) if row[2:] else None,
            revenue=Decimal(revenue) if revenue else None,
            currency="EUR" if revenue else "",
        )
        for row in rows.split()
    ]
    outcomes.note(incident, outcomes=told, by=person("lena"), now=LATER)


def measured(incident: Incident, name: str) -> Any:
    return registry.compute_one(name, incident, LATER)["total"]


def share(part: int, whole: int) -> dict[str, Any]:
    return {"numerator": part, "denominator": whole, "value": part / whole}


def test_the_affected_are_compared_with_the_others(incident: Incident) -> None:
    observe(incident, "A+2 B- D+0 E+1")

    assert measured(incident, "retention_90d") == {**share(1, 2), "of": 3, "unaffected": share(2, 2)}
    assert measured(incident, "churn_rate_90d") == {**share(1, 2), "of": 3, "unaffected": share(0, 2)}
    assert measured(incident, "repeat_purchase_rate") == {**share(1, 1), "of": 3, "unaffected": share(1, 2)}
    tiers = registry.compute_one("retention_90d", incident, LATER)["tiers"]
    assert tiers == {"1": None, "2": {**share(1, 2), "of": 3}, "3": None}


def test_the_first_observation_from_day_90_counts_and_who_was_gone_before_is_gone(incident: Incident) -> None:
    observe(incident, "A- B- C+", day=(NOW + timedelta(days=30)).date())
    assert measured(incident, "retention_90d") is None
    observe(incident, "A+", day=(NOW + timedelta(days=91)).date())
    observe(incident, "A- C+", day=(NOW + timedelta(days=300)).date())

    assert measured(incident, "retention_90d") == {**share(2, 3), "of": 3}
    assert measured(incident, "win_back_rate") == share(1, 2)


def test_in_an_exercise_the_90_days_are_shortened_like_its_playbook(incident: Incident) -> None:
    observe(incident, "A+", day=(NOW + timedelta(days=10)).date())
    assert measured(incident, "retention_90d") is None
    PlaybookVersion.objects.update(duration_divisor=9)

    assert measured(incident, "retention_90d") == {**share(1, 1), "of": 3}


def heard(incident: Incident, crm_id: str, *moments: datetime) -> None:
    for moment in moments:
        number = incident.messages.count() + 1
        sent = gates.released(incident, at=moment, kind=MessageKind.PROGRESS_UPDATE, number=number)
        one = Customer.objects.get(crm_id=crm_id)
        gates.delivery(sent, one, status=DeliveryStatus.ACCEPTED, accepted_at=moment)


def test_informed_and_silence_are_held_against_who_stayed(incident: Incident) -> None:
    hour = timedelta(hours=1)
    heard(incident, "A", NOW + hour, NOW + 9 * hour)
    heard(incident, "B", NOW + hour, NOW + 13 * hour)
    heard(incident, "C", NOW + 5 * hour)
    observe(incident, "A+2 B- C- D+", revenue="10")

    found = afterwards.comparison(Question(incident, LATER))

    def group(observed: int, stayed: int, asked: int = 0, bought: int = 0) -> dict[str, int]:
        return {"observed": observed, "stayed": stayed, "asked": asked, "bought": bought}

    assert found == {
        "is_early": False,
        "newest": DAY.isoformat(),
        "days": 90,
        "groups": {
            "affected": {**group(3, 1, 1, 1), "revenue": {"EUR": "10.00"}},
            "unaffected": {**group(1, 1), "revenue": {"EUR": "10.00"}},
            "informed": group(2, 1, 1, 1),
            "uninformed": group(1, 0),
            "silence_within": group(1, 1, 1, 1),
            "silence_double": group(1, 0),
            "silence_unknown": group(1, 0),
        },
    }


def test_before_day_90_the_last_observation_of_each_is_compared(incident: Incident) -> None:
    assert afterwards.comparison(Question(incident, LATER)) == {}
    observe(incident, "A+ B-", day=(NOW + timedelta(days=5)).date())
    observe(incident, "A+", day=(NOW + timedelta(days=9)).date())

    found = afterwards.comparison(Question(incident, LATER))

    assert (found["is_early"], found["days"]) == (True, 9)
    assert found["groups"]["affected"] == {"observed": 2, "stayed": 1, "asked": 0, "bought": 0}


def test_communication_is_paid_per_customer_and_channels_per_acknowledgement(incident: Incident) -> None:
    assert measured(incident, "communication_cost") is measured(incident, "channel_cost_per_ack") is None
    for kind, amount, currency, channel in (
        (CostKind.STAFF_HOURS, "60", "EUR", ""),
        (CostKind.CHANNEL, "30", "EUR", "email_personal"),
        (CostKind.CHANNEL, "10", "CNY", ""),
        (CostKind.PENALTY, "900", "EUR", ""),
    ):
        cost = costs.Cost(kind, Decimal(amount), currency, channel=channel)
        costs.record(incident, cost=cost, by=person("lena"), now=NOW)
    assert measured(incident, "channel_cost_per_ack") is None
    sent = gates.released(incident, at=NOW)
    one = Customer.objects.get(crm_id="A")
    gates.delivery(sent, one, status=DeliveryStatus.ACKNOWLEDGED)
    gates.contact(sent, one, state="done", finished_at=NOW)

    assert measured(incident, "communication_cost") == {
        "amounts": {"CNY": "10.00", "EUR": "90.00"},
        "each": {"CNY": "3.33", "EUR": "30.00"},
        "n": 3,
    }
    assert measured(incident, "channel_cost_per_ack") == {
        "amounts": {"CNY": "10.00", "EUR": "30.00"},
        "each": {"CNY": "5.00", "EUR": "15.00"},
        "n": 2,
        "by_channel": {"email_personal": {"amounts": {"EUR": "30.00"}, "each": {"EUR": "30.00"}, "n": 1}},
    }


def test_customers_that_turned_to_others_are_counted_once(incident: Incident) -> None:
    assert measured(incident, "escalation_rate") is None
    one = Customer.objects.get(crm_id="A")
    entries = [feedback.Entry("I go to court", customer=one, escalated_to=EscalatedTo.COURT)]
    entries += [feedback.Entry("and to the press", customer=one), feedback.Entry("what is wrong?")]
    logged = [feedback.log(incident, entry=entry, now=NOW) for entry in entries]
    feedback.escalate(logged[1], to=EscalatedTo.MEDIA, by=person("lena"), now=NOW)

    assert measured(incident, "escalation_rate") == share(1, 3)
    assert incident.timeline.latest("pk").text == f"Feedback #{logged[1].pk}: the customer turned to: The media"


def test_recurrence_counts_closed_incidents_of_the_kind_in_the_year_before(incident: Incident) -> None:
    kind = {"type": "financial", "subtype": "bankruptcy"}
    Incident.objects.filter(pk=incident.pk).update(**kind)
    cases: list[tuple[int, dict[str, Any]]] = [
        (364, {}),
        (366, {}),
        (10, {"subtype": "other"}),
        (10, {"is_embargoed": True}),
        (10, {"is_drill": True}),
    ]
    for days, fields in cases:
        other = enter(reported(), Phase.CLOSED)
        Incident.objects.filter(pk=other.pk).update(declared_at=NOW - timedelta(days=days), **{**kind, **fields})
    still_open = reported()
    Incident.objects.filter(pk=still_open.pk).update(declared_at=NOW - timedelta(days=3), **kind)
    counted = Incident.objects.filter(phase=Phase.CLOSED).order_by("pk")[0]
    incident.refresh_from_db()

    assert measured(incident, "recurrence_count") == {"value": 1, "references": [counted.reference]}
