"""What an incident costs: recorded, corrected by a new record with a reason, summed per currency, never rewritten."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from incidents import costs
from incidents.enums import CostKind
from incidents.models import AuditEvent, CostItem, Incident
from tests.factories_incidents import NOW, person, reported

pytestmark = pytest.mark.django_db


def cost(**fields: Any) -> costs.Cost:
    given: dict[str, Any] = {"kind": CostKind.LOGISTICS, "amount": Decimal("100.00"), "currency": "EUR"}
    return costs.Cost(**{**given, **fields})


def recorded(incident: Incident, **fields: Any) -> CostItem:
    return costs.record(incident, cost=cost(**fields), by=person("lena"), now=NOW)


def test_costs_are_summed_by_currency_and_nothing_is_converted() -> None:
    incident = reported()
    recorded(incident, currency=" eur ")
    recorded(incident, kind=CostKind.LOST_REVENUE, amount=Decimal("50.50"), is_estimate=True)
    recorded(incident, currency="CNY", amount=Decimal(7))
    items = CostItem.objects.standing().filter(incident=incident)

    assert costs.totals(items) == [
        costs.Total("CNY", Decimal(7), Decimal(0), {"logistics": Decimal(7)}),
        costs.Total(
            "EUR", Decimal(100), Decimal("50.50"), {"logistics": Decimal(100), "lost_revenue": Decimal("50.50")}
        ),
    ]
    assert incident.timeline.latest("pk").text == "Cost recorded: Logistics and replacement 7.00 CNY"


def test_a_correction_takes_the_place_of_a_record_once_and_says_why() -> None:
    incident = reported()
    wrong = recorded(incident)

    def correct(item: CostItem, reason: str = "a nought too many") -> CostItem:
        return costs.correct(item, cost=cost(amount=Decimal(10)), reason=reason, by=person("otto"), now=NOW)

    with pytest.raises(costs.BadCost, match="Say why"):
        correct(wrong, reason=" ")
    right = correct(wrong)
    with pytest.raises(costs.BadCost, match="corrected already"):
        correct(wrong)

    assert list(CostItem.objects.standing()) == [right]
    assert (right.corrects, right.reason, right.by) == (wrong, "a nought too many", person("otto"))
    assert AuditEvent.objects.latest("pk").data["corrects"] == wrong.pk


def test_an_amount_of_nothing_takes_a_record_out_and_is_refused_elsewhere() -> None:
    incident = reported()
    wrong = recorded(incident)
    costs.correct(wrong, cost=cost(amount=Decimal(0)), reason="paid by the insurer", by=person("lena"), now=NOW)

    with pytest.raises(costs.BadCost, match="more than nothing"):
        recorded(incident, amount=Decimal(0))
    assert costs.totals(CostItem.objects.standing())[0].all == 0


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"currency": "euro"}, "three letters"),
        ({"amount": Decimal(-1)}, "more than nothing"),
        ({"channel": "phone"}, "Only the cost of a channel"),
    ],
)
def test_an_odd_cost_is_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(costs.BadCost, match=words):
        recorded(reported(), **fields)


def test_the_database_lets_nobody_rewrite_a_cost() -> None:
    item = recorded(reported())

    with pytest.raises(IntegrityError, match=r"guard\.append_only"), transaction.atomic():
        CostItem.objects.filter(pk=item.pk).update(amount=1)
    with pytest.raises(IntegrityError, match=r"guard\.append_only"), transaction.atomic():
        item.delete()
