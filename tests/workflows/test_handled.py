"""Handled: delivered, reached in person, unreachable with a reason, or published where nothing personal is sent."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications.enums import DeliveryStatus, MessageKind
from tests import factories_gates as gates
from workflows import handled
from workflows.handled import Share

pytestmark = pytest.mark.django_db


def test_handled_counts_only_what_arrived() -> None:
    incident = gates.incident_with_team()
    customers = [gates.affected(incident, f"C-{status}", tier=2) for status in DeliveryStatus.values]
    sent = gates.released(incident)
    for customer, status in zip(customers, DeliveryStatus, strict=True):
        gates.delivery(sent, customer, status=status)

    shares = handled.handled(sent)

    assert shares == {2: Share(handled=3, total=len(DeliveryStatus))}


@pytest.mark.parametrize(
    ("state", "counted"), [("to_do", 0), ("claimed", 0), ("done", 1), ("unreachable", 1), ("cancelled", 0)]
)
def test_handled_counts_finished_contacts(state: str, counted: int) -> None:
    incident = gates.incident_with_team()
    sent = gates.released(incident)
    gates.contact(sent, gates.affected(incident, "C-1"), state=state, outcome="moved away")

    assert handled.handled(sent) == {1: Share(handled=counted, total=1)}


def test_handled_counts_a_failed_delivery_rerouted_to_a_finished_contact() -> None:
    incident = gates.incident_with_team()
    customer = gates.affected(incident, "C-1", tier=2)
    sent = gates.released(incident)
    failed = gates.delivery(sent, customer, status=DeliveryStatus.FAILED)
    gates.contact(sent, customer, origin="failed_delivery", message=None, failed_delivery=failed, state="done")

    assert handled.handled(sent) == {2: Share(handled=1, total=1)}


def test_handled_counts_publishing_only_where_nothing_personal_is_sent() -> None:
    incident = gates.incident_with_team()
    for tier in (2, 3):
        gates.affected(incident, f"C-{tier}", tier=tier)
    sent = gates.released(incident, channels={"2": ["email_personal", "status_page"], "3": ["website_notice"]})
    before = handled.handled(sent)
    gates.published(sent)

    assert before == {2: Share(0, 1), 3: Share(0, 1)}
    assert handled.handled(sent) == {2: Share(0, 1), 3: Share(1, 1)}


def test_handled_keeps_to_the_audience_of_the_message() -> None:
    incident = gates.incident_with_team()
    first, second = gates.affected(incident, "C-1"), gates.affected(incident, "C-2", tier=2)
    notice = gates.released(incident)
    gates.delivery(notice, second, status=DeliveryStatus.ACCEPTED)
    named = gates.released(incident, number=2, audience={"customers": [first.pk]})
    correction = gates.released(incident, number=3, audience={"recipients_of": notice.pk})
    one_tier = gates.released(incident, number=4, audience={"tiers": [2]})

    assert handled.handled(named) == {1: Share(0, 1)}
    assert handled.handled(correction) == {2: Share(0, 1)}
    assert handled.handled(one_tier) == {2: Share(0, 1)}


def test_handled_by_kind_adds_up_messages_and_counts_who_came_later() -> None:
    incident = gates.incident_with_team()
    first, second = gates.affected(incident, "C-1"), gates.affected(incident, "C-2")
    gates.affected(incident, "C-3")
    for number, customer in enumerate((first, second), start=1):
        sent = gates.released(incident, number=number, kind=MessageKind.RESOLUTION)
        gates.delivery(sent, customer, status=DeliveryStatus.DELIVERED)
    gates.message(incident, number=3, kind=MessageKind.RESOLUTION)

    shares = handled.handled_by_kind(incident, kind=MessageKind.RESOLUTION)
    later = handled.handled_by_kind(incident, kind=MessageKind.RESOLUTION, since=gates.NOW + timedelta(seconds=1))

    assert shares == {1: Share(2, 3)}
    assert later == {1: Share(0, 3)}


def test_handled_asks_one_query_however_many_customers() -> None:
    incident = gates.incident_with_team()
    sent = gates.released(incident)
    for number in range(5):
        gates.delivery(sent, gates.affected(incident, f"C-{number}", tier=2), status=DeliveryStatus.ACCEPTED)

    with CaptureQueriesContext(connection) as queries:
        shares = handled.handled(sent)

    assert (shares, len(queries)) == ({2: Share(5, 5)}, 1)


def test_a_share_of_nobody_is_whole() -> None:
    assert (Share(0, 0).ratio, Share(1, 4).ratio, Share(1, 4).open) == (1.0, 0.25, 3)
