"""Leaving the updates: one click by POST, nothing by looking, essential notices untouched."""

import pytest
from django.test import Client

from notifications import suppressions, tokens
from notifications.enums import SuppressionReason
from notifications.models import Delivery, Suppression
from notifications.tokens import Purpose
from tests import factories_incidents as incidents
from tests import factories_messages as messages
from tests import factories_public as public

pytestmark = pytest.mark.django_db
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def delivery() -> Delivery:
    """What a customer who reads Russian was sent."""
    messages.company()
    return public.delivery(public.released(incidents.reported()), public.customer(language="ru"))


def test_a_prefetch_does_not_unsubscribe(client: Client, delivery: Delivery) -> None:
    responses = [client.get(public.unsubscribe_path(delivery)), client.head(public.unsubscribe_path(delivery))]

    assert [response.status_code for response in responses] == [200, 200]
    assert "Отказаться" in responses[0].content.decode()
    assert not Suppression.objects.exists()


def test_one_click_unsubscribes_at_once_without_a_cookie(delivery: Delivery) -> None:
    client = Client(enforce_csrf_checks=True)

    statuses = [client.post(public.unsubscribe_path(delivery), ONE_CLICK).status_code for _ in range(2)]

    assert statuses == [200, 200]
    assert list(Suppression.objects.values_list("kind", "address_hash", "reason", "is_total")) == [
        ("email", suppressions.digest(delivery.address), SuppressionReason.UNSUBSCRIBED, False)
    ]


def test_a_dead_mailbox_stays_suppressed_whole(client: Client, delivery: Delivery) -> None:
    suppressions.suppress([delivery.address], reason=SuppressionReason.HARD_BOUNCE, now=public.NOW)

    client.post(public.unsubscribe_path(delivery), ONE_CLICK)

    assert list(Suppression.objects.values_list("reason", "is_total")) == [(SuppressionReason.HARD_BOUNCE, True)]


@pytest.mark.parametrize("purpose", [Purpose.PAGE, None])
def test_a_link_for_something_else_is_refused(client: Client, delivery: Delivery, purpose: Purpose | None) -> None:
    token = tokens.sign(purpose, delivery.reference) if purpose else "x" * 43

    response = client.post(f"/unsubscribe/{token}/", ONE_CLICK)

    assert (response.status_code, Suppression.objects.count()) == (404, 0)


def test_the_page_shows_no_address_and_stays_private(client: Client, delivery: Delivery) -> None:
    response = client.get(public.unsubscribe_path(delivery))

    assert delivery.address not in response.content.decode()
    assert (response["Referrer-Policy"], response["X-Robots-Tag"]) == ("no-referrer", "noindex, nofollow")
