"""The hold list: published at the declaration, follows the affected customers, lifted at the end."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import Company, Impact, Incident
from notifications.models import StaffNotice, WebhookEndpoint
from tests import factories
from tests import factories_incidents as make
from tests import factories_updates as updates
from workflows import hold_list
from workflows.models import HoldList

pytestmark = pytest.mark.django_db
NOW = make.NOW
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def incident() -> Incident:
    WebhookEndpoint.objects.create(name="crm", url="https://crm.example/hook")
    return factories.declared()


def tick(*, now: object = NOW) -> list[int]:
    return [hold_list.announce(pk, now=now) for pk in hold_list.to_announce(now=now)]  # type: ignore[arg-type]


def told() -> list[tuple[str, str, int]]:
    rows = StaffNotice.objects.filter(data__event=hold_list.EVENT).order_by("pk")
    return [(row.data["change"], row.data["incident"], row.data["customers"]) for row in rows]


def test_the_list_is_published_grows_and_is_lifted(incident: Incident) -> None:
    done = [tick(), tick()]
    customer = updates.affected(incident)
    done += [tick(), tick(now=LATER), tick(now=LATER)]
    held = [(one.crm_id, one.held_by) for one in hold_list.customers()]  # type: ignore[attr-defined]
    updates.cancelled(incident)
    done += [tick(now=LATER), tick(now=LATER)]

    assert done == [[1], [], [], [1], [], [1], []]
    name = incident.reference
    assert told() == [("published", name, 0), ("changed", name, 1), ("lifted", name, 1)]
    assert held == [(customer.crm_id, [name])]
    assert hold_list.customers().count() == 0


def test_a_customer_of_two_incidents_is_listed_once_with_both(incident: Incident) -> None:
    other = factories.declared()
    customer = updates.affected(incident)
    Impact.objects.create(incident=other, customer=customer)

    found = hold_list.customers()
    assert [one.held_by for one in found] == [[incident.reference, other.reference]]  # type: ignore[attr-defined]


def test_neither_a_report_nor_an_exercise_holds_anybody(incident: Incident) -> None:
    for other in (make.reported(), factories.declared(is_drill=True)):
        Impact.objects.create(incident=other, customer=make.customer(f"C-{other.pk}"))

    assert hold_list.customers().count() == 0
    assert hold_list.to_announce(now=NOW) == [incident.pk]


def test_an_embargoed_incident_holds_its_customers_without_its_name(incident: Incident) -> None:
    updates.affected(incident)
    Incident.objects.filter(pk=incident.pk).update(is_embargoed=True)
    tick()

    assert [one.held_by for one in hold_list.customers()] == [[]]  # type: ignore[attr-defined]
    assert told() == [("published", "", 1)]


def test_the_companys_kinds_are_told_when_they_change(incident: Incident) -> None:
    tick()
    Company.objects.update(held_campaigns=["newsletter"])
    tick(now=LATER)

    assert HoldList.objects.get().kinds == ["newsletter"]
    assert [one[0] for one in told()] == ["published", "changed"]


def test_the_file_has_a_line_for_each_customer_and_kind(incident: Incident) -> None:
    Company.objects.update(held_campaigns=["newsletter", "=cmd"])
    updates.affected(incident, name="T-1")

    text = "".join(hold_list.take(by=make.person(), now=NOW)).lstrip("\ufeff")

    name = incident.reference
    assert list(csv.reader(StringIO(text))) == [
        ["crm_id", "campaign_kind", "incident"],
        ["T-1", "newsletter", name],
        ["T-1", "'=cmd", name],
    ]


def test_a_long_list_costs_as_much_as_a_short_one(incident: Incident) -> None:
    counts = []
    for size in (1, 5):
        for _number in range(size):
            updates.affected(incident)
        with CaptureQueriesContext(connection) as queries:
            list(hold_list.customers())
            tick(now=NOW + size * timedelta(minutes=1))
        counts.append(len(queries))

    assert counts[1] <= counts[0]
